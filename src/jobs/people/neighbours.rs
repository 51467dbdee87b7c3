//! The nearest neighbours of many faces at once, by the index in use or, where that compares with every face, by one that is
//! made for the occasion.

use std::sync::Arc;

use crate::index::{FaceIndex, SearchOptions, TieredIndex, build_with_templates, threads};
use crate::jobs::engine::Engine;
use crate::jobs::live::{Watch, raw_vectors};
use crate::jobs::scratch::{TempFolder, work_dir};
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};
use crate::types::{Embedding, FaceId, IndexSpec, SearchParams, Structure};

/// Searches handed to the index together.
const BATCH: usize = 1024;
/// Faces up to which comparing with every one is as quick as making an index first.
const EXACT_UP_TO: usize = 20_000;
/// Lists looked into of an index made for the occasion: what is near enough for a group lies in the probe's own list or the
/// next few.
const PROBED: u32 = 16;

/// For each of `probes` its hits of at least `least`, `k` at most, itself among them; `found` is told each in order.
///
/// The caller may write.
///
/// # Errors
/// [`JobError::Cancelled`]; a full disk.
pub(super) fn search(
    engine: &Engine,
    probes: &[(FaceId, Embedding)],
    k: usize,
    least: f32,
    control: &JobControl,
    tell: &dyn Fn(Progress),
    mut found: impl FnMut(usize, Vec<(FaceId, f32)>),
) -> Result<(), JobError> {
    let live = engine.index();
    let in_use = live.faces();
    let folder;
    let (index, params): (Arc<TieredIndex>, Option<SearchParams>) = if in_use.trained().is_none()
        && in_use.ntotal() > EXACT_UP_TO
    {
        folder = TempFolder::create(&work_dir(engine.data_dir()))?;
        let watch = Watch::new(control, tell);
        let raw = raw_vectors(engine.gallery(), &live, &folder.path().join("vectors.raw"), 1.0, &watch)?;
        let built_in = folder.path().join("index");
        std::fs::create_dir(&built_in).map_err(|reason| JobError::Io { reason, path: built_in.clone() })?;
        let built = build_with_templates(&raw, &Vec::new(), &spec(raw.len()), &built_in, threads(), &watch)?;
        (Arc::new(built.open_tiered(&Vec::new())?), Some(SearchParams { nprobe: PROBED, ..SearchParams::default() }))
    } else {
        (in_use, None)
    };
    let mut meter = ProgressMeter::counting("Searching", "face");
    let options = SearchOptions { params: params.as_ref(), ..SearchOptions::default() };
    let mut done = 0;
    for batch in probes.chunks(BATCH) {
        control.checkpoint()?;
        let embeddings: Vec<Embedding> = batch.iter().map(|(_, embedding)| embedding.clone()).collect();
        for hits in index.search_with(&embeddings, k, options)? {
            let near = hits.into_iter().filter(|hit| hit.score >= least).map(|hit| (hit.face, hit.score));
            found(done, near.collect());
            done += 1;
        }
        meter.count_stage("Searching", done as u64, Some(probes.len() as u64));
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(progress);
        }
    }
    Ok(())
}

/// About four times the root of the number of faces in lists, a power of two.
fn spec(faces: usize) -> IndexSpec {
    let lists = (4.0 * (faces as f64).sqrt()).log2().round().exp2();
    IndexSpec { structure: Structure::Ivf { nlist: lists as u32 }, ..IndexSpec::FLAT }
}
