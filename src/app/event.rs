use std::path::PathBuf;

use super::models::StoredByModel;
use super::record::{RecordView, Removal, RemovalCounts};
use super::state::{
    Candidate, IssueView, JobKind, ModelView, NoticeLevel, PhotoView, Picture, Settings, Status, Trial,
};
use super::tune::{PresetView, SavedSweep, StreamInfo};
use crate::jobs::JobEvent;
use crate::store::Changed;
use crate::types::{
    Advice, BatchId, FaceId, GenerationInfo, IdentificationCurve, ImportProposal, IndexOverview, IndexSpec, JobId,
    OperatingPoint, SearchParams, SubjectRecord, SweepRun, TrainingRun, TuneSample,
};

/// Everything that happens to the program and is not a person's command.
#[derive(Debug)]
pub enum Event {
    Started(Box<Opening>),
    StartFailed(String),
    StatusRead(Status),
    /// Another process has changed the gallery, which is open for reading only here.
    GalleryChanged(Box<Opening>),
    /// The gallery was open for reading only and can be changed from now on.
    BecameWritable(Status),
    /// Everybody, in the order of their names.
    SubjectsRead(Vec<SubjectRecord>),
    ModelChanged(Vec<ModelView>, f32),
    /// The models as they are now, and what is beside them.
    ModelsRead {
        models: Vec<ModelView>,
        unreadable: Vec<String>,
        left_over: Vec<StoredByModel>,
    },
    /// Why the models could not be read.
    ModelsUnread(String),
    WeightsInspected {
        file: PathBuf,
        /// With the person's consent to run the program in it.
        may_run: bool,
        proposal: Result<ImportProposal, String>,
    },
    ModelImported {
        name: String,
        title: String,
    },
    ModelTested {
        name: String,
        result: Result<(), String>,
    },
    RunsRead(Vec<TrainingRun>),

    JobBegan {
        id: JobId,
        kind: JobKind,
        title: String,
    },
    Job(JobId, JobEvent),

    /// About the model of this number; nothing once another model is in use.
    OfModel {
        model: u64,
        event: Box<Event>,
    },

    CropLoaded(FaceId, Picture),
    /// There is none that can be shown.
    CropMissing(FaceId),
    /// It was not looked for, since others came into view.
    CropPassedOver(FaceId),
    /// The record of who is who was changed.
    Changed(Changed),
    /// A change was made, in words, that can be taken back.
    Made {
        text: String,
        undo: BatchId,
    },
    /// History, questions and what is missing; what is asked about is left as it is.
    RecordRead(Box<RecordView>),
    /// Why they could not be read.
    RecordUnread(String),
    /// How much a removal would take out.
    RemovalCounted {
        removal: Removal,
        counts: Result<RemovalCounts, String>,
    },

    DetailLoaded {
        face: FaceId,
        photo: Result<PhotoView, String>,
    },
    TrialRun {
        face: FaceId,
        trial: Result<Trial, String>,
    },

    /// Answers carry the number of their request; stale ones are dropped.
    ProbeLoaded {
        request: u64,
        probe: Result<Probe, String>,
    },
    Searched {
        request: u64,
        found: Result<Found, String>,
    },
    CompareLoaded {
        request: u64,
        photo: Result<PhotoView, String>,
    },

    /// The live index and its generations, newest first.
    IndexRead(IndexOverview, Vec<GenerationInfo>),
    /// Why they could not be read.
    IndexUnread(String),
    PresetsRead(Vec<PresetView>),
    /// Searches go by these parameters from now on.
    ParamsApplied(SearchParams),
    TuneBegan(StreamInfo),
    TuneSampled(TuneSample),
    /// The stream of this request ended by itself, with the reason.
    TuneEnded {
        request: u64,
        reason: String,
    },
    AdviceGiven(Result<Advice, String>),
    SweepsListed(Vec<SavedSweep>),
    SweepBegan(Box<SweepRun>),
    SweepPoint(OperatingPoint),
    SweepProblem(IndexSpec, String),
    /// The run on view is kept under this name.
    SweepSaved(SavedSweep),
    SweepOpened {
        name: String,
        run: Result<Box<SweepRun>, String>,
    },
    AutotuneEnded(Result<OperatingPoint, String>),
    IdentificationMeasured(Result<Vec<IdentificationCurve>, String>),

    Notice(NoticeLevel, String),
    /// Everything is written: the window may go.
    Closed,
}

impl Event {
    /// It tells of one model's index or was measured on it, without a number of its own.
    pub(super) fn is_of_model(&self) -> bool {
        matches!(
            self,
            Self::IndexRead(..)
                | Self::IndexUnread(_)
                | Self::PresetsRead(_)
                | Self::ParamsApplied(_)
                | Self::TuneBegan(_)
                | Self::AdviceGiven(_)
                | Self::SweepBegan(_)
                | Self::SweepPoint(_)
                | Self::SweepProblem(..)
                | Self::AutotuneEnded(_)
                | Self::IdentificationMeasured(_)
        )
    }
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

#[derive(Debug)]
pub struct Probe {
    pub photo: PhotoView,
    /// The face searched first.
    pub chosen: usize,
    pub millis: f32,
}

#[derive(Debug)]
pub struct Found {
    pub candidates: Vec<Candidate>,
    pub millis: f32,
    /// See [`crate::jobs::SearchResult`].
    pub cut_at: Option<usize>,
    pub passing: Option<usize>,
}
