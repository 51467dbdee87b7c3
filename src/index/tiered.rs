//! The index that searches run on.

use std::sync::{PoisonError, RwLock};

use super::IndexError;
use super::face_index::{FaceIndex, SearchOptions};
use super::flat::FlatIndex;
use super::hit::Hit;
use super::layered::Layered;
use super::rows::FaceFilter;
use super::templates::Templates;
use super::trained::TrainedIndex;
use crate::types::{Embedding, FaceId, IndexSpec, SearchParams, SubjectId};

/// The faces in layers, with templates of their subjects or without. Many threads may search, add and remove at once.
#[derive(Debug)]
pub struct TieredIndex {
    faces: Layered,
    /// Of the trained part.
    templates: Option<Templates>,
    params: RwLock<SearchParams>,
}

impl TieredIndex {
    /// A flat index, which compares with every face.
    pub fn from_flat(tail: FlatIndex) -> Self {
        Self { faces: Layered::from_flat(tail), templates: None, params: RwLock::default() }
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
        Ok(Self { faces: Layered::from_trained(index)?, templates, params: RwLock::new(params) })
    }

    pub fn params(&self) -> SearchParams {
        *self.params.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parameters of searches that name none.
    pub fn set_params(&self, params: SearchParams) {
        *self.params.write().unwrap_or_else(PoisonError::into_inner) = params;
    }

    pub fn spec(&self) -> IndexSpec {
        self.faces.spec()
    }

    /// The flat part alone.
    pub fn into_tail(self) -> FlatIndex {
        self.faces.into_tail()
    }

    pub fn tail(&self) -> &FlatIndex {
        self.faces.tail()
    }

    /// Faces in the trained part that are gone.
    pub fn tombstones(&self) -> usize {
        self.faces.dead().count()
    }

    /// Faces in the trained part, those that are gone among them.
    pub fn trained_rows(&self) -> usize {
        self.trained().map_or(0, TrainedIndex::ntotal)
    }

    pub fn trained(&self) -> Option<&TrainedIndex> {
        self.faces.trained()
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
        match (&self.templates, self.trained()) {
            (Some(templates), Some(trained)) => templates.set_subject(subject.0, faces, trained),
            _ => Ok(()),
        }
    }

    /// Takes faces out, and puts others in or gives them another vector, whether they were in it or not. A search meanwhile
    /// finds each face that stays, with the old vector or the new one.
    ///
    /// # Errors
    /// As [`FaceIndex::add`]; then nothing has changed.
    pub fn replace(&self, gone: &[FaceId], ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        self.faces.replace(gone, ids, embeddings)
    }

    pub fn has_templates(&self) -> bool {
        self.templates.is_some()
    }

    /// Memory it takes, without files that are mapped.
    pub fn ram_bytes(&self) -> u64 {
        self.faces.ram_bytes() + self.templates.as_ref().map_or(0, Templates::ram_bytes)
    }

    /// The call into Faiss alone that a search makes first, its answer thrown away: what our own part is measured
    /// against. `None` where Faiss does not search.
    pub fn bare_search(&self, probe: &Embedding, k: usize, params: &SearchParams) -> Option<Result<(), IndexError>> {
        match (self.trained(), &self.templates) {
            (Some(trained), None) => trained.bare_search(probe.as_slice(), k, params),
            (Some(_), Some(_)) => None,
            (None, _) => self.tail().bare_search(probe, k),
        }
    }

    pub fn disk_bytes(&self) -> u64 {
        self.trained().map_or(0, TrainedIndex::disk_bytes)
    }
}

impl FaceIndex for TieredIndex {
    fn d(&self) -> usize {
        self.faces.d()
    }

    fn ntotal(&self) -> usize {
        self.faces.ntotal()
    }

    fn contains(&self, face: FaceId) -> bool {
        self.faces.contains(face)
    }

    fn ids(&self) -> Vec<FaceId> {
        self.faces.ids()
    }

    fn search_with(
        &self,
        probes: &[Embedding],
        k: usize,
        options: SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let params = options.params.copied().unwrap_or_else(|| self.params());
        match &self.templates {
            Some(templates) if params.templates > 0 && options.filter.is_none() => {
                self.faces.search_by(probes, k, options, |trained, values, dead, options| {
                    templates.search(trained, values, k, &params, dead, options)
                })
            }
            _ => self.faces.search(probes, k, &params, options),
        }
    }

    fn finds_all(&self, filter: Option<&FaceFilter>, params: Option<&SearchParams>) -> bool {
        let params = params.copied().unwrap_or_else(|| self.params());
        let by_subjects = self.templates.is_some() && params.templates > 0 && filter.is_none();
        self.trained().is_none_or(|trained| !by_subjects && trained.finds_all(filter, &self.faces.dead()))
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        self.faces.add(ids, embeddings)
    }

    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        self.faces.remove(ids)
    }
}
