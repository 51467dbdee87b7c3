use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use image::RgbImage;

use crate::files::write_whole;
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::types::{ModelSpeed, SpeedOfThreads};
use crate::vision::embed::Embedder;
use crate::vision::runtime;

/// Each of the four figures is measured for about this long, after a run that does not count.
const TIME: Duration = Duration::from_millis(1500);
/// And at least this often, however slow the network is.
const LEAST_RUNS: usize = 5;

/// Measures how fast a model embeds on this machine, and keeps the result. Takes about six seconds; whatever else
/// computes meanwhile makes it slower.
///
/// # Errors
/// The model cannot be loaded or run; [`JobError::Cancelled`].
pub fn measure_speed(
    engine: &Engine,
    name: &str,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<ModelSpeed, JobError> {
    let mut meter = ProgressMeter::counting("Loading the model", "measurement");
    meter.now.total = Some(4);
    tell(meter.now.clone());
    let entry = engine.with_models(|models| models.find(name).cloned())?;
    let embedder = entry.load()?;
    meter.enter("Measuring");
    let mut of_threads = |threads: usize| -> Result<SpeedOfThreads, JobError> {
        let mut measured = |batch: usize| {
            tell(meter.now.clone());
            let millis = on_threads(&*embedder, threads, batch, control)?;
            meter.now.done += 1;
            Ok::<f32, JobError>(millis)
        };
        let single_millis = measured(1)?;
        Ok(SpeedOfThreads { threads, single_millis, batched_millis: measured(SpeedOfThreads::BATCH)? })
    };
    let one_thread = of_threads(1)?;
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let all_threads = of_threads(all)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs() as i64);
    let speed = ModelSpeed {
        measured_at: seconds,
        device: runtime::describe_machine(),
        sha256: entry.manifest.sha256.clone(),
        one_thread,
        all_threads,
    };
    tell(meter.finish());
    keep(engine, name, Some(speed.clone()));
    Ok(speed)
}

/// Sets the thread number back when it goes: jobs take one thread for each photo.
struct Threads;

impl Drop for Threads {
    fn drop(&mut self) {
        runtime::set_threads(1);
    }
}

/// The median time a crop takes in batches of this size, milliseconds.
fn on_threads(embedder: &dyn Embedder, threads: usize, batch: usize, control: &JobControl) -> Result<f32, JobError> {
    let [width, height] = embedder.manifest().input.template.size;
    let crop = |n: u32| {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([x * (n + 3) + y, y * 2 + n, x + y * n].map(|v| v as u8)))
    };
    let crops: Vec<RgbImage> = (0..batch as u32).map(crop).collect();
    // A thread that has already run an operator keeps its number, so each number gets threads of its own.
    let measure = || -> Result<f32, JobError> {
        let _restored = Threads;
        runtime::set_threads(threads);
        embedder.embed(&crops)?;
        let (begun, mut millis) = (Instant::now(), Vec::new());
        while begun.elapsed() < TIME || millis.len() < LEAST_RUNS {
            control.checkpoint()?;
            let run = Instant::now();
            embedder.embed(&crops)?;
            millis.push(run.elapsed().as_secs_f32() * 1e3 / batch as f32);
        }
        millis.sort_by(f32::total_cmp);
        Ok(millis[millis.len() / 2])
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("speed".to_owned()).spawn_scoped(scope, measure);
        let thread = thread.map_err(|error| JobError::Worker(error.to_string()))?;
        thread.join().unwrap_or_else(|panic| Err(JobError::Worker(crate::jobs::work::panic_message(panic.as_ref()))))
    })
}

/// What was measured in this gallery's folder, by name of the model; nothing where that cannot be read.
pub fn load_speeds(engine: &Engine) -> BTreeMap<String, ModelSpeed> {
    let text = fs::read_to_string(path(engine)).unwrap_or_default();
    if text.is_empty() {
        return BTreeMap::new();
    }
    serde_json::from_str(&text).unwrap_or_else(|error| {
        log::warn!("the measured speeds cannot be read ({error}): {}", path(engine).display());
        BTreeMap::new()
    })
}

pub(super) fn forget_speed(engine: &Engine, name: &str) {
    keep(engine, name, None);
}

/// A speed that cannot be kept is still told, and one of a gallery that is open for reading only is not kept.
fn keep(engine: &Engine, name: &str, speed: Option<ModelSpeed>) {
    if engine.ensure_writable().is_err() {
        return;
    }
    let mut speeds = load_speeds(engine);
    match speed {
        Some(speed) => drop(speeds.insert(name.to_owned(), speed)),
        None => drop(speeds.remove(name)),
    }
    let path = path(engine);
    let written =
        serde_json::to_vec_pretty(&speeds).map_err(std::io::Error::from).and_then(|text| write_whole(&path, &text));
    if let Err(error) = written {
        log::warn!("the measured speed was not kept ({error}): {}", path.display());
    }
}

fn path(engine: &Engine) -> PathBuf {
    engine.data_dir().join("speeds.json")
}
