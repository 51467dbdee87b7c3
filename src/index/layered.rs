//! A trained part that never changes, a flat tail of the rows that came after it, and the set of those that are gone.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::IndexError;
use super::face_index::{FaceIndex, SearchOptions, check_added, check_search, search_shared_out};
use super::flat::FlatIndex;
use super::hit::{Hit, by_rank};
use super::rows::RowSet;
use super::trained::TrainedIndex;
use crate::types::{Embedding, FaceId, IndexSpec, SearchParams};

/// Many threads may search, add and remove at once.
#[derive(Debug)]
pub(super) struct Layered {
    trained: Option<TrainedIndex>,
    /// Rows of the trained part that are gone.
    dead: RwLock<RowSet>,
    tail: FlatIndex,
}

impl Layered {
    /// Without a trained part: compares with every row.
    pub fn from_flat(tail: FlatIndex) -> Self {
        Self { trained: None, dead: RwLock::default(), tail }
    }

    /// With an empty tail.
    ///
    /// # Errors
    /// [`IndexError::InvalidDimension`].
    pub fn from_trained(trained: TrainedIndex) -> Result<Self, IndexError> {
        let tail = FlatIndex::new(trained.d())?;
        Ok(Self { dead: RwLock::new(RowSet::empty(trained.ntotal())), trained: Some(trained), tail })
    }

    pub fn trained(&self) -> Option<&TrainedIndex> {
        self.trained.as_ref()
    }

    pub fn tail(&self) -> &FlatIndex {
        &self.tail
    }

    pub fn into_tail(self) -> FlatIndex {
        self.tail
    }

    /// Rows of the trained part that are gone; nothing is removed while this is held.
    pub fn dead(&self) -> RwLockReadGuard<'_, RowSet> {
        self.dead.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn spec(&self) -> IndexSpec {
        self.trained.as_ref().map_or(IndexSpec::FLAT, |trained| trained.spec().clone())
    }

    pub fn d(&self) -> usize {
        self.tail.d()
    }

    pub fn ntotal(&self) -> usize {
        let trained = self.trained.as_ref().map_or(0, |trained| trained.ntotal() - self.dead().count());
        trained + self.tail.ntotal()
    }

    pub fn contains(&self, face: FaceId) -> bool {
        let is_alive = |trained: &TrainedIndex| trained.row(face).is_some_and(|row| !self.dead().contains(row));
        self.tail.contains(face) || self.trained.as_ref().is_some_and(is_alive)
    }

    /// Every one, in no promised order.
    pub fn ids(&self) -> Vec<FaceId> {
        let mut ids = self.tail.ids();
        if let Some(trained) = &self.trained {
            let dead = self.dead();
            let alive = trained.ids().faces().enumerate().filter(|(row, _)| !dead.contains(*row));
            ids.extend(alive.map(|(_, face)| face));
        }
        ids
    }

    /// Memory it takes, without files that are mapped.
    pub fn ram_bytes(&self) -> u64 {
        self.trained.as_ref().map_or(0, TrainedIndex::ram_bytes) + self.tail.ram_bytes()
    }

    /// The `k` nearest to each probe.
    ///
    /// # Errors
    /// [`IndexError::WrongDimension`].
    pub fn search(
        &self,
        probes: &[Embedding],
        k: usize,
        params: &SearchParams,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        self.search_by(probes, k, options, |trained, values, dead, options| {
            trained.search(values, k, params, options, dead)
        })
    }

    /// The same where `search_trained` searches the trained part for several probes, rows of d, without the dead rows, by
    /// the options of these probes.
    pub fn search_by(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
        search_trained: impl Fn(&TrainedIndex, &[f32], &RowSet, SearchOptions<'_>) -> Result<Vec<Vec<Hit>>, IndexError>
        + Sync,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        check_search(self.d(), probes, &options)?;
        let Some(trained) = &self.trained else { return self.tail.search_with(probes, k, options) };
        let mut found = search_shared_out(probes, |first, share| {
            let options = options.beginning_at(first);
            match share {
                [probe] => search_trained(trained, probe.as_slice(), &self.dead(), options),
                _ => {
                    let values: Vec<f32> = share.iter().flat_map(Embedding::as_slice).copied().collect();
                    search_trained(trained, &values, &self.dead(), options)
                }
            }
        })?;
        // Looked at after the trained part: a face that got another vector is in the tail before it is dead there.
        if self.tail.ntotal() > 0 {
            let later = self.tail.search_with(probes, k, options)?;
            for (hits, later) in found.iter_mut().zip(later) {
                merge(hits, later, k);
            }
        }
        Ok(found)
    }

    /// See [`FaceIndex::add`].
    pub fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        check_added(self.d(), ids, embeddings.iter(), |id| self.contains(id))?;
        self.tail.add(ids, embeddings)
    }

    /// Takes faces out, and puts others in or gives them another vector. A search meanwhile finds each face that stays, with
    /// the old vector or the new one.
    ///
    /// # Errors
    /// As [`FaceIndex::add`]; then nothing has changed.
    pub fn replace(&self, gone: &[FaceId], ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        self.tail.replace(gone, ids, embeddings)?;
        if let Some(trained) = &self.trained {
            let rows: Vec<usize> = gone.iter().chain(ids).filter_map(|face| trained.row(*face)).collect();
            let mut dead = self.dead.write().unwrap_or_else(PoisonError::into_inner);
            rows.into_iter().for_each(|row| dead.insert(row));
        }
        Ok(())
    }

    /// See [`FaceIndex::remove`].
    pub fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        if let Some(trained) = &self.trained {
            let rows: Vec<usize> = ids.iter().filter_map(|face| trained.row(*face)).collect();
            let mut dead = self.dead.write().unwrap_or_else(PoisonError::into_inner);
            rows.into_iter().for_each(|row| dead.insert(row));
        }
        self.tail.remove(ids)
    }
}

/// The `k` best of both lists; a face that is in both stands once, with its better score.
fn merge(hits: &mut Vec<Hit>, later: Vec<Hit>, k: usize) {
    hits.extend(later);
    hits.sort_unstable_by(by_rank);
    let mut seen = HashSet::with_capacity(hits.len());
    hits.retain(|hit| seen.insert(hit.face));
    hits.truncate(k);
}
