//! Runs of measured points, as they are told and kept.

use std::time::{SystemTime, UNIX_EPOCH};

use super::prepare::Prepared;
use crate::files::write_whole;
use crate::jobs::engine::Engine;
use crate::jobs::scratch::SWEEPS_DIR;
use crate::jobs::work::JobError;
use crate::tell;
use crate::types::{IndexSpec, OperatingPoint, SweepRequest, SweepRun, Tell, Telling};

/// What a sweep tells while it runs.
#[derive(Clone, Debug)]
pub enum SweepEvent {
    /// The run as it begins, without points.
    Began(SweepRun),
    Point(OperatingPoint),
    /// A spec that could not be built.
    Problem(IndexSpec, Telling),
    /// The run can be reopened; sent after every spec.
    Saved(SavedSweep),
}

/// A run that lies in the gallery's folder.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedSweep {
    pub name: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub begun_at: i64,
    pub points: usize,
}

/// A run while it is measured: every point and problem is told as it comes, and the whole is saved unless the gallery is
/// open for reading only.
pub(super) struct Measuring<'a> {
    engine: &'a Engine,
    run: SweepRun,
    send: &'a dyn Fn(SweepEvent),
}

impl<'a> Measuring<'a> {
    pub fn begin(
        engine: &'a Engine,
        request: &SweepRequest,
        prepared: &Prepared,
        send: &'a dyn Fn(SweepEvent),
    ) -> Self {
        let run = SweepRun {
            request: request.clone(),
            model: engine.manifest().name,
            begun_at: now_millis(),
            data_digest: prepared.digest.clone(),
            ntotal: prepared.ntotal(),
            d: prepared.d,
            machine: machine(),
            points: Vec::new(),
            problems: Vec::new(),
        };
        send(SweepEvent::Began(run.clone()));
        Self { engine, run, send }
    }

    /// Neighbours that are looked for.
    pub fn k(&self) -> usize {
        self.run.request.k
    }

    pub fn points(&self) -> &[OperatingPoint] {
        &self.run.points
    }

    pub fn point(&mut self, point: OperatingPoint) {
        self.run.points.push(point.clone());
        (self.send)(SweepEvent::Point(point));
    }

    pub fn problem(&mut self, spec: &IndexSpec, error: &JobError) {
        self.run.problems.push((spec.clone(), error.telling()));
        (self.send)(SweepEvent::Problem(spec.clone(), error.telling()));
    }

    /// # Errors
    /// The file cannot be written.
    pub fn save(&self) -> Result<(), JobError> {
        if self.engine.ensure_writable().is_ok() {
            (self.send)(SweepEvent::Saved(save(self.engine, &self.run)?));
        }
        Ok(())
    }

    pub fn into_run(self) -> SweepRun {
        self.run
    }
}

/// Runs that were saved, newest first.
pub fn saved_sweeps(engine: &Engine) -> Vec<SavedSweep> {
    let entries = std::fs::read_dir(engine.data_dir().join(SWEEPS_DIR)).into_iter().flatten().flatten();
    let mut saved: Vec<SavedSweep> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?.strip_suffix(".json")?.to_owned();
            let run = load_sweep(engine, &name).ok()?;
            Some(SavedSweep { name, begun_at: run.begun_at, points: run.points.len() })
        })
        .collect();
    saved.sort_by_key(|sweep| std::cmp::Reverse(sweep.begun_at));
    saved
}

/// A saved run.
///
/// # Errors
/// There is none of this name, or its file is damaged.
pub fn load_sweep(engine: &Engine, name: &str) -> Result<SweepRun, JobError> {
    let path = engine.data_dir().join(SWEEPS_DIR).join(format!("{name}.json"));
    // A name, not a way to another folder.
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(JobError::NoSuchSource(path));
    }
    let text = std::fs::read_to_string(&path).map_err(|reason| JobError::Io { reason, path: path.clone() })?;
    crate::eval::report::run_from_json(&text)
        .map_err(|error| JobError::Failed(tell!("tuning-no-sweep", reason = error.to_string(), path = &path)))
}

/// Writes a run into the gallery's folder.
fn save(engine: &Engine, run: &SweepRun) -> Result<SavedSweep, JobError> {
    let dir = engine.data_dir().join(SWEEPS_DIR);
    let name = format!("sweep-{}", run.begun_at);
    let path = dir.join(format!("{name}.json"));
    let text = crate::eval::report::json_from_run(run).map_err(|error| JobError::Failed(error.to_string().into()))?;
    let written = std::fs::create_dir_all(&dir).and_then(|()| write_whole(&path, text.as_bytes()));
    written.map_err(|reason| JobError::Io { reason, path: path.clone() })?;
    Ok(SavedSweep { name, begun_at: run.begun_at, points: run.points.len() })
}

/// Processor, instruction set and Faiss.
pub(super) fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = crate::types::count(cores as u64, "core");
    format!("{}, {cores}, {}", model.unwrap_or("unknown processor").trim(), crate::index::describe())
}

fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as i64)
}
