use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::crops::CropCache;
use super::models::ModelsView;
use super::record::RecordView;
use super::tune::TuneView;
pub use crate::jobs::{Candidate, EnrollSummary};
use crate::types::{
    BBox, BatchId, DetectionTrace, DetectorParams, FaceId, JobId, Landmarks, ModelSpeed, PhotoId, Quality, SubjectName,
    SubjectRecord,
};
pub use crate::types::{FaceQuery, Settings, ThemeChoice};

/// Pixels shared between the state and whoever draws them.
pub type Picture = Arc<RgbImage>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Screen {
    #[default]
    Enroll,
    Search,
    Tune,
    Models,
    Settings,
}

impl Screen {
    pub const ALL: [Self; 5] = [Self::Enroll, Self::Search, Self::Tune, Self::Models, Self::Settings];

    pub fn title(self) -> &'static str {
        match self {
            Self::Enroll => "Enroll",
            Self::Search => "Search",
            Self::Tune => "Tune",
            Self::Models => "Models",
            Self::Settings => "Settings",
        }
    }
}

/// Everything the window shows. Changed by the reducer alone.
#[derive(Debug, Default)]
pub struct AppState {
    pub screen: Screen,
    pub status: Status,
    /// Oldest first; ended jobs stay until dismissed.
    pub jobs: Vec<JobView>,
    /// Every enrolled face in the order of enrollment.
    pub faces: Vec<FaceId>,
    pub crops: CropCache,
    pub detail: Option<DetailView>,
    /// Photos that could not be enrolled, newest first.
    pub issues: Vec<IssueView>,
    pub record: RecordView,
    pub search: SearchView,
    pub tune: TuneView,
    /// Everybody, in the order of their names.
    pub subjects: Vec<SubjectRecord>,
    /// Another number whenever they were read.
    pub subjects_version: u64,
    pub settings: Settings,
    pub models: Vec<ModelView>,
    pub models_view: ModelsView,
    /// Messages that the person has not put aside yet, newest last.
    pub notices: Vec<Notice>,
    /// The last messages, seen or not, newest last.
    pub messages: VecDeque<Notice>,
    /// Why there is no gallery to show.
    pub start_failed: Option<StartFailure>,
    /// The window was asked to close.
    pub closing: Option<Closing>,
    /// Milliseconds since 1970-01-01 UTC, as of the latest look at the clock.
    pub clock: i64,
    pub requests: Requests,
}

/// The data folder could not be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct StartFailure {
    /// In words for a person, with the path.
    pub reason: String,
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

impl AppState {
    /// The job of this kind that has not ended.
    pub fn running_job(&self, kind: JobKind) -> Option<&JobView> {
        self.jobs.iter().find(|job| job.kind == kind && !job.state.is_ended())
    }
}

/// The newest number of each kind of request, so that the answers to older ones can be told and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    pub probe: u64,
    pub query: u64,
    pub compare: u64,
    pub tune: u64,
    /// Another number with every change of the model.
    pub model: u64,
    pub notice: u64,
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
    pub device: String,
    /// Resident memory of the process.
    pub memory_bytes: u64,
    pub data_dir: PathBuf,
    /// Models and index are being loaded.
    pub starting: bool,
    /// Why nothing can be changed here, in words: another process writes, or the media can only be read.
    pub read_only: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    pub id: JobId,
    pub kind: JobKind,
    /// "Enroll Holiday 2019", say.
    pub title: String,
    /// What it is doing: "Looking for photos", "Detecting and embedding", "Publishing the index".
    pub stage: String,
    /// What is counted, in the singular: "photo", "face".
    pub unit: &'static str,
    pub photos_done: u64,
    /// `None` while photos are still being counted.
    pub photos_total: Option<u64>,
    pub faces: u64,
    /// Already enrolled with the same content and parameters.
    pub skipped: u64,
    pub issues: u64,
    pub photos_per_sec: f32,
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
    Failed(String),
    Panicked(String),
}

