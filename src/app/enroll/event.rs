use super::state::Trial;
use crate::app::parts::PhotoView;
use crate::types::FaceId;

/// What the Enroll screen is told.
#[derive(Debug)]
pub enum EnrollEvent {
    DetailLoaded { face: FaceId, photo: Result<PhotoView, String> },
    TrialRun { face: FaceId, trial: Result<Trial, String> },
}
