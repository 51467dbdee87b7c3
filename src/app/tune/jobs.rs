//! The work that the Tune screen asks for: reading, short changes, and builds, sweeps and measurements as jobs.

use crate::tell;
use crate::types::Tell;
use std::cell::RefCell;
use std::path::PathBuf;

use super::event::TuneEvent;
use super::export::{SweepAxes, SweepFormat, export_sweep};
use super::read::{read, saved_view};
use super::state::SavedSweep;
use crate::app::desk::{Desk, failed, notice, progress};
use crate::app::jobs::JobKind;
use crate::app::window::NoticeLevel;
use crate::jobs::tuning::{MissedRequest, SweepEvent, advice, autotune, load_sweep, people_missed, sweep};
use crate::jobs::{Engine, JobError, build_index, retrain_index, roll_back_index, upkeep_index};
use crate::types::{Goal, IndexSpec, OperatingPoint, ProbeSet, SearchParams, SweepRequest, SweepRun};

/// Searches by which people missed are measured, for each setting.
const MISSED_SEARCHES: usize = 2000;

pub(super) fn read_index(desk: &mut Desk) {
    desk.on_thread("read index", read, TuneEvent::IndexUnread);
}

pub(super) fn apply_params(desk: &mut Desk, params: SearchParams) {
    let work = move |engine: &Engine| {
        engine.set_search_params(params, true)?;
        Ok(vec![TuneEvent::ParamsApplied(params)])
    };
    desk.on_thread("search parameters", work, failed);
}

pub(super) fn roll_back(desk: &mut Desk, number: u64) {
    let title = tell!("tune-roll-back-job", generation = number.to_string());
    desk.start_job(JobKind::BuildIndex, title, move |engine, context, sink| {
        roll_back_index(engine, number, &context.control, &progress(context))?;
        let mut events = read(engine)?;
        events.push(notice(NoticeLevel::Info, tell!("tune-rolled-back", generation = number.to_string())));
        sink.send_all(events);
        Ok(())
    });
}

/// Builds the index again that damage took, where it did.
pub(super) fn rebuild(desk: &mut Desk) {
    if !desk.engine.index_is_owed() {
        return;
    }
    desk.start_job(JobKind::BuildIndex, tell!("tune-rebuild-job"), |engine, context, sink| {
        upkeep_index(engine, engine.settings().retrain_share, &context.control, &progress(context))?;
        sink.send_all(read(engine)?);
        Ok(())
    });
}

pub(super) fn advise(desk: &mut Desk, max_ram_bytes: u64, max_p50_millis: f32) {
    let quit = desk.hands.quit.clone();
    let work = move |engine: &Engine| {
        let advice = advice(engine, max_ram_bytes, max_p50_millis, &quit, &|_| {})?;
        Ok(vec![TuneEvent::AdviceGiven(Ok(advice))])
    };
    desk.on_thread("advice", work, |reason| TuneEvent::AdviceGiven(Err(reason)));
}

/// Writes the sweep on view and tells how it went.
pub(super) fn export(desk: &mut Desk, path: PathBuf, format: SweepFormat, axes: SweepAxes) {
    let Some(run) = desk.state.tune.sweep.run.clone() else { return };
    let work = move |_: &Engine| {
        export_sweep(&run, axes, format, &path).map_err(JobError::Failed)?;
        Ok(vec![notice(NoticeLevel::Info, tell!("tune-exported", path = &path))])
    };
    desk.on_thread("export", work, failed);
}

pub(super) fn build(desk: &mut Desk, spec: IndexSpec) {
    // The parameters that a preset names, where this is one.
    let preset = desk.state.tune.presets.iter().find(|preset| preset.spec == spec);
    let params = preset.map_or_else(SearchParams::default, |preset| preset.params);
    start_build(desk, spec, params);
}

fn start_build(desk: &mut Desk, spec: IndexSpec, params: SearchParams) {
    desk.start_job(
        JobKind::BuildIndex,
        tell!("tune-build-job", spec = spec.to_string()),
        move |engine, context, sink| {
            build_index(engine, &spec, params, &context.control, &progress(context))?;
            sink.send_all(read(engine)?);
            Ok(())
        },
    );
}

