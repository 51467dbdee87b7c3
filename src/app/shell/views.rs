//! From what the engine knows to what screens show.

use std::sync::Arc;

use crate::app::event::Opening;
use crate::app::state::{FaceView, IssueView, ModelView, PhotoView, Status};
use crate::jobs::{Analysis, AnalyzedFace, Engine, JobError, LoadedPhoto, load_settings};
use crate::vision::runtime;

pub(super) fn opening(engine: &Engine) -> Result<Opening, JobError> {
    let (settings, _) = load_settings(&engine.settings_path());
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

pub(super) fn status(engine: &Engine) -> Result<Status, JobError> {
    let counts = engine.gallery().counts()?;
    Ok(Status {
        photos: counts.photos,
        faces: counts.faces,
        subjects: counts.subjects,
        generation: engine.generation(),
        model: engine.manifest().title,
        device: runtime::describe(),
        memory_bytes: resident_bytes(),
        data_dir: engine.data_dir().to_path_buf(),
        starting: false,
    })
}

pub(super) fn models(engine: &Engine) -> Vec<ModelView> {
    let active = engine.manifest().name;
    let view = |entry: crate::vision::manifest::ModelEntry| ModelView {
        active: entry.manifest.name == active,
        name: entry.manifest.name,
        title: entry.manifest.title,
        d: entry.manifest.d,
        licence: entry.manifest.licence,
        source: entry.manifest.source,
        threshold: entry.manifest.threshold,
        problem: entry.problem,
    };
    engine.models().into_iter().map(view).collect()
}

/// Memory of this process that is in RAM, bytes; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

pub(super) fn photo_view_from_loaded(loaded: LoadedPhoto) -> PhotoView {
    let faces = loaded.faces.into_iter().map(|(face, crop)| FaceView {
        id: Some(face.id),
        bbox: face.detection.bbox,
        landmarks: face.detection.landmarks,
        quality: face.quality,
        subject: face.subject.map(|(_, name)| name),
        crop: crop.map(Arc::new),
    });
    PhotoView {
        path: Some(loaded.path),
        scale: loaded.photo.scale,
        size: loaded.photo.size,
        taken_at: loaded.photo.taken_at,
        faces: faces.collect(),
        pixels: Arc::new(loaded.photo.pixels),
    }
}

pub(super) fn photo_view_from_analysis(analysis: Analysis, path: Option<std::path::PathBuf>) -> PhotoView {
    let view = |face: AnalyzedFace| FaceView {
        id: None,
        bbox: face.detection.bbox,
        landmarks: face.detection.landmarks,
        quality: face.quality,
        subject: None,
        crop: Some(Arc::new(face.aligned_crop)),
    };
    PhotoView {
        path,
        scale: analysis.photo.scale,
        size: analysis.photo.size,
        taken_at: analysis.photo.taken_at,
        faces: analysis.faces.into_iter().map(view).collect(),
        pixels: Arc::new(analysis.photo.pixels),
    }
}
