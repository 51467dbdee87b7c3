use crate::tell;
use crate::types::{Tell, Telling};
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

use super::system::free_space;
use crate::types::{BatchId, FaceId, FaceQueryError, GroupId, PhotoId, SubjectId, SubjectRecord, count};

/// What can go wrong with the data folder and the gallery. Paths stand last, so that a message can be cut before them.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error(
        "the disk is full: this batch was not stored, everything before it was. Free some space and start again: {path}"
    )]
    DiskFull { path: PathBuf },
    #[error("this file is not a gallery (it does not begin like an SQLite database) and was left as it is: {path}")]
    NotADatabase { path: PathBuf },
    #[error("this database belongs to another program and was left as it is: {path}")]
    ForeignDatabase { path: PathBuf },
    #[error(
        "the gallery was written by a newer Likeness (format {found}; this one reads up to {known}). \
         Install the newer version; the file was left as it is: {path}"
    )]
    NewerVersion { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the gallery is damaged ({detail}). `likeness check --repair` may put it right; else put a back-up in its place or \
         enroll anew into another data folder: {path}"
    )]
    Corrupt { path: PathBuf, detail: String },
    #[error("another process keeps the gallery busy; try again in a moment: {path}")]
    Busy { path: PathBuf },
    #[error("the gallery cannot be written: it is open for reading only, or its file or folder is read-only: {path}")]
    ReadOnly { path: PathBuf },
    #[error("there is no gallery here yet, and none can be made: {path}")]
    NoGallery { path: PathBuf },
    #[error(
        "the gallery has an older format ({found}; the present one is {latest}) and another program holds it. Close that \
         one and start again: {path}"
    )]
    OlderFormat { path: PathBuf, found: i64, latest: i64 },
    #[error("{purpose} needs {needed_mb} MB of free space, and there are {free_mb} MB; nothing was changed: {path}")]
    NoRoom { purpose: &'static str, needed_mb: u64, free_mb: u64, path: PathBuf },
    #[error("the gallery's database reports: {source}: {path}")]
    Sqlite { path: PathBuf, source: rusqlite::Error },
    #[error("could not {action}: {source}: {path}")]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{} is working on this data folder; wait for it or close it: {path}", holder.plain())]
    Locked { path: PathBuf, holder: Telling },
    #[error("this data folder can only be read (its media, or the rights on it): {path}")]
    ReadOnlyFolder { path: PathBuf },
    #[error("no home folder was found; name a data folder with --data-dir or LIKENESS_DATA_DIR")]
    NoHome,
    #[error("there is no face {0} in the gallery")]
    NoSuchFace(FaceId),
    #[error("there is no photo {0} in the gallery")]
    NoSuchPhoto(PhotoId),
    #[error("there is no unfinished job {0}")]
    NoSuchJob(i64),
    #[error("nobody in the gallery is named {0}")]
    NoSuchSubject(String),
    #[error("there is no person #{0} in the gallery")]
    NoSuchSubjectId(SubjectId),
    #[error("several people are named {name}: {}; say which one by number", told_apart(people))]
    AmbiguousName { name: String, people: Vec<SubjectRecord> },
    #[error("nothing is asked about face {0}")]
    NoQuestion(FaceId),
    #[error("face {face} is on photo {photo}, which was taken out of the gallery; bring the photo back")]
    PhotoIsGone { face: FaceId, photo: PhotoId },
    #[error("there is no group {0} of faces without a name")]
    NoSuchGroup(GroupId),
    #[error("face {0} is in no group")]
    NotInGroup(FaceId),
    #[error("face {face} is not one of person #{subject}")]
    NotOfSubject { face: FaceId, subject: SubjectId },
    #[error("faces split off person #{0} cannot be that person")]
    SplitIntoItself(SubjectId),
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("there is nothing to redo")]
    NothingToRedo,
    #[error("there is no change {0} in the history")]
    NoSuchBatch(BatchId),
    #[error("change {0} cannot be undone: some of it was deleted for ever")]
    Purged(BatchId),
    #[error("change {batch} cannot be turned: {entity} {id} has been changed since{}", by_whom(*by))]
    UndoConflict { batch: BatchId, entity: String, id: i64, by: Option<BatchId> },
    #[error("no enrolled photo lies in this folder or below it: {0}")]
    NoPhotoInFolder(PathBuf),
    #[error(transparent)]
    FaceQuery(#[from] FaceQueryError),
    #[error("the name of a subject is empty")]
    EmptySubjectName,
    #[error("the name of the model is empty")]
    EmptyModelName,
    #[error("model {model} gives embeddings of d {expected}, this one has {got}")]
    WrongDimension { model: String, expected: usize, got: usize },
    #[error("a face has a box, landmark or quality that is not a finite number: {path}")]
    NotFinite { path: PathBuf },
}

/// Free space, bytes, with which SQLite cannot work.
const ALMOST_NOTHING: u64 = 1 << 20;

impl StoreError {
    /// Says which file an error of the database concerns, where it does not say so yet.
    ///
    /// SQLite calls it an error of input and output where there is no room for its log: the disk tells it from others.
    pub(super) fn at(mut self, file: &Path) -> Self {
        if let Self::Sqlite { path, source } = &self
            && source.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
            && path.as_os_str().is_empty()
            && file.parent().and_then(|folder| free_space(folder).ok()).is_some_and(|free| free < ALMOST_NOTHING)
        {
            self = Self::DiskFull { path: PathBuf::new() };
        }
        match &mut self {
            Self::DiskFull { path }
            | Self::NotADatabase { path }
            | Self::ForeignDatabase { path }
            | Self::NewerVersion { path, .. }
            | Self::Corrupt { path, .. }
            | Self::Busy { path }
            | Self::ReadOnly { path }
            | Self::OlderFormat { path, .. }
            | Self::Sqlite { path, .. }
                if path.as_os_str().is_empty() =>
            {
                *path = file.to_path_buf();
            }
            _ => {}
        }
        self
    }

