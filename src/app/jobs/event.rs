use super::state::JobKind;
use crate::jobs::JobEvent;
use crate::types::JobId;

/// What jobs do and tell.
#[derive(Debug)]
pub enum JobsEvent {
    Began { id: JobId, kind: JobKind, title: String },
    Told(JobId, JobEvent),
}
