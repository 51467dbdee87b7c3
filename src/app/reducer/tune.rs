//! The cases of the Tune screen.

use crate::app::command::Command;
use crate::app::event::Event;
use crate::app::state::{AppState, JobKind, JobState, Load};
use crate::types::{SearchParams, TuneSettings};

/// Shares of growth that a person may set.
const RETRAIN_SHARES: std::ops::RangeInclusive<f64> = 0.01..=1.0;

/// What a command changes at once.
pub(super) fn command(state: &mut AppState, command: &Command) {
    match command {
        Command::TuneStart(settings) => {
            state.requests.tune += 1;
            let live = &mut state.tune.live;
            live.settings = sound(settings);
            live.running = true;
            live.began = state.requests.tune;
            live.info = None;
            live.problem = None;
            live.history.clear();
        }
        Command::TuneChange(settings) => {
            let settings = sound(settings);
            if state.tune.live.settings == settings {
                return;
            }
            state.tune.live.settings = settings;
            // Samples of before stay as the past of the lines; what still comes of them is dropped.
            state.requests.tune += 1;
        }
        Command::TuneStop => {
            state.requests.tune += 1;
            state.tune.live.running = false;
        }
        Command::SetRetrainShare(share) if share.is_finite() => {
            state.settings.retrain_share = share.clamp(*RETRAIN_SHARES.start(), *RETRAIN_SHARES.end());
        }
        Command::Autotune(..) => state.tune.autotune = Load::Loading,
        Command::MeasurePeopleMissed(_) => state.tune.people = Load::Loading,
        Command::AskAdvice { .. } => state.tune.advice = Load::Loading,
        Command::OpenSweep(_) => state.tune.sweep.problem = None,
        _ => {}
    }
}