impl JobState {
    pub fn is_ended(&self) -> bool {
        !matches!(self, Self::Running | Self::Paused | Self::Cancelling)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct IssueView {
    pub path: PathBuf,
    pub reason: String,
}

/// A face on a photo, in pixels of the upright photo at full size.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceView {
    /// `None` on probes and trials, whose faces are not enrolled.
    pub id: Option<FaceId>,
    pub bbox: BBox,
    pub landmarks: Landmarks,
    pub quality: Quality,
    pub subject: Option<SubjectName>,
    /// 112×112, aligned to the ArcFace template.
    pub crop: Option<Picture>,
}

/// A photo with its faces.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoView {
    /// Of an enrolled one.
    pub id: Option<PhotoId>,
    /// `None` for a picture from the clipboard.
    pub path: Option<PathBuf>,
    /// Scaled down where the photo is large.
    pub pixels: Picture,
    /// Pixels of `pixels` per pixel of the photo, at most 1: multiply box coordinates by it to draw.
    pub scale: f32,
    /// Width and height of the upright photo at full size.
    pub size: [u32; 2],
    /// Local time of the exposure, "2019-07-03T14:05:00", where the file says so.
    pub taken_at: Option<String>,
    pub faces: Vec<FaceView>,
    /// Whether the boxes of its faces belong on `pixels`.
    pub evidence: Evidence,
    /// What of the file is not in `pixels`, or not as it should be, in words.
    pub partly_read: Option<String>,
}

/// What the file of an enrolled photo is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Evidence {
    /// What was enrolled.
    #[default]
    Same,
    /// Another picture than was enrolled: the faces are where they were on the old one.
    Changed,
    /// It cannot be read, for this reason; `pixels` are the stored picture of one face.
    Gone(String),
}

/// Something that is being worked out, is there, or could not be had.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load<T> {
    #[default]
    Nothing,
    Loading,
    Ready(T),
    Failed(String),
}

impl<T> Load<T> {
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }
}

/// The detail view of one enrolled face.
#[derive(Clone, Debug, PartialEq)]
pub struct DetailView {
    pub face: FaceId,
    pub photo: Load<PhotoView>,
    /// The boxes of each detector stage, with the parameters that gave them.
    pub trial: Load<Trial>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub params: DetectorParams,
    pub trace: DetectionTrace,
    pub millis: f32,
}

#[derive(Clone, Debug)]
pub struct SearchView {
    pub probe: Load<PhotoView>,
    /// Position in the probe's `faces`.
    pub chosen: usize,
    /// Best first; all at or above the threshold.
    pub candidates: Load<Vec<Candidate>>,
    /// Time of the index search alone.
    pub search_millis: f32,
    /// Decode, detect, align and embed of the probe.
    pub probe_millis: f32,
    pub k: usize,
    /// Inclusive.
    pub threshold: f32,
    /// Only faces that pass are candidates.
    pub filter: FaceQuery,
    /// All at or above the threshold in the place of the `k` best.
    pub range: bool,
    /// More faces reach the threshold than the best ones that are listed.
    pub cut_at: Option<usize>,
    /// Faces that pass the filter, as of the latest answer; `None` where all do.
    pub passing: Option<usize>,
    /// Position in `candidates` of the one compared, with its photo.
    pub compare: Option<(usize, Load<PhotoView>)>,
}

impl Default for SearchView {
    fn default() -> Self {
        Self {
            probe: Load::Nothing,
            chosen: 0,
            candidates: Load::Nothing,
            search_millis: 0.0,
            probe_millis: 0.0,
            k: 20,
            threshold: 0.0,
            filter: FaceQuery::default(),
            range: false,
            cut_at: None,
            passing: None,
            compare: None,
        }
    }
}

/// A model as its screen shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelView {
    pub name: String,
    pub title: String,
    /// How its weights are read and run, such as "onnx".
    pub architecture: String,
    pub d: usize,
    /// Width and height of its input, pixels.
    pub size: [u32; 2],
    /// The planes are blue, green, red.
    pub bgr: bool,
    pub mean: [f32; 3],
    pub std: [f32; 3],
    /// Where the five landmarks lie in its input, pixels.
    pub template: [[f32; 2]; 5],
    /// SHA-256 of its weights.
    pub digest: Option<String>,
    pub weights: PathBuf,
    /// Of its weights on disk; 0 where they are missing.
    pub bytes: u64,
    /// It came from a file of the person's and can be removed.
    pub imported: bool,
    /// The manifest as TOML.
    pub manifest: String,
    pub speed: Option<ModelSpeed>,
    /// Faces of the gallery that it has embedded; `None` until they are counted.
    pub embedded: Option<u64>,
    /// Its embeddings and index on disk.
    pub stored_bytes: u64,
    pub licence: String,
    pub source: String,
    /// What was measured with it, and its limits.
    pub notes: Option<String>,
    /// Score from which two faces are taken for one person.
    pub threshold: f32,
    pub active: bool,
    /// Why it cannot be used, where it cannot.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub level: NoticeLevel,
    pub text: String,
    /// Milliseconds since 1970-01-01 UTC; of one that was told several times, the last.
    pub at: i64,
    pub times: u32,
    /// The change that it tells of, which can be taken back.
    pub undo: Option<BatchId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeLevel {
    #[default]
    Info,
    Warning,
    Error,
}
