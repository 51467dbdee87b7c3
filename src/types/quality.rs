use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How well a face lends itself to recognition. Every value is 0 (useless) … 1 (ideal).
///
/// How each part is measured stands at `vision::quality`.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct Quality {
    /// The parts in one number.
    pub score: f32,
    /// Distance between the eyes in pixels of the photo, against what the embedder's input holds.
    pub size: f32,
    pub sharpness: f32,
    /// Frontal is 1; falls with yaw, pitch and roll estimated from the landmarks.
    pub pose: f32,
    pub exposure: f32,
    /// The detector's own probability.
    pub confidence: f32,
}
