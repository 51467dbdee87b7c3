use crate::types::Telling;
use std::path::PathBuf;

use crate::app::enroll::IssueView;
use crate::app::models::ModelView;
use crate::types::{FaceId, Settings};

/// The data folder could not be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct StartFailure {
    /// In words for a person, with the path.
    pub reason: Telling,
}

/// What closing waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Jobs come to their next resting place.
    Jobs,
    /// The last changes and settings are written.
    Writing,
    /// For nothing any more: the window may go.
    Done,
}

/// The bar at the bottom of the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub photos: u64,
    pub faces: u64,
    pub subjects: u64,
    /// `None` until an index has been published.
    pub generation: Option<u64>,
    pub model: String,
    pub device: Telling,
    /// Resident memory of the process.
    pub memory_bytes: u64,
    pub data_dir: PathBuf,
    /// Models and index are being loaded.
    pub starting: bool,
    /// Why nothing can be changed here, in words: another process writes, or the media can only be read.
    pub read_only: Option<Telling>,
}

/// What the program finds when it starts.
#[derive(Debug)]
pub struct Opening {
    pub status: Status,
    pub settings: Settings,
    pub models: Vec<ModelView>,
    /// The active model's.
    pub threshold: f32,
    pub faces: Vec<FaceId>,
    pub issues: Vec<IssueView>,
}
