use crate::tell;
use crate::types::Tell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::latency::LatencyLog;
use super::level::{drop_renewed, level, tiered};
use crate::eval::latency::latency_from_millis;
use crate::index::{FaceIndex, FlatIndex, Generation, IndexStore, RawVectors, TieredIndex, TrainedIndex};
use crate::jobs::work::{JobError, Message};
use crate::store::{DataDir, Gallery};
use crate::types::{Embedding, FaceId, GenerationInfo, IndexOverview, SearchParams, SubjectId};
use crate::vision::manifest::ModelManifest;

/// The index that searches run on: the loaded generation, and every change since, in memory at once and on disk
/// with the next generation. Whatever happens to it, the gallery can make it again.
pub(in crate::jobs) struct LiveIndex {
    /// Swapped whole; who searches keeps the one it began with.
    index: RwLock<Arc<TieredIndex>>,
    store: IndexStore,
    model: String,
    d: usize,
    generation: Mutex<Option<Generation>>,
    /// A flat index has changed since it was published.
    changed: AtomicBool,
    /// Held by who adds, removes or swaps.
    changes: Mutex<()>,
    /// The gallery's last renewal of a vector when the index was brought level with it.
    levelled: AtomicI64,
    /// What subjects had when another process's changes were last followed.
    members: Mutex<Option<Members>>,
    latencies: LatencyLog,
}

/// The faces of each subject.
pub(super) type Members = BTreeMap<SubjectId, Vec<FaceId>>;

/// What a trained index asks for as the gallery changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jobs) enum Upkeep {
    /// The tail has grown long: take it in, without training.
    Absorb,
    /// So much has been added or has gone that lists and quantisers should be trained anew.
    Retrain,
}

/// A tail up to this length costs less than a millisecond.
const SHORT_TAIL: usize = 2048;

/// Share of the trained faces that may wait in the tail.
const TAIL_SHARE: f64 = 0.005;

/// Share of faces that are gone at which an index is built anew.
const TOMBSTONE_SHARE: f64 = 0.2;

impl LiveIndex {
    /// Loads the current generation and brings it level with the gallery.
    pub(in crate::jobs) fn open(
        data: &DataDir,
        gallery: &Gallery,
        manifest: &ModelManifest,
        writable: bool,
        messages: &mut Vec<Message>,
    ) -> Result<Self, JobError> {
        let dir = data.index_dir().join(&manifest.name);
        let store = if writable { IndexStore::open(&dir)? } else { IndexStore::open_to_read(&dir) };
        // What a killed publish left behind.
        if writable && let Err(error) = store.clean_up() {
            log::warn!("{error}");
        }
        let loaded = store.load_current(&manifest.name, manifest.d).map_err(JobError::from).and_then(|loaded| {
            loaded.map(|(index, generation)| Ok((tiered(&store, index, &generation, gallery)?, generation))).transpose()
        });
        let (loaded, damage) = match loaded {
            Ok(loaded) => (loaded, None),
            Err(JobError::Index(error)) if error.asks_for_rebuild() => (None, Some(error)),
            Err(error) => return Err(error),
        };
        let had_generation = loaded.is_some();
        let (index, generation) = match loaded {
            Some((index, generation)) => (index, Some(generation)),
            None => (TieredIndex::from_flat(FlatIndex::new(manifest.d)?), None),
        };
        let levelled = drop_renewed(&index, gallery, &manifest.name, generation.as_ref())?;
        let added = level(&index, gallery, &manifest.name)?;
        let live = Self {
            index: RwLock::new(Arc::new(index)),
            store,
            model: manifest.name.clone(),
            d: manifest.d,
            generation: Mutex::new(generation),
            changed: AtomicBool::new(damage.is_some() || added > 0),
            changes: Mutex::default(),
            levelled: AtomicI64::new(levelled),
            members: Mutex::default(),
            latencies: LatencyLog::default(),
        };
        match damage {
            Some(error) => {
                messages.push(Message::Warning(tell!("engine-index-rebuilt", reason = &error, faces = added)))
            }
            None if !had_generation && added > 0 => {
                messages.push(Message::Info(tell!("engine-index-built", title = &manifest.title, faces = added)))
            }
            None if added > 0 => messages.push(Message::Info(tell!("engine-index-levelled", faces = added))),
            None => {}
        }
        // On a full disk, say, the index still serves; it is only not kept for the next start.
        if writable && let Err(error) = live.publish(gallery) {
            messages.push(Message::Warning(error.telling()));
        }
        Ok(live)
    }

    /// Adds what the gallery has and the index has not, and removes what is gone. Returns how many came.
    pub(in crate::jobs) fn level(&self, gallery: &Gallery) -> Result<usize, JobError> {
        let _changing = self.changing();
        let added = level(&self.faces(), gallery, &self.model)?;
        self.changed.store(true, Ordering::SeqCst);
        Ok(added)
    }

