//! The reference that the other indexes are tested against.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use super::IndexError;
use super::face_index::{FaceIndex, SearchOptions, check_added, check_search};
use super::hit::{Best, Hit};
use super::kernel::dot_plain;
use crate::types::{Embedding, FaceId};

/// Rows that are compared with all probes while they are in the processor's cache.
const BLOCK_ROWS: usize = 256;

/// Exact search in plain Rust: the yardstick for every other index. Where faces tie for the last place, the lowest
/// id takes it.
#[derive(Debug)]
pub struct ReferenceIndex {
    d: usize,
    rows: RwLock<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    ids: Vec<FaceId>,
    known: HashSet<FaceId>,
    /// Row-major, `ids.len()` × d.
    values: Vec<f32>,
}

impl ReferenceIndex {
    /// An empty index for embeddings of length `d`.
    ///
    /// # Errors
    /// [`IndexError::InvalidDimension`] for 0.
    pub fn new(d: usize) -> Result<Self, IndexError> {
        if d == 0 {
            return Err(IndexError::InvalidDimension { d, max: usize::MAX });
        }
        Ok(Self { d, rows: RwLock::default() })
    }

    fn rows(&self) -> std::sync::RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows_mut(&self) -> std::sync::RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaceIndex for ReferenceIndex {
    fn d(&self) -> usize {
        self.d
    }

    fn ntotal(&self) -> usize {
        self.rows().ids.len()
    }

    fn contains(&self, face: FaceId) -> bool {
        self.rows().known.contains(&face)
    }

    fn ids(&self) -> Vec<FaceId> {
        self.rows().ids.clone()
    }

    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        check_search(self.d, probes, &options)?;
        let rows = self.rows();
        let k = k.min(rows.ids.len());
        if k == 0 {
            return Ok(vec![Vec::new(); probes.len()]);
        }
        let mut best = vec![Best::new(k); probes.len()];
        for (ids, block) in rows.ids.chunks(BLOCK_ROWS).zip(rows.values.chunks(BLOCK_ROWS * self.d)) {
            for (at, (probe, best)) in probes.iter().zip(&mut best).enumerate() {
                let out = options.excluded(at);
                for (&face, row) in ids.iter().zip(block.chunks_exact(self.d)) {
                    if options.filter.is_none_or(|filter| filter.contains(face)) && !out.contains(&face) {
                        best.offer(Hit { face, score: dot_plain(probe.as_slice(), row) });
                    }
                }
            }
        }
        Ok(best.into_iter().map(Best::into_hits).collect())
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        check_added(self.d, ids, embeddings.iter(), |id| rows.known.contains(&id))?;
        rows.ids.extend_from_slice(ids);
        rows.known.extend(ids);
        for embedding in embeddings {
            rows.values.extend_from_slice(embedding.as_slice());
        }
        Ok(())
    }

    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        let gone: HashSet<_> = ids.iter().copied().collect();
        let mut rows = self.rows_mut();
        let Rows { ids, known, values } = &mut *rows;
        let mut kept = 0;
        for position in 0..ids.len() {
            if gone.contains(&ids[position]) {
                continue;
            }
            ids[kept] = ids[position];
            values.copy_within(position * self.d..(position + 1) * self.d, kept * self.d);
            kept += 1;
        }
        ids.truncate(kept);
        values.truncate(kept * self.d);
        known.retain(|id| !gone.contains(id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(values: &[f32]) -> Embedding {
        Embedding::try_from_raw(values.to_vec()).unwrap()
    }

    #[test]
    fn nearest_first_and_ties_by_id() {
        let index = ReferenceIndex::new(2).unwrap();
        let [east, north, northeast] = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|v| unit(&v));
        index.add(&[9, 4, 7, 1].map(FaceId), &[east.clone(), north.clone(), east.clone(), northeast]).unwrap();
        let faces = |k| index.search(&east, k).unwrap().iter().map(|hit| hit.face.0).collect::<Vec<_>>();
        assert_eq!(faces(10), [7, 9, 1, 4]);
        assert_eq!(faces(1), [7]);
        assert_eq!(faces(0), [0i64; 0]);
        index.remove(&[7, 100].map(FaceId)).unwrap();
        assert_eq!(faces(2), [9, 1]);
        index.add(&[FaceId(7)], &[north]).unwrap();
        assert_eq!(faces(4), [9, 1, 4, 7]);
    }
}
