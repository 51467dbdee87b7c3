use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line of a training run's `log.jsonl`.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct TrainRecord {
    /// Optimiser steps done.
    pub step: u64,
    /// All steps of the run.
    pub steps_total: u64,
    /// Counted from 0; fractions of the way through the pictures.
    pub epoch: f32,
    /// Mean loss since the last line.
    pub loss: f32,
    pub learning_rate: f32,
    pub images_per_second: f32,
    /// What was measured on held-out people at this step, by name (such as `accuracy`), 0…1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation: Vec<(String, f32)>,
}
