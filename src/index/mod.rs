//! Finding the nearest embeddings.
//!
//! An index is disposable: everything in it can be read again from the gallery. [`FlatIndex`] compares with every
//! embedding and so misses none; [`ExactIndex`] does the same in plain Rust and is what the others are tested
//! against. [`IndexStore`] keeps published, checksummed generations on disk.
//!
//! Useful for: nearest faces by cosine similarity. Not useful for: anything about photos, subjects or names.

mod error;
mod exact;
mod faiss;
mod generation;
mod manifest;
mod sweep;

pub use self::faiss::{FlatIndex, describe, set_threads};
pub use error::IndexError;
pub use exact::ExactIndex;
pub use generation::{Generation, IndexStore};

use crate::types::{Embedding, FaceId};

/// A face found in an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub face: FaceId,
    /// Inner product with the probe: the cosine similarity, −1…1 up to rounding, higher is more alike.
    pub score: f32,
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
    fn search_batch(&self, probes: &[Embedding], k: usize) -> Result<Vec<Vec<Hit>>, IndexError>;

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
fn check_added<'a>(
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

fn check_dimensions<'a>(d: usize, embeddings: impl Iterator<Item = &'a Embedding>) -> Result<(), IndexError> {
    for embedding in embeddings {
        if embedding.d() != d {
            return Err(IndexError::WrongDimension { expected: d, got: embedding.d() });
        }
    }
    Ok(())
}

/// Best first: falling score, then rising id.
fn by_rank(a: &Hit, b: &Hit) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then(a.face.cmp(&b.face))
}
