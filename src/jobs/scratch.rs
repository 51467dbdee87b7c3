//! Folders that are there for a while.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::work::JobError;

/// The measurements of a data folder.
pub(super) const SWEEPS_DIR: &str = "sweeps";

/// Where measurements keep what they need for a while, in a data folder.
pub(super) fn work_dir(data_dir: &Path) -> PathBuf {
    data_dir.join(SWEEPS_DIR).join("work")
}

/// Deletes what a killed measurement left in the data folder. The caller holds its lock.
pub(super) fn clear_left_over(data_dir: &Path) {
    remove(&work_dir(data_dir));
}

/// A folder that goes with its value, unless it has another name by then.
#[derive(Debug)]
pub(super) struct TempFolder(PathBuf);

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
        Ok(Self(path))
    }

    /// One that is there.
    pub(super) fn of(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(folder: &Path) {
    if folder.exists()
        && let Err(error) = std::fs::remove_dir_all(folder)
    {
        log::warn!("{error}: {}", folder.display());
    }
}
