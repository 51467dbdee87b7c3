use super::command::TuneCommand;
use super::event::TuneEvent;
use crate::app::jobs::{JobKind, JobState};
use crate::app::parts::{Load, load_from};
use crate::app::search::MAX_K;
use crate::app::state::AppState;
use crate::types::{SearchParams, TuneSettings};

/// Shares of growth that a person may set.
const RETRAIN_SHARES: std::ops::RangeInclusive<f64> = 0.01..=1.0;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &TuneCommand) {
    match command {
        TuneCommand::Start(settings) => {
            state.requests.tune += 1;
            let live = &mut state.tune.live;
            live.settings = sound(settings);
            live.running = true;
            live.began = state.requests.tune;
            live.info = None;
            live.problem = None;
            live.history.clear();
        }
        TuneCommand::Change(settings) => {
            let settings = sound(settings);
            if state.tune.live.settings == settings {
                return;
            }
            state.tune.live.settings = settings;
            // Samples of before stay as the past of the lines; what still comes of them is dropped.
            state.requests.tune += 1;
        }
        TuneCommand::Stop => {
            state.requests.tune += 1;
            state.tune.live.running = false;
        }
        TuneCommand::SetRetrainShare(share) => {
            if share.is_finite() {
                state.settings.retrain_share = share.clamp(*RETRAIN_SHARES.start(), *RETRAIN_SHARES.end());
            }
        }
        TuneCommand::Autotune(..) => state.tune.autotune = Load::Loading,
        TuneCommand::MeasurePeopleMissed(_) => state.tune.people = Load::Loading,
        TuneCommand::AskAdvice { .. } => state.tune.advice = Load::Loading,
        TuneCommand::OpenSweep(_) => state.tune.sweep.problem = None,
        TuneCommand::Read
        | TuneCommand::ApplyParams(_)
        | TuneCommand::BuildIndex(_)
        | TuneCommand::RollBack(_)
        | TuneCommand::Retrain
        | TuneCommand::StartSweep(_)
        | TuneCommand::ExportSweep { .. }
        | TuneCommand::ApplyPoint(_) => {}
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: TuneEvent) {
    let requests = state.requests.tune;
    let tune = &mut state.tune;
    match event {
        TuneEvent::IndexRead(overview, generations) => {
            // Sliders begin where the live index stands, and follow it while nobody has moved them.
            let untouched = tune.overview.as_ref().map_or(SearchParams::default(), |before| before.params);
            if !tune.live.running && tune.live.settings.params == untouched {
                tune.live.settings.params = overview.params;
            }
            tune.overview = Some(overview);
            tune.problem = None;
            tune.generations = generations;
        }
        TuneEvent::IndexUnread(reason) => tune.problem = Some(reason),
        TuneEvent::PresetsRead(presets) => tune.presets = presets,
        TuneEvent::ParamsApplied(params) => {
            if let Some(overview) = &mut tune.overview {
                overview.params = params;
            }
        }
        TuneEvent::Began(info) if tune.live.running && (tune.live.began..=requests).contains(&info.request) => {
            tune.live.info = Some(info)
        }
        TuneEvent::Sampled(sample) if tune.live.running && sample.request == requests => tune.live.push(sample),
        // Whichever setting it ended at: the stream is the same while its settings change.
        TuneEvent::Ended { request, reason }
            if tune.live.running && (tune.live.began..=requests).contains(&request) =>
        {
            tune.live.running = false;
            tune.live.problem = Some(reason);
        }
        TuneEvent::Began(_) | TuneEvent::Sampled(_) | TuneEvent::Ended { .. } => {}
        TuneEvent::AdviceGiven(advice) => tune.advice = load_from(advice),
        TuneEvent::SweepsListed(saved) => tune.sweep.saved = saved,
        TuneEvent::SweepBegan(run) => {
            tune.sweep.run = Some(*run);
            tune.sweep.name = None;
            tune.sweep.problem = None;
        }
        TuneEvent::SweepPoint(point) => {
            if let Some(run) = &mut tune.sweep.run {
                run.points.push(point);
            }
        }
        TuneEvent::SweepProblem(spec, reason) => {
            if let Some(run) = &mut tune.sweep.run {
                run.problems.push((spec, reason));
            }
        }
        TuneEvent::SweepSaved(saved) => {
            tune.sweep.name = Some(saved.name.clone());
            tune.sweep.saved.retain(|other| other.name != saved.name);
            tune.sweep.saved.insert(0, saved);
        }
        TuneEvent::SweepOpened { name, run } => {
            // Points of a running sweep belong to the run on view, which must stay.
            if state.running_job(JobKind::Sweep).is_some() {
                return;
            }
            let sweep = &mut state.tune.sweep;
            match run {
                Ok(run) => {
                    sweep.run = Some(*run);
                    sweep.name = Some(name);
                    sweep.problem = None;
                }
                Err(reason) => sweep.problem = Some(reason),
            }
        }
        TuneEvent::AutotuneMeasured(run, saved) => {
            let name = saved.as_ref().map(|saved| saved.name.clone());
            if let Some(saved) = saved {
                tune.sweep.saved.retain(|other| other.name != saved.name);
                tune.sweep.saved.insert(0, saved);
            }
            // The run of a sweep that is at work stays on view.
            if state.running_job(JobKind::Sweep).is_none() {
                let sweep = &mut state.tune.sweep;
                (sweep.run, sweep.name, sweep.problem) = (Some(*run), name, None);
            }
        }
        TuneEvent::AutotuneEnded(found) => tune.autotune = load_from(found),
        TuneEvent::IdentificationMeasured(curves) => tune.people = load_from(curves),
    }
}

/// What is waited for from a job does not come after its end.
pub(in crate::app) fn job_ended(state: &mut AppState, kind: JobKind, ended: &JobState) {
    match kind {
        JobKind::Autotune => give_up(&mut state.tune.autotune, ended),
        JobKind::People => give_up(&mut state.tune.people, ended),
        JobKind::Enroll
        | JobKind::BuildIndex
        | JobKind::Sweep
        | JobKind::ChangeModel
        | JobKind::ImportModel
        | JobKind::TestModel
        | JobKind::MeasureSpeed
        | JobKind::RemoveModel
        | JobKind::Group => {}
    }
}

fn give_up<T>(load: &mut Load<T>, ended: &JobState) {
    if matches!(load, Load::Loading) {
        *load = match ended {
            JobState::Failed(reason) | JobState::Panicked(reason) => Load::Failed(reason.clone()),
            _ => Load::Nothing,
        };
    }
}

/// What was measured with one model says nothing of another. Presets and kept sweeps stay.
pub(in crate::app) fn forget(state: &mut AppState) {
    state.requests.tune += 1;
    let tune = std::mem::take(&mut state.tune);
    state.tune.presets = tune.presets;
    state.tune.sweep.saved = tune.sweep.saved;
    state.tune.live.settings = TuneSettings { params: SearchParams::default(), ..tune.live.settings };
}

/// Values that a search can be made with.
fn sound(settings: &TuneSettings) -> TuneSettings {
    let mut settings = settings.clone();
    settings.k = settings.k.clamp(1, MAX_K);
    let params = &mut settings.params;
    for value in [
        &mut params.nprobe,
        &mut params.ef_search,
        &mut params.refine_factor,
        &mut params.lsh_candidates,
        &mut params.templates,
    ] {
        *value = (*value).max(1);
    }
    settings
}

#[cfg(test)]
mod tests;
