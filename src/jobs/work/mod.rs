//! How work is run, whatever it does: the person's hand on it, its thread, what it tells and how it may end. Knows no job.

mod control;
mod error;
mod latest;
mod message;
mod pool;
mod priority;
mod progress;
mod runner;

pub use control::{Cancelled, JobControl};
pub use error::JobError;
pub use latest::LatestWorker;
pub use message::Message;
pub(super) use pool::{Pool, cores, on_every_core};
pub(super) use priority::step_back;
pub use progress::Progress;
pub(super) use progress::ProgressMeter;
pub use runner::{JobContext, JobEvent, JobSink, Outcome, panic_message, spawn};
