//! File dialogs, each on a thread of its own so that the window keeps drawing behind it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use poll_promise::Promise;

use crate::app::{SweepAxes, SweepFormat};
use crate::{say, words};

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
    /// The folder whose faces alone are listed.
    ListFolder,
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
        let (picker, ctx, language) = (Arc::clone(&self.picker), ctx.clone(), words::spoken());
        let promise = Promise::spawn_thread("file-dialog", move || {
            words::speak(Some(language));
            // A panic must not leave the promise pending for ever.
            let chosen = catch_unwind(AssertUnwindSafe(|| picker(kind)));
            let chosen = chosen.unwrap_or_else(|panic| Err(panic_text(&*panic)));
            ctx.request_repaint();
            chosen
        });
        self.open = Some((kind, promise));
    }

    /// What the person chose in the dialog that has closed; `None` while it is open, and where there is none.
    pub fn take_answer(&mut self, ctx: &Context) -> Option<(DialogKind, Answer)> {
        let (kind, promise) = self.open.take()?;
        match promise.try_take() {
            Ok(answer) => Some((kind, answer)),
            Err(waiting) => {
                self.open = Some((kind, waiting));
                // The thread asks for a repaint when it is done; this covers the moment between that and its end.
                ctx.request_repaint_after_secs(0.25);
                None
            }
        }
    }
}

/// Endings of files that hold weights.
pub const WEIGHTS: [&str; 7] = ["onnx", "safetensors", "pt", "pth", "ts", "torchscript", "dat"];

pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| say!("intake-unknown-reason"))
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
        DialogKind::EnrollFolders => dialog.set_title(say!("intake-dialog-folders")).pick_folders(),
        DialogKind::EnrollPhotos => {
            let dialog = dialog.set_title(say!("intake-dialog-photos"));
            dialog.add_filter(say!("intake-files-photos"), &with_upper).pick_files()
        }
        DialogKind::ProbePhoto => {
            let dialog =
                dialog.set_title(say!("intake-dialog-probe")).add_filter(say!("intake-files-photos"), &with_upper);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::ProbeVectors => {
            let dialog = dialog.set_title(say!("intake-dialog-vectors"));
            let dialog = dialog.add_filter(say!("intake-files-vectors"), &["npy", "fvecs"]);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::SaveSweep(format, _) => {
            let name = format!("sweep.{}", format.extension());
            let dialog =
                dialog.set_title(say!("intake-dialog-sweep")).add_filter(format.title(), &[format.extension()]);
            dialog.set_file_name(name).save_file().map(|path| vec![path])
        }
        DialogKind::ImportModel => {
            let dialog =
                dialog.set_title(say!("intake-dialog-model")).add_filter(say!("intake-files-weights"), &WEIGHTS);
            dialog.pick_file().map(|path| vec![path])
        }
        DialogKind::DataFolder => dialog.set_title(say!("intake-dialog-data")).pick_folder().map(|path| vec![path]),
        DialogKind::FilterFolder | DialogKind::ListFolder => {
            dialog.set_title(say!("intake-dialog-folder")).pick_folder().map(|path| vec![path])
        }
    };
    match chosen {
        Some(paths) => Ok(paths),
        None if begun.elapsed() < TOO_QUICK => Err(say!("intake-dialog-none")),
        None => Ok(Vec::new()),
    }
}
