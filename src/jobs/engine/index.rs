use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Message;
use crate::index::{FaceIndex, FlatIndex, Generation, IndexStore};
use crate::jobs::error::JobError;
use crate::store::{DataDir, Gallery};
use crate::types::{Embedding, FaceId};
use crate::vision::manifest::ModelManifest;

/// The index that searches run on: the loaded generation, and every change since, in memory at once and on disk
/// with the next generation. Whatever happens to it, the gallery can make it again.
pub(in crate::jobs) struct LiveIndex {
    index: FlatIndex,
    store: IndexStore,
    model: String,
    generation: Mutex<Option<Generation>>,
    changed: AtomicBool,
}

/// Vectors handed to the index at a time while it is built from the gallery.
const CHUNK: usize = 4096;

impl LiveIndex {
    /// Loads the current generation and brings it level with the gallery.
    pub(super) fn open(
        data: &DataDir,
        gallery: &Gallery,
        manifest: &ModelManifest,
        writable: bool,
        messages: &mut Vec<Message>,
    ) -> Result<Self, JobError> {
        let store = IndexStore::open(&data.index_dir().join(&manifest.name))?;
        // What a killed publish left behind.
        if writable && let Err(error) = store.sweep() {
            log::warn!("{error}");
        }
        let (loaded, damage) = match store.load_current(&manifest.name, manifest.d) {
            Ok(loaded) => (loaded, None),
            Err(error) if error.asks_for_rebuild() => (None, Some(error)),
            Err(error) => return Err(error.into()),
        };
        let in_gallery = gallery.embedding_ids(&manifest.name)?;
        let had_generation = loaded.is_some();
        let (index, generation) = match loaded {
            Some((index, generation)) => (index, Some(generation)),
            None => (FlatIndex::new(manifest.d)?, None),
        };
        let live = Self {
            index,
            store,
            model: manifest.name.clone(),
            generation: Mutex::new(generation),
            changed: AtomicBool::new(damage.is_some()),
        };
        let added = live.level_with(gallery, &in_gallery)?;
        match damage {
            Some(error) => messages.push(Message::Warning(format!(
                "The search index was damaged ({error}). It has been rebuilt from the gallery with {added} faces."
            ))),
            None if !had_generation && added > 0 => messages.push(Message::Info(format!(
                "There was no search index for {}. It has been built from the gallery with {added} faces.",
                manifest.title
            ))),
            None if added > 0 => messages
                .push(Message::Info(format!("{added} faces enrolled since the last start were added to the index."))),
            None => {}
        }
        // On a full disk, say, the index still serves; it is only not kept for the next start.
        if writable && let Err(error) = live.publish() {
            messages.push(Message::Warning(error.to_string()));
        }
        Ok(live)
    }

    /// Adds the gallery's embeddings that are missing here and removes what is no longer there.
    /// Returns how many were added.
    fn level_with(&self, gallery: &Gallery, in_gallery: &[FaceId]) -> Result<usize, JobError> {
        let wanted: HashSet<FaceId> = in_gallery.iter().copied().collect();
        let present: HashSet<FaceId> = self.index.ids().into_iter().collect();
        let stale: Vec<FaceId> = present.difference(&wanted).copied().collect();
        self.remove(&stale)?;
        let missing = wanted.difference(&present).count();
        if missing == 0 {
            return Ok(0);
        }
        let mut ids = Vec::with_capacity(CHUNK);
        let mut embeddings = Vec::with_capacity(CHUNK);
        gallery.for_each_embedding(&self.model, |face, vector| -> Result<(), JobError> {
            if present.contains(&face) {
                return Ok(());
            }
            // A vector that is not one is left out of the index rather than spoiling it; its face stays enrolled.
            match Embedding::try_from_raw(vector.to_vec()) {
                Ok(embedding) if embedding.d() == self.index.d() => {
                    ids.push(face);
                    embeddings.push(embedding);
                }
                Ok(_) | Err(_) => log::warn!("the embedding of face {face} is damaged and was left out of the index"),
            }
            if ids.len() == CHUNK {
                self.add(&ids, &embeddings)?;
                ids.clear();
                embeddings.clear();
            }
            Ok(())
        })?;
        self.add(&ids, &embeddings)?;
        Ok(missing)
    }

    pub(in crate::jobs) fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), JobError> {
        if !ids.is_empty() {
            self.index.add(ids, embeddings)?;
            self.changed.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    pub(in crate::jobs) fn remove(&self, ids: &[FaceId]) -> Result<(), JobError> {
        if !ids.is_empty() {
            self.index.remove(ids)?;
            self.changed.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Writes the index as a new generation if it has changed since the last one.
    pub(in crate::jobs) fn publish(&self) -> Result<(), JobError> {
        if !self.changed.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.publish(&self.index, &self.model) {
            Ok(published) => {
                *generation = Some(published);
                Ok(())
            }
            Err(error) => {
                self.changed.store(true, Ordering::SeqCst);
                Err(error.into())
            }
        }
    }

    pub(super) fn generation(&self) -> Option<u64> {
        self.generation.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|g| g.number)
    }

    pub(super) fn ntotal(&self) -> usize {
        self.index.ntotal()
    }

    pub(super) fn faces(&self) -> &FlatIndex {
        &self.index
    }
}
