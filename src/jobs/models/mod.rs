//! Work on models: trying and importing weights files, testing, measuring, and taking away.

mod import;
mod remove;
mod runs;
mod speed;

use std::path::Path;

pub use import::{import_weights, inspect_weights};
pub use remove::{StoredByModel, forget_embeddings, remove_model, stored_by_models};
pub use runs::RunWatch;
pub use speed::{load_speeds, measure_speed};

use super::engine::Engine;
use crate::jobs::work::JobError;

/// Checks a model's weights: checksum, form, and a trial run.
///
/// # Errors
/// What is wrong with the model.
pub fn verify_model(engine: &Engine, name: &str) -> Result<(), JobError> {
    let entry = engine.with_models(|models| models.find(name).cloned())?;
    Ok(entry.verify()?)
}

/// Bytes of the files at and below `path`; 0 where there are none.
fn bytes_below(path: &Path) -> u64 {
    let Ok(metadata) = path.symlink_metadata() else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = std::fs::read_dir(path).into_iter().flatten();
    entries.filter_map(|entry| Some(bytes_below(&entry.ok()?.path()))).sum()
}
