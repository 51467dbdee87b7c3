//! Folders that are there for a while.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::work::JobError;
use crate::files::DeletedOnDrop;

/// The measurements of a data folder.
pub(super) const SWEEPS_DIR: &str = "sweeps";

/// Where measurements keep what they need for a while, in a data folder.
pub(super) fn work_dir(data_dir: &Path) -> PathBuf {
    data_dir.join(SWEEPS_DIR).join("work")
}

/// Deletes what a killed measurement left in the data folder. The caller holds its lock.
pub(super) fn clear_left_over(data_dir: &Path) {
    drop(DeletedOnDrop::new(work_dir(data_dir)));
}

/// A folder that goes with its value, unless it has another name by then.
#[derive(Debug)]
pub(super) struct TempFolder(DeletedOnDrop);

impl TempFolder {
    /// A new one.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn create(within: &Path) -> Result<Self, JobError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("build-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = within.join(name);
        std::fs::create_dir_all(&path).map_err(|reason| JobError::Io { reason, path: path.clone() })?;
        Ok(Self::of(path))
    }

    /// One that is there.
    pub(super) fn of(path: PathBuf) -> Self {
        Self(DeletedOnDrop::new(path))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}
