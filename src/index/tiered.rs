//! The index that searches run on: a trained part that never changes, a flat tail of the faces that came after it, and
//! the set of those that are gone.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use super::rows::RowSet;
use super::templates::Templates;
use super::trained::TrainedIndex;
use super::{
    FaceIndex, FlatIndex, Hit, IndexError, SearchOptions, by_rank, check_added, check_dimensions, search_shared_out,
};
use crate::types::{Embedding, FaceId, IndexSpec, SearchParams, SubjectId};

/// Many threads may search, add and remove at once.
#[derive(Debug)]
pub struct TieredIndex {
    d: usize,
    trained: Option<Part>,
    tail: FlatIndex,
    params: RwLock<SearchParams>,
}

/// A trained index with what has left it since.
#[derive(Debug)]
struct Part {
    index: TrainedIndex,
    dead: RwLock<RowSet>,
    templates: Option<Templates>,
}

impl TieredIndex {
    /// A flat index, which compares with every face.
    pub fn from_flat(tail: FlatIndex) -> Self {
        Self { d: tail.d(), trained: None, tail, params: RwLock::default() }
    }

    /// A trained index with an empty tail.
    ///
    /// # Errors
    /// [`IndexError::InvalidDimension`].
    pub fn from_trained(
        index: TrainedIndex,
        templates: Option<Templates>,
        params: SearchParams,
    ) -> Result<Self, IndexError> {
        let d = index.d();
        let dead = RwLock::new(RowSet::empty(index.ntotal()));
        Ok(Self {
            d,
            trained: Some(Part { index, dead, templates }),
            tail: FlatIndex::new(d)?,
            params: RwLock::new(params),
        })
    }

    pub fn params(&self) -> SearchParams {
        *self.params.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parameters of searches that name none.
    pub fn set_params(&self, params: SearchParams) {
        *self.params.write().unwrap_or_else(PoisonError::into_inner) = params;
    }

    pub fn spec(&self) -> IndexSpec {
        self.trained.as_ref().map_or(IndexSpec::FLAT, |part| part.index.spec().clone())
    }

    /// The flat part alone.
    pub fn into_tail(self) -> FlatIndex {
        self.tail
    }

    pub fn tail(&self) -> &FlatIndex {
        &self.tail
    }

    /// Faces in the trained part that are gone.
    pub fn tombstones(&self) -> usize {
        self.trained.as_ref().map_or(0, |part| part.dead().count())
    }

    /// Faces in the trained part, those that are gone among them.
    pub fn trained_rows(&self) -> usize {
        self.trained.as_ref().map_or(0, |part| part.index.ntotal())
    }

    pub fn trained(&self) -> Option<&TrainedIndex> {
        self.trained.as_ref().map(|part| &part.index)
    }

    /// Waits until the exact vectors are in memory, where they are being brought in: so that a measurement is not one of
    /// the disk.
    pub fn wait_until_in(&self) {
        if let Some(store) = self.trained().and_then(TrainedIndex::store) {
            store.wait_until_in();
        }
    }

    /// Tells the templates, where there are any, that a subject's faces have changed: `faces` are all it has now. Those
    /// in the tail need no template: all of the tail is searched.
    pub fn set_subject(&self, subject: SubjectId, faces: &[FaceId]) -> Result<(), IndexError> {
        let Some(part) = &self.trained else { return Ok(()) };
        let Some(templates) = &part.templates else { return Ok(()) };
        templates.set_subject(subject.0, faces, &part.index)
    }

    pub fn has_templates(&self) -> bool {
        self.trained.as_ref().is_some_and(|part| part.templates.is_some())
    }

    /// Memory it takes, without files that are mapped.
    pub fn ram_bytes(&self) -> u64 {
        let trained = self
            .trained
            .as_ref()
            .map_or(0, |part| part.index.ram_bytes() + part.templates.as_ref().map_or(0, Templates::ram_bytes));
        trained + self.tail.ram_bytes()
    }

    /// The call into Faiss alone that a search makes first, its answer thrown away: what our own part is measured
    /// against. `None` where Faiss does not search.
    pub fn bare_search(&self, probe: &Embedding, k: usize, params: &SearchParams) -> Option<Result<(), IndexError>> {
        match &self.trained {
            Some(part) if part.templates.is_none() => part.index.bare_search(probe.as_slice(), k, params),
            Some(_) => None,
            None => self.tail.bare_search(probe, k),
        }
    }

    pub fn disk_bytes(&self) -> u64 {
        self.trained.as_ref().map_or(0, |part| part.index.disk_bytes())
    }
}

impl Part {
    fn dead(&self) -> std::sync::RwLockReadGuard<'_, RowSet> {
        self.dead.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, face: FaceId) -> bool {
        self.index.row(face).is_some_and(|row| !self.dead().contains(row))
    }

    fn search(
        &self,
        probes: &[f32],
        k: usize,
        params: &SearchParams,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let dead = self.dead();
        match &self.templates {
            Some(templates) if params.templates > 0 && options.filter.is_none() => {
                templates.search(&self.index, probes, k, params, &dead)
            }
            _ => self.index.search(probes, k, params, options.filter, &dead),
        }
    }
}

impl FaceIndex for TieredIndex {
    fn d(&self) -> usize {
        self.d
    }

    fn ntotal(&self) -> usize {
        let trained = self.trained.as_ref().map_or(0, |part| part.index.ntotal() - part.dead().count());
        trained + self.tail.ntotal()
    }

    fn contains(&self, face: FaceId) -> bool {
        self.tail.contains(face) || self.trained.as_ref().is_some_and(|part| part.has(face))
    }

    fn ids(&self) -> Vec<FaceId> {
        let mut ids = self.tail.ids();
        if let Some(part) = &self.trained {
            let dead = part.dead();
            let alive = part.index.ids().faces().enumerate().filter(|(row, _)| !dead.contains(*row));
            ids.extend(alive.map(|(_, face)| face));
        }
        ids
    }

    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        check_dimensions(self.d, probes.iter())?;
        let Some(part) = &self.trained else { return self.tail.search_with(probes, k, options) };
        let params = options.params.copied().unwrap_or_else(|| self.params());
        let has_tail = self.tail.ntotal() > 0;
        let mut found = search_shared_out(probes, |share| match share {
            [probe] => part.search(probe.as_slice(), k, &params, options),
            _ => {
                let values: Vec<f32> = share.iter().flat_map(Embedding::as_slice).copied().collect();
                part.search(&values, k, &params, options)
            }
        })?;
        if has_tail {
            let later = self.tail.search_with(probes, k, options)?;
            for (hits, later) in found.iter_mut().zip(later) {
                merge(hits, later, k);
            }
        }
        Ok(found)
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        check_added(self.d, ids, embeddings.iter(), |id| self.contains(id))?;
        self.tail.add(ids, embeddings)
    }

    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        if let Some(part) = &self.trained {
            let rows: Vec<usize> = ids.iter().filter_map(|face| part.index.row(*face)).collect();
            let mut dead = part.dead.write().unwrap_or_else(PoisonError::into_inner);
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