pub(super) fn retrain(desk: &mut Desk) {
    desk.start_job(JobKind::BuildIndex, tell!("tune-retrain-job"), |engine, context, sink| {
        retrain_index(engine, &context.control, &progress(context))?;
        sink.send_all(read(engine)?);
        Ok(())
    });
}

pub(super) fn start_sweep(desk: &mut Desk, request: SweepRequest) {
    let n = request.specs.len();
    let title = tell!("tune-sweep-job", n = n);
    desk.start_job(JobKind::Sweep, title, move |engine, context, sink| {
        let send = |event| sink.send(event_of_run(event));
        sweep(engine, &request, &context.control, &progress(context), &send).map(|_| ())
    });
}

/// What autotune measured, to be shown when it has ended.
fn keep((run, saved): &mut (Option<SweepRun>, Option<SavedSweep>), event: SweepEvent) {
    match (event, run) {
        (SweepEvent::Began(begun), run) => *run = Some(begun),
        (SweepEvent::Point(point), Some(run)) => run.points.push(point),
        (SweepEvent::Problem(spec, reason), Some(run)) => run.problems.push((spec, reason)),
        (SweepEvent::Saved(one), _) => *saved = Some(saved_view(one)),
        (SweepEvent::Point(_) | SweepEvent::Problem(..), None) => {}
    }
}

fn event_of_run(event: SweepEvent) -> TuneEvent {
    match event {
        SweepEvent::Began(run) => TuneEvent::SweepBegan(Box::new(run)),
        SweepEvent::Point(point) => TuneEvent::SweepPoint(point),
        SweepEvent::Problem(spec, reason) => TuneEvent::SweepProblem(spec, reason),
        SweepEvent::Saved(saved) => TuneEvent::SweepSaved(saved_view(saved)),
    }
}

pub(super) fn open_sweep(desk: &mut Desk, name: String) {
    let asked = name.clone();
    let work = move |engine: &Engine| {
        let run = Ok(Box::new(load_sweep(engine, &name)?));
        Ok(vec![TuneEvent::SweepOpened { name, run }])
    };
    desk.on_thread("open sweep", work, move |reason| TuneEvent::SweepOpened { name: asked.clone(), run: Err(reason) });
}

pub(super) fn start_autotune(desk: &mut Desk, goal: Goal, probes: ProbeSet) {
    let k = desk.state.tune.live.settings.k;
    desk.start_job(JobKind::Autotune, tell!("tune-autotune-job"), move |engine, context, sink| {
        let kept = RefCell::new((None, None));
        let send = |event| keep(&mut kept.borrow_mut(), event);
        let found = autotune(engine, &goal, &probes, k, &context.control, &progress(context), &send);
        if let (Some(run), saved) = kept.take() {
            sink.send(TuneEvent::AutotuneMeasured(Box::new(run), saved));
        }
        match found {
            Err(JobError::Cancelled) => Err(JobError::Cancelled),
            found => {
                sink.send(TuneEvent::AutotuneEnded(found.map_err(|error| error.telling())));
                Ok(())
            }
        }
    });
}

/// Other parameters are set at once; another spec is built first and takes over when it is complete.
pub(super) fn apply_point(desk: &mut Desk, point: OperatingPoint) {
    let is_live = desk.state.tune.overview.as_ref().is_some_and(|overview| overview.spec == point.spec);
    if !is_live {
        return start_build(desk, point.spec, point.params);
    }
    apply_params(desk, point.params);
}

pub(super) fn measure_people_missed(desk: &mut Desk, params: Vec<SearchParams>) {
    // As many candidates as the person's own searches have.
    let request = MissedRequest { params, max_searches: MISSED_SEARCHES, k: desk.state.search.k };
    desk.start_job(JobKind::People, tell!("tune-missed-job"), move |engine, context, sink| {
        match people_missed(engine, &request, &context.control, &progress(context)) {
            Err(JobError::Cancelled) => Err(JobError::Cancelled),
            curves => {
                sink.send(TuneEvent::IdentificationMeasured(curves.map_err(|error| error.telling())));
                Ok(())
            }
        }
    });
}
