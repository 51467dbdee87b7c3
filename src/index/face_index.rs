//! What every index does, and what each of them demands of what it is given.

use super::IndexError;
use super::faiss::threads;
use super::hit::Hit;
use super::rows::FaceFilter;
use crate::types::{Embedding, FaceId, SearchParams};

/// What a search may choose besides its probes and k.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchOptions<'a> {
    /// `None`: the index's own.
    pub params: Option<&'a SearchParams>,
    /// Only these faces are answered with.
    pub filter: Option<&'a FaceFilter>,
}

/// Faces by embedding. Searching and changing may happen from several threads at once.
///
/// Hits come in falling order of score, equal scores in rising order of [`FaceId`]; there are `min(k, ntotal)` of
/// them. Where several faces tie for the last place, any of them may take it.
pub trait FaceIndex: Send + Sync {
    /// Length of the embeddings.
    fn d(&self) -> usize;

    /// How many faces are in it.
    fn ntotal(&self) -> usize;

    fn contains(&self, face: FaceId) -> bool;

    /// Every face, in no promised order.
    fn ids(&self) -> Vec<FaceId>;

    /// The `k` nearest to the probe.
    ///
    /// # Errors
    /// [`IndexError::WrongDimension`].
    fn search(&self, probe: &Embedding, k: usize) -> Result<Vec<Hit>, IndexError> {
        let mut hits = self.search_batch(std::slice::from_ref(probe), k)?;
        Ok(hits.pop().unwrap_or_default())
    }

    /// One list of hits per probe; quicker than one search each from about twenty probes on.
    fn search_batch(&self, probes: &[Embedding], k: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        self.search_with(probes, k, SearchOptions::default())
    }

    /// The same with parameters and a filter. There are `min(k, faces that pass)` hits whatever the parameters are:
    /// where they reach fewer, the search is widened.
    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError>;

    /// Searchable when this returns.
    ///
    /// # Errors
    /// [`IndexError::LengthMismatch`], [`IndexError::WrongDimension`], [`IndexError::DuplicateId`],
    /// [`IndexError::NegativeId`]; then nothing was added.
    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError>;

    /// Ids that are not in the index are passed over. Takes time with the size of the index, so remove many at once.
    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError>;
}

/// What every index demands of `add`.
pub(super) fn check_added<'a>(
    d: usize,
    ids: &[FaceId],
    embeddings: impl ExactSizeIterator<Item = &'a Embedding>,
    contains: impl Fn(FaceId) -> bool,
) -> Result<(), IndexError> {
    if ids.len() != embeddings.len() {
        return Err(IndexError::LengthMismatch { ids: ids.len(), embeddings: embeddings.len() });
    }
    check_dimensions(d, embeddings)?;
    let mut seen = std::collections::HashSet::with_capacity(ids.len());
    for &id in ids {
        if id.0 < 0 {
            return Err(IndexError::NegativeId(id));
        }
        if contains(id) || !seen.insert(id) {
            return Err(IndexError::DuplicateId(id));
        }
    }
    Ok(())
}

pub(super) fn check_dimensions<'a>(
    d: usize,
    embeddings: impl Iterator<Item = &'a Embedding>,
) -> Result<(), IndexError> {
    for embedding in embeddings {
        if embedding.d() != d {
            return Err(IndexError::WrongDimension { expected: d, got: embedding.d() });
        }
    }
    Ok(())
}

/// Probes from which Faiss multiplies matrices instead of going through the rows once per probe
/// (`distance_compute_blas_threshold`). A thread with fewer is not worth its start.
const PROBES_PER_THREAD: usize = 20;

/// Shares a batch of probes out to as many threads as [`threads`] allows; answers come in the order of the probes.
pub(super) fn search_shared_out(
    probes: &[Embedding],
    search: impl Fn(&[Embedding]) -> Result<Vec<Vec<Hit>>, IndexError> + Sync,
) -> Result<Vec<Vec<Hit>>, IndexError> {
    let workers = threads().min(probes.len() / PROBES_PER_THREAD).max(1);
    if workers == 1 {
        return search(probes);
    }
    let search = &search;
    std::thread::scope(|scope| {
        let spawn = |share| {
            let name = "index-search".to_owned();
            std::thread::Builder::new().name(name).spawn_scoped(scope, move || search(share))
        };
        let running: Vec<_> = probes.chunks(probes.len().div_ceil(workers)).map(spawn).collect();
        let mut hits = Vec::with_capacity(probes.len());
        for thread in running {
            let thread = thread.map_err(|e| IndexError::Faiss(format!("no thread could be started: {e}")))?;
            hits.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(hits)
    })
}
