//! The words of the program: plain values that every module speaks and none owns.
//!
//! Nothing here touches a file, a thread, a model or a window.

mod detection;
mod embedding;
mod geometry;
mod ids;
mod quality;
mod settings;

pub use detection::{Detection, DetectionTrace, DetectorParams, ParamsError, ScoredBox};
pub use embedding::{Embedding, EmbeddingError};
pub use geometry::{BBox, Landmarks};
pub use ids::{FaceId, JobId, PhotoId, SubjectId};
pub use quality::Quality;
pub use settings::{Settings, ThemeChoice};
