//! From what the engine knows to what the window shows at the start.

use super::state::{Opening, Status};
use crate::app::enroll::IssueView;
use crate::app::models::models;
use crate::jobs::{Engine, JobError};
use crate::vision::runtime;

pub(in crate::app) fn opening(engine: &Engine) -> Result<Opening, JobError> {
    let settings = engine.settings();
    let issues = engine.gallery().issues()?;
    Ok(Opening {
        status: status(engine)?,
        models: models(engine),
        threshold: engine.manifest().threshold,
        faces: engine.gallery().face_ids()?,
        issues: issues.into_iter().map(|issue| IssueView { path: issue.path, reason: issue.reason }).collect(),
        settings,
    })
}

pub(in crate::app) fn status(engine: &Engine) -> Result<Status, JobError> {
    let counts = engine.gallery().counts()?;
    Ok(Status {
        photos: counts.photos,
        faces: counts.faces,
        subjects: counts.subjects,
        generation: engine.generation(),
        model: engine.manifest().title,
        device: runtime::described(),
        memory_bytes: memory_stats::memory_stats().map_or(0, |memory| memory.physical_mem as u64),
        data_dir: engine.data_dir().to_path_buf(),
        starting: false,
        read_only: engine.read_only_reason(),
    })
}
