//! Building the index of the gallery to a spec, and keeping it fit as the gallery grows.

use std::path::Path;

use super::changes::Params;
use super::index::{LiveIndex, Loaded, Upkeep};
use super::load::Ready;
use super::publish::{is_ended, mark};
use super::turn::{Held, Left};
use super::watch::Watch;
use crate::index::{
    BuildWatch, Built, FlatIndex, RawVectors, TieredIndex, assemble, build_with_templates, extend, moment, threads,
};
use crate::jobs::scratch::TempFolder;
use crate::jobs::work::{JobControl, JobError, Progress, step_back};
use crate::store::Gallery;
use crate::types::{FaceId, IndexSpec, SearchParams, SubjectId};

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub(in crate::jobs) enum Recipe<'a> {
    Given(&'a IndexSpec, SearchParams),
    /// The spec of the index in use when the work begins, and its parameters when it ends.
    InUse,
}

/// Builds a new generation of an index from the gallery and brings it into use. The one in use serves until then; cancelled
/// or failed, nothing has changed. Waits while other work moves the generation. The caller may write.
///
/// # Errors
/// The spec does not suit the gallery; [`JobError::Cancelled`]; a full disk.
pub(in crate::jobs) fn build(
    gallery: &Gallery,
    index: &LiveIndex,
    recipe: Recipe<'_>,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    step_back();
    let watch = Watch::new(control, tell);
    let held = index.turn().take(&watch)?;
    let built = build_held(gallery, index, &held, recipe, &watch);
    end_turn(gallery, index, held, &watch);
    built
}

/// Does what an index asks for, see [`LiveIndex::upkeep`]; `retrain_share` is the growth since training at which it is trained
/// anew. Who has the turn does it in our place. The caller may write.
///
/// # Errors
/// As [`build`].
pub(in crate::jobs) fn look_after(
    gallery: &Gallery,
    index: &LiveIndex,
    retrain_share: f64,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    let watch = Watch::new(control, tell);
    let work = Left { upkeep: Some(retrain_share), ..Left::default() };
    let Some(held) = index.turn().take_or_leave(work) else { return Ok(()) };
    let done = look_after_held(gallery, index, &held, retrain_share, &watch);
    end_turn(gallery, index, held, &watch);
    done
}

/// What others left to do meanwhile: none of them waits, so what goes wrong is logged.
fn end_turn(gallery: &Gallery, index: &LiveIndex, held: Held<'_>, watch: &Watch<'_>) {
    let mut ending = held.end();
    while let Err((held, left)) = ending {
        let published = if left.publish { index.publish_held(gallery, &held, watch) } else { Ok(()) };
        let upkept = left.upkeep.map_or(Ok(()), |share| look_after_held(gallery, index, &held, share, watch));
        for error in [published, upkept].into_iter().filter_map(Result::err).filter(|error| !is_ended(error)) {
            log::warn!("the index could not be brought up to date: {error}");
        }
        ending = held.end();
    }
}

fn look_after_held(
    gallery: &Gallery,
    index: &LiveIndex,
    held: &Held<'_>,
    retrain_share: f64,
    watch: &Watch<'_>,
) -> Result<(), JobError> {
    let Some(asked) = index.upkeep(retrain_share) else { return Ok(()) };
    step_back();
    match (asked, index.owed()) {
        (Upkeep::Rebuild, Some(owed)) => {
            build_held(gallery, index, held, Recipe::Given(&owed.spec, owed.params), watch)
        }
        (Upkeep::Rebuild, None) => Ok(()),
        (Upkeep::Retrain, _) => build_held(gallery, index, held, Recipe::InUse, watch),
        (Upkeep::Absorb, _) => absorb(gallery, index, held, watch),
    }
}

