use super::state::{Opening, Status};
use crate::types::Telling;

/// What becomes of the program as a whole.
#[derive(Debug)]
pub enum ProgramEvent {
    Started(Box<Opening>),
    StartFailed(Telling),
    StatusRead(Status),
    /// Another process has changed the gallery, which is open for reading only here.
    GalleryChanged(Box<Opening>),
    /// The gallery was open for reading only and can be changed from now on.
    BecameWritable(Status),
    /// Everything is written: the window may go.
    Closed,
}
