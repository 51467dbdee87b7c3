use crate::tell;
use crate::types::{Tell, Telling};
use std::path::PathBuf;

use thiserror::Error;

use super::control::Cancelled;
use crate::chart::ChartError;
use crate::index::IndexError;
use crate::store::StoreError;
use crate::train::TrainError;
use crate::types::{FaceId, ParamsError};
use crate::vectors::{VectorFileError, VectorsError};
use crate::vision::VisionError;
use crate::vision::decode::DecodeError;

/// Why a whole job or request came to nothing. A single bad photo is an issue, never one of these.
#[derive(Debug, Error)]
pub enum JobError {
    #[error("cancelled")]
    Cancelled,
    #[error("there is nothing to do: no file or folder was given and no enrollment was left unfinished")]
    NothingToDo,
    #[error("there is no file or folder {0}")]
    NoSuchSource(PathBuf),
    #[error("face {face} has no embedding by the model {model}; enroll its photo again")]
    NoEmbedding { face: FaceId, model: String },
    #[error("this gallery is open for reading only: {}", .0.plain())]
    ReadOnly(Telling),
    #[error("{reason}: {path}")]
    Photo { reason: DecodeError, path: PathBuf },
    /// The same for a photo whose path is not at hand.
    #[error(transparent)]
    Pixels(#[from] DecodeError),
    #[error("{reason}: {path}")]
    Io { reason: std::io::Error, path: PathBuf },
    #[error("{reason}: {path}")]
    Vectors { reason: VectorsError, path: PathBuf },
    #[error("detector parameters: {0}")]
    Params(#[from] ParamsError),
    #[error(transparent)]
    Vision(#[from] VisionError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(IndexError),
    #[error("the pairs file: {0}")]
    Lfw(#[from] crate::eval::lfw::LfwError),
    #[error(transparent)]
    Synth(#[from] crate::vectors::synth::SynthError),
    #[error(transparent)]
    Train(TrainError),
    /// A job's own last words.
    #[error("{}", .0.plain())]
    Failed(Telling),
    #[error("a worker stopped by a fault of the program: {0}")]
    Worker(String),
}

impl From<IndexError> for JobError {
    /// Work that was told to stop did not fail.
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Interrupted => Self::Cancelled,
            other => Self::Index(other),
        }
    }
}

impl From<TrainError> for JobError {
    /// A run that was told to stop did not fail.
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Stopped => Self::Cancelled,
            other => Self::Train(other),
        }
    }
}

impl From<VectorFileError> for JobError {
    fn from(error: VectorFileError) -> Self {
        match error {
            VectorFileError::Io { reason, path } => Self::Io { reason, path },
            VectorFileError::Vectors { reason, path } => Self::Vectors { reason, path },
        }
    }
}

impl From<ChartError> for JobError {
    fn from(error: ChartError) -> Self {
        Self::Failed(error.telling())
    }
}

impl From<Cancelled> for JobError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl Tell for JobError {
    fn telling(&self) -> Telling {
        match self {
            Self::Cancelled => tell!("jobs-cancelled"),
            Self::NothingToDo => tell!("jobs-nothing-to-do"),
            Self::NoSuchSource(path) => tell!("jobs-no-such-source", path = path),
            Self::NoEmbedding { face, model } => tell!("jobs-no-embedding", face = face.to_string(), model = model),
            Self::ReadOnly(reason) => tell!("jobs-read-only", reason = reason.clone()),
            Self::Photo { reason, path } => tell!("jobs-about-path", reason = reason, path = path),
            Self::Pixels(error) => error.telling(),
            Self::Io { reason, path } => tell!("jobs-about-path", reason = reason, path = path),
            Self::Vectors { reason, path } => tell!("jobs-about-path", reason = reason, path = path),
            Self::Params(error) => tell!("vision-params", reason = error),
            Self::Vision(error) => error.telling(),
            Self::Store(error) => error.telling(),
            Self::Index(error) => error.telling(),
            Self::Lfw(error) => tell!("jobs-pairs", reason = error),
            Self::Synth(error) => error.telling(),
            Self::Train(error) => error.telling(),
            Self::Failed(telling) => telling.clone(),
            Self::Worker(reason) => tell!("jobs-worker", reason = reason),
        }
    }
}
