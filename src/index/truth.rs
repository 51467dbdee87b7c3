//! True neighbours by exact search, for measuring other indexes.

use super::face_index::{check_dimensions, search_shared_out};
use super::faiss::{Native, NativeParams};
use super::hit::{Hit, by_rank};
use super::raw::RawVectors;
use super::watch::BuildWatch;
use super::{IndexError, kernel};
use crate::types::{Embedding, IndexSpec};

/// Rows compared with all probes at once, which multiplies matrices.
const ROWS: usize = 32_768;

/// The `k` nearest vectors to each probe, best first, by comparing with all of them.
///
/// # Errors
/// [`IndexError::WrongDimension`], [`IndexError::Interrupted`].
pub fn exact_neighbours(
    raw: &RawVectors,
    probes: &[Embedding],
    k: usize,
    watch: &dyn BuildWatch,
) -> Result<Vec<Vec<Hit>>, IndexError> {
    let d = raw.d();
    check_dimensions(d, probes.iter())?;
    let mut best = vec![Vec::new(); probes.len()];
    for (number, values) in raw.values().chunks(ROWS * d).enumerate() {
        watch.checkpoint()?;
        watch.progress("Comparing exactly", number * ROWS, raw.len());
        let mut flat = Native::new(d, "Flat", false, IndexSpec::EF_CONSTRUCTION)?;
        flat.add(values, watch.interrupt())?;
        let rows = values.len() / d;
        let near = search_shared_out(probes, |_, share| {
            let queries: Vec<f32> = share.iter().flat_map(Embedding::as_slice).copied().collect();
            let k = k.min(rows);
            let params = NativeParams { nprobe: 1, ef_search: 1, wanted: None, scan: false };
            let (scores, labels) = flat.search(&queries, k, params)?;
            let hit = |(&label, &score): (&i64, &f32)| {
                let at = number * ROWS + usize::try_from(label).ok()?;
                Some(Hit { face: *raw.ids().get(at)?, score })
            };
            let lists = labels.chunks_exact(k.max(1)).zip(scores.chunks_exact(k.max(1)));
            Ok(lists.map(|(labels, scores)| labels.iter().zip(scores).filter_map(hit).collect()).collect())
        })?;
        for (best, near) in best.iter_mut().zip(near) {
            best.extend(near);
            best.sort_unstable_by(by_rank);
            best.truncate(k);
        }
    }
    Ok(best)
}

/// Inner product of two rows of the same length.
pub fn inner_product(a: &[f32], b: &[f32]) -> f32 {
    kernel::dot(a, b)
}
