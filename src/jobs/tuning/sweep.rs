//! A grid of specs and parameters, measured point by point.

use crate::tell;
use crate::types::{Tell, Telling};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::measure::{Setting, measure};
use super::prepare::Prepared;
use crate::files::write_whole;
use crate::index::{BuildWatch, TieredIndex, build_with_templates, threads};
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::scratch::{SWEEPS_DIR, TempFolder};
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::types::{IndexSpec, OperatingPoint, SearchParams, Structure, SubjectId, SweepRequest, SweepRun};

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

/// Builds every spec beside the live index, measures every combination of parameters on it, and deletes it again. The
/// live index is not touched. Points are saved as they come, unless the gallery is open for reading only.
///
/// # Errors
/// An empty gallery, probes that do not fit; [`JobError::Cancelled`], with what was measured saved.
pub fn sweep(
    engine: &Engine,
    request: &SweepRequest,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    send: &dyn Fn(SweepEvent),
) -> Result<SweepRun, JobError> {
    if request.specs.is_empty() {
        return Err(JobError::Failed(tell!("tuning-no-spec")));
    }
    let watch = Watch::new(control, tell);
    let dir = engine.work_dir()?;
    let prepared = Prepared::from_gallery(engine, &request.probes, request.k, &dir, &watch)?;
    let manifest = engine.manifest();
    let mut run = SweepRun {
        request: request.clone(),
        model: manifest.name,
        begun_at: now_millis(),
        data_digest: prepared.raw.digest().to_owned(),
        ntotal: prepared.raw.len(),
        d: prepared.raw.d(),
        machine: machine(),
        points: Vec::new(),
        problems: Vec::new(),
    };
    send(SweepEvent::Began(run.clone()));
    let labels = engine.gallery().labels()?;
    for spec in &request.specs {
        watch.checkpoint()?;
        match measure_spec(&prepared, &labels, spec, request, &dir, &watch, &mut |point| {
            run.points.push(point.clone());
            send(SweepEvent::Point(point));
        }) {
            Ok(()) => {}
            Err(JobError::Cancelled) => {
                if engine.ensure_writable().is_ok() {
                    let _ = save(engine, &run);
                }
                return Err(JobError::Cancelled);
            }
            Err(error) => {
                run.problems.push((spec.clone(), error.telling()));
                send(SweepEvent::Problem(spec.clone(), error.telling()));
            }
        }
        if engine.ensure_writable().is_ok() {
            send(SweepEvent::Saved(save(engine, &run)?));
        }
    }
    Ok(run)
}

/// Builds one spec in a folder of `dir` and measures the grid on it.
fn measure_spec(
    prepared: &Prepared,
    labels: &[(crate::types::FaceId, SubjectId)],
    spec: &IndexSpec,
    request: &SweepRequest,
    dir: &Path,
    watch: &Watch<'_>,
    point: &mut dyn FnMut(OperatingPoint),
) -> Result<(), JobError> {
    let place = TempFolder::create(dir)?;
    let (index, build_secs) = built(prepared, labels, spec, place.path(), watch)?;
    let grid = params_of_grid(spec, request);
    for (done, params) in grid.iter().enumerate() {
        watch.checkpoint()?;
        watch.progress("Measuring", done, grid.len());
        let setting = Setting { params: *params, k: request.k, batch: request.batch, threads: request.threads };
        point(measure(&index, prepared, setting, build_secs, watch)?);
    }
    Ok(())
}

/// An index of the prepared vectors, loaded, and the seconds it took to build.
pub(super) fn built(
    prepared: &Prepared,
    labels: &[(crate::types::FaceId, SubjectId)],
    spec: &IndexSpec,
    place: &Path,
    watch: &Watch<'_>,
) -> Result<(TieredIndex, f32), JobError> {
    if spec.is_exact() {
        let begun = std::time::Instant::now();
        let flat = prepared.raw.to_flat(watch)?;
        return Ok((TieredIndex::from_flat(flat), begun.elapsed().as_secs_f32()));
    }
    let built = build_with_templates(&prepared.raw, labels, spec, place, threads(), watch)?;
    Ok((built.open_tiered(labels)?, built.record.build_secs))
}

/// Every combination of the parameters that the spec has.
pub fn params_of_grid(spec: &IndexSpec, request: &SweepRequest) -> Vec<SearchParams> {
    let or_default = |values: &[u32], applies: bool, default: u32| match values {
        values if applies && !values.is_empty() => values.to_vec(),
        _ => vec![default],
    };
    let default = SearchParams::default();
    let nlist = spec.nlist();
    let is_graph = matches!(spec.structure, Structure::Hnsw { .. });
    let nprobes = or_default(&request.nprobe, nlist.is_some(), default.nprobe);
    let ef_searches = or_default(&request.ef_search, is_graph, default.ef_search);
    let has_refine = spec.refine != crate::types::Refine::None && (nlist.is_some() || is_graph || spec.is_trained());
    let refine_factors = or_default(&request.refine_factor, has_refine, default.refine_factor);
    let candidates = or_default(&request.lsh_candidates, spec.lsh_nbits.is_some(), default.lsh_candidates);
    let templates = or_default(&request.templates, spec.templates, default.templates);
    let mut grid = Vec::new();
    for &nprobe in &nprobes {
        for &ef_search in &ef_searches {
            for &refine_factor in &refine_factors {
                for &lsh_candidates in &candidates {
                    for &templates in &templates {
                        let nprobe = nprobe.clamp(1, nlist.unwrap_or(u32::MAX));
                        let params = SearchParams {
                            nprobe,
                            ef_search,
                            refine_factor,
                            lsh_candidates,
                            lsh_radius: None,
                            templates,
                        };
                        if !grid.contains(&params) {
                            grid.push(params);
                        }
                    }
                }
            }
        }
    }
    grid
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
