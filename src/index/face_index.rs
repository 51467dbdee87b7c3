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
    /// Faces that are no answer to a probe, one list for each probe, or none at all: the search looks as far, and answers, as
    /// if they were not in the index.
    pub exclude: &'a [Vec<FaceId>],
}

impl<'a> SearchOptions<'a> {
    /// What is left out for the probe at this place.
    pub(super) fn excluded(&self, at: usize) -> &'a [FaceId] {
        self.exclude.get(at).map_or(&[], Vec::as_slice)
    }

    /// The same for the probes from this place on.
    pub(super) fn beginning_at(self, first: usize) -> Self {
        Self { exclude: self.exclude.get(first..).unwrap_or_default(), ..self }
    }
}

/// The largest number of faces that are left out for one probe.
pub(super) fn most_excluded(exclude: &[Vec<FaceId>]) -> usize {
    exclude.iter().map(Vec::len).max().unwrap_or(0)
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

    /// The same with parameters, a filter and faces left out. There are `min(k, faces that pass)` hits whatever the
    /// parameters are: where they reach fewer, the search is widened.
    ///
    /// # Errors
    /// [`IndexError::WrongDimension`]; [`IndexError::ExcludeMismatch`] for lists left out that are not one a probe.
    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError>;

    /// Whether no face can be missed by a search with this filter: every vector that may be an answer is compared.
    fn finds_all(&self, _filter: Option<&FaceFilter>, _params: Option<&SearchParams>) -> bool {
        true
    }

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

/// What every index demands of a search.
pub(super) fn check_search(d: usize, probes: &[Embedding], options: &SearchOptions<'_>) -> Result<(), IndexError> {
    check_dimensions(d, probes.iter())?;
    match options.exclude.len() {
        lists if lists != 0 && lists != probes.len() => {
            Err(IndexError::ExcludeMismatch { lists, probes: probes.len() })
        }
        _ => Ok(()),
    }
}

/// Probes from which Faiss multiplies matrices instead of going through the rows once per probe
/// (`distance_compute_blas_threshold`). A thread with fewer is not worth its start.
const PROBES_PER_THREAD: usize = 20;

/// Shares a batch of probes out to as many threads as [`threads`] allows; answers come in the order of the probes. `search`
/// is told the place of its first probe.
pub(super) fn search_shared_out(
    probes: &[Embedding],
    search: impl Fn(usize, &[Embedding]) -> Result<Vec<Vec<Hit>>, IndexError> + Sync,
) -> Result<Vec<Vec<Hit>>, IndexError> {
    let workers = threads().min(probes.len() / PROBES_PER_THREAD).max(1);
    if workers == 1 {
        return search(0, probes);
    }
    let search = &search;
    let size = probes.len().div_ceil(workers);
    std::thread::scope(|scope| {
        let spawn = |(number, share)| {
            let name = "index-search".to_owned();
            std::thread::Builder::new().name(name).spawn_scoped(scope, move || search(number * size, share))
        };
        let running: Vec<_> = probes.chunks(size).enumerate().map(spawn).collect();
        let mut hits = Vec::with_capacity(probes.len());
        for thread in running {
            let thread = thread.map_err(|e| IndexError::Faiss(format!("no thread could be started: {e}")))?;
            hits.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(hits)
    })
}
