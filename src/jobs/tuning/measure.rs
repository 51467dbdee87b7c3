//! One setting of an index, measured on probes whose true neighbours are known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::circumstances::Enrolling;
use super::prepare::Prepared;
use super::probes::Probe;
use crate::eval::latency::latency_from_millis;
use crate::eval::people::share_over_people;
use crate::eval::recall::recall_report;
use crate::index::{BuildWatch, FaceIndex, Hit, SearchOptions, TieredIndex, with_threads};
use crate::jobs::work::JobError;
use crate::types::{Circumstances, Embedding, Estimate, OperatingPoint, SearchParams};

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
    /// A person counts as found at this score or above; `None` where that is not asked for.
    pub threshold: Option<f32>,
}

/// Searches with every probe, as often as [`LONGEST`] allows, and compares with the truth; under the circumstances that the
/// probes were prepared for.
pub(super) fn measure(
    index: &Arc<TieredIndex>,
    prepared: &Prepared,
    setting: Setting,
    build_secs: f32,
    watch: &dyn BuildWatch,
) -> Result<OperatingPoint, JobError> {
    let Setting { params, k, batch, threads, threshold } = setting;
    let circumstances = prepared.circumstances;
    let (ntotal, ram_bytes) = (index.ntotal(), index.ram_bytes());
    let enrolling = match circumstances.enrolling {
        true => Some(Enrolling::begin(index).map_err(|error| JobError::Worker(error.to_string()))?),
        false => None,
    };
    let searched = with_threads(threads, || search_all(index, prepared, setting, watch));
    drop(enrolling);
    let Searched { found, millis, secs } = searched?;
    let report = |mated: Option<bool>| {
        let of_kind = found.iter().enumerate().filter(|(at, _)| mated.is_none() || prepared.probes[*at].mated == mated);
        // Nothing leaves the index while it is measured.
        let judged = of_kind.map(|(at, found)| prepared.judged(at, found, k, |_| true));
        let (truths, founds): (Vec<_>, Vec<_>) = judged.unzip();
        (!truths.is_empty()).then(|| recall_report(&truths, &founds, k, EPSILON))
    };
    let (recall_at_k, one_recall_at_1) = report(None).unwrap_or_default();
    let (mated, nonmated) = (report(Some(true)), report(Some(false)));
    Ok(OperatingPoint {
        spec: index.spec(),
        params,
        ntotal,
        d: index.d(),
        k,
        nq: found.len(),
        batch: batch.max(1),
        threads,
        recall_at_k,
        one_recall_at_1,
        recall_mated: mated.map(|(recall, _)| recall),
        recall_nonmated: nonmated.map(|(recall, _)| recall),
        one_recall_mated: mated.map(|(_, one_recall)| one_recall),
        fnir: threshold.and_then(|threshold| fnir(prepared, &found, threshold)),
        circumstances: Circumstances { enrolling: circumstances.enrolling, ..circumstances },
        latency: latency_from_millis(&millis),
        probes_per_sec: found.len() as f64 / secs.max(1e-9),
        ram_bytes,
        disk_bytes: index.disk_bytes(),
        build_secs,
    })
}

/// The same share as exact search has it, by the true neighbours.
pub(super) fn exact_fnir(prepared: &Prepared, k: usize, threshold: f32) -> Option<Estimate> {
    let truth: Vec<&[Hit]> = (0..prepared.probes.len()).map(|at| prepared.truth(at, k)).collect();
    fnir(prepared, &truth, threshold)
}

/// The share of searches for enrolled people that do not bring them at the threshold or above; `None` where no probe is of
/// one.
fn fnir<L: AsRef<[Hit]>>(prepared: &Prepared, found: &[L], threshold: f32) -> Option<Estimate> {
    let is_missed = |(probe, hits): (&Probe, &L)| {
        let subject = probe.subject.as_ref()?.id;
        let is_found = hits.as_ref().iter().any(|hit| hit.score >= threshold && probe.is_mate(hit.face));
        Some((subject.0 as u64, !is_found))
    };
    let missed: Vec<(u64, bool)> = prepared.probes.iter().zip(found).filter_map(is_missed).collect();
    (!missed.is_empty()).then(|| share_over_people(missed))
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
    setting: Setting,
    watch: &dyn BuildWatch,
) -> Result<Searched, JobError> {
    let (k, batch) = (setting.k, setting.batch.max(1));
    let embeddings: Vec<Embedding> = prepared.probes.iter().map(|probe| probe.embedding.clone()).collect();
    let shares = || embeddings.chunks(batch).zip(prepared.exclude.chunks(batch));
    let search = |(probes, exclude): (&[Embedding], &[Vec<crate::types::FaceId>])| {
        let options = SearchOptions { params: Some(&setting.params), filter: prepared.filter.as_ref(), exclude };
        index.search_with(probes, k, options)
    };
    for share in shares().take(WARM_UP.div_ceil(batch)) {
        search(share)?;
    }
    let (mut found, mut millis) = (Vec::with_capacity(embeddings.len()), Vec::new());
    let begun = Instant::now();
    let mut searching = Duration::ZERO;
    for share in shares() {
        watch.checkpoint()?;
        let at = Instant::now();
        let answers = search(share)?;
        let took = at.elapsed();
        searching += took;
        millis.push(took.as_secs_f32() * 1e3);
        found.extend(answers);
        if begun.elapsed() > LONGEST && found.len() >= FEWEST {
            break;
        }
    }
    Ok(Searched { found, millis, secs: searching.as_secs_f64() })
}
