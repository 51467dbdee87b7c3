//! Long work and the engine it works on: enrollment, search, evaluation, each under one runner.

mod actor;
mod budget;
mod build_index;
mod check;
mod control;
mod engine;
mod enroll;
mod error;
pub mod evaluate;
pub mod history;
mod latest;
pub mod models;
mod priority;
mod progress;
mod reembed;
mod runner;
mod settings;
mod synth;
mod train;
pub mod tuning;
mod walk;

pub use actor::actor;
pub use build_index::{build_index, retrain_index, upkeep_index};
pub use check::{CheckReport, CheckRequest, check, repair};
pub use control::{Cancelled, JobControl};
pub use engine::{
    Analysis, AnalyzedFace, Candidate, Engine, Followed, Follower, LoadedPhoto, MAX_IN_RANGE, Message, Mode,
    OpenOptions, SearchQuery, SearchResult, main_face,
};
pub use enroll::{
    EnrollRequest, EnrollSummary, PASSED_OVER_LISTED, TRY_PHOTO, enroll, own_program, probe_photo, retries,
    unfinished_enrollments,
};
pub use error::JobError;
pub use latest::LatestWorker;
pub use progress::Progress;
pub use reembed::{ChangeSummary, change_model, unfinished_change};
pub use runner::{JobContext, JobEvent, JobSink, Outcome, panic_message, spawn};
pub use settings::{SettingsFiles, load_settings};
pub use synth::{SynthRequest, SynthSummary, write_synth};
pub use train::{TrainEvent, TrainRequest, TrainSummary, resume_training, run_training};
