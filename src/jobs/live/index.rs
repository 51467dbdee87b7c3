use crate::tell;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use super::latency::LatencyLog;
use super::turn::Turn;
use crate::eval::latency::latency_from_millis;
use crate::index::{FaceIndex, FlatIndex, Generation, IndexStore, Owed, RawVectors, TieredIndex, TrainedIndex, moment};
use crate::jobs::work::{JobError, Message};
use crate::store::{DataDir, Gallery};
use crate::types::{FaceId, GenerationInfo, IndexOverview, SearchParams, SubjectId};
use crate::vision::manifest::ModelManifest;

/// The index that searches run on: the loaded generation, and every change since, in memory at once and on disk
/// with the next generation. Whatever happens to it, the gallery can make it again.
///
/// Who moves the generation has the `turn`. Nobody waits for whoever has it but others who would move it, too: searches keep the
/// index that they began with, and changes go to the index in use and into the journal, from which the next one takes them.
pub(in crate::jobs) struct LiveIndex {
    /// Swapped whole; who searches keeps the one it began with.
    loaded: RwLock<Arc<Loaded>>,
    store: IndexStore,
    model: String,
    d: usize,
    turn: Turn,
    /// Held by who adds, removes or swaps, for moments.
    changes: Mutex<Changes>,
    /// Held while parameters are set or handed on; those of this process alone, where it only reads.
    own_params: Mutex<Option<SearchParams>>,
    /// What is to be built again, where this process cannot note it.
    pub(super) owed: Mutex<Option<Owed>>,
    /// A generation of another process that could not be loaded, by its checksum.
    refused: Mutex<Option<String>>,
    /// What subjects had when another process's changes were last followed.
    members: Mutex<Option<Members>>,
    latencies: LatencyLog,
}

/// An index, and the generation that its trained part is.
#[derive(Debug)]
pub(super) struct Loaded {
    pub faces: Arc<TieredIndex>,
    pub generation: Option<Generation>,
}

/// What has become of the index since it was loaded.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// What changes while the next index is made ready, for it to take in.
    pub journal: Option<Journal>,
    /// A flat index has changed since it was published.
    pub is_unpublished: bool,
    /// It has been loaded.
    pub is_started: bool,
    /// The first loading failed: nobody is to search what there is.
    pub has_failed: bool,
    /// The gallery's last renewal of a vector when the index was brought level with it.
    pub levelled: i64,
}

#[derive(Debug, Default)]
pub(super) struct Journal {
    pub faces: HashSet<FaceId>,
    pub subjects: HashSet<SubjectId>,
}

/// The faces of each subject.
pub(super) type Members = BTreeMap<SubjectId, Vec<FaceId>>;

/// What a trained index asks for as the gallery changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jobs) enum Upkeep {
    /// Damage took the index that was chosen: build it again.
    Rebuild,
    /// The tail has grown long: take it in, without training.
    Absorb,
    /// So much has been added or has gone that lists and quantisers should be trained anew.
    Retrain,
}

/// A tail up to this length costs less than a millisecond.
const SHORT_TAIL: usize = if cfg!(test) { 24 } else { 2048 };

/// Share of the trained faces that may wait in the tail.
const TAIL_SHARE: f64 = 0.005;

/// Share of faces that are gone at which an index is built anew.
const TOMBSTONE_SHARE: f64 = 0.2;

impl LiveIndex {
    /// Empty; [`LiveIndex::start`] loads it. Changes that come before are taken in then.
    pub(in crate::jobs) fn unloaded(
        data: &DataDir,
        manifest: &ModelManifest,
        writable: bool,
    ) -> Result<Self, JobError> {
        let dir = data.index_dir().join(&manifest.name);
        let store = if writable { IndexStore::open(&dir)? } else { IndexStore::open_to_read(&dir) };
        let faces = Arc::new(TieredIndex::from_flat(FlatIndex::new(manifest.d)?));
        Ok(Self {
            loaded: RwLock::new(Arc::new(Loaded { faces, generation: None })),
            store,
            model: manifest.name.clone(),
            d: manifest.d,
            turn: Turn::default(),
            changes: Mutex::default(),
            own_params: Mutex::default(),
            owed: Mutex::default(),
            refused: Mutex::default(),
            members: Mutex::default(),
            latencies: LatencyLog::default(),
        })
    }

    /// Says that the active model does not know every face.
    pub(in crate::jobs) fn missing_message(
        &self,
        gallery: &Gallery,
        manifest: &ModelManifest,
    ) -> Result<Option<Message>, JobError> {
        let faces = gallery.counts()?.faces;
        let missing = faces.saturating_sub(self.ntotal() as u64);
        Ok((missing > 0).then(|| {
            let (title, name) = (&manifest.title, &manifest.name);
            Message::Warning(tell!("engine-missing", missing = missing, faces = faces, title = title, name = name))
        }))
    }

    /// What the index asks for now. `retrain_share` is the growth since training at which it is trained anew.
    pub(in crate::jobs) fn upkeep(&self, retrain_share: f64) -> Option<Upkeep> {
        if self.owed().is_some() {
            return Some(Upkeep::Rebuild);
        }
        let loaded = self.loaded();
        let index = &loaded.faces;
        let rows = index.trained()?.ntotal();
        let is_stale = index.spec().is_trained() && loaded.grown_since_training() >= retrain_share;
        if is_stale || index.tombstones() as f64 > TOMBSTONE_SHARE * rows as f64 {
            return Some(Upkeep::Retrain);
        }
        let allowed = ((rows as f64 * TAIL_SHARE) as usize).max(SHORT_TAIL);
        (index.tail().ntotal() > allowed).then_some(Upkeep::Absorb)
    }

