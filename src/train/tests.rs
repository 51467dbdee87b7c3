//! Small runs on drawn faces.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::TrainError;
use super::data::{Split, split};
use super::log::read_log;
use super::sample;
use super::setup::{Machine, open_network, setup};
use super::spec::RunSpec;
use super::targets::Targets;
use super::trainer::{CHECKPOINT_FILE, Finished, MODEL_FILE, Watch, train};
use crate::types::TrainRecord;
use crate::vision::runtime;

/// Stops before a step of that number.
struct StopAt {
    step: u64,
    seen: AtomicU64,
    records: Mutex<Vec<TrainRecord>>,
}

impl StopAt {
    fn new(step: u64) -> Self {
        Self { step, seen: AtomicU64::new(0), records: Mutex::default() }
    }
}

impl Watch for StopAt {
    fn checkpoint(&self) -> Result<(), TrainError> {
        if self.seen.fetch_add(1, Ordering::Relaxed) >= self.step { Err(TrainError::Stopped) } else { Ok(()) }
    }

    fn progress(&self, _: &'static str, done: u64, total: u64) {
        assert!(done <= total, "{done} of {total}");
    }

    fn record(&self, record: &TrainRecord) {
        self.records.lock().unwrap().push(record.clone());
    }
}

/// Runs `spec` on drawn faces of four people with four views each.
fn run(folder: &Path, spec: &RunSpec, targets: Option<Targets>, watch: &StopAt) -> Result<Finished, TrainError> {
    runtime::set_threads(1);
    let machine = Machine { device: Some("cpu".to_owned()), threads: Some(1) };
    let crops = folder.join("crops");
    std::fs::create_dir_all(&crops).unwrap();
    let (pack, list) = sample::crop_set(&crops, 4, 4);
    let split: Split = split(&list, spec, None, &Default::default()).unwrap();
    let _alone = sample::generator();
    let network = open_network(spec.architecture, None, None, spec.d, spec.plan.seed, &machine)?;
    train(setup(spec.clone(), folder.to_path_buf(), network, pack, split, targets, &machine)?, watch)
}

fn losses(folder: &Path) -> Vec<f32> {
    read_log(folder).unwrap().iter().map(|record| record.loss).collect()
}

#[test]
fn a_run_stopped_and_taken_up_again_is_the_run_that_never_stopped() {
    let whole = tempfile::tempdir().unwrap();
    let mut spec = sample::spec(whole.path());
    (spec.plan.epochs, spec.plan.batch, spec.plan.accumulate) = (2, 4, 2);
    let never = StopAt::new(u64::MAX);
    let finished = run(whole.path(), &spec, None, &never).unwrap();
    assert_eq!((finished.steps, finished.kept_step), (4, 4));
    let record = never.records.lock().unwrap().last().unwrap().clone();
    assert_eq!((record.step, record.steps_total, record.epoch), (4, 4, 2.0));

    let parts = tempfile::tempdir().unwrap();
    let stopped = run(parts.path(), &spec, None, &StopAt::new(2));
    assert!(matches!(stopped, Err(TrainError::Stopped)), "{stopped:?}");
    assert!(!parts.path().join(MODEL_FILE).exists());
    let resumed = run(parts.path(), &spec, None, &StopAt::new(u64::MAX)).unwrap();
    assert_eq!(resumed.steps, finished.steps);
    assert_eq!(losses(parts.path()), losses(whole.path()));
    let weights = |folder: &Path| std::fs::read(folder.join(MODEL_FILE)).unwrap();
    assert!(weights(parts.path()) == weights(whole.path()), "the weights differ");

    // With other photos the run is another one.
    let changed = RunSpec { min_photos: 2, ..spec.clone() };
    assert!(run(parts.path(), &changed, None, &StopAt::new(0)).is_ok(), "the same faces, nothing left to do");
    let fewer = RunSpec { plan: super::spec::Plan { epochs: 3, ..spec.plan }, ..spec };
    let crops = parts.path().join("crops");
    let (pack, list) = sample::crop_set(&crops, 4, 3);
    let machine = Machine { device: Some("cpu".to_owned()), threads: Some(1) };
    let _alone = sample::generator();
    let network = open_network(fewer.architecture, None, None, fewer.d, fewer.plan.seed, &machine).unwrap();
    let split = split(&list, &fewer, None, &Default::default()).unwrap();
    let setup = setup(fewer, parts.path().to_path_buf(), network, pack, split, None, &machine).unwrap();
    let message = train(setup, &StopAt::new(0)).unwrap_err().to_string();
    assert!(message.contains("train-photos-changed") && message.contains(CHECKPOINT_FILE), "{message}");
}

#[test]
fn a_run_follows_from_its_seed_whatever_was_drawn_before() {
    let weights = |seed: u64| {
        let folder = tempfile::tempdir().unwrap();
        let mut spec = sample::spec(folder.path());
        (spec.plan.epochs, spec.plan.batch, spec.plan.seed) = (1, 8, seed);
        run(folder.path(), &spec, None, &StopAt::new(u64::MAX)).unwrap();
        let _alone = sample::generator();
        let _ = tch::Tensor::rand([seed as i64 + 1], (tch::Kind::Float, tch::Device::Cpu));
        (losses(folder.path()), std::fs::read(folder.path().join(MODEL_FILE)).unwrap())
    };
    let (first, again, other) = (weights(3), weights(3), weights(4));
    assert!(first == again, "{:?} {:?}", first.0, again.0);
    assert!(first.1 != other.1, "another seed is another run");
}

#[test]
fn the_loss_on_labels_falls() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = sample::spec(folder.path());
    (spec.plan.epochs, spec.plan.batch) = (6, 8);
    run(folder.path(), &spec, None, &StopAt::new(u64::MAX)).unwrap();
    let losses = losses(folder.path());
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..3]), mean(&losses[losses.len() - 3..]));
    assert!(last < 0.6 * first, "{losses:?}");
}

#[test]
fn a_student_learns_its_teachers_embeddings() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = sample::spec(folder.path());
    spec.objective = super::spec::Objective { regression: 1.0, relational: 1.0, class_weight: 0.0, ..spec.objective };
    spec.teacher = Some(super::spec::Origin { name: "t".into(), weights: "t".into(), licence: "MIT".into(), d: 4 });
    (spec.plan.epochs, spec.plan.batch) = (6, 8);
    // The teacher tells the four people apart, in four numbers; the student has 32.
    let rows = (0..16).flat_map(|crop| {
        let row: [f32; 4] = std::array::from_fn(|at| if at == crop / 4 { 1.0 } else { 0.0 });
        [row, row].concat()
    });
    let targets = Targets::new(4, rows.collect());
    run(folder.path(), &spec, Some(targets), &StopAt::new(u64::MAX)).unwrap();
    let losses = losses(folder.path());
    // 0.67 of the first with the seed above.
    assert!(losses[losses.len() - 1] < 0.8 * losses[0], "{losses:?}");
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = sample::spec(folder.path());
    let rows = vec![f32::NAN; 16 * 2 * 32];
    spec.objective = super::spec::Objective { regression: 1.0, class_weight: 0.0, ..spec.objective };
    let error = run(folder.path(), &spec, Some(Targets::new(32, rows)), &StopAt::new(u64::MAX)).unwrap_err();
    assert!(error.to_string().contains("--learning-rate"), "{error}");
}
