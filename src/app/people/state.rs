use crate::types::Telling;
use std::path::PathBuf;

use crate::app::parts::Load;
pub use crate::store::{Change, Naming, Removal, RemovalCounts};
use crate::types::{BatchId, FaceId, PhotoId, SubjectName};

/// Read again after each change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordView {
    /// Newest first, at most [`RecordView::LINES`].
    pub history: Vec<BatchView>,
    /// There is more than is listed.
    pub is_cut: bool,
    /// What Undo and Redo would turn, in words.
    pub undo: Option<BatchView>,
    pub redo: Option<BatchView>,
    pub questions: Vec<QuestionView>,
    /// At most [`RecordView::LINES`] photos whose files are gone, the latest first.
    pub missing: Vec<MissingPhoto>,
    /// All of them.
    pub missing_counts: RemovalCounts,
    /// What a person is about to take out, with how much that is.
    pub removal: Option<(Removal, Load<RemovalCounts>)>,
    /// Why the record could not be read.
    pub problem: Option<Telling>,
}

impl RecordView {
    /// Lines of a list that are read.
    pub const LINES: usize = 200;
}

/// One change, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchView {
    pub id: BatchId,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    pub actor: String,
    /// "named 34 faces Ada".
    pub words: Telling,
    pub state: BatchTurn,
}

/// Whether a change can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchTurn {
    Done,
    /// Taken back.
    Undone,
    /// Something of it was deleted for ever.
    Purged,
    /// It took another one back, or did it again, or deleted for ever.
    Final,
}

/// "Is this still Ada?"
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionView {
    pub face: FaceId,
    /// Whose picture of before is still there.
    pub old_face: FaceId,
    pub subject: SubjectName,
    pub photo: PathBuf,
}

/// An enrolled photo whose file was found to be gone.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingPhoto {
    pub photo: PhotoId,
    /// Where it was last seen.
    pub path: PathBuf,
    /// When it was missed, milliseconds since 1970-01-01 UTC.
    pub since: i64,
}
