use super::state::NoticeLevel;
use crate::app::parts::{FaceLabel, Picture};
use crate::types::FaceId;
use crate::types::Telling;

/// What the window around the screens is told.
#[derive(Debug)]
pub enum WindowEvent {
    CropLoaded(FaceId, Picture, FaceLabel),
    /// There is none that can be shown.
    CropMissing(FaceId),
    /// It was not looked for, since others came into view.
    CropPassedOver(FaceId),
    Notice(NoticeLevel, Telling),
}
