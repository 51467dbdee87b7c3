//! The index in use, for the jobs that change it.

use super::Engine;
use crate::jobs::live;
use crate::jobs::work::{JobControl, JobError, Progress};
use crate::types::{IndexSpec, SearchParams};

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
    engine.ensure_writable()?;
    live::build(engine.gallery(), &engine.index(), spec, params, control, tell)
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
    let Some(asked) = index.upkeep(retrain_share) else { return Ok(()) };
    engine.ensure_writable()?;
    live::look_after(engine.gallery(), &index, asked, control, tell)
}
