use super::state::{Candidate, IssueView, ModelView, NoticeLevel, PhotoView, Picture, Settings, Status, Trial};
use crate::jobs::JobEvent;
use crate::types::{FaceId, JobId};

/// Everything that happens to the program and is not a person's command.
#[derive(Debug)]
pub enum Event {
    Started(Box<Opening>),
    StartFailed(String),
    StatusRead(Status),
    ModelChanged(Vec<ModelView>, f32),

    JobBegan {
        id: JobId,
        title: String,
    },
    Job(JobId, JobEvent),

    CropLoaded(FaceId, Picture),
    CropMissing(FaceId),
    FaceNamed {
        face: FaceId,
        subject: Option<String>,
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

    Notice(NoticeLevel, String),
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
}
