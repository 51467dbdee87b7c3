//! The engine: gallery, models and live index of one data folder, shared by every job and request.

mod analyze;
mod filters;
mod identity;
mod index;
mod latency;
mod model;
mod photo;
mod search;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

pub use analyze::{Analysis, AnalyzedFace, main_face};
pub(super) use analyze::{analyze, chip_template, decode_params, params_for_scale};
pub(super) use index::{LiveIndex, Upkeep};
pub(super) use model::NextModel;
pub use photo::LoadedPhoto;
pub use search::{Candidate, MAX_IN_RANGE, SearchQuery, SearchResult};

use super::error::JobError;
use super::settings::load_settings;
use crate::store::{DataDir, DataLock, Gallery, StoreError};
use crate::types::{GenerationInfo, IndexOverview, SearchParams};
use crate::vision::embed::{self, Embedder};
use crate::vision::manifest::{ModelEntry, ModelManifest, ModelRegistry};
use crate::vision::mtcnn::Mtcnn;
use crate::vision::weights_dir;

/// Whether this process may change the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Takes the data folder's lock; fails when another process holds it.
    Write,
    /// Takes the lock, waiting a moment for a passing reader; reads without it where another writer keeps it.
    WriteIfFree,
    /// Takes the lock where it is free, reads without it where not.
    ReadIfLocked,
}

/// Something the person should know that stopped nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Info(String),
    Warning(String),
}

/// One data folder, open.
pub struct Engine {
    data: DataDir,
    /// `None`: another process writes here, this one only reads. The reason stands beside it.
    lock: Result<DataLock, String>,
    gallery: Gallery,
    models: Mutex<ModelRegistry>,
    active: RwLock<Active>,
    mtcnn: Mutex<Option<Arc<Mtcnn>>>,
    messages: Mutex<Vec<Message>>,
    filters: filters::FilterCache,
    /// The model that the gallery is being embedded with, or that is being taken away.
    changing_to: Mutex<Option<String>>,
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
        let data = DataDir::resolve(data_dir)?;
        let lock = match lock(&data, mode) {
            Ok(lock) => Ok(lock),
            Err(error) if mode == Mode::Write => return Err(error.into()),
            Err(error) => Err(error.to_string()),
        };
        if lock.is_ok() {
            crate::jobs::tuning::clear_left_over(data.path());
        }
        let gallery = Gallery::open(&data.gallery_path())?;
        let models = ModelRegistry::open(&data.models_dir())?;
        let mut messages = Vec::new();
        let (settings, warning) = load_settings(&data.settings_path());
        messages.extend(warning.map(Message::Warning));
        let entry = choose_model(&models, model, settings.model.as_deref(), &mut messages)?;
        let index = LiveIndex::open(&data, &gallery, &entry.manifest, lock.is_ok(), &mut messages)?;
        messages.extend(model::missing_message(&gallery, &index, &entry.manifest)?);
        Ok(Self {
            lock,
            models: Mutex::new(models),
            active: RwLock::new(Active { entry, embedder: None, index: Arc::new(index) }),
            mtcnn: Mutex::new(None),
            messages: Mutex::new(messages),
            filters: filters::FilterCache::default(),
            changing_to: Mutex::new(None),
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

    pub fn settings_path(&self) -> PathBuf {
        self.data.settings_path()
    }

    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// The active model's network and the index of its embeddings, which belong together: whoever adds what the one
    /// made adds it to the other, whatever model is chosen meanwhile.
    pub(super) fn embedder_and_index(&self) -> Result<(Arc<dyn Embedder>, Arc<LiveIndex>), JobError> {
        self.embedder()?;
        let active = self.read_active();
        let embedder = active.embedder.clone().ok_or(JobError::NothingToDo)?;
        Ok((embedder, Arc::clone(&active.index)))
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

    /// # Errors
    /// Another process holds the data folder.
    pub fn ensure_writable(&self) -> Result<(), JobError> {
        match &self.lock {
            Ok(_) => Ok(()),
            Err(reason) => Err(JobError::ReadOnly(reason.clone())),
        }
    }

    /// The live index as its screen shows it.
    pub fn index_overview(&self) -> IndexOverview {
        self.index().overview()
    }

    /// Published generations of the active model's index, newest first. With `verify` their files are read through.
    pub fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, JobError> {
        self.index().generations(verify)
    }

    /// Makes an earlier generation the current one and loads it; faces enrolled since it was built are added.
    pub fn roll_back(&self, number: u64) -> Result<(), JobError> {
        self.ensure_writable()?;
        let index = self.index();
        index.store().roll_back(number)?;
        index.load_current(&self.gallery)
    }

    /// The parameters of searches from now on; with `keep` after the next start, too.
    pub fn set_search_params(&self, params: SearchParams, keep: bool) -> Result<(), JobError> {
        self.index().set_params(params, keep)
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
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        if active.embedder.is_none() {
            active.embedder = Some(Arc::from(embed::load(&active.entry)?));
        }
        active.embedder.clone().ok_or(JobError::NothingToDo)
    }

    fn read_active(&self) -> std::sync::RwLockReadGuard<'_, Active> {
        self.active.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn registry(&self) -> std::sync::MutexGuard<'_, ModelRegistry> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command that only reads holds the lock for a moment, which is not to turn a writer away.
fn lock(data: &DataDir, mode: Mode) -> Result<DataLock, StoreError> {
    const PATIENCE: Duration = Duration::from_secs(3);
    let begun = Instant::now();
    loop {
        match data.try_lock() {
            Err(StoreError::Locked { .. }) if mode != Mode::ReadIfLocked && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
}

/// The model asked for; else the one in the settings; else the built-in one, with a word about it.
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
            Err(error) => messages.push(Message::Warning(format!("{error}; using {}", ModelRegistry::default_name()))),
        }
    }
    Ok(models.find(ModelRegistry::default_name())?.clone())
}
