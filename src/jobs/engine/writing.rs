//! Whether this process may write, and becoming the one that does.

use crate::types::{Tell, Telling};
use std::path::PathBuf;

use super::{Engine, Mode};
use crate::jobs::scratch;
use crate::jobs::work::{JobError, Message};

impl Engine {
    /// Why this process only reads, in words; `None` where it may write.
    pub fn read_only_reason(&self) -> Option<Telling> {
        self.access.lock().as_ref().err().cloned()
    }

    /// # Errors
    /// [`JobError::ReadOnly`] with the reason.
    pub fn ensure_writable(&self) -> Result<(), JobError> {
        self.read_only_reason().map_or(Ok(()), |reason| Err(JobError::ReadOnly(reason)))
    }

    /// Takes the data folder's lock where it is free by now: true where this process has just become the one that
    /// writes. The index is level with the gallery then.
    ///
    /// # Errors
    /// The gallery cannot be written although nobody holds it, or was brought to a newer format. It is read on then.
    pub fn try_to_write(&self) -> Result<bool, JobError> {
        let mut access = self.access.lock();
        if access.is_ok() || self.access.mode == Mode::Read {
            return Ok(false);
        }
        let lock = match self.data.try_lock() {
            Ok(lock) => lock,
            Err(error) => {
                // Another process may hold it than before.
                *access = Err(error.telling());
                return Ok(false);
            }
        };
        self.gallery.become_writer(&|_| {})?;
        *access = Ok(lock);
        drop(access);
        scratch::clear_left_over(self.data.path());
        // An index that cannot be written still serves.
        if let Err(error) = self.index().become_writer(&self.gallery) {
            self.tell(Message::Warning(error.telling()));
        }
        Ok(true)
    }

    /// Where measurements keep what they need for a while: in the data folder, or, where it is open for reading only, among
    /// the system's temporary folders.
    ///
    /// # Errors
    /// The system's temporary folder cannot be written.
    pub(in crate::jobs) fn work_dir(&self) -> Result<PathBuf, JobError> {
        if self.ensure_writable().is_ok() {
            return Ok(scratch::work_dir(self.data.path()));
        }
        crate::store::scratch_folder().map_err(|reason| JobError::Io { reason, path: std::env::temp_dir() })
    }
}
