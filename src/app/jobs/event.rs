use super::state::JobKind;
use crate::jobs::JobEvent;
use crate::types::JobId;
use crate::types::Telling;

/// What jobs do and tell.
#[derive(Debug)]
pub enum JobsEvent {
    Began { id: JobId, kind: JobKind, title: Telling },
    Told(JobId, JobEvent),
}
