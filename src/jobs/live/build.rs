//! Building the index of the gallery to a spec, and keeping it fit as the gallery grows.

use std::path::Path;

use super::index::{LiveIndex, Upkeep};
use super::watch::Watch;
use crate::index::{BuildWatch, RawVectors, build_with_templates, extend, threads};
use crate::jobs::scratch::TempFolder;
use crate::jobs::work::{JobControl, JobError, Progress, step_back};
use crate::store::Gallery;
use crate::types::{FaceId, IndexSpec, SearchParams};

/// Builds a new generation of an index from the gallery and loads it. The one in use serves until then; cancelled or
/// failed, nothing has changed. The caller may write.
///
/// # Errors
/// The spec does not suit the gallery; [`JobError::Cancelled`]; a full disk.
pub(in crate::jobs) fn build(
    gallery: &Gallery,
    index: &LiveIndex,
    spec: &IndexSpec,
    params: SearchParams,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    step_back();
    let watch = Watch::new(control, tell);
    if spec.is_exact() {
        return build_flat(gallery, index, &watch);
    }
    let dir = TempFolder::of(index.store().begin_build()?);
    let (_, mark) = gallery.renewals(index.model(), i64::MAX)?;
    let raw = raw_vectors(gallery, index, &dir.path().with_extension("raw"), 1.0, &watch)?;
    let labels = gallery.labels()?;
    let built = build_with_templates(&raw, &labels, spec, dir.path(), threads(), &watch)?;
    drop(raw);
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish_built(&built, index.model(), params)?;
    gallery.mark_index(&published.checksum, mark)?;
    index.load_current(gallery)
}

/// A flat index is filled and written rather than trained.
fn build_flat(gallery: &Gallery, index: &LiveIndex, watch: &Watch<'_>) -> Result<(), JobError> {
    watch.progress("Filling", 0, 0);
    let (_, mark) = gallery.renewals(index.model(), i64::MAX)?;
    let flat = index.flat_from_gallery(gallery)?;
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish(&flat, index.model())?;
    gallery.mark_index(&published.checksum, mark)?;
    drop(flat);
    index.load_current(gallery)
}

/// Does what an index asks for, see [`LiveIndex::upkeep`]. The caller may write.
///
/// # Errors
/// As [`build`].
pub(in crate::jobs) fn look_after(
    gallery: &Gallery,
    index: &LiveIndex,
    asked: Upkeep,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    match asked {
        Upkeep::Retrain => {
            let faces = index.faces();
            build(gallery, index, &faces.spec(), faces.params(), control, tell)
        }
        Upkeep::Absorb => absorb(gallery, index, control, tell),
    }
}

fn absorb(gallery: &Gallery, index: &LiveIndex, control: &JobControl, tell: &dyn Fn(Progress)) -> Result<(), JobError> {
    step_back();
    let watch = Watch::new(control, tell);
    let (faces, Some(generation)) = (index.faces(), index.generation()) else { return Ok(()) };
    let Some(trained) = faces.trained() else { return Ok(()) };
    let dir = TempFolder::of(index.store().begin_build()?);
    let later = index.tail_vectors(&dir.path().with_extension("raw"))?;
    let labels = gallery.labels()?;
    let built = extend(trained, &generation.built(), &later, &labels, dir.path(), threads(), &watch)?;
    drop(later);
    watch.checkpoint()?;
    watch.progress("Publishing the index", 0, 0);
    let published = index.store().publish_built(&built, index.model(), faces.params())?;
    // What was renewed since the generation was built is still in its old rows.
    let mark = gallery.index_mark(&generation.checksum)?;
    gallery.mark_index(&published.checksum, mark)?;
    index.load_current(gallery)
}

/// A share, 0…1, of the vectors that an index is made of, spread evenly over the gallery, in a file at `path` that goes when
/// it is dropped.
pub(in crate::jobs) fn raw_vectors(
    gallery: &Gallery,
    index: &LiveIndex,
    path: &Path,
    share: f64,
    watch: &dyn BuildWatch,
) -> Result<RawVectors, JobError> {
    let (total, d) = (index.ntotal(), index.faces_d());
    let share = share.clamp(0.0, 1.0);
    let mut done = 0;
    RawVectors::create(path, d, |push| {
        gallery.for_each_embedding(index.model(), |face: FaceId, vector: &[f32]| -> Result<(), JobError> {
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
