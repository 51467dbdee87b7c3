//! What a batch of changes is: whose doing, of which kind, and where it stands.

use serde::{Deserialize, Serialize};

/// Whose doing a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Person,
    /// A run over folders: names from folders, photos moved, faces that are no longer found.
    Enrollment,
    /// The grouping of faces that nobody named.
    Rule,
}

impl Source {
    pub const ALL: [Self; 3] = [Self::Person, Self::Enrollment, Self::Rule];

    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Enrollment => "enrollment",
            Self::Rule => "rule",
        }
    }
}

/// What was done in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    Name,
    /// A subject's name, external id or note.
    Describe,
    Merge,
    RemoveFaces,
    RemovePhotos,
    RemoveSubject,
    RestoreFaces,
    RestorePhotos,
    Answer,
    /// Faces are not a subject.
    Reject,
    /// Faces are left alone.
    Ignore,
    /// Faces that were left alone are not any longer.
    Notice,
    /// Faces do not belong to the group that they are in.
    LeaveGroup,
    /// Faces of one subject are somebody else.
    Split,
    /// A subject's faces that nobody confirmed were put into groups anew.
    Regroup,
    /// A subject's cover or tags.
    Adorn,
    /// An alarm is none.
    Settle,
    /// Faces that nobody named were grouped.
    Group,
    Enroll,
    Purge,
    Undo,
    Redo,
}

impl BatchKind {
    pub const ALL: [Self; 22] = [
        Self::Name,
        Self::Describe,
        Self::Merge,
        Self::RemoveFaces,
        Self::RemovePhotos,
        Self::RemoveSubject,
        Self::RestoreFaces,
        Self::RestorePhotos,
        Self::Answer,
        Self::Reject,
        Self::Ignore,
        Self::Notice,
        Self::LeaveGroup,
        Self::Split,
        Self::Regroup,
        Self::Adorn,
        Self::Settle,
        Self::Group,
        Self::Enroll,
        Self::Purge,
        Self::Undo,
        Self::Redo,
    ];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Describe => "describe",
            Self::Merge => "merge",
            Self::RemoveFaces => "remove_faces",
            Self::RemovePhotos => "remove_photos",
            Self::RemoveSubject => "remove_subject",
            Self::RestoreFaces => "restore_faces",
            Self::RestorePhotos => "restore_photos",
            Self::Answer => "answer",
            Self::Reject => "reject",
            Self::Ignore => "ignore",
            Self::Notice => "notice",
            Self::LeaveGroup => "leave_group",
            Self::Split => "split",
            Self::Regroup => "regroup",
            Self::Adorn => "adorn",
            Self::Settle => "settle",
            Self::Group => "group",
            Self::Enroll => "enroll",
            Self::Purge => "purge",
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }
}

/// What the words of the history need of a batch: names as they were then, and counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchArgs {
    /// Who it is about: the name given, the subject merged into, renamed or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Names before: the one renamed, those merged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub old_names: Vec<String>,
    /// Faces that got another name, or none.
    pub named: u64,
    pub faces_gone: u64,
    pub faces_back: u64,
    pub photos_gone: u64,
    pub photos_back: u64,
    /// Photos whose file was found in another place.
    pub moved: u64,
    /// Photos whose file was found to be gone.
    pub missing: u64,
    /// Faces that are left alone, or no longer.
    pub ignored: u64,
    /// Pairs of a face and who it is not.
    pub rejected: u64,
    /// Faces in another group than before, or in none.
    pub grouped: u64,
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    Done,
    Undone,
    /// Undone, and then something else was done: it cannot be redone.
    Dead,
    /// Something of it was deleted for ever: it cannot be undone.
    Purged,
}

impl BatchState {
    pub const ALL: [Self; 4] = [Self::Done, Self::Undone, Self::Dead, Self::Purged];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone => "undone",
            Self::Dead => "dead",
            Self::Purged => "purged",
        }
    }
}
