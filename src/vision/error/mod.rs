mod onnx;

use std::path::PathBuf;

use thiserror::Error;

use crate::tell;
use crate::types::{ParamsError, Tell, Telling};

pub use onnx::OnnxError;
pub(super) use onnx::OpError;

/// What can go wrong between a photo's pixels and an embedding.
#[derive(Debug, Error)]
pub enum VisionError {
    #[error("weights are missing; run `cargo xtask setup`, or let LIKENESS_WEIGHTS name their folder: {}", path.display())]
    MissingWeights { path: PathBuf },
    #[error("weights cannot be read ({source}): {}", path.display())]
    UnreadableWeights { path: PathBuf, source: std::io::Error },
    #[error("weights are damaged or of another kind ({reason}); fetch them anew: {}", path.display())]
    CorruptWeights { path: PathBuf, reason: String },
    #[error("a TorchScript file is a program and runs with your rights as soon as it is loaded; import it only from where you trust, and say so (`--run-code`, or in the window): {}", path.display())]
    RunsCode { path: PathBuf },
    #[error("this ONNX model cannot be used ({source}): {}", path.display())]
    Onnx { path: PathBuf, source: OnnxError },
    #[error("detector parameters: {0}")]
    Params(#[from] ParamsError),
    #[error("the neural network library failed: {0}")]
    Tch(#[from] tch::TchError),
    #[error("{subject}: {reason}: {}", path.display())]
    Io { subject: &'static str, reason: std::io::Error, path: PathBuf },
    #[error("this picture of a mask cannot be used ({reason}): {}", path.display())]
    Mask { path: PathBuf, reason: String },
    #[error("the model's manifest is not usable ({}): {origin}", reason.plain())]
    Manifest { origin: String, reason: Telling },
    #[error("there is no model called “{name}”; there are: {known}")]
    UnknownModel { name: String, known: String },
    #[error("a model called “{name}” is there already; choose another name, or delete its folder first")]
    DuplicateModel { name: String },
    #[error("model “{name}” cannot be used: {}", reason.plain())]
    UnusableModel { name: String, reason: Telling },
    #[error("weights have another checksum than the manifest says (sha256 {found}, expected {expected}); fetch them anew: {}", path.display())]
    Checksum { path: PathBuf, expected: String, found: String },
    #[error("model “{model}” takes crops of {}×{} pixels and was given {}×{}", expected[0], expected[1], found[0], found[1])]
    CropSize { model: String, expected: [u32; 2], found: [u32; 2] },
    #[error("model “{model}” gave no usable embedding: {}", reason.plain())]
    BadOutput { model: String, reason: Telling },
}

impl Tell for VisionError {
    fn telling(&self) -> Telling {
        match self {
            Self::MissingWeights { path } => tell!("vision-missing-weights", path = path),
            Self::UnreadableWeights { path, source } => {
                tell!("vision-unreadable-weights", path = path, source = source)
            }
            Self::CorruptWeights { path, reason } => tell!("vision-corrupt-weights", path = path, reason = reason),
            Self::RunsCode { path } => tell!("vision-runs-code", path = path),
            Self::Onnx { path, source } => tell!("vision-onnx", path = path, source = source),
            Self::Params(error) => tell!("vision-params", reason = error),
            Self::Tch(error) => tell!("vision-library-failed", reason = error.to_string()),
            Self::Io { subject, reason, path } => {
                tell!("vision-io", subject = Telling::phrase(subject), reason = reason, path = path)
            }
            Self::Mask { path, reason } => tell!("vision-mask", path = path, reason = reason),
            Self::Manifest { origin, reason } => tell!("vision-manifest", origin = origin, reason = reason),
            Self::UnknownModel { name, known } => tell!("vision-unknown-model", name = name, known = known),
            Self::DuplicateModel { name } => tell!("vision-duplicate-model", name = name),
            Self::UnusableModel { name, reason } => {
                tell!("vision-unusable-model", name = name, reason = reason.clone())
            }
            Self::Checksum { path, expected, found } => {
                tell!("vision-checksum", path = path, expected = expected, found = found)
            }
            Self::CropSize { model, expected, found } => tell!(
                "vision-crop-size",
                model = model,
                width = expected[0].to_string(),
                height = expected[1].to_string(),
                found_width = found[0].to_string(),
                found_height = found[1].to_string()
            ),
            Self::BadOutput { model, reason } => tell!("vision-bad-output", model = model, reason = reason),
        }
    }
}
