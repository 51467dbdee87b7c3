//! From a photo's pixels to embeddings. The only module that speaks to the neural network library.

use std::path::PathBuf;

pub mod align;
pub mod decode;
pub mod embed;
mod error;
pub mod manifest;
pub mod mask;
pub mod minify;
pub mod mtcnn;
pub mod onnx;
pub mod quality;
pub mod runtime;
mod shared_tensor;
pub mod sharp;
pub mod sharp_landmarks;
mod torch_file;

pub use error::VisionError;

/// Folder of the weights that set-up lays down: `LIKENESS_WEIGHTS` where it is set, otherwise
/// `assets/weights` in the user's data folder. It may be missing; loading says so.
pub fn weights_dir() -> PathBuf {
    if let Some(folder) = std::env::var_os("LIKENESS_WEIGHTS").filter(|v| !v.is_empty()) {
        return folder.into();
    }
    match directories::ProjectDirs::from("", "", "likeness") {
        Some(dirs) => dirs.data_dir().join("assets").join("weights"),
        None => PathBuf::from("assets/weights"),
    }
}