/// What an event changes.
pub(super) fn reduce(state: &mut AppState, event: Event) {
    let requests = state.requests.tune;
    let tune = &mut state.tune;
    match event {
        Event::IndexRead(overview, generations) => {
            // Sliders begin where the live index stands, and follow it while nobody has moved them.
            let untouched = tune.overview.as_ref().map_or(SearchParams::default(), |before| before.params);
            if !tune.live.running && tune.live.settings.params == untouched {
                tune.live.settings.params = overview.params;
            }
            tune.overview = Some(overview);
            tune.problem = None;
            tune.generations = generations;
        }
        Event::IndexUnread(reason) => tune.problem = Some(reason),
        Event::PresetsRead(presets) => tune.presets = presets,
        Event::ParamsApplied(params) => {
            if let Some(overview) = &mut tune.overview {
                overview.params = params;
            }
        }
        Event::TuneBegan(info) if tune.live.running && (tune.live.began..=requests).contains(&info.request) => {
            tune.live.info = Some(info)
        }
        Event::TuneSampled(sample) if tune.live.running && sample.request == requests => tune.live.push(sample),
        // Whichever setting it ended at: the stream is the same while its settings change.
        Event::TuneEnded { request, reason }
            if tune.live.running && (tune.live.began..=requests).contains(&request) =>
        {
            tune.live.running = false;
            tune.live.problem = Some(reason);
        }
        Event::TuneBegan(_) | Event::TuneSampled(_) | Event::TuneEnded { .. } => {}
        Event::AdviceGiven(advice) => tune.advice = super::load_from(advice),
        Event::SweepsListed(saved) => tune.sweep.saved = saved,
        Event::SweepBegan(run) => {
            tune.sweep.run = Some(*run);
            tune.sweep.name = None;
            tune.sweep.problem = None;
        }
        Event::SweepPoint(point) => {
            if let Some(run) = &mut tune.sweep.run {
                run.points.push(point);
            }
        }
        Event::SweepProblem(spec, reason) => {
            if let Some(run) = &mut tune.sweep.run {
                run.problems.push((spec, reason));
            }
        }
        Event::SweepSaved(saved) => {
            tune.sweep.name = Some(saved.name.clone());
            tune.sweep.saved.retain(|other| other.name != saved.name);
            tune.sweep.saved.insert(0, saved);
        }
        Event::SweepOpened { name, run } => {
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
        Event::AutotuneEnded(found) => tune.autotune = super::load_from(found),
        Event::IdentificationMeasured(curves) => tune.people = super::load_from(curves),
        _ => {}
    }
}

/// What is waited for from a job does not come after its end.
pub(super) fn job_ended(state: &mut AppState, kind: JobKind, ended: &JobState) {
    match kind {
        JobKind::Autotune => give_up(&mut state.tune.autotune, ended),
        JobKind::People => give_up(&mut state.tune.people, ended),
        _ => {}
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
pub(super) fn forget(state: &mut AppState) {
    state.requests.tune += 1;
    let tune = std::mem::take(&mut state.tune);
    state.tune.presets = tune.presets;
    state.tune.sweep.saved = tune.sweep.saved;
    state.tune.live.settings = TuneSettings { params: SearchParams::default(), ..tune.live.settings };
}

/// Values that a search can be made with.
fn sound(settings: &TuneSettings) -> TuneSettings {
    let mut settings = settings.clone();
    settings.k = settings.k.clamp(1, super::MAX_K);
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
mod tests {
    use super::super::{command, reduce};
    use super::*;
    use crate::app::state::Screen;
    use crate::app::tune::{SavedSweep, StreamInfo};
    use crate::jobs::{JobEvent, Outcome};
    use crate::types::{
        Estimate, Goal, IndexOverview, IndexSpec, JobId, Latency, OperatingPoint, ProbeSet, SweepRequest, SweepRun,
        TuneSample,
    };

    fn overview(params: SearchParams) -> IndexOverview {
        IndexOverview {
            spec: IndexSpec::FLAT,
            params,
            ntotal: 10,
            d: 128,
            generation: Some(1),
            ram_bytes: 1,
            disk_bytes: 1,
            in_tail: 0,
            tombstones: 0,
            grown_since_training: 0.0,
            imbalance: None,
            quantisation_error: None,
            latency: None,
        }
    }

    fn sample(request: u64) -> TuneSample {
        TuneSample {
            request,
            at_secs: 0.5,
            recall_at_k: Estimate::default(),
            one_recall_at_1: Estimate::default(),
            latency: Latency::default(),
            millis: vec![1.0],
        }
    }

    fn point() -> OperatingPoint {
        OperatingPoint {
            spec: IndexSpec::FLAT,
            params: SearchParams::default(),
            ntotal: 10,
            d: 128,
            k: 10,
            nq: 1,
            batch: 1,
            threads: 1,
            recall_at_k: Estimate::default(),
            one_recall_at_1: Estimate::default(),
            recall_mated: None,
            recall_nonmated: None,
            one_recall_mated: None,
            latency: Latency::default(),
            probes_per_sec: 1.0,
            ram_bytes: 1,
            disk_bytes: 1,
            build_secs: 0.1,
        }
    }

    fn run() -> SweepRun {
        SweepRun {
            request: SweepRequest {
                specs: vec![IndexSpec::FLAT],
                nprobe: Vec::new(),
                ef_search: Vec::new(),
                refine_factor: Vec::new(),
                lsh_candidates: Vec::new(),
                templates: Vec::new(),
                probes: ProbeSet::PastSearches,
                k: 10,
                batch: 1,
                threads: 1,
            },
            model: "m".into(),
            begun_at: 1,
            data_digest: "d".into(),
            ntotal: 10,
            d: 128,
            machine: "x".into(),
            points: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn started() -> AppState {
        let mut state = AppState::default();
        let settings = state.tune.live.settings.clone();
        command(&mut state, &Command::TuneStart(settings));
        state
    }

    #[test]
    fn a_stream_takes_only_answers_to_its_latest_setting() {
        let mut state = started();
        let first = state.requests.tune;
        let info = StreamInfo { request: first, nq: 100, threads: 1, data_digest: "ab".into(), exact: None };
        reduce(&mut state, Event::TuneBegan(info));
        reduce(&mut state, Event::TuneSampled(sample(first)));
        assert_eq!(state.tune.live.history.len(), 1);
        let mut settings = state.tune.live.settings.clone();
        settings.params.nprobe = 0;
        settings.k = 0;
        command(&mut state, &Command::TuneChange(settings.clone()));
        assert_eq!((state.tune.live.settings.params.nprobe, state.tune.live.settings.k), (1, 1));
        reduce(&mut state, Event::TuneSampled(sample(first)));
        assert_eq!(state.tune.live.history.len(), 1, "the late answer is dropped");
        let second = state.requests.tune;
        assert!(second > first);
        reduce(&mut state, Event::TuneSampled(sample(second)));
        assert_eq!(state.tune.live.history.len(), 2, "the past stays");
        command(&mut state, &Command::TuneChange(settings));
        assert_eq!(state.requests.tune, second, "the same setting is no change");
        command(&mut state, &Command::TuneStop);
        reduce(&mut state, Event::TuneSampled(sample(second)));
        assert_eq!(state.tune.live.history.len(), 2);
        assert!(!state.tune.live.running && state.tune.live.info.is_some());
    }

    #[test]
    fn a_stream_that_ends_by_itself_says_why() {
        let mut state = started();
        let request = state.requests.tune;
        reduce(&mut state, Event::TuneEnded { request: request + 7, reason: "other".into() });
        assert!(state.tune.live.running);
        reduce(&mut state, Event::TuneEnded { request, reason: "the file is gone".into() });
        assert!(!state.tune.live.running);
        assert_eq!(state.tune.live.problem.as_deref(), Some("the file is gone"));
        let settings = state.tune.live.settings.clone();
        command(&mut state, &Command::TuneStart(settings));
        assert_eq!(state.tune.live.problem, None);
    }

    #[test]
    fn a_stream_that_fails_while_a_slider_moves_is_not_shown_as_running() {
        let mut state = started();
        let settings = state.tune.live.settings.clone();
        let first = state.requests.tune;
        let moved = |nprobe| TuneSettings { params: SearchParams { nprobe, ..settings.params }, ..settings.clone() };
        command(&mut state, &Command::TuneChange(moved(3)));
        command(&mut state, &Command::TuneChange(moved(4)));
        assert!(state.requests.tune > first + 1);
        reduce(&mut state, Event::TuneEnded { request: first + 1, reason: "the file is gone".into() });
        assert!(!state.tune.live.running);
        assert_eq!(state.tune.live.problem.as_deref(), Some("the file is gone"));
        // A slider that moves on afterwards starts nothing, and the reason stays.
        command(&mut state, &Command::TuneChange(moved(5)));
        assert!(!state.tune.live.running && state.tune.live.problem.is_some());
        // The end of the stream before says nothing of the next one, nor of one that was stopped.
        command(&mut state, &Command::TuneStart(moved(6)));
        reduce(&mut state, Event::TuneEnded { request: first + 2, reason: "late".into() });
        assert!(state.tune.live.running && state.tune.live.problem.is_none());
        let second = state.requests.tune;
        command(&mut state, &Command::TuneStop);
        reduce(&mut state, Event::TuneEnded { request: second, reason: "late".into() });
        assert_eq!(state.tune.live.problem, None);
    }

    #[test]
    fn sliders_follow_the_live_index_until_they_are_moved() {
        let mut state = AppState::default();
        let params = |nprobe| SearchParams { nprobe, ..SearchParams::default() };
        reduce(&mut state, Event::IndexRead(overview(params(64)), Vec::new()));
        assert_eq!(state.tune.live.settings.params.nprobe, 64);
        reduce(&mut state, Event::IndexRead(overview(params(128)), Vec::new()));
        assert_eq!(state.tune.live.settings.params.nprobe, 128);
        let settings = TuneSettings { params: params(7), ..state.tune.live.settings.clone() };
        command(&mut state, &Command::TuneChange(settings));
        reduce(&mut state, Event::IndexRead(overview(params(16)), Vec::new()));
        assert_eq!(state.tune.live.settings.params.nprobe, 7);
        reduce(&mut state, Event::ParamsApplied(params(7)));
        assert_eq!(state.tune.overview.as_ref().map(|overview| overview.params.nprobe), Some(7));
    }

    #[test]
    fn a_sweep_grows_point_by_point_and_is_kept() {
        let mut state = AppState::default();
        reduce(&mut state, Event::SweepPoint(point()));
        assert!(state.tune.sweep.run.is_none());
        reduce(&mut state, Event::JobBegan { id: JobId(3), kind: JobKind::Sweep, title: "Sweep".into() });
        reduce(&mut state, Event::SweepBegan(Box::new(run())));
        reduce(&mut state, Event::SweepPoint(point()));
        reduce(&mut state, Event::SweepProblem(IndexSpec::FLAT, "no memory".into()));
        let other = Event::SweepOpened { name: "old".into(), run: Ok(Box::new(run())) };
        reduce(&mut state, other);
        let sweep = &state.tune.sweep;
        assert_eq!(sweep.run.as_ref().map(|run| (run.points.len(), run.problems.len())), Some((1, 1)));
        assert_eq!(sweep.name, None, "a running sweep is not put aside");
        let saved = SavedSweep { name: "new".into(), begun_at: 1, points: 1 };
        reduce(&mut state, Event::SweepSaved(saved.clone()));
        reduce(&mut state, Event::SweepSaved(saved));
        reduce(&mut state, Event::Job(JobId(3), JobEvent::Ended(Outcome::Completed)));
        assert_eq!((state.tune.sweep.name.as_deref(), state.tune.sweep.saved.len()), (Some("new"), 1));
        reduce(&mut state, Event::SweepOpened { name: "old".into(), run: Err("damaged".into()) });
        assert_eq!(state.tune.sweep.problem.as_deref(), Some("damaged"));
        assert_eq!(state.tune.sweep.name.as_deref(), Some("new"), "what was on view stays");
        reduce(&mut state, Event::SweepOpened { name: "old".into(), run: Ok(Box::new(run())) });
        assert_eq!((state.tune.sweep.name.as_deref(), &state.tune.sweep.problem), (Some("old"), &None));
    }

    #[test]
    fn nothing_is_waited_for_after_its_job_has_ended() {
        let goal = Goal { min_recall_at_k: 0.99, max_p50_millis: 5.0, max_ram_bytes: 1 << 32 };
        for (outcome, expected) in [
            (Outcome::Cancelled, Load::Nothing),
            (Outcome::Failed("no probes".into()), Load::Failed("no probes".into())),
        ] {
            let mut state = AppState::default();
            command(&mut state, &Command::Autotune(goal, ProbeSet::PastSearches));
            assert_eq!(state.tune.autotune, Load::Loading);
            reduce(&mut state, Event::JobBegan { id: JobId(1), kind: JobKind::Autotune, title: "Autotune".into() });
            reduce(&mut state, Event::Job(JobId(1), JobEvent::Ended(outcome)));
            assert_eq!(state.tune.autotune, expected);
        }
        let mut state = AppState::default();
        command(&mut state, &Command::Autotune(goal, ProbeSet::PastSearches));
        reduce(&mut state, Event::JobBegan { id: JobId(1), kind: JobKind::Autotune, title: "Autotune".into() });
        reduce(&mut state, Event::AutotuneEnded(Ok(point())));
        reduce(&mut state, Event::Job(JobId(1), JobEvent::Ended(Outcome::Completed)));
        assert_eq!(state.tune.autotune, Load::Ready(point()));
    }

    #[test]
    fn the_retrain_share_is_kept_within_reason() {
        let mut state = AppState::default();
        for (asked, kept) in [(0.25, 0.25), (7.0, 1.0), (0.0, 0.01), (f64::NAN, 0.01)] {
            command(&mut state, &Command::SetRetrainShare(asked));
            assert_eq!(state.settings.retrain_share, kept);
        }
    }

    #[test]
    fn another_model_forgets_what_was_measured() {
        let mut state = started();
        state.screen = Screen::Tune;
        let request = state.requests.tune;
        reduce(&mut state, Event::IndexRead(overview(SearchParams::default()), Vec::new()));
        reduce(&mut state, Event::SweepsListed(vec![SavedSweep { name: "a".into(), begun_at: 0, points: 2 }]));
        reduce(&mut state, Event::ModelChanged(Vec::new(), 0.3));
        assert!(state.tune.overview.is_none() && !state.tune.live.running);
        assert_eq!(state.tune.sweep.saved.len(), 1);
        assert!(state.requests.tune > request);
    }

    #[test]
    fn another_model_drops_what_is_still_told_of_the_old_one() {
        let mut state = started();
        let (request, model) = (state.requests.tune, state.requests.model);
        reduce(&mut state, Event::ModelChanged(Vec::new(), 0.3));
        let info = StreamInfo { request, nq: 100, threads: 1, data_digest: "ab".into(), exact: None };
        let late = [Event::TuneBegan(info), Event::IndexRead(overview(SearchParams::default()), Vec::new())];
        for event in late {
            reduce(&mut state, Event::OfModel { model, event: Box::new(event) });
        }
        reduce(&mut state, Event::TuneSampled(sample(request)));
        reduce(&mut state, Event::TuneEnded { request, reason: "the old one".into() });
        let live = &state.tune.live;
        assert!(!live.running && live.info.is_none() && live.history.is_empty() && live.problem.is_none());
        assert!(state.tune.overview.is_none());
        // Nor does it reach the stream that is started on the next model.
        let settings = state.tune.live.settings.clone();
        command(&mut state, &Command::TuneStart(settings));
        reduce(&mut state, Event::TuneSampled(sample(request)));
        reduce(&mut state, Event::TuneEnded { request, reason: "the old one".into() });
        assert!(state.tune.live.running && state.tune.live.history.is_empty() && state.tune.live.problem.is_none());
    }
}
