use super::state::{RecordView, Removal, RemovalCounts};
use crate::store::Changed;
use crate::types::Telling;
use crate::types::{BatchId, SubjectRecord};

/// What is told of the record of who is who.
#[derive(Debug)]
pub enum PeopleEvent {
    /// Everybody, in the order of their names.
    SubjectsRead(Vec<SubjectRecord>),
    /// The record was changed.
    Changed(Changed),
    /// A change was made, in words, that can be taken back.
    Made { text: Telling, undo: BatchId },
    /// History, questions and what is missing; what is asked about is left as it is.
    RecordRead(Box<RecordView>),
    /// Why they could not be read.
    RecordUnread(Telling),
    /// How much a removal would take out.
    RemovalCounted { removal: Removal, counts: Result<RemovalCounts, Telling> },
}
