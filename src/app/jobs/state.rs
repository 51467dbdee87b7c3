pub use crate::jobs::EnrollSummary;
use crate::types::{JobId, Telling};

#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    pub id: JobId,
    pub kind: JobKind,
    /// "Enroll Holiday 2019", say.
    pub title: Telling,
    /// What it is doing: "Looking for photos", "Detecting and embedding", "Publishing the index".
    pub stage: Telling,
    /// What is counted, in the singular: "photo", "face".
    pub unit: &'static str,
    pub done: u64,
    /// `None` while photos are still being counted.
    pub total: Option<u64>,
    pub faces: u64,
    /// Already enrolled with the same content and parameters.
    pub skipped: u64,
    pub issues: u64,
    pub per_sec: f32,
    pub elapsed_secs: f32,
    pub secs_left: Option<f32>,
    pub state: JobState,
    /// What an enrollment did, once it has done it.
    pub summary: Option<EnrollSummary>,
}

/// What a job is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobKind {
    #[default]
    Enroll,
    /// Build or retrain an index.
    BuildIndex,
    Sweep,
    Autotune,
    /// Measure people missed.
    People,
    /// Embed the gallery by another model and change to it.
    ChangeModel,
    ImportModel,
    TestModel,
    MeasureSpeed,
    /// Group faces that nobody named.
    Group,
    /// Delete a model, or the embeddings by one.
    RemoveModel,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JobState {
    Running,
    Paused,
    /// Told to stop, not yet stopped.
    Cancelling,
    Completed,
    Cancelled,
    /// With the reason, in words for a person.
    Failed(Telling),
    Panicked(Telling),
}

impl JobState {
    pub fn is_ended(&self) -> bool {
        !matches!(self, Self::Running | Self::Paused | Self::Cancelling)
    }
}
