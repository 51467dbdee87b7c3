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

/// Work that nobody watches and nobody ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

static NEVER: AtomicBool = AtomicBool::new(false);

impl BuildWatch for Unwatched {
    fn checkpoint(&self) -> Result<(), IndexError> {
        Ok(())
    }

    fn interrupt(&self) -> &AtomicBool {
        &NEVER
    }

    fn progress(&self, _: &'static str, _: usize, _: usize) {}
}

/// Tells of bytes out of `total` as of rows out of `rows`, and stops when the watched work is to.
pub(super) fn ticking<'a>(
    watch: &'a dyn BuildWatch,
    stage: &'static str,
    total: u64,
    rows: usize,
) -> impl FnMut(u64) -> Result<(), IndexError> + 'a {
    let mut done = 0;
    move |bytes| {
        done += bytes;
        watch.checkpoint()?;
        let share = done as f64 / total.max(1) as f64;
        watch.progress(stage, ((rows as f64 * share) as usize).min(rows), rows);
        Ok(())
    }
}
