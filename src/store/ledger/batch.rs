//! What a batch of changes is: whose doing, of which kind, and where it stands.

use serde::{Deserialize, Serialize};

/// Whose doing a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Person,
    /// A run over folders: names from folders, photos moved, faces that are no longer found.
    Enrollment,
}

impl Source {
    pub const ALL: [Self; 2] = [Self::Person, Self::Enrollment];

    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Enrollment => "enrollment",
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
    Enroll,
    Purge,
    Undo,
    Redo,
}

impl BatchKind {
    pub const ALL: [Self; 13] = [
        Self::Name,
        Self::Describe,
        Self::Merge,
        Self::RemoveFaces,
        Self::RemovePhotos,
        Self::RemoveSubject,
        Self::RestoreFaces,
        Self::RestorePhotos,
        Self::Answer,
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
