//! A grid of specs and parameters, measured point by point.

use super::building::Workshop;
use super::measure::{Setting, measure};
use super::runs::{Measuring, SweepEvent};
use crate::index::BuildWatch;
use crate::jobs::engine::Engine;
use crate::jobs::live::Watch;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::tell;
use crate::types::{IndexSpec, OperatingPoint, SearchParams, Structure, SweepRequest, SweepRun};

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
    let mut workshop = Workshop::open(engine, &request.probes, request.k, request.circumstances, &watch)?;
    let mut run = Measuring::begin(engine, request, &workshop.prepared, send);
    for spec in &request.specs {
        watch.checkpoint()?;
        match measure_spec(&mut workshop, spec, request, &watch, &mut |point| run.point(point)) {
            Ok(()) => {}
            Err(JobError::Cancelled) => {
                let _ = run.save();
                return Err(JobError::Cancelled);
            }
            Err(error) => run.problem(spec, &error),
        }
        run.save()?;
    }
    Ok(run.into_run())
}

/// Builds one spec and measures the grid on it.
fn measure_spec(
    workshop: &mut Workshop<'_>,
    spec: &IndexSpec,
    request: &SweepRequest,
    watch: &Watch<'_>,
    point: &mut dyn FnMut(OperatingPoint),
) -> Result<(), JobError> {
    let exhibit = workshop.exhibit(spec, watch)?;
    let grid = params_of_grid(spec, request);
    for (done, params) in grid.iter().enumerate() {
        watch.checkpoint()?;
        watch.progress("Measuring", done, grid.len());
        let SweepRequest { k, batch, threads, .. } = *request;
        let setting = Setting { params: *params, k, batch, threads, threshold: None };
        point(measure(&exhibit.index, &workshop.prepared, setting, exhibit.build_secs, watch)?);
    }
    Ok(())
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
