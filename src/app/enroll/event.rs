use super::state::Trial;
use crate::app::parts::PhotoView;
use crate::types::FaceId;
use crate::types::Telling;

/// What the Enroll screen is told.
#[derive(Debug)]
pub enum EnrollEvent {
    DetailLoaded { face: FaceId, photo: Result<PhotoView, Telling> },
    Listed { request: u64, faces: Result<Vec<FaceId>, Telling> },
    TrialRun { face: FaceId, trial: Result<Trial, Telling> },
}
