use std::collections::HashMap;

use super::state::{BatchTurn, BatchView, MissingPhoto, QuestionView, RecordView};
use crate::jobs::history::words;
use crate::jobs::{Engine, JobError};
use crate::store::{BatchKind, BatchRecord, BatchState, PhotoRecord, Question, Removal};
use crate::tell;
use crate::types::{BatchId, Telling};

/// The history, the open questions, and what is missing.
pub(in crate::app) fn record(engine: &Engine) -> Result<RecordView, JobError> {
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
    let told: HashMap<BatchId, Telling> = records.iter().map(|record| (record.id, words(record))).collect();
    let with_turned = |record: BatchRecord| {
        let turned = record.of.and_then(|of| told.get(&of));
        let words = turned.map(|turned| match record.kind {
            BatchKind::Undo => tell!("history-undid", what = turned.clone()),
            _ => tell!("history-did-again", what = turned.clone()),
        });
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
