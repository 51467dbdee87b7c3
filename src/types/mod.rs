//! The words of the program: plain values that every module speaks and none owns.
//!
//! Nothing here touches a file, a thread, a model or a window.

mod check;
mod detection;
mod embedding;
mod face_list;
mod face_query;
mod geometry;
mod identity;
mod ids;
mod index_spec;
mod language;
mod models;
mod names;
mod quality;
mod settings;
mod telling;
mod training;
mod tuning;
mod words;

pub use check::{Finding, FindingKind, Findings};
pub use detection::{Detection, DetectionTrace, DetectorParams, Effort, ParamsError, ScoredBox};
pub use embedding::{Embedding, EmbeddingError};
pub use face_list::{FaceListing, FaceOrder};
pub use face_query::{FaceQuery, FaceQueryError};
pub use geometry::{BBox, Landmarks};
pub use identity::{Ignored, NamedBy, SubjectName, SubjectRecord};
pub use ids::{BatchId, FaceId, GroupId, JobId, PhotoId, SubjectId};
pub use index_spec::{Codes, IndexSpec, Pretransform, Refine, SearchParams, SpecError, Structure};
pub use language::Language;
pub use models::{ImportAnswers, ImportProposal, ModelSpeed, RunState, SpeedOfThreads, TrainingRun};
pub use names::{name_key, search_key, tidy_name};
pub use quality::Quality;
pub use settings::{Settings, ThemeChoice};
pub use telling::{Tell, Telling, Told};
pub use training::TrainRecord;
pub use tuning::{
    Advice, Circumstances, Estimate, GenerationInfo, Goal, IdentificationCurve, IdentificationPoint, IndexOverview,
    Latency, MissedGoal, OperatingPoint, ProbeSet, SweepRequest, SweepRun, TuneSample, TuneSettings,
};
pub use words::{count, plural};
