use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::state::{Screen, ThemeChoice};
use crate::types::{DetectorParams, FaceId, JobId};

/// Everything a person can ask for. Screens push these; nothing else changes the program's state.
#[derive(Clone, Debug)]
pub enum Command {
    ShowScreen(Screen),

    /// Enroll every photo in these files and folders.
    Enroll {
        sources: Vec<PathBuf>,
        subjects_from_folders: bool,
    },
    PauseJob(JobId),
    ResumeJob(JobId),
    CancelJob(JobId),
    /// Takes an ended job off the list.
    DismissJob(JobId),
    /// Enroll these photos once more and forget their issues.
    RetryIssues(Vec<PathBuf>),
    ShowInFolder(PathBuf),

    /// Load the photo of a face for the detail view; `None` closes it.
    SelectFace(Option<FaceId>),
    /// Run the detector on the photo of the detail view with other parameters; nothing is stored.
    TryDetector(DetectorParams),
    /// Make these the parameters of later enrollments.
    SetDetectorParams(DetectorParams),
    /// Say who a face is; `None` takes its subject away.
    NameFace {
        face: FaceId,
        subject: Option<String>,
    },

    SearchFile(PathBuf),
    /// Search a picture that has no file, from the clipboard.
    SearchImage(Arc<RgbImage>),
    /// Search a face of the gallery.
    SearchFace(FaceId),
    /// Which face of the probe photo is searched, from 0.
    ChooseProbeFace(usize),
    ClearSearch,
    SetThreshold(f32),
    SetK(usize),
    /// Open the side-by-side view on the candidate at this position of the list, from 0; `None` closes it.
    Compare(Option<usize>),

    /// Crops that came into view and are not in the cache.
    RequestCrops(Vec<FaceId>),
    SetTheme(ThemeChoice),
    /// 0.75…2.
    SetTextScale(f32),
    /// Make the model of this name the active one.
    UseModel(String),
    DismissNotice(u64),
}
