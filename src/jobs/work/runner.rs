use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::control::JobControl;
use super::error::JobError;
use super::progress::{Progress, ProgressMeter};
use crate::store::Changed;
use crate::tell;
use crate::types::{FaceId, JobId, Tell, Telling};

/// How a job ended. Every job says so exactly once.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Completed,
    Cancelled,
    /// The reason, in words for a person.
    Failed(Telling),
    /// What the panic said: a fault of the program, not of the person's data.
    Panicked(Telling),
}

/// What a running job tells; `S` is the summary that it may end with.
#[derive(Clone, Debug)]
pub enum JobEvent<S> {
    Progress(Progress),
    /// Faces that came into the gallery and that left it, in one commit.
    Faces {
        added: Vec<FaceId>,
        removed: Vec<FaceId>,
    },
    /// The record of who is who was changed: names from folders, photos that moved or are missing.
    Changed(Changed),
    /// A photo could not be enrolled.
    Issue {
        path: PathBuf,
        reason: Telling,
    },
    /// A photo that had an issue has been enrolled.
    IssueCleared(PathBuf),
    /// What the job did, before it ends.
    Summary(S),
    Ended(Outcome),
}

/// Where a job's events go. May block while the receiver is behind; must not panic.
pub type JobSink<S> = Arc<dyn Fn(JobId, JobEvent<S>) + Send + Sync>;

/// What a job's body gets.
pub struct JobContext<S> {
    pub id: JobId,
    pub control: JobControl,
    sink: JobSink<S>,
}

impl<S> JobContext<S> {
    pub fn new(id: JobId, control: JobControl, sink: JobSink<S>) -> Self {
        Self { id, control, sink }
    }

    pub fn send(&self, event: JobEvent<S>) {
        (self.sink)(self.id, event);
    }

    /// Tells where the job stands, where that is due.
    pub(in crate::jobs) fn send_progress(&self, meter: &mut ProgressMeter) {
        if let Some(progress) = meter.tick(self.control.is_paused()) {
            self.send(JobEvent::Progress(progress));
        }
    }
}

/// Runs `body` on a thread named `name`, and sends `Ended` exactly once whatever happens in it.
///
/// # Errors
/// The system refused a thread; nothing was started and no event is sent.
pub fn spawn<S, F>(name: &str, context: JobContext<S>, body: F) -> std::io::Result<JoinHandle<()>>
where
    S: 'static,
    F: FnOnce(&JobContext<S>) -> Result<(), JobError> + Send + 'static,
{
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let guard = EndGuard { context: &context, outcome: None };
        let result = catch_unwind(AssertUnwindSafe(|| body(&context)));
        guard.end(match result {
            Ok(Ok(())) => Outcome::Completed,
            Ok(Err(JobError::Cancelled)) => Outcome::Cancelled,
            Ok(Err(error)) => Outcome::Failed(error.telling()),
            Err(panic) => Outcome::Panicked(tell!("app-fault", reason = panic_message(panic.as_ref()))),
        });
    })
}

/// Sends the outcome when it goes, so that no path out of the thread can forget to.
struct EndGuard<'a, S> {
    context: &'a JobContext<S>,
    outcome: Option<Outcome>,
}

impl<S> EndGuard<'_, S> {
    fn end(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl<S> Drop for EndGuard<'_, S> {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| Outcome::Panicked(tell!("jobs-no-word")));
        self.context.send(JobEvent::Ended(outcome));
    }
}

/// The text a panic was raised with.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn outcomes_of(body: impl FnOnce(&JobContext<()>) -> Result<(), JobError> + Send + 'static) -> Vec<Outcome> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink_seen = Arc::clone(&seen);
        let sink: JobSink<()> = Arc::new(move |id, event| {
            assert_eq!(id, JobId(7));
            if let JobEvent::Ended(outcome) = event {
                sink_seen.lock().unwrap().push(outcome);
            }
        });
        spawn("test", JobContext::new(JobId(7), JobControl::default(), sink), body).unwrap().join().unwrap();
        seen.lock().unwrap().clone()
    }

    #[test]
    fn every_way_out_ends_exactly_once() {
        assert_eq!(outcomes_of(|_| Ok(())), [Outcome::Completed]);
        assert_eq!(outcomes_of(|_| Err(JobError::Cancelled)), [Outcome::Cancelled]);
        assert_eq!(outcomes_of(|_| Err(JobError::NothingToDo)), [Outcome::Failed(JobError::NothingToDo.telling())]);
        assert_eq!(outcomes_of(|_| panic!("boom {}", 1)), [Outcome::Panicked(tell!("app-fault", reason = "boom 1"))]);
        assert_eq!(outcomes_of(|_| panic!("boom")), [Outcome::Panicked(tell!("app-fault", reason = "boom"))]);
    }

    #[test]
    fn a_cancelled_job_is_not_an_error() {
        let ended = outcomes_of(|context| {
            context.control.cancel();
            context.control.checkpoint()?;
            Ok(())
        });
        assert_eq!(ended, [Outcome::Cancelled]);
    }
}
