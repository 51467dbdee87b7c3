use super::{SearchParams, TuneSettings};
use crate::app::messages::Event;
use crate::app::rooms::{command, reduce};
use crate::app::*;
use crate::jobs::{JobEvent, Outcome};
use crate::types::{
    Circumstances, Estimate, Goal, IndexOverview, IndexSpec, JobId, Latency, OperatingPoint, ProbeSet, SweepRequest,
    SweepRun, TuneSample,
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
        fnir: None,
        circumstances: Circumstances::default(),
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
            circumstances: Circumstances::default(),
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
    command(&mut state, &Command::Tune(TuneCommand::Start(settings)));
    state
}

#[test]
fn a_stream_takes_only_answers_to_its_latest_setting() {
    let mut state = started();
    let first = state.requests.tune;
    let info = StreamInfo { request: first, nq: 100, threads: 1, data_digest: "ab".into(), exact: None };
    reduce(&mut state, Event::Tune(TuneEvent::Began(info)));
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(first))));
    assert_eq!(state.tune.live.history.len(), 1);
    let mut settings = state.tune.live.settings.clone();
    settings.params.nprobe = 0;
    settings.k = 0;
    command(&mut state, &Command::Tune(TuneCommand::Change(settings.clone())));
    assert_eq!((state.tune.live.settings.params.nprobe, state.tune.live.settings.k), (1, 1));
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(first))));
    assert_eq!(state.tune.live.history.len(), 1, "the late answer is dropped");
    let second = state.requests.tune;
    assert!(second > first);
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(second))));
    assert_eq!(state.tune.live.history.len(), 2, "the past stays");
    command(&mut state, &Command::Tune(TuneCommand::Change(settings)));
    assert_eq!(state.requests.tune, second, "the same setting is no change");
    command(&mut state, &Command::Tune(TuneCommand::Stop));
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(second))));
    assert_eq!(state.tune.live.history.len(), 2);
    assert!(!state.tune.live.running && state.tune.live.info.is_some());
}

#[test]
fn a_stream_that_ends_by_itself_says_why() {
    let mut state = started();
    let request = state.requests.tune;
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request: request + 7, reason: "other".into() }));
    assert!(state.tune.live.running);
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request, reason: "the file is gone".into() }));
    assert!(!state.tune.live.running);
    assert_eq!(state.tune.live.problem, Some("the file is gone".into()));
    let settings = state.tune.live.settings.clone();
    command(&mut state, &Command::Tune(TuneCommand::Start(settings)));
    assert_eq!(state.tune.live.problem, None);
}

#[test]
fn a_stream_that_fails_while_a_slider_moves_is_not_shown_as_running() {
    let mut state = started();
    let settings = state.tune.live.settings.clone();
    let first = state.requests.tune;
    let moved = |nprobe| TuneSettings { params: SearchParams { nprobe, ..settings.params }, ..settings.clone() };
    command(&mut state, &Command::Tune(TuneCommand::Change(moved(3))));
    command(&mut state, &Command::Tune(TuneCommand::Change(moved(4))));
    assert!(state.requests.tune > first + 1);
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request: first + 1, reason: "the file is gone".into() }));
    assert!(!state.tune.live.running);
    assert_eq!(state.tune.live.problem, Some("the file is gone".into()));
    // A slider that moves on afterwards starts nothing, and the reason stays.
    command(&mut state, &Command::Tune(TuneCommand::Change(moved(5))));
    assert!(!state.tune.live.running && state.tune.live.problem.is_some());
    // The end of the stream before says nothing of the next one, nor of one that was stopped.
    command(&mut state, &Command::Tune(TuneCommand::Start(moved(6))));
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request: first + 2, reason: "late".into() }));
    assert!(state.tune.live.running && state.tune.live.problem.is_none());
    let second = state.requests.tune;
    command(&mut state, &Command::Tune(TuneCommand::Stop));
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request: second, reason: "late".into() }));
    assert_eq!(state.tune.live.problem, None);
}

#[test]
fn sliders_follow_the_live_index_until_they_are_moved() {
    let mut state = AppState::default();
    let params = |nprobe| SearchParams { nprobe, ..SearchParams::default() };
    reduce(&mut state, Event::Tune(TuneEvent::IndexRead(overview(params(64)), Vec::new())));
    assert_eq!(state.tune.live.settings.params.nprobe, 64);
    reduce(&mut state, Event::Tune(TuneEvent::IndexRead(overview(params(128)), Vec::new())));
    assert_eq!(state.tune.live.settings.params.nprobe, 128);
    let settings = TuneSettings { params: params(7), ..state.tune.live.settings.clone() };
    command(&mut state, &Command::Tune(TuneCommand::Change(settings)));
    reduce(&mut state, Event::Tune(TuneEvent::IndexRead(overview(params(16)), Vec::new())));
    assert_eq!(state.tune.live.settings.params.nprobe, 7);
    reduce(&mut state, Event::Tune(TuneEvent::ParamsApplied(params(7))));
    assert_eq!(state.tune.overview.as_ref().map(|overview| overview.params.nprobe), Some(7));
}

