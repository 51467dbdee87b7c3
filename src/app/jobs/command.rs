use crate::types::JobId;

/// What is asked of a job, whatever it is for.
#[derive(Clone, Copy, Debug)]
pub enum JobsCommand {
    Pause(JobId),
    Resume(JobId),
    Cancel(JobId),
    /// Takes an ended job off the list.
    Dismiss(JobId),
}