fn build_held(
    gallery: &Gallery,
    index: &LiveIndex,
    held: &Held<'_>,
    recipe: Recipe<'_>,
    watch: &Watch<'_>,
) -> Result<(), JobError> {
    let (spec, params, hand_on) = match recipe {
        Recipe::Given(spec, params) => (spec.clone(), params, Params::Own),
        Recipe::InUse => {
            let faces = index.faces();
            (faces.spec(), faces.params(), Params::InUse)
        }
    };
    if spec.is_exact() {
        return build_flat(gallery, index, held, params, hand_on, watch);
    }
    let dir = TempFolder::of(index.store().begin_build()?);
    let (_, renewal) = gallery.renewals(index.model(), i64::MAX)?;
    let make = |labels: &[(FaceId, SubjectId)]| {
        let raw = raw_vectors(gallery, index, &dir.path().with_extension("raw"), 1.0, watch)?;
        moment("vectors read");
        Ok(build_with_templates(&raw, labels, &spec, dir.path(), threads(), watch)?)
    };
    bring_in_built(gallery, index, held, Plan { make, params, hand_on, renewal }, watch)
}

/// How an index is built, and what becomes of it.
struct Plan<F> {
    /// From the labels of now.
    make: F,
    params: SearchParams,
    hand_on: Params,
    /// The gallery's renewal up to which it holds the vectors.
    renewal: i64,
}

fn bring_in_built<F>(
    gallery: &Gallery,
    index: &LiveIndex,
    held: &Held<'_>,
    plan: Plan<F>,
    watch: &Watch<'_>,
) -> Result<(), JobError>
where
    F: FnOnce(&[(FaceId, SubjectId)]) -> Result<Built, JobError>,
{
    let Plan { make, params, hand_on, renewal } = plan;
    let built = std::cell::OnceCell::new();
    let prepare = || {
        let labels = gallery.labels()?;
        let made = make(&labels)?;
        watch.checkpoint()?;
        watch.progress("Loading", 0, 0);
        let index = assemble(index.store().open_built(&made)?, &made, &labels, params)?;
        let _ = built.set(made);
        Ok(Ready { index, mark: renewal, hand_on })
    };
    let confirm = |_: &TieredIndex| {
        let Some(built) = built.get() else { return Err(JobError::NothingToDo) };
        let params = if hand_on == Params::InUse { index.faces().params() } else { params };
        let published = index.store().publish_built(built, index.model(), params, watch)?;
        mark(gallery, &published.checksum, renewal);
        index.settle_debt();
        Ok(Some(published))
    };
    index.bring_in(gallery, held, watch, prepare, confirm).map(|_| ())
}

/// A flat index is filled and written rather than trained.
fn build_flat(
    gallery: &Gallery,
    index: &LiveIndex,
    held: &Held<'_>,
    params: SearchParams,
    hand_on: Params,
    watch: &Watch<'_>,
) -> Result<(), JobError> {
    let (_, mark) = gallery.renewals(index.model(), i64::MAX)?;
    let prepare = || {
        let flat = TieredIndex::from_flat(FlatIndex::new(index.faces_d())?);
        flat.set_params(params);
        Ok(Ready { index: flat, mark, hand_on })
    };
    let confirm = |flat: &TieredIndex| {
        let published = index.store().publish(flat.tail(), index.model(), flat.params(), watch)?;
        super::publish::mark(gallery, &published.checksum, mark);
        index.settle_debt();
        Ok(Some(published))
    };
    index.bring_in(gallery, held, watch, prepare, confirm).map(|_| ())
}

fn absorb(gallery: &Gallery, index: &LiveIndex, held: &Held<'_>, watch: &Watch<'_>) -> Result<(), JobError> {
    // Both of one moment: the tail goes behind the very files that the trained part was loaded from.
    let loaded = index.loaded();
    let Loaded { faces, generation: Some(generation) } = &*loaded else { return Ok(()) };
    let Some(trained) = faces.trained() else { return Ok(()) };
    let dir = TempFolder::of(index.store().begin_build()?);
    let make = |labels: &[(FaceId, SubjectId)]| {
        let later = loaded.tail_vectors(&dir.path().with_extension("raw"))?;
        moment("tail read");
        Ok(extend(trained, &generation.built(), &later, labels, dir.path(), threads(), watch)?)
    };
    // What was renewed since the generation was built is still in its old rows.
    let renewal = gallery.index_mark(&generation.checksum)?;
    let plan = Plan { make, params: faces.params(), hand_on: Params::InUse, renewal };
    bring_in_built(gallery, index, held, plan, watch)
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
