use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::record::{Naming, Removal};
use super::state::{Screen, ThemeChoice};
use super::tune::{SweepAxes, SweepFormat};
use crate::types::{
    BatchId, DetectorParams, FaceId, FaceQuery, Goal, ImportAnswers, IndexSpec, JobId, Language, OperatingPoint,
    ProbeSet, SearchParams, SubjectId, SweepRequest, TuneSettings,
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
    /// Say who these faces are.
    Name {
        faces: Vec<FaceId>,
        who: Naming,
    },
    /// Write down how a person is called and what tells them from others; `None` for nothing.
    Describe {
        subject: SubjectId,
        name: String,
        external_id: Option<String>,
        note: Option<String>,
    },
    /// Two people are one: all faces of `from` are `into`'s.
    Merge {
        from: SubjectId,
        into: SubjectId,
    },
    /// Answer "is this still …?" about a face.
    Answer {
        face: FaceId,
        same: bool,
    },
    /// Find out how much this would take out, and ask.
    AskRemoval(Removal),
    /// Take nothing out.
    CancelRemoval,
    /// Take out what was asked about and confirmed.
    Remove(Removal),
    /// Take a change back; without a number the latest one.
    Undo(Option<BatchId>),
    /// Do again what was taken back last.
    Redo,
    /// Read the history, the questions and what is missing.
    ReadRecord,

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
    /// `None` for the system's.
    SetLanguage(Option<Language>),
    /// Embed the gallery by the model of this name where that is missing, then make it the active one.
    UseModel(String),
    /// Read the models and what is stored for each.
    ReadModels,
    /// See what model a weights file holds.
    InspectWeights(PathBuf),
    /// Run the program in a weights file to see what model it is. Asked and confirmed.
    RunWeights(PathBuf),
    /// Put the file that was looked at aside.
    CloseImport,
    /// Test a weights file and take it over.
    ImportModel {
        file: PathBuf,
        architecture: String,
        answers: Box<ImportAnswers>,
    },
    /// Check a model's weights and run them.
    TestModel(String),
    /// Measure how fast a model embeds on this machine.
    MeasureSpeed(String),
    /// Delete an imported model with its embeddings. Asked and confirmed.
    RemoveModel(String),
    /// Delete the embeddings by a model that is not in use. Asked and confirmed.
    ForgetEmbeddings(String),
    DismissNotice(u64),
    /// All of them.
    DismissNotices,
    /// Start once more after a failed start: with the data folder asked for, or with another one.
    Retry(Option<PathBuf>),
    /// The window is to close: finish what is under way first.
    Close,
    /// Close without waiting for anything.
    CloseNow,

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
