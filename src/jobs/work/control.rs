use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The person's hand on one job: cancel, pause, resume. Cheap to clone; every clone moves the same job.
#[derive(Clone, Debug, Default)]
pub struct JobControl(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    interrupted: AtomicBool,
    paused: Mutex<bool>,
    changed: Condvar,
}

/// The job was told to stop. An outcome, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl JobControl {
    /// Stops the job at its next checkpoint, paused or not.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.changed.notify_all();
    }

    /// Stops the job as [`JobControl::cancel`] does, because the program closes: the next start takes it up again.
    pub fn interrupt(&self) {
        self.0.interrupted.store(true, Ordering::SeqCst);
        self.cancel();
    }

    pub fn is_interrupted(&self) -> bool {
        self.0.interrupted.load(Ordering::SeqCst)
    }

    pub fn pause(&self) {
        *self.paused() = true;
    }

    pub fn resume(&self) {
        *self.paused() = false;
        self.0.changed.notify_all();
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// For work that looks at a flag by itself.
    pub(in crate::jobs) fn cancel_flag(&self) -> &AtomicBool {
        &self.0.cancelled
    }

    pub fn is_paused(&self) -> bool {
        *self.paused()
    }

    /// Called between pieces of work: waits while the job is paused, and says when it is to stop.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        let mut paused = self.paused();
        loop {
            if self.is_cancelled() {
                return Err(Cancelled);
            }
            if !*paused {
                return Ok(());
            }
            // `cancel` does not take the lock, so a wake-up can be missed: look again now and then.
            paused = match self.0.changed.wait_timeout(paused, Duration::from_millis(100)) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn paused(&self) -> MutexGuard<'_, bool> {
        self.0.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_paused_job_waits_until_resumed() {
        let control = JobControl::default();
        control.pause();
        let other = control.clone();
        let begun = Instant::now();
        let waiter = std::thread::Builder::new().spawn(move || other.checkpoint()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiter.is_finished());
        control.resume();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert!(begun.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn cancel_frees_a_paused_job() {
        let control = JobControl::default();
        control.pause();
        control.cancel();
        assert_eq!(control.checkpoint(), Err(Cancelled));
    }
}
