//! File dialogs, each on a thread of its own so that the window keeps drawing behind it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use poll_promise::Promise;

use super::Cx;
use crate::app::{
    EnrollCommand, ModelsCommand, NoticeLevel, ProgramCommand, SearchCommand, SweepAxes, SweepFormat, TuneCommand,
};
use crate::types::{FaceQuery, ProbeSet, TuneSettings};

/// What the person is asked to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogKind {
    /// Folders to enroll.
    EnrollFolders,
    /// Photos to enroll.
    EnrollPhotos,
    /// One photo to search.
    ProbePhoto,
    /// A file of vectors to tune with.
    ProbeVectors,
    /// Where a sweep is written, and what its chart shows.
    SaveSweep(SweepFormat, SweepAxes),
    /// The folder whose photos alone are searched.
    FilterFolder,
    /// A weights file that becomes a model.
    ImportModel,
    /// Another data folder to start with.
    DataFolder,
}

/// What the person chose, nothing when they cancelled; or why the dialog could not be shown.
pub type Answer = Result<Vec<PathBuf>, String>;

/// Opens a dialog and blocks until the person has chosen.
pub type Picker = Arc<dyn Fn(DialogKind) -> Answer + Send + Sync>;

/// The dialog that is open, if one is.
pub struct Dialogs {
    picker: Picker,
    open: Option<(DialogKind, Promise<Answer>)>,
}

impl Default for Dialogs {
    fn default() -> Self {
        Self { picker: Arc::new(system_dialog), open: None }
    }
}

impl Dialogs {
    pub fn set_picker(&mut self, picker: Picker) {
        self.picker = picker;
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Does nothing while one is open.
    pub fn open(&mut self, ctx: &Context, kind: DialogKind) {
        if self.is_open() {
            return;
        }
        let (picker, ctx) = (Arc::clone(&self.picker), ctx.clone());
        let promise = Promise::spawn_thread("file dialog", move || {
            // A panic must not leave the promise pending for ever.
            let chosen = catch_unwind(AssertUnwindSafe(|| picker(kind)));
            let chosen = chosen.unwrap_or_else(|panic| Err(panic_text(&*panic)));
            ctx.request_repaint();
            chosen
        });
        self.open = Some((kind, promise));
    }
}

pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "for an unknown reason".to_owned())
}

fn system_dialog(kind: DialogKind) -> Answer {
    // What could not be shown looks like what was cancelled, but nobody cancels that quickly.
    const TOO_QUICK: Duration = Duration::from_millis(500);
    let begun = Instant::now();
    const PHOTOS: [&str; 13] =
        ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "bmp", "gif", "heic", "heif", "avif"];
    let with_upper: Vec<String> =
        PHOTOS.iter().flat_map(|extension| [(*extension).to_owned(), extension.to_uppercase()]).collect();
    let dialog = rfd::FileDialog::new();
    let chosen = match kind {
        DialogKind::EnrollFolders => dialog.set_title("Folders to enroll").pick_folders(),
        DialogKind::EnrollPhotos => dialog.set_title("Photos to enroll").add_filter("Photos", &with_upper).pick_files(),
        DialogKind::ProbePhoto => {
            let dialog = dialog.set_title("Photo to search").add_filter("Photos", &with_upper);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::ProbeVectors => {
            let dialog = dialog.set_title("Vectors to tune with").add_filter("Vectors", &["npy", "fvecs"]);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::SaveSweep(format, _) => {
            let name = format!("sweep.{}", format.extension());
            let dialog = dialog.set_title("Export the sweep").add_filter(format.title(), &[format.extension()]);
            dialog.set_file_name(name).save_file().map(|path| vec![path])
        }
        DialogKind::ImportModel => {
            let dialog = dialog.set_title("Model to import").add_filter("Weights", &super::intake::WEIGHTS);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::DataFolder => dialog.set_title("Data folder to open").pick_folder().map(|path| vec![path]),
        DialogKind::FilterFolder => dialog.set_title("Folder to search in").pick_folder().map(|path| vec![path]),
    };
    match chosen {
        Some(paths) => Ok(paths),
        None if begun.elapsed() < TOO_QUICK => {
            Err("this desktop offers none; the package zenity or xdg-desktop-portal brings one".to_owned())
        }
        None => Ok(Vec::new()),
    }
}

/// Dialogs do not add the ending by themselves everywhere.
fn with_extension(mut path: PathBuf, extension: &str) -> PathBuf {
    if path.extension().is_none() {
        path.set_extension(extension);
    }
    path
}

/// Takes the answer of a dialog that has closed.
pub(super) fn poll(ctx: &Context, cx: &mut Cx<'_>) {
    let Some((kind, promise)) = cx.memory.dialogs.open.take() else { return };
    let answer = match promise.try_take() {
        Ok(answer) => answer,
        Err(waiting) => {
            cx.memory.dialogs.open = Some((kind, waiting));
            // The thread asks for a repaint when it is done; this covers the moment between that and its end.
            ctx.request_repaint_after_secs(0.25);
            return;
        }
    };
    match answer {
        Ok(paths) if paths.is_empty() => {}
        Ok(mut paths) => match kind {
            DialogKind::EnrollFolders | DialogKind::EnrollPhotos => {
                let subjects_from_folders = cx.memory.enroll.subjects_from_folders;
                cx.push(EnrollCommand::Start { sources: paths, subjects_from_folders });
            }
            DialogKind::ProbePhoto => cx.push(SearchCommand::File(paths.swap_remove(0))),
            DialogKind::ProbeVectors => {
                let probes = ProbeSet::File { path: paths.swap_remove(0) };
                let settings = cx.state.tune.live.settings.clone();
                cx.push(TuneCommand::Change(TuneSettings { probes, ..settings }));
            }
            DialogKind::SaveSweep(format, axes) => {
                let path = with_extension(paths.swap_remove(0), format.extension());
                cx.push(TuneCommand::ExportSweep { path, format, axes });
            }
            DialogKind::DataFolder => cx.push(ProgramCommand::Retry(Some(paths.swap_remove(0)))),
            DialogKind::ImportModel => cx.push(ModelsCommand::InspectWeights(paths.swap_remove(0))),
            DialogKind::FilterFolder => {
                let folder = Some(paths.swap_remove(0));
                cx.push(SearchCommand::SetFilter(FaceQuery { folder, ..cx.state.search.filter.clone() }));
            }
        },
        Err(reason) => {
            let instead = match kind {
                DialogKind::SaveSweep(..) => "Sweeps can be written by `likeness tune` too.",
                DialogKind::DataFolder => "`likeness --data-dir FOLDER` opens it, too.",
                DialogKind::FilterFolder => "On the command line, search takes --folder.",
                _ => "Drop files onto the window instead.",
            };
            let text = format!("The file dialog could not be shown ({reason}). {instead}");
            cx.notify(NoticeLevel::Error, text);
        }
    }
}
