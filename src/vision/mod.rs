//! From a photo's pixels to embeddings. The only module that speaks to the neural network library.

pub mod align;
pub mod decode;
pub mod embed;
mod error;
pub(crate) mod layout;
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
mod spec;
mod torch_file;
pub(crate) mod weights_file;

pub use error::VisionError;
pub use weights_file::weights_dir;
