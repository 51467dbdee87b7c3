//! From what the engine knows to what screens show.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::event::{Event, Opening};
use crate::app::record::{BatchTurn, BatchView, MissingPhoto, QuestionView, RecordView};
use crate::app::state::{Evidence, FaceView, IssueView, ModelView, PhotoView, Status};
use crate::jobs::history::words;
use crate::jobs::models::{load_speeds, stored_by_models};
use crate::jobs::{Analysis, AnalyzedFace, Engine, JobError, LoadedPhoto};
use crate::store::{BatchKind, BatchRecord, BatchState, PhotoRecord, Question, Removal};
use crate::types::BatchId;
use crate::vision::manifest::{ChannelOrder, ModelEntry, ModelManifest};
use crate::vision::runtime;

pub(super) fn opening(engine: &Engine) -> Result<Opening, JobError> {
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
        read_only: engine.read_only_reason(),
    })
}

/// The history, the open questions, and what is missing.
pub(super) fn record(engine: &Engine) -> Result<RecordView, JobError> {
    let gallery = engine.gallery();
    let view = |record: BatchRecord| BatchView {
        words: words(&record),
        state: match record.state {
            _ if !record.can_turn() => BatchTurn::Final,
            BatchState::Done => BatchTurn::Done,
            BatchState::Undone | BatchState::Dead => BatchTurn::Undone,
            BatchState::Purged => BatchTurn::Purged,
        },
        id: record.id,
        at: record.at,
        actor: record.actor,
    };
    let records = gallery.history(RecordView::LINES + 1, None)?;
    let told: HashMap<BatchId, String> = records.iter().map(|record| (record.id, words(record))).collect();
    let with_turned = |record: BatchRecord| {
        let turned = record.of.and_then(|of| told.get(&of));
        let verb = if record.kind == BatchKind::Undo { "undid" } else { "did again" };
        let words = turned.map(|turned| format!("{verb}: {turned}"));
        let view = view(record);
        BatchView { words: words.unwrap_or_else(|| view.words.clone()), ..view }
    };
    let mut history: Vec<BatchView> = records.into_iter().map(with_turned).collect();
    let is_cut = history.len() > RecordView::LINES;
    history.truncate(RecordView::LINES);
    let [undo, redo] = gallery.undoable()?.map(|record| record.map(view));
    let question = |question: Question| QuestionView {
        face: question.face.id,
        old_face: question.old_face,
        subject: question.subject,
        photo: question.face.path,
    };
    let missing = |photo: PhotoRecord| MissingPhoto {
        photo: photo.id,
        path: photo.path,
        since: photo.missing_at.unwrap_or_default(),
    };
    Ok(RecordView {
        history,
        is_cut,
        undo,
        redo,
        questions: gallery.questions()?.into_iter().map(question).collect(),
        missing: gallery.photos_missing(RecordView::LINES)?.into_iter().map(missing).collect(),
        missing_counts: gallery.removal_counts(&Removal::Missing)?,
        removal: None,
        problem: None,
    })
}

/// The models, without a count of what is stored for them.
pub(super) fn models(engine: &Engine) -> Vec<ModelView> {
    let active = engine.manifest().name;
    let speeds = load_speeds(engine);
    let entries = engine.models();
    let imported: Vec<bool> =
        engine.with_models(|models| entries.iter().map(|entry| models.is_imported(entry)).collect());
    let view = |(entry, imported): (ModelEntry, bool)| {
        let files = entry.files();
        let bytes = files.iter().filter_map(|file| Some(std::fs::metadata(file).ok()?.len())).sum();
        let manifest = entry.manifest.to_toml().unwrap_or_default();
        let ModelManifest { name, title, architecture, sha256, d, threshold, licence, source, notes, input, .. } =
            entry.manifest;
        ModelView {
            active: name == active,
            // Other weights have another speed.
            speed: speeds.get(&name).filter(|speed| speed.sha256 == sha256).cloned(),
            architecture: architecture.name().to_owned(),
            size: input.template.size,
            bgr: input.channel_order == ChannelOrder::Bgr,
            mean: input.mean,
            std: input.std,
            template: input.template.points,
            digest: sha256,
            weights: entry.weights_path,
            problem: entry.problem,
            embedded: None,
            stored_bytes: 0,
            name,
            title,
            d,
            licence,
            source,
            notes,
            threshold,
            bytes,
            imported,
            manifest,
        }
    };
    entries.into_iter().zip(imported).map(view).collect()
}

/// The models with what is stored for them, which takes a look at every embedding's key.
pub(super) fn model_list(engine: &Engine) -> Result<Event, JobError> {
    let mut models = models(engine);
    let mut left_over = stored_by_models(engine)?;
    for model in &mut models {
        let stored = left_over.iter().position(|stored| stored.name == model.name).map(|at| left_over.remove(at));
        model.embedded = Some(stored.as_ref().map_or(0, |stored| stored.faces));
        model.stored_bytes = stored.map_or(0, |stored| stored.bytes);
    }
    Ok(Event::ModelsRead { models, unreadable: engine.unreadable_models(), left_over })
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
        subject: face.subject,
        crop: crop.map(Arc::new),
    });
    let faces = faces.collect();
    match loaded.photo {
        Ok(photo) => PhotoView {
            id: Some(loaded.id),
            path: Some(loaded.path),
            scale: photo.scale,
            size: photo.size,
            taken_at: photo.taken_at,
            partly_read: photo.notice,
            faces,
            pixels: Arc::new(photo.pixels),
            evidence: if loaded.changed { Evidence::Changed } else { Evidence::Same },
        },
        Err(reason) => PhotoView {
            id: Some(loaded.id),
            path: Some(loaded.path),
            scale: 1.0,
            size: loaded.size,
            taken_at: loaded.taken_at,
            faces,
            pixels: Arc::new(loaded.stored.unwrap_or_else(|| image::RgbImage::new(1, 1))),
            evidence: Evidence::Gone(reason),
            partly_read: None,
        },
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
        id: None,
        path,
        scale: analysis.photo.scale,
        size: analysis.photo.size,
        taken_at: analysis.photo.taken_at,
        faces: analysis.faces.into_iter().map(view).collect(),
        evidence: Evidence::Same,
        partly_read: analysis.photo.notice,
        pixels: Arc::new(analysis.photo.pixels),
    }
}
