//! Finding a point that meets a goal.

use std::collections::HashSet;

use super::advisor::{Wish, advise};
use super::building::{Exhibit, Workshop};
use super::measure::{Setting, exact_fnir, measure};
use super::presets::PRESETS;
use super::runs::{Measuring, SweepEvent};
use crate::eval::pareto::{best_point, has_quality, meets};
use crate::index::BuildWatch;
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::tell;
use crate::types::{
    Circumstances, Goal, IndexSpec, OperatingPoint, ProbeSet, Refine, SearchParams, Structure, SweepRequest,
};

/// Points that are measured of one spec, at most.
const MOST: usize = 12;

/// Searches by which people missed are counted, where the probes are of nobody known.
const SEARCHES: usize = 2000;

/// Exact search where that meets the goal; else the quickest point that does, of the specs that could. Each begins with the
/// parameters that the preset or the advisor gives it, and looks farther, or refines more, until it meets the goal, or less
/// far for as long as it does. A point meets the goal where the worse end of its interval does. All points are told and
/// kept as those of a sweep. Nothing is changed: the point is for the person to apply.
///
/// # Errors
/// As [`super::sweep`]; [`JobError::Failed`] says how near the nearest point comes where none meets the goal, and how many
/// people exact search itself misses where that is too many.
pub fn autotune(
    engine: &Engine,
    goal: &Goal,
    probes: &ProbeSet,
    k: usize,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    send: &dyn Fn(SweepEvent),
) -> Result<OperatingPoint, JobError> {
    let watch = Watch::new(control, tell);
    let probes = match (goal.missed, probes) {
        // Who is missed can be told of known people alone.
        (Some(_), ProbeSet::GallerySample { nq, .. }) => ProbeSet::HeldOut { nq: *nq },
        (Some(_), ProbeSet::File { .. } | ProbeSet::PastSearches) => ProbeSet::HeldOut { nq: SEARCHES },
        (_, probes) => probes.clone(),
    };
    let mut workshop = Workshop::open(engine, &probes, k, Circumstances::default(), &watch)?;
    let prepared = &workshop.prepared;
    let wish = Wish {
        ntotal: prepared.ntotal(),
        d: prepared.d,
        labelled: workshop.labels().len() as f64 / prepared.ntotal() as f64,
        max_ram_bytes: goal.max_ram_bytes,
        max_p50_millis: goal.max_p50_millis,
    };
    if let Some(missed) = goal.missed
        && let Some(exact) = exact_fnir(prepared, k, missed.threshold)
        && exact.high > missed.max_fnir
    {
        let percent = |share: f64| format!("{:.2}", 100.0 * share);
        return Err(JobError::Failed(tell!(
            "tuning-people-missed-exactly",
            missed = percent(exact.mean),
            low = percent(exact.low),
            high = percent(exact.high),
            threshold = format!("{:.3}", missed.threshold),
            n = prepared.probes.len(),
        )));
    }
    let trials = trials(&wish, !workshop.labels().is_empty());
    let mut run = Measuring::begin(engine, &request(&trials, &probes, k), prepared, send);
    for (spec, start) in &trials {
        watch.checkpoint()?;
        // A flat index has the size of its vectors, known before it is built.
        if spec.is_exact() && (wish.ntotal * wish.d * 4) as u64 > goal.max_ram_bytes {
            continue;
        }
        let exhibit = match workshop.exhibit(spec, &watch) {
            Ok(exhibit) => exhibit,
            Err(JobError::Cancelled) => return cancelled(&run),
            Err(error) => {
                run.problem(spec, &error);
                continue;
            }
        };
        if exhibit.index.ram_bytes() > goal.max_ram_bytes {
            continue;
        }
        match try_spec(&workshop, &exhibit, spec, *start, goal, &watch, &mut run) {
            Err(JobError::Cancelled) => return cancelled(&run),
            tried => tried?,
        }
        run.save()?;
        // It misses nothing, and nothing quicker is needed.
        if spec.is_exact() && run.points().last().is_some_and(|point| meets(point, goal)) {
            break;
        }
    }
    chosen(run.points(), goal)
}

fn cancelled(run: &Measuring<'_>) -> Result<OperatingPoint, JobError> {
    if !run.points().is_empty() {
        let _ = run.save();
    }
    Err(JobError::Cancelled)
}

fn chosen(points: &[OperatingPoint], goal: &Goal) -> Result<OperatingPoint, JobError> {
    if let Some(exact) = points.iter().find(|point| point.spec.is_exact() && meets(point, goal)) {
        return Ok(exact.clone());
    }
    let told = |point: &OperatingPoint| match (goal.missed, point.fnir) {
        (Some(_), Some(fnir)) => tell!(
            "tuning-people-goal-missed",
            n = points.len(),
            spec = point.spec.to_string(),
            missed = format!("{:.2}", 100.0 * fnir.mean),
            high = format!("{:.2}", 100.0 * fnir.high),
            millis = format!("{:.2}", point.latency.p50_millis),
            mb = (point.ram_bytes as f64 / 1e6).round(),
        ),
        _ => tell!(
            "tuning-goal-missed",
            n = points.len(),
            spec = point.spec.to_string(),
            recall = format!("{:.3}", point.recall_at_k.mean),
            low = format!("{:.3}", point.recall_at_k.low),
            millis = format!("{:.2}", point.latency.p50_millis),
            mb = (point.ram_bytes as f64 / 1e6).round(),
        ),
    };
    match best_point(points, goal) {
        Ok(best) => Ok(points[best].clone()),
        Err(miss) => Err(JobError::Failed(match miss.nearest.and_then(|at| points.get(at)) {
            Some(nearest) => told(nearest),
            None => tell!("tuning-memory-too-small"),
        })),
    }
}

