//! Long work and the engine it works on: enrollment, search, evaluation, each under one runner.

mod control;
mod engine;
mod enroll;
mod error;
pub mod evaluate;
mod latest;
mod priority;
mod progress;
mod runner;
mod settings;
mod walk;

pub use control::{Cancelled, JobControl};
pub use engine::{
    Analysis, AnalyzedFace, Candidate, Engine, LoadedPhoto, Message, Mode, SearchQuery, SearchResult, main_face,
};
pub use enroll::{EnrollRequest, EnrollSummary, enroll, unfinished_enrollments};
pub use error::JobError;
pub use latest::LatestWorker;
pub use progress::Progress;
pub use runner::{JobContext, JobEvent, JobSink, Outcome, panic_message, spawn};
pub use settings::{load_settings, save_settings};
