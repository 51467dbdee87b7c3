use crate::tell;
use crate::types::{Tell, Telling};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::types::{FaceId, IndexSpec, SpecError};

/// What can go wrong with an index. None of it is lasting: an index is built again from the gallery at any time.
#[derive(Debug, Error)]
pub enum IndexError {
    #[error("the index holds embeddings of d {expected}, this one has d {got}")]
    WrongDimension { expected: usize, got: usize },
    #[error("an index needs a d between 1 and {max}, not {d}")]
    InvalidDimension { d: usize, max: usize },
    #[error("{ids} ids were given for {embeddings} embeddings")]
    LengthMismatch { ids: usize, embeddings: usize },
    #[error("faces to leave out were given for {lists} of {probes} probes")]
    ExcludeMismatch { lists: usize, probes: usize },
    #[error("face {0} is in the index already, or twice among those to be added")]
    DuplicateId(FaceId),
    #[error("{0} is no face id: they are not negative")]
    NegativeId(FaceId),
    #[error("the work on the index was stopped")]
    Interrupted,
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("an index of {spec} learns from at least {needed} faces, and there are {found}")]
    TooFewToTrain { spec: IndexSpec, needed: usize, found: usize },
    #[error("there is no generation {0} of the index; see `likeness index list`")]
    NoGeneration(u64),
    #[error("Faiss reports: {0}")]
    Faiss(String),
    #[error("the published index is damaged ({}); it will be built again from the gallery: {path}", detail.plain())]
    Corrupt { path: PathBuf, detail: Telling },
    #[error("the published index is of model {found}, not {expected}; it will be built again: {path}")]
    WrongModel { expected: String, found: String, path: PathBuf },
    #[error("the published index holds embeddings of d {found}, not {expected}; it will be built again: {path}")]
    WrongGenerationDimension { expected: usize, found: usize, path: PathBuf },
    #[error("the published index was written by a newer Likeness (format {found}); it will be built again: {path}")]
    NewerFormat { found: u32, path: PathBuf },
    #[error("another process is publishing an index here: {path}")]
    Busy { path: PathBuf },
    #[error("the index is open for reading only: {path}")]
    ReadOnly { path: PathBuf },
    #[error("the disk is full, so the index was not published; searching goes on. Free some space: {path}")]
    DiskFull { path: PathBuf },
    #[error("Faiss takes no path that is not UTF-8; choose another data folder: {path}")]
    PathNotUtf8 { path: PathBuf },
    #[error("could not {action}: {source}: {path}")]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
}

impl IndexError {
    /// Whether building the index anew from the gallery is the remedy.
    pub fn asks_for_rebuild(&self) -> bool {
        matches!(
            self,
            Self::Corrupt { .. }
                | Self::WrongModel { .. }
                | Self::WrongGenerationDimension { .. }
                | Self::NewerFormat { .. }
        )
    }

    /// Whether another generation may serve where this one does not.
    pub fn is_damage(&self) -> bool {
        self.asks_for_rebuild() || matches!(self, Self::Io { .. } | Self::Faiss(_))
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path: path.to_path_buf() }
            }
            _ => Self::Io { action, path: path.to_path_buf(), source },
        }
    }
}

impl Tell for IndexError {
    fn telling(&self) -> Telling {
        match self {
            Self::WrongDimension { expected, got } => tell!("index-wrong-dimension", expected = *expected, got = *got),
            Self::InvalidDimension { d, max } => tell!("index-invalid-dimension", d = *d, max = *max),
            Self::LengthMismatch { ids, embeddings } => {
                tell!("index-length-mismatch", ids = *ids, embeddings = *embeddings)
            }
            Self::ExcludeMismatch { lists, probes } => {
                tell!("index-exclude-mismatch", lists = *lists, probes = *probes)
            }
            Self::DuplicateId(face) => tell!("index-duplicate-id", face = face.to_string()),
            Self::NegativeId(face) => tell!("index-negative-id", face = face.to_string()),
            Self::Interrupted => tell!("index-interrupted"),
            Self::Spec(error) => error.telling(),
            Self::TooFewToTrain { spec, needed, found } => {
                tell!("index-too-few-to-train", spec = spec.to_string(), needed = *needed, found = *found)
            }
            Self::NoGeneration(generation) => tell!("index-no-generation", generation = generation.to_string()),
            Self::Faiss(reason) => tell!("index-faiss", reason = reason),
            Self::Corrupt { path, detail } => tell!("index-corrupt", path = path, detail = detail),
            Self::WrongModel { expected, found, path } => {
                tell!("index-wrong-model", expected = expected, found = found, path = path)
            }
            Self::WrongGenerationDimension { expected, found, path } => {
                tell!("index-wrong-generation-dimension", expected = *expected, found = *found, path = path)
            }
            Self::NewerFormat { found, path } => tell!("index-newer-format", found = *found, path = path),
            Self::Busy { path } => tell!("index-busy", path = path),
            Self::ReadOnly { path } => tell!("index-read-only", path = path),
            Self::DiskFull { path } => tell!("index-disk-full", path = path),
            Self::PathNotUtf8 { path } => tell!("index-path-not-utf8", path = path),
            Self::Io { action, path, source } => {
                tell!("index-io", action = Telling::phrase(action), source = source, path = path)
            }
        }
    }
}