    /// The same, and gives faces that got another vector since the index was last level the one of now.
    pub(in crate::jobs) fn level_renewed(&self, gallery: &Gallery) -> Result<(), JobError> {
        let _changing = self.changing();
        let (renewed, last) = gallery.renewals(&self.model, self.levelled.load(Ordering::SeqCst))?;
        let faces = self.faces();
        faces.remove(&renewed)?;
        level(&faces, gallery, &self.model)?;
        self.levelled.store(last, Ordering::SeqCst);
        self.changed.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Tells the index that a subject's faces have changed.
    pub(in crate::jobs) fn set_subject(&self, subject: SubjectId, faces: &[FaceId]) -> Result<(), JobError> {
        let _changing = self.changing();
        Ok(self.faces().set_subject(subject, faces)?)
    }

    /// Writes a flat index as a new generation if it has changed since the last one. A trained one is written by who
    /// builds it; until then the tail is made again from the gallery at every start.
    pub(in crate::jobs) fn publish(&self, gallery: &Gallery) -> Result<(), JobError> {
        let index = self.faces();
        if index.trained().is_some() || !self.changed.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let mut generation = self.lock_generation();
        let [known, current] =
            [generation.as_ref().map(|generation| generation.manifest.number), self.store.current_number()];
        if known.is_some() && current.is_some() && known != current {
            // Only the holder of the data folder's lock publishes, so this cannot be; nothing of the other's is lost.
            log::error!("somebody else has published generation {current:?} of the index beside {known:?}");
        }
        match self.store.publish(index.tail(), &self.model) {
            Ok(published) => {
                // From before the vectors that were renewed since: what is levelled once too often costs little.
                gallery.mark_index(&published.checksum, self.levelled.load(Ordering::SeqCst))?;
                *generation = Some(published);
                Ok(())
            }
            Err(error) => {
                self.changed.store(true, Ordering::SeqCst);
                Err(error.into())
            }
        }
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
        let index = self.faces();
        let rows = index.trained()?.ntotal();
        let is_stale = index.spec().is_trained() && self.grown_since_training() >= retrain_share;
        if is_stale || index.tombstones() as f64 > TOMBSTONE_SHARE * rows as f64 {
            return Some(Upkeep::Retrain);
        }
        let allowed = ((rows as f64 * TAIL_SHARE) as usize).max(SHORT_TAIL);
        (index.tail().ntotal() > allowed).then_some(Upkeep::Absorb)
    }

    /// Loads the generation that is current now in the place of the one in use. Searches go on with the old one
    /// meanwhile; additions wait for the moment in which the new one is brought level.
    pub(super) fn load_current(&self, gallery: &Gallery) -> Result<(), JobError> {
        let Some((index, generation)) = self.store.load_current(&self.model, self.d)? else {
            return Err(JobError::NothingToDo);
        };
        let members = |gallery: &Gallery| -> Result<Members, JobError> {
            let mut members = Members::new();
            if generation.manifest.record.spec.templates {
                for (face, subject) in gallery.labels()? {
                    members.entry(subject).or_default().push(face);
                }
            }
            Ok(members)
        };
        let before = members(gallery)?;
        let index = tiered(&self.store, index, &generation, gallery)?;
        // Most of what is missing, before anybody has to wait; then the rest.
        drop_renewed(&index, gallery, &self.model, Some(&generation))?;
        level(&index, gallery, &self.model)?;
        let _changing = self.changing();
        let levelled = drop_renewed(&index, gallery, &self.model, Some(&generation))?;
        level(&index, gallery, &self.model)?;
        self.levelled.store(levelled, Ordering::SeqCst);
        // Names that were given while it was loaded went to the one in use.
        let now = members(gallery)?;
        for subject in before.keys().chain(now.keys()).filter(|subject| before.get(*subject) != now.get(*subject)) {
            index.set_subject(*subject, now.get(subject).map_or(&[], Vec::as_slice))?;
        }
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(index);
        *self.lock_generation() = Some(generation);
        self.changed.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Makes an earlier generation the current one and loads it; faces enrolled since it was built are added.
    pub(in crate::jobs) fn roll_back(&self, gallery: &Gallery, number: u64) -> Result<(), JobError> {
        self.store.roll_back(number)?;
        self.load_current(gallery)
    }

    /// The faces that are not in the trained part, as they are now, in a file of the build's folder. Those that it has
    /// with an older vector stay in the tail.
    pub(in crate::jobs) fn tail_vectors(&self, path: &std::path::Path) -> Result<RawVectors, JobError> {
        let index = self.faces();
        let is_renewed = |face| index.trained().is_some_and(|trained| trained.row(face).is_some());
        RawVectors::create(path, self.d, |push| {
            index
                .tail()
                .for_each(|face, row| if is_renewed(face) { Ok(()) } else { push(face, row).map_err(JobError::from) })
        })
    }

    /// Takes in what a change of the gallery meant, in one step: faces that went, came back or got another vector, and
    /// subjects with another set of faces.
    pub(in crate::jobs) fn follow(
        &self,
        gallery: &Gallery,
        gone: &[FaceId],
        come: &[FaceId],
        subjects: &[SubjectId],
    ) -> Result<(), JobError> {
        // What the gallery says is read while nobody else changes the index: the last to come has the latest.
        let _changing = self.changing();
        let mut ids = Vec::with_capacity(come.len());
        let mut embeddings = Vec::with_capacity(come.len());
        for face in come {
            if let Some(embedding) = gallery.embedding(*face, &self.model)? {
                ids.push(*face);
                embeddings.push(embedding);
            }
        }
        self.replace_unlocked(gone, &ids, &embeddings)?;
        if self.faces().has_templates() {
            for subject in subjects {
                self.faces().set_subject(*subject, &gallery.faces_of_subject(*subject)?)?;
            }
        }
        Ok(())
    }

    /// Removes faces, and adds or renews others.
    pub(in crate::jobs) fn replace(
        &self,
        gone: &[FaceId],
        ids: &[FaceId],
        embeddings: &[Embedding],
    ) -> Result<(), JobError> {
        let _changing = self.changing();
        self.replace_unlocked(gone, ids, embeddings)
    }

    /// For who has the lock of changes.
    fn replace_unlocked(&self, gone: &[FaceId], ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), JobError> {
        if gone.is_empty() && ids.is_empty() {
            return Ok(());
        }
        let faces = self.faces();
        let stale: Vec<FaceId> = gone.iter().chain(ids).copied().filter(|face| faces.contains(*face)).collect();
        faces.remove(&stale)?;
        faces.add(ids, embeddings)?;
        self.changed.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// A flat index of everything in the gallery.
    pub(in crate::jobs) fn flat_from_gallery(&self, gallery: &Gallery) -> Result<FlatIndex, JobError> {
        let index = TieredIndex::from_flat(FlatIndex::new(self.d)?);
        level(&index, gallery, &self.model)?;
        Ok(index.into_tail())
    }

    pub(in crate::jobs) fn faces_d(&self) -> usize {
        self.d
    }

    pub(in crate::jobs) fn generation_number(&self) -> Option<u64> {
        self.lock_generation().as_ref().map(|generation| generation.manifest.number)
    }

    pub(in crate::jobs) fn generation(&self) -> Option<Generation> {
        self.lock_generation().clone()
    }

    pub(in crate::jobs) fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, JobError> {
        Ok(self.store.generations(verify)?)
    }

    pub(super) fn store(&self) -> &IndexStore {
        &self.store
    }

    pub(in crate::jobs) fn model(&self) -> &str {
        &self.model
    }

    pub(in crate::jobs) fn ntotal(&self) -> usize {
        self.faces().ntotal()
    }

    pub(in crate::jobs) fn faces(&self) -> Arc<TieredIndex> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(in crate::jobs) fn latencies(&self) -> &LatencyLog {
        &self.latencies
    }

    /// Parameters of searches that name none, from now on and after the next start.
    pub(in crate::jobs) fn set_params(&self, params: SearchParams, keep: bool) -> Result<(), JobError> {
        self.faces().set_params(params);
        if keep && let Some(generation) = self.lock_generation().as_mut() {
            generation.manifest.params = params;
            self.store.save_params(generation.manifest.number, &params)?;
        }
        Ok(())
    }

    pub(in crate::jobs) fn overview(&self) -> IndexOverview {
        let index = self.faces();
        let generation = self.generation();
        let measured = index.trained().and_then(|trained| {
            let before = generation.as_ref()?.manifest.record.train_error?;
            // What came since: without any, the error is that of the training set.
            let mut sample = Vec::new();
            let mut left = 1000;
            let _ = index.tail().for_each(|_, row| {
                sample.extend_from_slice(row);
                left -= 1;
                if left == 0 { Err(()) } else { Ok(()) }
            });
            let now = if sample.is_empty() { Some(before) } else { trained.quantisation_error(&sample) };
            Some([before, now?])
        });
        IndexOverview {
            spec: index.spec(),
            params: index.params(),
            ntotal: index.ntotal(),
            d: self.d,
            generation: generation.as_ref().map(|generation| generation.manifest.number),
            ram_bytes: index.ram_bytes(),
            disk_bytes: index.disk_bytes(),
            in_tail: if index.trained().is_some() { index.tail().ntotal() } else { 0 },
            tombstones: index.tombstones(),
            grown_since_training: self.grown_since_training(),
            imbalance: index.trained().and_then(TrainedIndex::imbalance),
            quantisation_error: measured,
            latency: self.latencies.millis().map(|millis| latency_from_millis(&millis)),
        }
    }

    /// Share of faces added since training, of those there were then.
    fn grown_since_training(&self) -> f64 {
        let index = self.faces();
        let then =
            self.lock_generation().as_ref().map_or(0, |generation| generation.manifest.record.ntotal_at_training);
        match index.trained() {
            Some(trained) if then > 0 && index.spec().is_trained() => {
                (trained.ntotal() + index.tail().ntotal()).saturating_sub(then) as f64 / then as f64
            }
            _ => 0.0,
        }
    }

    pub(super) fn members(&self) -> MutexGuard<'_, Option<Members>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_generation(&self) -> MutexGuard<'_, Option<Generation>> {
        self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
