use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How well a face lends itself to recognition. Every value is 0 (useless) … 1 (ideal).
///
/// How each part is measured stands at `vision::quality`.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Quality {
    /// The parts in one number.
    pub score: f32,
    /// Pixels of the photo that the crop is made of, against what the embedder's input holds; less what lies outside.
    pub size: f32,
    pub sharpness: f32,
    /// Frontal is 1; falls with yaw, pitch and roll estimated from the landmarks, and where they lie on the face upside down.
    pub pose: f32,
    pub exposure: f32,
    /// The detector's own probability.
    pub confidence: f32,
}
