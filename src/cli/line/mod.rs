//! What `--json` prints: one object a line, each with its `type`. `likeness --schema` tells them all.

mod path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

pub(super) use path::{DataPath, FilePath, FolderPath, PhotoPath, ProbePath, WeightsPath};

use super::check::{CheckLine, FindingLine};
use super::evaluate::{IdentificationLine, VerificationLine};
use super::identity::{
    ChangeLine, FaceLine, GoneLine, HistoryLine, MissingLine, PersonLine, PurgedLine, QuestionLine, ToConfirmLine,
};
use super::index::PresetLine;
use super::models::{ModelLine, RemovedLine, SpeedLine, VerifiedLine};
use super::photos::AnalysisLine;
use super::search::SearchLine;
use super::status::StatusLine;
use super::synth::SynthLine;
use super::train::TrainedLine;
use super::tune::{BenchPointLine, FoundLine, MissedLine, SpecIssueLine};
use crate::jobs::evaluate::LeaveOneOut;
use crate::jobs::tuning::BenchSummary;
use crate::jobs::{ChangeSummary, EnrollSummary, Progress};
use crate::types::{Advice, GenerationInfo, IndexOverview, OperatingPoint, TrainRecord};

/// A line of what `likeness --json` prints. Which one it is stands in `type`; keys may be added later, and none changes its
/// meaning.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "A line that likeness prints with --json")]
pub(super) enum Line<'a> {
    /// Why the command could not go through. The last line of its output.
    Error(&'a ErrorLine),
    /// How far the command is. At most five a second.
    Progress(&'a ProgressLine),
    /// A photo, or a folder, that could not be worked on. The command goes on.
    Issue(&'a IssueLine),
    /// A file that was written.
    Written(&'a FilePath),
    /// `enroll`: what it did. The last line.
    Enrolled(&'a EnrollSummary),
    /// `detect`, `embed`: the faces on a photo.
    Photo(&'a AnalysisLine),
    /// `search`: a face of a probe and its candidates.
    Search(&'a SearchLine),
    /// `status`
    Status(&'a StatusLine),
    /// `check`: one thing that is off.
    CheckFinding(&'a FindingLine),
    /// `check`: the counts. The last line, but for an error.
    Check(&'a CheckLine),
    /// `faces`
    Face(&'a FaceLine),
    /// `people`
    Person(&'a PersonLine),
    /// `history`: a change of the record of who is who.
    History(&'a HistoryLine),
    /// `name`, `describe`, `merge`, `answer`, `remove`, `restore`, `undo`, `redo`: what was changed.
    Change(&'a ChangeLine),
    /// `questions`
    Question(&'a QuestionLine),
    /// `remove`, `purge` without `--yes`: what it would do.
    ToConfirm(&'a ToConfirmLine),
    /// `restore` without arguments: a face or a photo that was taken out.
    Gone(&'a GoneLine),
    /// `purge`: what was deleted for ever.
    Purged(&'a PurgedLine),
    /// `missing`: a photo whose file is gone.
    Missing(&'a MissingLine),
    /// `models list`, `models import`
    Model(&'a ModelLine),
    /// `models verify`
    ModelVerified(&'a VerifiedLine),
    /// `models use`: the change of the model.
    ModelInUse(&'a ChangeSummary),
    /// `models remove`
    ModelRemoved(&'a RemovedLine),
    /// `models speed`
    ModelSpeed(&'a SpeedLine),
    /// `index`: the index in use.
    Index(&'a IndexOverview),
    /// `index list`: a published generation.
    Generation(&'a GenerationInfo),
    /// `index presets`
    Preset(&'a PresetLine),
    /// `index advise`
    Advice(&'a Advice),
    /// `tune`: a measured point.
    Point(&'a OperatingPoint),
    /// `tune --goal-recall`: the point chosen.
    PointFound(&'a FoundLine),
    /// `tune`: a spec that could not be built.
    SpecIssue(&'a SpecIssueLine),
    /// `bench search`: a measured point.
    BenchPoint(&'a BenchPointLine<'a>),
    /// `bench search`: what it was measured on. The last line.
    Bench(&'a BenchSummary),
    /// `synth`
    Synth(&'a SynthLine),
    /// `train`: a line of the run's log.
    TrainStep(&'a TrainRecord),
    /// `train`: what the run came to. The last line.
    Trained(&'a TrainedLine),
    /// `eval lfw`: 1:1 with one network under one condition.
    Verification(&'a VerificationLine<'a>),
    /// `eval search`: 1:N with one network under one condition.
    Identification(&'a IdentificationLine<'a>),
    /// `eval missed`: errors over the threshold with one setting of the search.
    Missed(&'a MissedLine<'a>),
    /// `eval leave-one-out`
    LeaveOneOut(&'a LeaveOneOut),
}

/// Why a command could not go through.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct ErrorLine {
    /// In words, for people.
    pub error: String,
    /// The status that the program ends with: 1, 2 for a wrong command line, 130 where it was stopped.
    pub exit: u8,
}

/// How far a command is.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct ProgressLine {
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
            done: progress.photos_done,
            total: progress.photos_total,
            faces: progress.faces,
            skipped: progress.skipped,
            issues: progress.issues,
            per_sec: progress.photos_per_sec,
            secs_left: progress.secs_left,
        }
    }
}

/// A photo or folder that could not be worked on.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct IssueLine {
    #[serde(flatten)]
    pub photo: PhotoPath,
    /// Why, in words.
    pub issue: String,
}

/// JSON Schema (2020-12) of every line.
pub(super) fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Line<'_>>().to_value()
}
