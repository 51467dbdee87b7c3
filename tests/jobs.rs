//! The life of an enrollment: stopped or broken at every stage, it ends once, loses nothing and can be run again.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::Path;
use std::sync::{Arc, Mutex};

use likeness::jobs::{
    Engine, EnrollRequest, JobContext, JobControl, JobEvent, Mode, Outcome, enroll, spawn, unfinished_enrollments,
};
use likeness::types::{DetectorParams, JobId};

const PHOTOS: u16 = 24;
const STAGES: [&str; 4] =
    ["Looking for photos", "Loading the models", "Detecting and embedding", "Publishing the index"];

/// What the test does when a stage is told.
#[derive(Clone, Copy, PartialEq)]
enum Blow {
    None,
    Cancel,
    Panic,
    PauseThenResume,
}

fn run(engine: &Arc<Engine>, album: &Path, stage: &'static str, blow: Blow) -> (Vec<Outcome>, Vec<&'static str>) {
    let control = JobControl::default();
    let seen = Arc::new(Mutex::new((Vec::new(), Vec::new())));
    let (sink_seen, sink_control) = (Arc::clone(&seen), control.clone());
    let sink = Arc::new(move |_: JobId, event: JobEvent| match event {
        JobEvent::Ended(outcome) => sink_seen.lock().unwrap().0.push(outcome),
        JobEvent::Progress(progress) => {
            let first = {
                let stages = &mut sink_seen.lock().unwrap().1;
                let first = !stages.contains(&progress.stage);
                if first {
                    stages.push(progress.stage);
                }
                first
            };
            if first && progress.stage == stage {
                match blow {
                    Blow::None => {}
                    Blow::Cancel => sink_control.cancel(),
                    Blow::Panic => panic!("blow at {stage}"),
                    Blow::PauseThenResume => {
                        sink_control.pause();
                        let control = sink_control.clone();
                        std::thread::Builder::new()
                            .spawn(move || {
                                std::thread::sleep(std::time::Duration::from_millis(300));
                                control.resume();
                            })
                            .unwrap();
                    }
                }
            }
        }
        _ => {}
    });
    let request = EnrollRequest {
        is_retry: false,
        sources: vec![album.to_path_buf()],
        subjects_from_folders: false,
        detector: DetectorParams::default(),
    };
    let engine = Arc::clone(engine);
    spawn("enroll", JobContext::new(JobId(1), control, sink), move |job| enroll(&engine, &request, job).map(|_| ()))
        .unwrap()
        .join()
        .unwrap();
    let seen = seen.lock().unwrap();
    (seen.0.clone(), seen.1.clone())
}

#[test]
fn every_blow_at_every_stage_ends_once_and_the_next_run_completes() {
    let album = tempfile::tempdir().unwrap();
    support::write_album(album.path(), PHOTOS);
    for blow in [Blow::Cancel, Blow::Panic, Blow::PauseThenResume] {
        for stage in STAGES {
            let home = tempfile::tempdir().unwrap();
            let engine = Arc::new(Engine::open(Some(home.path()), Mode::Write, None).unwrap());
            let (outcomes, _) = run(&engine, album.path(), stage, blow);
            let expected = match blow {
                Blow::None | Blow::PauseThenResume => Outcome::Completed,
                // Nothing is left to stop once the index is being published.
                Blow::Cancel if stage == "Publishing the index" => Outcome::Completed,
                Blow::Cancel => Outcome::Cancelled,
                Blow::Panic => Outcome::Panicked(likeness::tell!("app-fault", reason = format!("blow at {stage}"))),
            };
            assert_eq!(outcomes, [expected], "at {stage}");
            let counts = engine.gallery().counts().unwrap();
            assert!(counts.photos <= u64::from(PHOTOS));
            assert_eq!(engine.ntotal() as u64, counts.faces, "index and gallery agree after a blow at {stage}");
            let unfinished = unfinished_enrollments(&engine).unwrap();
            assert_eq!(unfinished.len(), usize::from(blow == Blow::Panic), "at {stage}");

            drop(engine);
            let engine = Arc::new(Engine::open(Some(home.path()), Mode::Write, None).unwrap());
            let (outcomes, stages) = run(&engine, album.path(), "", Blow::None);
            assert_eq!(outcomes, [Outcome::Completed]);
            assert_eq!(stages, STAGES);
            let counts = engine.gallery().counts().unwrap();
            assert_eq!(counts.photos, u64::from(PHOTOS));
            assert_eq!(counts.faces, u64::from(PHOTOS));
            assert_eq!(engine.ntotal(), usize::from(PHOTOS));
        }
    }
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let home = tempfile::tempdir().unwrap();
    let _writer = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    assert!(Engine::open(Some(home.path()), Mode::Write, None).is_err());
    let reader = Engine::open(Some(home.path()), Mode::Read, None).unwrap();
    assert!(reader.ensure_writable().is_err());
    let context = JobContext::new(JobId(1), JobControl::default(), Arc::new(|_, _| {}));
    let request = EnrollRequest {
        is_retry: false,
        sources: vec![home.path().to_path_buf()],
        subjects_from_folders: false,
        detector: DetectorParams::default(),
    };
    assert!(enroll(&reader, &request, &context).unwrap_err().to_string().contains("reading only"));
}