    /// The index that was chosen, damaged, and is to be built again; another serves meanwhile.
    pub(in crate::jobs) fn owed(&self) -> Option<Owed> {
        let owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        owed.filter(|owed| owed.spec != self.faces().spec())
    }

    pub(in crate::jobs) fn faces_d(&self) -> usize {
        self.d
    }

    pub(in crate::jobs) fn generation_number(&self) -> Option<u64> {
        self.loaded().generation.as_ref().map(|generation| generation.manifest.number)
    }

    pub(in crate::jobs) fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, JobError> {
        Ok(self.store.generations(verify)?)
    }

    pub(super) fn store(&self) -> &IndexStore {
        &self.store
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(in crate::jobs) fn model(&self) -> &str {
        &self.model
    }

    pub(in crate::jobs) fn ntotal(&self) -> usize {
        self.faces().ntotal()
    }

    pub(in crate::jobs) fn faces(&self) -> Arc<TieredIndex> {
        Arc::clone(&self.loaded().faces)
    }

    pub(super) fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// For who holds `changes`.
    pub(super) fn put(&self, _changes: &mut Changes, loaded: Loaded) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
    }

    pub(in crate::jobs) fn latencies(&self) -> &LatencyLog {
        &self.latencies
    }

    /// Parameters of searches that name none, from now on; with `keep` for this generation after the next start, too, else
    /// until the end of the program.
    pub(in crate::jobs) fn set_params(&self, params: SearchParams, keep: bool) -> Result<(), JobError> {
        let mut own = self.own_params();
        let loaded = self.loaded();
        loaded.faces.set_params(params);
        // What is kept is no longer this program's alone.
        *own = if keep { None } else { Some(params) };
        if keep && let Some(generation) = &loaded.generation {
            self.store.save_params(generation.manifest.number, &params)?;
        }
        Ok(())
    }

    pub(super) fn own_params(&self) -> MutexGuard<'_, Option<SearchParams>> {
        lock(&self.own_params)
    }

    pub(in crate::jobs) fn overview(&self) -> IndexOverview {
        let loaded = self.loaded();
        let index = &loaded.faces;
        IndexOverview {
            spec: index.spec(),
            params: index.params(),
            ntotal: index.ntotal(),
            d: self.d,
            generation: loaded.generation.as_ref().map(|generation| generation.manifest.number),
            ram_bytes: index.ram_bytes(),
            disk_bytes: index.disk_bytes(),
            in_tail: if index.trained().is_some() { index.tail().ntotal() } else { 0 },
            tombstones: index.tombstones(),
            grown_since_training: loaded.grown_since_training(),
            imbalance: index.trained().and_then(TrainedIndex::imbalance),
            quantisation_error: loaded.quantisation_error(),
            latency: self.latencies.millis().map(|millis| latency_from_millis(&millis)),
        }
    }

    pub(super) fn members(&self) -> MutexGuard<'_, Option<Members>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn refused(&self) -> MutexGuard<'_, Option<String>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn changing(&self) -> MutexGuard<'_, Changes> {
        lock(&self.changes)
    }
}

impl Loaded {
    /// The faces that are not in the trained part, as they are now, in a file of the build's folder. Those that it has
    /// with an older vector stay in the tail.
    pub fn tail_vectors(&self, path: &Path) -> Result<RawVectors, JobError> {
        let is_renewed = |face| self.faces.trained().is_some_and(|trained| trained.row(face).is_some());
        RawVectors::create(path, self.faces.d(), |push| {
            let tail = self.faces.tail();
            tail.for_each(|face, row| if is_renewed(face) { Ok(()) } else { push(face, row).map_err(JobError::from) })
        })
    }

    /// Share of faces added since training, of those there were then.
    fn grown_since_training(&self) -> f64 {
        let index = &self.faces;
        let then = self.generation.as_ref().map_or(0, |generation| generation.manifest.record.ntotal_at_training);
        match index.trained() {
            Some(trained) if then > 0 && index.spec().is_trained() => {
                (trained.ntotal() + index.tail().ntotal()).saturating_sub(then) as f64 / then as f64
            }
            _ => 0.0,
        }
    }

    /// Of the training set, and of what came since: without any, the same.
    fn quantisation_error(&self) -> Option<[f64; 2]> {
        let trained = self.faces.trained()?;
        let before = self.generation.as_ref()?.manifest.record.train_error?;
        let mut sample = Vec::new();
        let mut left = 1000;
        let _ = self.faces.tail().for_each(|_, row| {
            sample.extend_from_slice(row);
            left -= 1;
            if left == 0 { Err(()) } else { Ok(()) }
        });
        let now = if sample.is_empty() { Some(before) } else { trained.quantisation_error(&sample) };
        Some([before, now?])
    }
}

/// Where tests decide who goes on, they are told instead of waiting.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if moment("waits for another's change") => {}
            Err(TryLockError::WouldBlock) => return mutex.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}
