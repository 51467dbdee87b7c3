use crate::tell;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::bytes_below;
use super::speed::forget_speed;
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Progress, ProgressMeter};

/// Vectors deleted in one transaction; others may write in between.
const CHUNK: usize = 4096;

/// What the gallery keeps for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredByModel {
    pub name: String,
    /// Faces with an embedding by it.
    pub faces: u64,
    /// Its embeddings and index on disk.
    pub bytes: u64,
}

/// What the gallery keeps for each model that has embeddings, also for one that is not there any more.
///
/// # Errors
/// The gallery cannot be read.
pub fn stored_by_models(engine: &Engine) -> Result<Vec<StoredByModel>, JobError> {
    let view = |model: crate::store::EmbeddedModel| StoredByModel {
        // A row with its key and its place in the index by face.
        bytes: model.faces * (model.d as u64 * 4 + 40) + bytes_below(&engine.index_dir_of(&model.name)),
        faces: model.faces,
        name: model.name,
    };
    Ok(engine.gallery().embedded_models()?.into_iter().map(view).collect())
}

/// Deletes the embeddings by a model and its index; returns how many faces had one. The model itself stays: choosing it
/// again embeds the gallery anew.
///
/// # Errors
/// The model is in use or being changed to; [`JobError::Cancelled`], where what is deleted stays deleted.
pub fn forget_embeddings(
    engine: &Engine,
    name: &str,
    control: &JobControl,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, JobError> {
    engine.ensure_writable()?;
    let _turn = engine.begin_change(name)?;
    forget(engine, name, control, tell)
}

/// Deletes an imported model with its embeddings and its index; returns how many faces had an embedding by it.
///
/// # Errors
/// The model is unknown, in use, being changed to, or comes with the program; [`JobError::Cancelled`], where the model
/// stays and what is deleted of its embeddings stays deleted.
pub fn remove_model(
    engine: &Engine,
    name: &str,
    control: &JobControl,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, JobError> {
    engine.ensure_writable()?;
    let _turn = engine.begin_change(name)?;
    let is_imported = engine.with_models(|models| models.find(name).map(|entry| models.is_imported(entry)));
    match is_imported {
        Ok(true) => {}
        Ok(false) => {
            return Err(JobError::Failed(tell!("engine-model-built-in", model = name)));
        }
        // What a model left behind that is gone.
        Err(error) => {
            let is_left = engine.gallery().embedded_models()?.iter().any(|model| model.name == name);
            return if is_left { forget(engine, name, control, tell) } else { Err(error.into()) };
        }
    }
    // First the embeddings: a kill in between leaves a model that can be removed again.
    let faces = forget(engine, name, control, tell)?;
    engine.with_models(|models| models.remove(name))?;
    forget_speed(engine, name);
    Ok(faces)
}

/// Without room for it, or ended by the person, the space is used by what is enrolled next.
fn give_space_back(engine: &Engine, control: &JobControl, tell: &(dyn Fn(Progress) + Sync)) {
    const MB: u64 = 1_000_000;
    let meter = Mutex::new(ProgressMeter::counting("Giving the space back", "megabyte"));
    let compacted = engine.gallery().compact(&|written, total| {
        let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
        (meter.now.done, meter.now.total) = (written / MB, Some(total.div_ceil(MB)));
        if let Some(progress) = meter.tick(false) {
            tell(progress);
        }
        if control.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Err(error) = compacted {
        log::warn!("the gallery could not be made smaller: {error}");
    }
}

fn forget(
    engine: &Engine,
    name: &str,
    control: &JobControl,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, JobError> {
    if engine.manifest().name == name {
        return Err(JobError::Failed(tell!("engine-model-in-use", model = name)));
    }
    let total = engine.gallery().embedded_models()?.iter().find(|model| model.name == name).map_or(0, |m| m.faces);
    let mut meter = ProgressMeter::counting("Deleting embeddings", "face");
    meter.now.total = Some(total);
    loop {
        control.checkpoint()?;
        if let Some(progress) = meter.tick(control.is_paused()) {
            tell(progress);
        }
        let gone = engine.gallery().delete_embeddings(name, CHUNK)?;
        meter.now.done += gone as u64;
        if gone < CHUNK {
            break;
        }
    }
    let dir = engine.index_dir_of(name);
    match fs::remove_dir_all(&dir) {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => return Err(JobError::Io { reason, path: dir }),
        _ => {}
    }
    let faces = meter.now.done;
    if faces > 0 {
        give_space_back(engine, control, tell);
    }
    tell(meter.finish());
    Ok(faces)
}