/// What the run says that it was asked for.
fn request(trials: &[(IndexSpec, SearchParams)], probes: &ProbeSet, k: usize) -> SweepRequest {
    SweepRequest {
        specs: trials.iter().map(|(spec, _)| spec.clone()).collect(),
        nprobe: Vec::new(),
        ef_search: Vec::new(),
        refine_factor: Vec::new(),
        lsh_candidates: Vec::new(),
        templates: Vec::new(),
        probes: probes.clone(),
        k,
        batch: 1,
        threads: 1,
        circumstances: Circumstances::default(),
    }
}

/// Exact search, the advisor's choice, and the presets for large galleries, each sized to this one and with its own
/// parameters.
fn trials(wish: &Wish, has_labels: bool) -> Vec<(IndexSpec, SearchParams)> {
    let advised = advise(wish);
    let mut trials = vec![(IndexSpec::FLAT, SearchParams::default()), (advised.spec, advised.params)];
    let names = ["labelled", "graph", "lean", "leanest", "scalar", "honest-impostors"];
    let presets = PRESETS.iter().filter(|preset| names.contains(&preset.name));
    trials.extend(presets.filter_map(|preset| preset.recipe(wish.d, wish.ntotal)));
    trials.retain(|(spec, _)| has_labels || !spec.templates);
    let mut seen = HashSet::new();
    trials.retain(|(spec, _)| seen.insert(spec.clone()));
    trials
}

/// Measures one spec with parameters that lead to the goal.
fn try_spec(
    workshop: &Workshop<'_>,
    exhibit: &Exhibit,
    spec: &IndexSpec,
    start: SearchParams,
    goal: &Goal,
    watch: &Watch<'_>,
    run: &mut Measuring<'_>,
) -> Result<(), JobError> {
    let k = run.k();
    walk(spec, start, goal, |params| {
        watch.checkpoint()?;
        watch.progress("Measuring", 0, 0);
        let threshold = goal.missed.map(|missed| missed.threshold);
        let setting = Setting { params, k, batch: 1, threads: 1, threshold };
        let point = measure(&exhibit.index, &workshop.prepared, setting, exhibit.build_secs, watch)?;
        run.point(point.clone());
        Ok(point)
    })
}

