//! Building the index of the gallery to a spec, and keeping it fit as the gallery grows.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::control::JobControl;
use super::engine::{Engine, LiveIndex, Upkeep};
use super::error::JobError;
use super::priority::step_back;
use super::progress::{Progress, ProgressMeter};
use crate::index::{BuildWatch, IndexError, RawVectors, build_with_templates, extend, threads};
use crate::types::{FaceId, IndexSpec, SearchParams};

/// Lets a job watch the index being built.
pub(super) struct Watch<'a> {
    control: &'a JobControl,
    meter: RefCell<ProgressMeter>,
    tell: &'a dyn Fn(Progress),
}

impl<'a> Watch<'a> {
    pub(super) fn new(control: &'a JobControl, tell: &'a dyn Fn(Progress)) -> Self {
        Self { control, meter: RefCell::new(ProgressMeter::counting("Starting", "face")), tell }
    }
}

impl BuildWatch for Watch<'_> {
    fn checkpoint(&self) -> Result<(), IndexError> {
        self.control.checkpoint().map_err(|_| IndexError::Interrupted)
    }

    fn interrupt(&self) -> &AtomicBool {
        self.control.cancel_flag()
    }

    fn progress(&self, stage: &'static str, done: usize, total: usize) {
        let mut meter = self.meter.borrow_mut();
        meter.count_stage(stage, done as u64, (total > 0).then_some(total as u64));
        if let Some(progress) = meter.tick(self.control.is_paused()) {
            (self.tell)(progress);
        }
    }
}

/// Builds a new generation of the active model's index from the gallery and loads it. The one in use serves until
/// then; cancelled or failed, nothing has changed.
///
/// # Errors
/// The gallery is open for reading only; the spec does not suit it; [`JobError::Cancelled`]; a full disk.
pub fn build_index(
    engine: &Engine,
    spec: &IndexSpec,
    params: SearchParams,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    build_index_of(engine, &engine.index(), spec, params, control, tell)
}

/// The same for the index of any model, in use or not.
pub(super) fn build_index_of(
    engine: &Engine,
    index: &LiveIndex,
    spec: &IndexSpec,
    params: SearchParams,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    engine.ensure_writable()?;
    step_back();
    let watch = Watch::new(control, tell);
    if spec.is_exact() {
        return build_flat(engine, index, &watch);
    }
    let dir = BuildDir::create(index)?;
    let (_, mark) = engine.gallery().renewals(index.model(), i64::MAX)?;
    let raw = raw_vectors(engine, index.model(), &dir.0.with_extension("raw"), index.faces_d(), &watch)?;
    let labels = engine.gallery().labels()?;
    let built = build_with_templates(&raw, &labels, spec, &dir.0, threads(), &watch)?;
    drop(raw);
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish_built(&built, index.model(), params)?;
    engine.gallery().mark_index(&published.checksum, mark)?;
    index.load_current(engine.gallery())
}

/// A flat index is filled and written rather than trained.
fn build_flat(engine: &Engine, index: &LiveIndex, watch: &Watch<'_>) -> Result<(), JobError> {
    watch.progress("Filling", 0, 0);
    let (_, mark) = engine.gallery().renewals(index.model(), i64::MAX)?;
    let flat = index.flat_from_gallery(engine.gallery())?;
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish(&flat, index.model())?;
    engine.gallery().mark_index(&published.checksum, mark)?;
    drop(flat);
    index.load_current(engine.gallery())
}

/// Trains the index in use anew from the gallery of now, to the same spec.
///
/// # Errors
/// As [`build_index`].
pub fn retrain_index(engine: &Engine, control: &JobControl, tell: &dyn Fn(Progress)) -> Result<(), JobError> {
    let faces = engine.index().faces();
    build_index(engine, &faces.spec(), faces.params(), control, tell)
}

/// Takes a long tail in, or trains anew, as the index asks for it. Does nothing where all is well.
///
/// # Errors
/// As [`build_index`].
pub fn upkeep_index(
    engine: &Engine,
    retrain_share: f64,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    let index = engine.index();
    match index.upkeep(retrain_share) {
        None => Ok(()),
        Some(Upkeep::Retrain) => retrain_index(engine, control, tell),
        Some(Upkeep::Absorb) => absorb(engine, &index, control, tell),
    }
}

fn absorb(engine: &Engine, index: &LiveIndex, control: &JobControl, tell: &dyn Fn(Progress)) -> Result<(), JobError> {
    engine.ensure_writable()?;
    step_back();
    let watch = Watch::new(control, tell);
    let (faces, Some(generation)) = (index.faces(), index.generation()) else { return Ok(()) };
    let Some(trained) = faces.trained() else { return Ok(()) };
    let dir = BuildDir::create(index)?;
    let later = index.tail_vectors(&dir.0.with_extension("raw"))?;
    let labels = engine.gallery().labels()?;
    let built = extend(trained, &generation.built(), &later, &labels, &dir.0, threads(), &watch)?;
    drop(later);
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish_built(&built, index.model(), faces.params())?;
    // What was renewed since the generation was built is still in its old rows.
    let mark = engine.gallery().index_mark(&generation.checksum)?;
    engine.gallery().mark_index(&published.checksum, mark)?;
    index.load_current(engine.gallery())
}

/// Every vector of a model in the gallery, in a file at `path` that goes when it is dropped.
pub(super) fn raw_vectors(
    engine: &Engine,
    model: &str,
    path: &Path,
    d: usize,
    watch: &dyn BuildWatch,
) -> Result<RawVectors, JobError> {
    raw_vectors_of_share(engine, model, path, d, 1.0, watch)
}

/// The same of a share of the vectors, 0…1, spread evenly over the gallery.
pub(super) fn raw_vectors_of_share(
    engine: &Engine,
    model: &str,
    path: &Path,
    d: usize,
    share: f64,
    watch: &dyn BuildWatch,
) -> Result<RawVectors, JobError> {
    let total = engine.ntotal();
    let share = share.clamp(0.0, 1.0);
    let mut done = 0;
    RawVectors::create(path, d, |push| {
        engine.gallery().for_each_embedding(model, |face: FaceId, vector: &[f32]| -> Result<(), JobError> {
            if done % 8192 == 0 {
                watch.checkpoint()?;
                watch.progress("Reading the gallery", done, total);
            }
            let is_wanted = (done as f64 * share) as usize != ((done + 1) as f64 * share) as usize;
            done += 1;
            // A damaged vector is left out, as it is from the index in use.
            if is_wanted && vector.len() == d && vector.iter().all(|value| value.is_finite()) {
                push(face, vector)?;
            }
            Ok(())
        })
    })
}

/// A folder to build in, deleted where nothing comes of it.
pub(super) struct BuildDir(pub(super) std::path::PathBuf);

impl BuildDir {
    pub(super) fn create(index: &LiveIndex) -> Result<Self, JobError> {
        Ok(Self(index.store().begin_build()?))
    }
}

impl Drop for BuildDir {
    fn drop(&mut self) {
        // Published, it has another name by now.
        if self.0.exists()
            && let Err(error) = std::fs::remove_dir_all(&self.0)
        {
            log::warn!("{error}: {}", self.0.display());
        }
    }
}
