//! The engine: gallery, models and live index of one data folder, shared by every job and request.

mod access;
mod filter_cache;
mod filters;
mod follow;
mod identity;
mod index;
mod model;
mod offer;
mod photo;
mod search;
mod writing;

#[cfg(test)]
mod tests;

use crate::tell;
use std::any::Any;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

pub use access::{Mode, OpenOptions};
pub use follow::{Followed, Follower};
pub use index::{build_index, retrain_index, roll_back_index, upkeep_index};
pub(super) use model::NextModel;
pub use photo::LoadedPhoto;
pub use search::{Candidate, MAX_IN_RANGE, SearchQuery, SearchResult};

use crate::index::moment;
use crate::jobs::live::LiveIndex;
use crate::jobs::scratch;
use crate::jobs::settings::SettingsFiles;
use crate::jobs::work::{JobError, Message};
use crate::store::{ChangeWatch, DataDir, Gallery};
use crate::types::{GenerationInfo, IndexOverview, SearchParams, Settings};
use crate::vision::embed::Embedder;
use crate::vision::manifest::{ModelEntry, ModelManifest, ModelRegistry};
use crate::vision::mtcnn::Mtcnn;
use crate::vision::weights_dir;
use access::Access;
use filter_cache::FilterCache;

/// One data folder, open.
pub struct Engine {
    data: DataDir,
    access: Access,
    settings: SettingsFiles,
    gallery: Gallery,
    models: Mutex<ModelRegistry>,
    active: RwLock<Active>,
    /// Every open index: the one in use, and those that are made ready to follow it.
    indexes: Mutex<Vec<Weak<LiveIndex>>>,
    /// Tells what another process has written since the index was loaded, for whoever follows it.
    watch: Mutex<Option<ChangeWatch>>,
    /// Held by who loads the active model's network, so that it is loaded once.
    loading: Mutex<()>,
    mtcnn: Mutex<Option<Arc<Mtcnn>>>,
    messages: Mutex<Vec<Message>>,
    filters: FilterCache,
    /// The model that the gallery is being embedded with, or that is being taken away.
    changing_to: Mutex<Option<String>>,
    /// Jobs of the gallery that are enrollments at work in this process.
    enrolling: Mutex<Vec<i64>>,
    /// What was last measured of the gallery, for who measures next.
    measured: Mutex<Option<Arc<dyn Any + Send + Sync>>>,
}

/// The model in use, with the index of its embeddings.
struct Active {
    entry: ModelEntry,
    embedder: Option<Arc<dyn Embedder>>,
    index: Arc<LiveIndex>,
}

impl Engine {
    /// Opens the gallery and loads the index of the active model; rebuilds the index from the gallery where it
    /// is missing or damaged, and says so in [`Engine::take_messages`]. Networks are loaded when first needed.
    ///
    /// `model` overrides the model that the settings name.
    ///
    /// # Errors
    /// The data folder cannot be used, another process holds it (in [`Mode::Write`]), the gallery is damaged, or
    /// the model is unknown.
    pub fn open(data_dir: Option<&Path>, mode: Mode, model: Option<&str>) -> Result<Self, JobError> {
        Self::open_with(&OpenOptions { data_dir, model, ..OpenOptions::new(mode) })
    }

    /// The same with everything that can be chosen.
    pub fn open_with(options: &OpenOptions<'_>) -> Result<Self, JobError> {
        let data = DataDir::resolve(options.data_dir)?;
        let (access, gallery) = Access::open(&data, options.mode, options.tell)?;
        let writable = access.is_writable();
        if writable {
            scratch::clear_left_over(data.path());
        }
        let models = ModelRegistry::open(&data.models_dir())?;
        let mut messages = Vec::new();
        messages.extend(access::exposure(&data));
        let settings = SettingsFiles::new(options.config_dir, &data.settings_path());
        let (set, warnings) = settings.load();
        messages.extend(warnings.into_iter().map(Message::Warning));
        // A gallery in which no model was ever chosen keeps the one that it began with, whatever is the default now.
        let set = match set.model {
            None => gallery.models_with_embeddings()?.into_iter().find(|name| models.find(name).is_ok()),
            set => set,
        };
        let entry = choose_model(&models, options.model, set.as_deref(), &mut messages)?;
        let watch = if writable { None } else { gallery.watch().ok() };
        let index = Arc::new(LiveIndex::unloaded(&data, &entry.manifest, writable)?);
        index.start(&gallery, &entry.manifest, &mut messages)?;
        messages.extend(index.missing_message(&gallery, &entry.manifest)?);
        Ok(Self {
            access,
            settings,
            models: Mutex::new(models),
            indexes: Mutex::new(vec![Arc::downgrade(&index)]),
            active: RwLock::new(Active { entry, embedder: None, index }),
            watch: Mutex::new(watch),
            loading: Mutex::default(),
            mtcnn: Mutex::new(None),
            messages: Mutex::new(messages),
            filters: FilterCache::default(),
            changing_to: Mutex::new(None),
            enrolling: Mutex::new(Vec::new()),
            measured: Mutex::new(None),
            data,
            gallery,
        })
    }

