use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TrainRecord;

/// How fast a model makes embeddings on this machine.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ModelSpeed {
    /// Seconds since 1970-01-01 UTC.
    pub measured_at: i64,
    /// What computed, such as "CPU, 2 cores, AVX-512".
    pub device: String,
    /// Of the weights that were measured.
    pub sha256: Option<String>,
    pub one_thread: SpeedOfThreads,
    /// With as many threads as the machine has cores.
    pub all_threads: SpeedOfThreads,
}

/// Crop in, embedding out; cutting the crop is not counted.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SpeedOfThreads {
    pub threads: usize,
    /// Crops one by one, the median.
    pub single_millis: f32,
    /// Crops in batches of [`SpeedOfThreads::BATCH`], per crop, the median.
    pub batched_millis: f32,
}

impl SpeedOfThreads {
    /// Crops of a batch.
    pub const BATCH: usize = 32;

    /// Embeddings a second, one by one.
    pub fn single_per_sec(&self) -> f32 {
        1e3 / self.single_millis.max(1e-6)
    }

    /// Embeddings a second, in batches.
    pub fn batched_per_sec(&self) -> f32 {
        1e3 / self.batched_millis.max(1e-6)
    }
}

/// What a weights file seems to be, before it is taken over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportProposal {
    pub file: PathBuf,
    /// Of the weights with their data files, bytes.
    pub bytes: u64,
    /// How the file is read and run, such as "onnx".
    pub architecture: String,
    /// Length of its embeddings, as it gives them.
    pub d: usize,
    /// It is a program that has not run yet: the person must consent first, and `d` is 0 until then.
    pub asks_to_run: bool,
    /// Width and height of its input, pixels.
    pub size: [u32; 2],
    /// A manifest beside the file, or the file itself, says what it takes; else this is what such networks usually do.
    pub input_is_stated: bool,
    pub answers: ImportAnswers,
}

/// What a person says about a weights file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportAnswers {
    /// 1 to 64 of `a-z 0-9 - _ .`.
    pub name: String,
    pub title: String,
    pub licence: String,
    pub source: String,
    /// Cosine, −1…1.
    pub threshold: f32,
    /// The planes are blue, green, red.
    pub bgr: bool,
    /// Of the three planes in the network's order, pixels 0…255.
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

/// What is going on with a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Its log has grown lately.
    Running,
    /// Its model is there.
    Finished,
    /// It ended, or was ended, before its last step.
    Stopped,
}

/// A folder of a training run as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingRun {
    /// The folder's name.
    pub name: String,
    pub folder: PathBuf,
    pub state: RunState,
    /// At most about two thousand, evenly taken; the latest is always among them.
    pub records: Vec<TrainRecord>,
    /// Lines of the log that are no records.
    pub bad_lines: usize,
    /// Seconds left at the pace of the log, while it runs.
    pub secs_left: Option<f32>,
    /// What was asked, as `run.toml` says: a key with its value a line.
    pub request: Vec<(String, String)>,
    /// The weights that came of it.
    pub model: Option<PathBuf>,
    /// Why the folder or its log cannot be read.
    pub problem: Option<String>,
}