    /// A value in the database that this program never writes.
    pub(super) fn unexpected(detail: impl Into<String>) -> Self {
        Self::Corrupt { path: PathBuf::new(), detail: detail.into() }
    }
}

/// "#3 Ada (46), 12 faces, #9 ADA, 1 face": what tells them apart.
fn told_apart(people: &[SubjectRecord]) -> String {
    let person = |person: &SubjectRecord| format!("#{} {}, {}", person.id, person.title(), count(person.faces, "face"));
    people.iter().map(person).collect::<Vec<_>>().join("; ")
}

fn by_whom(by: Option<BatchId>) -> String {
    by.map_or_else(String::new, |by| format!(" by change {by}; undo that one first"))
}

/// Sorts by SQLite's code; the path is filled in by [`StoreError::at`] where the connection is known.
impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        let path = PathBuf::new();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path, detail: source.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            _ => Self::Sqlite { path, source },
        }
    }
}

impl Tell for StoreError {
    fn telling(&self) -> Telling {
        match self {
            Self::DiskFull { path } => tell!("store-disk-full", path = path),
            Self::NotADatabase { path } => tell!("store-not-a-database", path = path),
            Self::ForeignDatabase { path } => tell!("store-foreign-database", path = path),
            Self::NewerVersion { path, found, known } => {
                tell!("store-newer-version", path = path, found = *found, known = *known)
            }
            Self::Corrupt { path, detail } => tell!("store-corrupt", path = path, detail = detail),
            Self::Busy { path } => tell!("store-busy", path = path),
            Self::ReadOnly { path } => tell!("store-read-only", path = path),
            Self::NoGallery { path } => tell!("store-no-gallery", path = path),
            Self::OlderFormat { path, found, latest } => {
                tell!("store-older-format", path = path, found = *found, latest = *latest)
            }
            Self::NoRoom { purpose, needed_mb, free_mb, path } => tell!(
                "store-no-room",
                purpose = Telling::phrase(purpose),
                needed = *needed_mb,
                free = *free_mb,
                path = path
            ),
            Self::Sqlite { path, source } => tell!("store-sqlite", source = source.to_string(), path = path),
            Self::Io { action, path, source } => {
                tell!("store-io", action = Telling::phrase(action), source = source, path = path)
            }
            Self::Locked { path, holder } => tell!("store-locked", holder = holder, path = path),
            Self::ReadOnlyFolder { path } => tell!("store-read-only-folder", path = path),
            Self::NoHome => tell!("store-no-home"),
            Self::NoSuchFace(face) => tell!("store-no-such-face", face = face.to_string()),
            Self::NoSuchPhoto(photo) => tell!("store-no-such-photo", photo = photo.to_string()),
            Self::NoSuchJob(job) => tell!("store-no-such-job", job = job.to_string()),
            Self::NoSuchSubject(name) => tell!("store-no-such-subject", name = name),
            Self::NoSuchSubjectId(id) => tell!("store-no-such-subject-id", id = id.to_string()),
            Self::AmbiguousName { name, people } => {
                tell!("store-ambiguous-name", name = name, people = told_apart(people))
            }
            Self::NoQuestion(face) => tell!("store-no-question", face = face.to_string()),
            Self::PhotoIsGone { face, photo } => {
                tell!("store-photo-is-gone", face = face.to_string(), photo = photo.to_string())
            }
            Self::NoSuchGroup(group) => tell!("store-no-such-group", group = group.to_string()),
            Self::NotInGroup(face) => tell!("store-not-in-group", face = face.to_string()),
            Self::NotOfSubject { face, subject } => {
                tell!("store-not-of-subject", face = face.to_string(), subject = subject.to_string())
            }
            Self::SplitIntoItself(subject) => tell!("store-split-into-itself", subject = subject.to_string()),
            Self::NothingToUndo => tell!("store-nothing-to-undo"),
            Self::NothingToRedo => tell!("store-nothing-to-redo"),
            Self::NoSuchBatch(batch) => tell!("store-no-such-batch", batch = batch.to_string()),
            Self::Purged(batch) => tell!("store-purged", batch = batch.to_string()),
            Self::UndoConflict { batch, entity, id, by: None } => tell!(
                "store-undo-conflict",
                batch = batch.to_string(),
                entity = Telling::phrase(entity),
                id = id.to_string()
            ),
            Self::UndoConflict { batch, entity, id, by: Some(by) } => tell!(
                "store-undo-conflict-by",
                batch = batch.to_string(),
                entity = Telling::phrase(entity),
                id = id.to_string(),
                by = by.to_string()
            ),
            Self::NoPhotoInFolder(path) => tell!("store-no-photo-in-folder", path = path),
            Self::FaceQuery(error) => error.telling(),
            Self::EmptySubjectName => tell!("store-empty-subject-name"),
            Self::EmptyModelName => tell!("store-empty-model-name"),
            Self::WrongDimension { model, expected, got } => {
                tell!("store-wrong-dimension", model = model, expected = *expected, got = *got)
            }
            Self::NotFinite { path } => tell!("store-not-finite", path = path),
        }
    }
}