    /// What opening and later work had to tell, each once.
    pub fn take_messages(&self) -> Vec<Message> {
        std::mem::take(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The gallery's settings file.
    pub fn settings_path(&self) -> &Path {
        self.settings.gallery_path()
    }

    /// The person's settings and the gallery's, as their files say now.
    pub fn settings(&self) -> Settings {
        self.settings.load().0
    }

    /// Keeps settings: the person's, and the gallery's unless it is open for reading only.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn save_settings(&self, settings: &Settings) -> Result<(), JobError> {
        self.settings.save(settings, self.access.is_writable())
    }

    /// Keeps what was worked out for a measurement; who puts it in knows what it is.
    pub(super) fn measured(&self) -> MutexGuard<'_, Option<Arc<dyn Any + Send + Sync>>> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// The active model's network and the index of its embeddings, which belong together: whoever adds what the one
    /// made adds it to the other, whatever model is chosen meanwhile.
    pub(super) fn embedder_and_index(&self) -> Result<(Arc<dyn Embedder>, Arc<LiveIndex>), JobError> {
        loop {
            self.embedder()?;
            let active = self.read_active();
            // Another model may have taken over just now.
            if let Some(embedder) = &active.embedder {
                return Ok((Arc::clone(embedder), Arc::clone(&active.index)));
            }
        }
    }

    pub(super) fn index(&self) -> Arc<LiveIndex> {
        Arc::clone(&self.read_active().index)
    }

    /// Number of the published index generation that is loaded; `None` before the first.
    pub fn generation(&self) -> Option<u64> {
        self.index().generation_number()
    }

    /// Faces that a search looks through.
    pub fn ntotal(&self) -> usize {
        self.index().ntotal()
    }

    /// The live index as its screen shows it.
    pub fn index_overview(&self) -> IndexOverview {
        self.index().overview()
    }

    /// Published generations of the active model's index, newest first. With `verify` their files are read through.
    pub fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, JobError> {
        self.index().generations(verify)
    }

    /// Whether damage took the index that was chosen, so that [`upkeep_index`] is to build it again.
    pub fn index_is_owed(&self) -> bool {
        self.index().owed().is_some()
    }

    /// The parameters of searches from now on; with `keep` after the next start, too.
    pub fn set_search_params(&self, params: SearchParams, keep: bool) -> Result<(), JobError> {
        // Of a gallery that is open for reading only they last until the end of the program.
        self.index().set_params(params, keep && self.access.is_writable())
    }

    /// The manifest of the active model.
    pub fn manifest(&self) -> ModelManifest {
        self.read_active().entry.manifest.clone()
    }

    pub fn models(&self) -> Vec<ModelEntry> {
        self.registry().entries().to_vec()
    }

    /// Runs `f` on the list of models, which it may extend.
    pub fn with_models<T>(&self, f: impl FnOnce(&mut ModelRegistry) -> T) -> T {
        f(&mut self.registry())
    }

    /// The detector, loaded when first asked for.
    pub fn mtcnn(&self) -> Result<Arc<Mtcnn>, JobError> {
        let mut slot = self.mtcnn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mtcnn) = &*slot {
            return Ok(Arc::clone(mtcnn));
        }
        let mtcnn = Arc::new(Mtcnn::load(&weights_dir().join("mtcnn"))?);
        *slot = Some(Arc::clone(&mtcnn));
        Ok(mtcnn)
    }

    /// The active model's network, loaded when first asked for.
    pub fn embedder(&self) -> Result<Arc<dyn Embedder>, JobError> {
        if let Some(embedder) = &self.read_active().embedder {
            return Ok(Arc::clone(embedder));
        }
        // Searches go on meanwhile; who needs the network waits here.
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let entry = match &*self.read_active() {
                Active { embedder: Some(embedder), .. } => return Ok(Arc::clone(embedder)),
                Active { entry, .. } => entry.clone(),
            };
            let embedder: Arc<dyn Embedder> = Arc::from(entry.load()?);
            moment("network loaded");
            let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
            // Another model may have taken over meanwhile, whose network is then the one to load.
            if active.embedder.is_none() && active.entry.manifest.name == entry.manifest.name {
                active.embedder = Some(embedder);
            }
        }
    }

    pub(in crate::jobs) fn enrollments(&self) -> std::sync::MutexGuard<'_, Vec<i64>> {
        self.enrolling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_active(&self) -> std::sync::RwLockReadGuard<'_, Active> {
        self.active.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn registry(&self) -> std::sync::MutexGuard<'_, ModelRegistry> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model asked for; else the one that is set; else the default one, with a word about it.
fn choose_model(
    models: &ModelRegistry,
    asked: Option<&str>,
    set: Option<&str>,
    messages: &mut Vec<Message>,
) -> Result<ModelEntry, JobError> {
    if let Some(name) = asked {
        return Ok(models.find(name)?.clone());
    }
    if let Some(name) = set {
        match models.find(name) {
            Ok(entry) => return Ok(entry.clone()),
            Err(error) => messages.push(Message::Warning(tell!(
                "engine-other-model",
                reason = &error,
                name = ModelRegistry::default_name()
            ))),
        }
    }
    Ok(models.find(ModelRegistry::default_name())?.clone())
}
