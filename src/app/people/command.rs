use super::state::{Naming, Removal};
use crate::store::Change;
use crate::types::{BatchId, FaceId, SubjectId};

/// What is asked of the record of who is who.
#[derive(Clone, Debug)]
pub enum PeopleCommand {
    /// Say who these faces are.
    Name { faces: Vec<FaceId>, who: Naming },
    /// Write down how a person is called and what tells them from others; `None` for nothing.
    Describe { subject: SubjectId, name: String, external_id: Option<String>, note: Option<String> },
    /// Two people are one: all faces of `from` are `into`'s.
    Merge { from: SubjectId, into: SubjectId },
    /// Answer "is this still …?" about a face.
    Answer { face: FaceId, same: bool },
    /// Anything else that the record can be told.
    Change(Change),
    /// Find out how much this would take out, and ask.
    AskRemoval(Removal),
    /// Take nothing out.
    CancelRemoval,
    /// Take out what was asked about and confirmed.
    Remove(Removal),
    /// Take a change back; without a number the latest one.
    Undo(Option<BatchId>),
    /// Do again what was taken back last.
    Redo,
    /// Read the history, the questions and what is missing.
    Read,
}
