use std::path::PathBuf;

use thiserror::Error;

use crate::types::ParamsError;

/// What can go wrong between a photo's pixels and an embedding.
#[derive(Debug, Error)]
pub enum VisionError {
    #[error("weights are missing; run `cargo xtask setup`, or let LIKENESS_WEIGHTS name their folder: {}", path.display())]
    MissingWeights { path: PathBuf },
    #[error("weights cannot be read ({source}): {}", path.display())]
    UnreadableWeights { path: PathBuf, source: std::io::Error },
    #[error("weights are damaged or of another kind ({reason}); fetch them anew: {}", path.display())]
    CorruptWeights { path: PathBuf, reason: String },
    #[error("detector parameters: {0}")]
    Params(#[from] ParamsError),
    #[error("the neural network library failed: {0}")]
    Tch(#[from] tch::TchError),
}
