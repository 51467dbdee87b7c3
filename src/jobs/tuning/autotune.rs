//! Finding a point that meets a goal.

use super::advisor::{Wish, advise};
use super::measure::{Setting, measure};
use super::prepare::Prepared;
use super::presets::PRESETS;
use super::sweep::built;
use crate::eval::pareto::best_point;
use crate::index::BuildWatch;
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::scratch::TempFolder;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::tell;
use crate::types::{Goal, IndexSpec, OperatingPoint, ProbeSet, SearchParams, Structure};

/// Measures the specs that could meet the goal, each with parameters that look further and further until its recall is
/// reached or it is too slow, and returns the quickest point that meets it. Nothing is changed: the point is for the
/// person to apply.
///
/// # Errors
/// As [`super::sweep`]; [`JobError::Failed`] says how near the nearest point comes where none meets the goal.
pub fn autotune(
    engine: &Engine,
    goal: &Goal,
    probes: &ProbeSet,
    k: usize,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    point: &dyn Fn(&OperatingPoint),
) -> Result<OperatingPoint, JobError> {
    let watch = Watch::new(control, tell);
    let dir = engine.work_dir()?;
    let prepared = Prepared::from_gallery(engine, probes, k, &dir, &watch)?;
    let labels = engine.gallery().labels()?;
    let wish = Wish {
        ntotal: prepared.raw.len(),
        d: prepared.raw.d(),
        labelled: labels.len() as f64 / prepared.raw.len() as f64,
        max_ram_bytes: goal.max_ram_bytes,
        max_p50_millis: goal.max_p50_millis,
    };
    let mut points: Vec<OperatingPoint> = Vec::new();
    for spec in specs_to_try(&wish, !labels.is_empty()) {
        watch.checkpoint()?;
        let place = TempFolder::create(&dir)?;
        let (index, build_secs) = match built(&prepared, &labels, &spec, place.path(), &watch) {
            Ok(built) => built,
            Err(JobError::Cancelled) => return Err(JobError::Cancelled),
            Err(error) => {
                log::info!("autotune leaves out {spec}: {error}");
                continue;
            }
        };
        if index.ram_bytes() > goal.max_ram_bytes {
            continue;
        }
        for params in wider_and_wider(&spec) {
            watch.checkpoint()?;
            watch.progress("Measuring", 0, 0);
            let setting = Setting { params, k, batch: 1, threads: 1 };
            let measured = measure(&index, &prepared, setting, build_secs, &watch)?;
            point(&measured);
            let is_enough = measured.recall_at_k.mean >= goal.min_recall_at_k;
            let is_slow = measured.latency.p50_millis > goal.max_p50_millis;
            points.push(measured);
            if is_enough || is_slow {
                break;
            }
        }
    }
    match best_point(&points, goal) {
        Ok(best) => Ok(points.swap_remove(best)),
        Err(miss) => Err(JobError::Failed(match miss.nearest.and_then(|at| points.get(at)) {
            Some(nearest) => tell!(
                "tuning-goal-missed",
                n = points.len(),
                spec = nearest.spec.to_string(),
                recall = format!("{:.3}", nearest.recall_at_k.mean),
                millis = format!("{:.2}", nearest.latency.p50_millis),
                mb = (nearest.ram_bytes as f64 / 1e6).round(),
            ),
            None => tell!("tuning-memory-too-small"),
        })),
    }
}

/// Exact search, the advisor's choice, and the presets for large galleries, with lists to the size of this one.
fn specs_to_try(wish: &Wish, has_labels: bool) -> Vec<IndexSpec> {
    let advised = |max_ram_bytes, max_p50_millis| advise(&Wish { max_ram_bytes, max_p50_millis, ..*wish }).spec;
    let mut specs = vec![IndexSpec::FLAT, advised(wish.max_ram_bytes, wish.max_p50_millis)];
    let names = ["labelled", "graph", "lean", "scalar", "honest-impostors"];
    let presets = PRESETS.iter().filter(|preset| names.contains(&preset.name));
    specs.extend(presets.filter_map(|preset| preset.scaled_spec(wish.d, wish.ntotal)));
    specs.retain(|spec| has_labels || !spec.templates);
    let mut seen = std::collections::HashSet::new();
    specs.retain(|spec| seen.insert(spec.clone()));
    specs
}

/// Parameters from narrow to wide.
fn wider_and_wider(spec: &IndexSpec) -> Vec<SearchParams> {
    let default = SearchParams::default();
    if spec.templates {
        return [5, 10, 20, 40].map(|templates| SearchParams { templates, nprobe: 256, ..default }).to_vec();
    }
    if spec.lsh_nbits.is_some() {
        return [500, 1000, 2000, 5000].map(|lsh_candidates| SearchParams { lsh_candidates, ..default }).to_vec();
    }
    match spec.structure {
        Structure::Flat => vec![default],
        Structure::Hnsw { .. } => {
            [16, 32, 64, 96, 128, 192, 256, 512].map(|ef_search| SearchParams { ef_search, ..default }).to_vec()
        }
        Structure::Ivf { nlist } => {
            let shares = [64, 32, 16, 8, 4, 2, 1].map(|part| (nlist / part).max(1));
            shares.map(|nprobe| SearchParams { nprobe, ..default }).to_vec()
        }
    }
}
