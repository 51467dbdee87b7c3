//! One setting of an index, measured on probes whose true neighbours are known.

use std::time::{Duration, Instant};

use super::prepare::{Prepared, Probe};
use crate::eval::latency::latency_from_millis;
use crate::eval::recall::recall_report;
use crate::index::{BuildWatch, FaceIndex, Hit, SearchOptions, TieredIndex, with_threads};
use crate::jobs::work::JobError;
use crate::types::{Embedding, FaceId, OperatingPoint, SearchParams};

/// Largest difference between two ways to sum the products of unit vectors.
pub(super) const EPSILON: f32 = 1e-5;

/// A setting is measured for no longer than this, and on no fewer probes than [`FEWEST`].
const LONGEST: Duration = Duration::from_secs(20);
const FEWEST: usize = 100;

/// Searches before the clock starts.
const WARM_UP: usize = 20;

/// How the probes are handed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub params: SearchParams,
    pub k: usize,
    pub batch: usize,
    pub threads: usize,
}

/// Searches with every probe, as often as [`LONGEST`] allows, and compares with the truth.
pub(super) fn measure(
    index: &TieredIndex,
    prepared: &Prepared,
    setting: Setting,
    build_secs: f32,
    watch: &dyn BuildWatch,
) -> Result<OperatingPoint, JobError> {
    let Setting { params, k, batch, threads } = setting;
    let batch = batch.max(1);
    let options = SearchOptions { params: Some(&params), ..SearchOptions::default() };
    let searched = with_threads(threads, || search_all(index, prepared, k, batch, options, watch));
    let Searched { found, millis, secs } = searched?;
    let all =
        prepared.probes.iter().zip(&prepared.truth).zip(&found).map(|((probe, truth), found)| (probe, truth, found));
    let report = |mated: Option<bool>| {
        let of_kind = all.clone().filter(|(probe, ..)| mated.is_none() || probe.mated == mated);
        let (truths, founds): (Vec<_>, Vec<_>) =
            of_kind.map(|(probe, truth, found)| (pairs(truth), rescored(prepared, probe, found))).unzip();
        (!truths.is_empty()).then(|| recall_report(&truths, &founds, k, EPSILON))
    };
    let (recall_at_k, one_recall_at_1) = report(None).unwrap_or_default();
    let (mated, nonmated) = (report(Some(true)), report(Some(false)));
    Ok(OperatingPoint {
        spec: index.spec(),
        params,
        ntotal: index.ntotal(),
        d: index.d(),
        k,
        nq: found.len(),
        batch,
        threads,
        recall_at_k,
        one_recall_at_1,
        recall_mated: mated.map(|(recall, _)| recall),
        recall_nonmated: nonmated.map(|(recall, _)| recall),
        one_recall_mated: mated.map(|(_, one_recall)| one_recall),
        latency: latency_from_millis(&millis),
        probes_per_sec: found.len() as f64 / secs.max(1e-9),
        ram_bytes: index.ram_bytes(),
        disk_bytes: index.disk_bytes(),
        build_secs,
    })
}

/// What came of searching with the probes.
struct Searched {
    /// Without excluded faces.
    found: Vec<Vec<Hit>>,
    /// Time of each call.
    millis: Vec<f32>,
    /// Time of all calls.
    secs: f64,
}

fn search_all(
    index: &TieredIndex,
    prepared: &Prepared,
    k: usize,
    batch: usize,
    options: SearchOptions<'_>,
    watch: &dyn BuildWatch,
) -> Result<Searched, JobError> {
    let embeddings: Vec<Embedding> = prepared.probes.iter().map(|probe| probe.embedding.clone()).collect();
    for probes in embeddings.chunks(batch).take(WARM_UP.div_ceil(batch)) {
        index.search_with(probes, k, options)?;
    }
    let (mut found, mut millis) = (Vec::with_capacity(embeddings.len()), Vec::new());
    let begun = Instant::now();
    let mut searching = Duration::ZERO;
    for (probes, known) in embeddings.chunks(batch).zip(prepared.probes.chunks(batch)) {
        watch.checkpoint()?;
        let spare = known.iter().map(|probe| probe.exclude.len()).max().unwrap_or(0);
        let at = Instant::now();
        let answers = index.search_with(probes, k + spare, options)?;
        let took = at.elapsed();
        searching += took;
        millis.push(took.as_secs_f32() * 1e3);
        found.extend(answers.into_iter().zip(known).map(|(hits, probe)| without_excluded(hits, probe, k)));
        if begun.elapsed() > LONGEST && found.len() >= FEWEST {
            break;
        }
    }
    Ok(Searched { found, millis, secs: searching.as_secs_f64() })
}

pub(super) fn without_excluded(mut hits: Vec<Hit>, probe: &Probe, k: usize) -> Vec<Hit> {
    hits.retain(|hit| !probe.exclude.contains(&hit.face));
    hits.truncate(k);
    hits
}

pub(super) fn pairs(hits: &[Hit]) -> Vec<(FaceId, f32)> {
    hits.iter().map(|hit| (hit.face, hit.score)).collect()
}

/// Faces as they were ranked, with their exact scores: codes estimate theirs.
pub(super) fn rescored(prepared: &Prepared, probe: &Probe, found: &[Hit]) -> Vec<(FaceId, f32)> {
    found.iter().map(|hit| (hit.face, prepared.score(&probe.embedding, hit.face))).collect()
}