/// Goes from the parameters `start` to those that meet the goal most quickly, one measured point after the other.
fn walk(
    spec: &IndexSpec,
    start: SearchParams,
    goal: &Goal,
    mut measured: impl FnMut(SearchParams) -> Result<OperatingPoint, JobError>,
) -> Result<(), JobError> {
    let mut at = (start, measured(start)?);
    let mut seen = HashSet::from([start]);
    while seen.len() < MOST {
        let is_enough = has_quality(&at.1, goal);
        if !is_enough && at.1.latency.p50_millis > goal.max_p50_millis {
            // To look farther would take longer still.
            return Ok(());
        }
        let mut best: Option<(SearchParams, OperatingPoint)> = None;
        for params in neighbours(spec, &at.0, is_enough) {
            if seen.len() >= MOST || !seen.insert(params) {
                continue;
            }
            let point = measured(params)?;
            let is_better = match is_enough {
                true => has_quality(&point, goal) && point.latency.p50_millis < at.1.latency.p50_millis,
                false => true,
            };
            let beats = |other: &OperatingPoint| match (has_quality(&point, goal), has_quality(other, goal)) {
                (true, true) => point.latency.p50_millis < other.latency.p50_millis,
                (false, false) => found(&point) > found(other),
                (one, _) => one,
            };
            if is_better && best.as_ref().is_none_or(|(_, other)| beats(other)) {
                best = Some((params, point));
            }
        }
        match best {
            Some(better) => at = better,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// By which of two points that do not meet the goal the better one is told.
fn found(point: &OperatingPoint) -> f64 {
    point.fnir.map_or(point.recall_at_k.mean, |fnir| 1.0 - fnir.mean)
}

/// The parameters with half of, or twice, what one of those has that the spec has.
fn neighbours(spec: &IndexSpec, params: &SearchParams, narrower: bool) -> Vec<SearchParams> {
    let moved = |value: u32, high: u32| {
        let value = if narrower { value / 2 } else { value.saturating_mul(2) };
        value.clamp(1, high)
    };
    let mut ways = Vec::new();
    let mut way = |change: &dyn Fn(&mut SearchParams)| {
        let mut next = *params;
        change(&mut next);
        if next != *params {
            ways.push(next);
        }
    };
    if spec.templates {
        way(&|p| p.templates = moved(p.templates, 1 << 20));
    } else if spec.lsh_nbits.is_some() {
        way(&|p| p.lsh_candidates = moved(p.lsh_candidates, 1 << 24));
    } else {
        match spec.structure {
            Structure::Flat => {}
            Structure::Hnsw { .. } => way(&|p| p.ef_search = moved(p.ef_search, 1 << 14)),
            Structure::Ivf { nlist } => way(&|p| p.nprobe = moved(p.nprobe, nlist)),
        }
    }
    if spec.refine != Refine::None && (spec.is_trained() || matches!(spec.structure, Structure::Hnsw { .. })) {
        way(&|p| p.refine_factor = moved(p.refine_factor, 1 << 10));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::pareto::tests::point;
    use crate::types::Estimate;

    fn goal(min_recall_at_k: f64, max_p50_millis: f32) -> Goal {
        Goal { min_recall_at_k, missed: None, max_p50_millis, max_ram_bytes: u64::MAX }
    }

    /// Finds more the farther it looks and the more it refines, and takes as much longer.
    fn made_up(spec: &IndexSpec, params: SearchParams) -> OperatingPoint {
        let width = f64::from(params.nprobe) / 64.0;
        let fine = f64::from(params.refine_factor) / 16.0;
        let recall = (width.min(1.0) * fine.min(1.0)).powf(0.05);
        let millis = 0.1 + 0.02 * params.nprobe as f32 + 0.001 * params.refine_factor as f32;
        let estimate = Estimate { mean: recall, low: recall - 0.004, high: 1.0 };
        OperatingPoint { spec: spec.clone(), params, recall_at_k: estimate, ..point(recall, millis, 10) }
    }

    #[test]
    fn a_walk_refines_more_and_looks_farther_until_the_lower_end_meets_the_goal() {
        let spec: IndexSpec = "IVF256,SQ8,Refine(f16)".parse().unwrap();
        let start = SearchParams { nprobe: 16, refine_factor: 2, ..SearchParams::default() };
        let mut points = Vec::new();
        walk(&spec, start, &goal(0.99, 50.0), |params| {
            points.push(made_up(&spec, params));
            Ok(points[points.len() - 1].clone())
        })
        .unwrap();
        let best = &points[best_point(&points, &goal(0.99, 50.0)).unwrap()];
        assert!(best.recall_at_k.low >= 0.99, "{:?}", best.recall_at_k);
        assert!(best.params.refine_factor > 2 && best.params.nprobe > 16);
        assert!(points.len() <= MOST && points[0].params == start);
    }

    #[test]
    fn a_walk_looks_less_far_for_as_long_as_it_meets_the_goal_and_stops_where_it_is_too_slow() {
        let spec: IndexSpec = "IVF256,SQ8,Refine(f16)".parse().unwrap();
        let walked = |start: SearchParams, goal: Goal| {
            let mut points = Vec::new();
            walk(&spec, start, &goal, |params| {
                points.push(made_up(&spec, params));
                Ok(points[points.len() - 1].clone())
            })
            .unwrap();
            points
        };
        let wide = SearchParams { nprobe: 256, refine_factor: 64, ..SearchParams::default() };
        let points = walked(wide, goal(0.9, 50.0));
        let best = &points[best_point(&points, &goal(0.9, 50.0)).unwrap()];
        assert!(best.params.nprobe <= 32, "{:?}", best.params);
        let narrow = SearchParams { nprobe: 8, refine_factor: 1, ..SearchParams::default() };
        assert_eq!(walked(narrow, goal(0.999, 0.01)).len(), 1, "slower than allowed already");
    }

    #[test]
    fn exact_search_is_chosen_where_it_meets_the_goal_though_others_are_quicker() {
        let flat = OperatingPoint { spec: IndexSpec::FLAT, ..point(1.0, 2.0, 10) };
        let quick = point(0.999, 0.1, 10);
        let points = [quick, flat];
        assert!(chosen(&points, &goal(0.99, 5.0)).unwrap().spec.is_exact());
        assert!(!chosen(&points, &goal(0.99, 1.0)).unwrap().spec.is_exact(), "too slow for the goal");
    }

    #[test]
    fn trials_begin_with_the_parameters_of_presets_and_advisor() {
        let wish = Wish { ntotal: 1_000_000, d: 512, labelled: 0.0, max_ram_bytes: 1 << 34, max_p50_millis: 5.0 };
        let trials = trials(&wish, false);
        assert!(trials[0].0.is_exact() && trials.iter().all(|(spec, _)| !spec.templates));
        let graph = trials.iter().find(|(spec, _)| matches!(spec.structure, Structure::Hnsw { .. })).unwrap();
        assert_eq!(graph.1.ef_search, 96, "the preset's");
        let leanest = trials.iter().find(|(spec, _)| spec.to_string().contains("PQ32x4fs")).unwrap();
        assert_eq!(leanest.1.refine_factor, 40);
    }
}
