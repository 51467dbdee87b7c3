use crate::tell;
use crate::types::{Tell, Telling};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::eval::lfw::LfwError;
use crate::vision::VisionError;

/// Why a training run came to nothing. A single bad photo is an issue, never one of these.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The person stopped it: an outcome, not a fault.
    #[error("stopped")]
    Stopped,
    /// What is wrong with what was asked for or with the photos.
    #[error("{}", .0.plain())]
    Refused(Telling),
    #[error("{subject} ({reason}): {}", path.display())]
    Io { subject: &'static str, reason: io::Error, path: PathBuf },
    #[error("the file is damaged or of another run ({}): {}", reason.plain(), path.display())]
    Corrupt { path: PathBuf, reason: Telling },
    #[error(
        "the loss is no longer a finite number at step {step}; a lower --learning-rate or a longer --warm-up helps"
    )]
    Diverged { step: u64 },
    #[error("the pairs file {}: {reason}", path.display())]
    Pairs { path: PathBuf, reason: LfwError },
    #[error(transparent)]
    Vision(#[from] VisionError),
    #[error("the neural network library failed: {0}")]
    Tch(#[from] tch::TchError),
}

impl TrainError {
    pub(crate) fn io(subject: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |reason| Self::Io { subject, reason, path }
    }

    pub(crate) fn refused(reason: impl Into<Telling>) -> Self {
        Self::Refused(reason.into())
    }

    pub(crate) fn corrupt(path: &Path, reason: impl Into<Telling>) -> Self {
        Self::Corrupt { path: path.to_path_buf(), reason: reason.into() }
    }
}

impl Tell for TrainError {
    fn telling(&self) -> Telling {
        match self {
            Self::Stopped => tell!("train-stopped"),
            Self::Refused(reason) => reason.clone(),
            Self::Io { subject, reason, path } => {
                tell!("train-io", subject = Telling::phrase(subject), reason = reason, path = path)
            }
            Self::Corrupt { path, reason } => tell!("train-corrupt", path = path, reason = reason),
            Self::Diverged { step } => tell!("train-diverged", step = *step),
            Self::Pairs { path, reason } => tell!("train-pairs", path = path, reason = reason),
            Self::Vision(error) => error.telling(),
            Self::Tch(error) => tell!("vision-library-failed", reason = error.to_string()),
        }
    }
}