#[test]
fn a_sweep_grows_point_by_point_and_is_kept() {
    let mut state = AppState::default();
    reduce(&mut state, Event::Tune(TuneEvent::SweepPoint(point())));
    assert!(state.tune.sweep.run.is_none());
    reduce(&mut state, Event::Jobs(JobsEvent::Began { id: JobId(3), kind: JobKind::Sweep, title: "Sweep".into() }));
    reduce(&mut state, Event::Tune(TuneEvent::SweepBegan(Box::new(run()))));
    reduce(&mut state, Event::Tune(TuneEvent::SweepPoint(point())));
    reduce(&mut state, Event::Tune(TuneEvent::SweepProblem(IndexSpec::FLAT, "no memory".into())));
    let other = Event::Tune(TuneEvent::SweepOpened { name: "old".into(), run: Ok(Box::new(run())) });
    reduce(&mut state, other);
    let sweep = &state.tune.sweep;
    assert_eq!(sweep.run.as_ref().map(|run| (run.points.len(), run.problems.len())), Some((1, 1)));
    assert_eq!(sweep.name, None, "a running sweep is not put aside");
    let saved = SavedSweep { name: "new".into(), begun_at: 1, points: 1 };
    reduce(&mut state, Event::Tune(TuneEvent::SweepSaved(saved.clone())));
    reduce(&mut state, Event::Tune(TuneEvent::SweepSaved(saved)));
    reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(3), JobEvent::Ended(Outcome::Completed))));
    assert_eq!((state.tune.sweep.name.as_deref(), state.tune.sweep.saved.len()), (Some("new"), 1));
    reduce(&mut state, Event::Tune(TuneEvent::SweepOpened { name: "old".into(), run: Err("damaged".into()) }));
    assert_eq!(state.tune.sweep.problem, Some("damaged".into()));
    assert_eq!(state.tune.sweep.name.as_deref(), Some("new"), "what was on view stays");
    reduce(&mut state, Event::Tune(TuneEvent::SweepOpened { name: "old".into(), run: Ok(Box::new(run())) }));
    assert_eq!((state.tune.sweep.name.as_deref(), &state.tune.sweep.problem), (Some("old"), &None));
}

#[test]
fn nothing_is_waited_for_after_its_job_has_ended() {
    let goal = Goal { min_recall_at_k: 0.99, missed: None, max_p50_millis: 5.0, max_ram_bytes: 1 << 32 };
    for (outcome, expected) in
        [(Outcome::Cancelled, Load::Nothing), (Outcome::Failed("no probes".into()), Load::Failed("no probes".into()))]
    {
        let mut state = AppState::default();
        command(&mut state, &Command::Tune(TuneCommand::Autotune(goal, ProbeSet::PastSearches)));
        assert_eq!(state.tune.autotune, Load::Loading);
        reduce(
            &mut state,
            Event::Jobs(JobsEvent::Began { id: JobId(1), kind: JobKind::Autotune, title: "Autotune".into() }),
        );
        reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(1), JobEvent::Ended(outcome))));
        assert_eq!(state.tune.autotune, expected);
    }
    let mut state = AppState::default();
    command(&mut state, &Command::Tune(TuneCommand::Autotune(goal, ProbeSet::PastSearches)));
    reduce(
        &mut state,
        Event::Jobs(JobsEvent::Began { id: JobId(1), kind: JobKind::Autotune, title: "Autotune".into() }),
    );
    reduce(&mut state, Event::Tune(TuneEvent::AutotuneEnded(Ok(point()))));
    reduce(&mut state, Event::Jobs(JobsEvent::Told(JobId(1), JobEvent::Ended(Outcome::Completed))));
    assert_eq!(state.tune.autotune, Load::Ready(point()));
}

#[test]
fn the_retrain_share_is_kept_within_reason() {
    let mut state = AppState::default();
    for (asked, kept) in [(0.25, 0.25), (7.0, 1.0), (0.0, 0.01), (f64::NAN, 0.01)] {
        command(&mut state, &Command::Tune(TuneCommand::SetRetrainShare(asked)));
        assert_eq!(state.settings.retrain_share, kept);
    }
}

#[test]
fn another_model_forgets_what_was_measured() {
    let mut state = started();
    state.screen = Screen::Tune;
    let request = state.requests.tune;
    reduce(&mut state, Event::Tune(TuneEvent::IndexRead(overview(SearchParams::default()), Vec::new())));
    reduce(
        &mut state,
        Event::Tune(TuneEvent::SweepsListed(vec![SavedSweep { name: "a".into(), begun_at: 0, points: 2 }])),
    );
    reduce(&mut state, Event::Models(ModelsEvent::Changed(Vec::new(), 0.3)));
    assert!(state.tune.overview.is_none() && !state.tune.live.running);
    assert_eq!(state.tune.sweep.saved.len(), 1);
    assert!(state.requests.tune > request);
}

#[test]
fn another_model_drops_what_is_still_told_of_the_old_one() {
    let mut state = started();
    let (request, model) = (state.requests.tune, state.requests.model);
    reduce(&mut state, Event::Models(ModelsEvent::Changed(Vec::new(), 0.3)));
    let info = StreamInfo { request, nq: 100, threads: 1, data_digest: "ab".into(), exact: None };
    let late = [
        Event::Tune(TuneEvent::Began(info)),
        Event::Tune(TuneEvent::IndexRead(overview(SearchParams::default()), Vec::new())),
    ];
    for event in late {
        reduce(&mut state, Event::OfModel { model, event: Box::new(event) });
    }
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(request))));
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request, reason: "the old one".into() }));
    let live = &state.tune.live;
    assert!(!live.running && live.info.is_none() && live.history.is_empty() && live.problem.is_none());
    assert!(state.tune.overview.is_none());
    // Nor does it reach the stream that is started on the next model.
    let settings = state.tune.live.settings.clone();
    command(&mut state, &Command::Tune(TuneCommand::Start(settings)));
    reduce(&mut state, Event::Tune(TuneEvent::Sampled(sample(request))));
    reduce(&mut state, Event::Tune(TuneEvent::Ended { request, reason: "the old one".into() }));
    assert!(state.tune.live.running && state.tune.live.history.is_empty() && state.tune.live.problem.is_none());
}
