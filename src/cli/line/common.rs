use schemars::JsonSchema;
use serde::Serialize;

use super::path::PhotoPath;
use crate::jobs::Progress;

/// Why a command could not go through.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct ErrorLine {
    /// In English words.
    pub error: String,
    /// What went wrong, a word for programs, such as "store-locked".
    pub code: String,
    /// The status that the program ends with: 1, 2 for a wrong command line, 130 where it was stopped.
    pub exit: u8,
}

/// How far a command is.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct ProgressLine {
    /// For people.
    stage: &'static str,
    /// What is counted: "photo", "face", "point" and the like.
    unit: &'static str,
    done: u64,
    /// Absent while the units are still being counted.
    total: Option<u64>,
    faces: u64,
    skipped: u64,
    issues: u64,
    per_sec: f32,
    secs_left: Option<f32>,
}

impl From<&Progress> for ProgressLine {
    fn from(progress: &Progress) -> Self {
        Self {
            stage: progress.stage,
            unit: progress.unit,
            done: progress.done,
            total: progress.total,
            faces: progress.faces,
            skipped: progress.skipped,
            issues: progress.issues,
            per_sec: progress.per_sec,
            secs_left: progress.secs_left,
        }
    }
}

/// A photo or folder that could not be worked on.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct IssueLine {
    #[serde(flatten)]
    pub photo: PhotoPath,
    /// Why, in words.
    pub issue: String,
}
