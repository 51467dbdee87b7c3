use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::state::{Screen, ThemeChoice};
use super::tune::{SweepAxes, SweepFormat};
use crate::types::{
    DetectorParams, FaceId, FaceQuery, Goal, IndexSpec, JobId, OperatingPoint, ProbeSet, SearchParams, SweepRequest,
    TuneSettings,
};

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
    /// Only faces that pass are candidates from now on; an empty filter lets all pass.
    SetFilter(FaceQuery),
    /// All faces at or above the threshold in the place of the `k` best.
    SetRange(bool),
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

    /// Read what stands behind the Tune screen: the live index, its generations, kept sweeps.
    ReadIndex,
    /// Search these probes over and over and tell how many neighbours are found and how fast.
    TuneStart(TuneSettings),
    /// A slider was moved; the latest wins.
    TuneChange(TuneSettings),
    TuneStop,
    /// Make these the parameters that the live index is searched with.
    ApplyParams(SearchParams),
    /// Build an index beside the live one and swap it in.
    BuildIndex(IndexSpec),
    /// Make the generation of this number the live one.
    RollBack(u64),
    /// Train the live index anew, now.
    RetrainNow,
    /// Train anew by itself when this share has been added since training, 0.01…1.
    SetRetrainShare(f64),
    StartSweep(SweepRequest),
    /// Put a kept sweep on view.
    OpenSweep(String),
    /// Write the sweep on view to a file.
    ExportSweep {
        path: PathBuf,
        format: SweepFormat,
        axes: SweepAxes,
    },
    Autotune(Goal, ProbeSet),
    /// Make a measured point the live index: its spec, built where it is another, and its parameters. Asked and
    /// confirmed.
    ApplyPoint(Box<OperatingPoint>),
    /// FNIR and FPIR by leave-one-out with each of these settings, and by exact search.
    MeasurePeopleMissed(Vec<SearchParams>),
    AskAdvice {
        max_ram_bytes: u64,
        max_p50_millis: f32,
    },
}
