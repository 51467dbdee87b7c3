use std::collections::VecDeque;

use super::enroll::{DetailView, IssueView};
use super::jobs::{JobKind, JobView};
use super::models::{ModelView, ModelsView};
use super::parts::{FaceList, Listed, Load};
use super::people::RecordView;
use super::program::{Closing, StartFailure, Status};
use super::roster::RosterView;
use super::search::SearchView;
use super::tune::TuneView;
use super::window::{CropCache, Notice, Screen};
use crate::types::{FaceId, Settings, SubjectRecord};

/// Everything the window shows. Changed by the reducer alone.
#[derive(Debug, Default)]
pub struct AppState {
    pub screen: Screen,
    pub status: Status,
    /// Oldest first; ended jobs stay until dismissed.
    pub jobs: Vec<JobView>,
    /// Every enrolled face in the order of enrollment.
    pub faces: Vec<FaceId>,
    /// Which of them are listed, and how.
    pub list: FaceList,
    pub crops: CropCache,
    pub detail: Option<DetailView>,
    /// Photos that could not be enrolled, newest first.
    pub issues: Vec<IssueView>,
    pub record: RecordView,
    pub roster: RosterView,
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

impl AppState {
    /// The faces on view; none while they are being found.
    pub fn listed(&self) -> Listed<'_> {
        match &self.list.faces {
            _ if self.list.listing.is_usual() => Listed::Newest(&self.faces),
            Load::Ready(faces) => Listed::Sorted(faces),
            Load::Nothing | Load::Loading | Load::Failed(_) => Listed::Sorted(&[]),
        }
    }

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
    pub list: u64,
    pub roster: u64,
    pub tune: u64,
    /// Another number with every change of the model.
    pub model: u64,
    pub notice: u64,
    /// Another number whenever a screen is asked for, also the one that is shown.
    pub screen: u64,
}
