//! Long work on an index is watched, and stops when it is told to.

use std::sync::atomic::AtomicBool;

use super::IndexError;

/// How a build is watched.
pub trait BuildWatch {
    /// Waits while the work is paused; [`IndexError::Interrupted`] when it is to stop.
    fn checkpoint(&self) -> Result<(), IndexError>;

    /// Set when the work is to stop, for steps that look at it themselves.
    fn interrupt(&self) -> &AtomicBool;

    /// Rows done of all in this stage; (0, 0) for a stage whose end cannot be told.
    fn progress(&self, stage: &'static str, done: usize, total: usize);
}
