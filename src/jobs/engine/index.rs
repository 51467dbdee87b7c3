//! The index in use, for the jobs that change it.

use super::Engine;
use crate::jobs::live::{self, Recipe, Watch};
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
    live::build(engine.gallery(), &engine.index(), Recipe::Given(spec, params), control, tell)
}

/// Trains the index in use anew from the gallery of now, to the same spec.
///
/// # Errors
/// As [`build_index`].
pub fn retrain_index(engine: &Engine, control: &JobControl, tell: &dyn Fn(Progress)) -> Result<(), JobError> {
    engine.ensure_writable()?;
    live::build(engine.gallery(), &engine.index(), Recipe::InUse, control, tell)
}

/// Takes a long tail in, trains anew, or builds again what damage took, as the index asks for it. Does nothing where all is
/// well.
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
    if index.upkeep(retrain_share).is_none() {
        return Ok(());
    }
    engine.ensure_writable()?;
    live::look_after(engine.gallery(), &index, retrain_share, control, tell)
}

/// Makes an earlier generation the current one and loads it; faces enrolled since it was built are added.
///
/// # Errors
/// The gallery is open for reading only; the generation is not there or damaged; [`JobError::Cancelled`]; then nothing has
/// changed.
pub fn roll_back_index(
    engine: &Engine,
    number: u64,
    control: &JobControl,
    tell: &dyn Fn(Progress),
) -> Result<(), JobError> {
    engine.ensure_writable()?;
    engine.index().roll_back(engine.gallery(), number, &Watch::new(control, tell))
}
