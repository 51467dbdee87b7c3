//! Changing the model: the next one is made ready beside the one in use and takes over in one step.

use crate::tell;
use crate::types::{Tell, Telling};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, Weak};

use super::{Active, Engine};
use crate::jobs::live::LiveIndex;
use crate::jobs::work::{JobError, Message};
use crate::vision::embed::Embedder;
use crate::vision::manifest::{ModelEntry, ModelManifest, ModelRegistry};

/// A model with its network, loaded, and not yet in use.
pub(in crate::jobs) struct NextModel {
    pub entry: ModelEntry,
    pub embedder: Arc<dyn Embedder>,
}

impl NextModel {
    pub fn name(&self) -> &str {
        &self.entry.manifest.name
    }
}

/// While this lives nobody else embeds the gallery with another model, or takes a model away.
pub(in crate::jobs) struct ChangeTurn<'a>(&'a Engine);

impl Drop for ChangeTurn<'_> {
    fn drop(&mut self) {
        *self.0.changing_to.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Engine {
    /// # Errors
    /// A model is being changed to or taken away already.
    pub(in crate::jobs) fn begin_change(&self, model: &str) -> Result<ChangeTurn<'_>, JobError> {
        let mut changing_to = self.changing_to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = &*changing_to {
            return Err(JobError::Failed(tell!("engine-model-busy", model = other)));
        }
        *changing_to = Some(model.to_owned());
        Ok(ChangeTurn(self))
    }

    /// Checks a model's weights and loads its network.
    pub(in crate::jobs) fn load_model(&self, name: &str) -> Result<NextModel, JobError> {
        let entry = self.with_models(|models| models.find(name).cloned())?;
        let embedder: Arc<dyn Embedder> = Arc::from(entry.load()?);
        Ok(NextModel { entry, embedder })
    }

    /// The index of a model's embeddings, level with the gallery: the one in use where it is that model's.
    pub(in crate::jobs) fn open_index(&self, manifest: &ModelManifest) -> Result<Arc<LiveIndex>, JobError> {
        let (index, is_new) = {
            let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
            indexes.retain(|index| index.strong_count() > 0);
            match indexes.iter().filter_map(Weak::upgrade).find(|index| index.model() == manifest.name) {
                Some(index) => (index, false),
                None => {
                    let index = Arc::new(LiveIndex::unloaded(&self.data, manifest, self.access.is_writable())?);
                    // From here on it hears of changes.
                    indexes.push(Arc::downgrade(&index));
                    (index, true)
                }
            }
        };
        if !is_new {
            index.wait_for_start()?;
            return Ok(index);
        }
        let mut messages = Vec::new();
        if let Err(error) = index.start(&self.gallery, manifest, &mut messages) {
            index.give_up_start();
            return Err(error);
        }
        // That an index was filled is no news here: it was asked for.
        messages.retain(|message| matches!(message, Message::Warning(_)));
        messages.into_iter().for_each(|message| self.tell(message));
        Ok(index)
    }

    /// Every open index, the one in use among them.
    pub(super) fn open_indexes(&self) -> Vec<Arc<LiveIndex>> {
        let indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.iter().filter_map(Weak::upgrade).collect()
    }

    /// Makes a model the active one, now and at the next start: network and index in one step.
    ///
    /// # Errors
    /// The settings cannot be written; then nothing has changed.
    pub(in crate::jobs) fn activate(&self, next: &NextModel, index: &Arc<LiveIndex>) -> Result<(), JobError> {
        self.settings.change(|settings| settings.model = Some(next.name().to_owned()))?;
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        *active =
            Active { entry: next.entry.clone(), embedder: Some(Arc::clone(&next.embedder)), index: Arc::clone(index) };
        Ok(())
    }

    /// Something to tell the person with the next [`Engine::take_messages`].
    pub(in crate::jobs) fn tell(&self, message: Message) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    /// Folders among the models that hold no usable one, each with its reason.
    pub fn unreadable_models(&self) -> Vec<Telling> {
        self.with_models(|models| models.unreadable().iter().map(Tell::telling).collect())
    }

    /// Reads the list of models anew.
    pub(in crate::jobs) fn reload_models(&self) -> Result<(), JobError> {
        let registry = ModelRegistry::open(&self.models_dir())?;
        self.with_models(|models| *models = registry);
        Ok(())
    }

    pub(in crate::jobs) fn models_dir(&self) -> PathBuf {
        self.data.models_dir()
    }

    /// Where the index generations of a model lie.
    pub(in crate::jobs) fn index_dir_of(&self, model: &str) -> PathBuf {
        self.data.index_dir().join(model)
    }
}
