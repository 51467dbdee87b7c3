use std::path::PathBuf;

use crate::types::{DetectorParams, FaceId, FaceListing};

/// What the Enroll screen asks for.
#[derive(Clone, Debug)]
pub enum EnrollCommand {
    /// Enroll every photo in these files and folders.
    Start { sources: Vec<PathBuf>, subjects_from_folders: bool },
    /// Enroll these photos once more and forget their issues.
    RetryIssues(Vec<PathBuf>),
    /// List these faces in this order.
    List(FaceListing),
    /// Load the photo of a face for the detail view; `None` closes it.
    SelectFace(Option<FaceId>),
    /// Run the detector on the photo of the detail view with other parameters; nothing is stored.
    TryDetector(DetectorParams),
    /// Make these the parameters of later enrollments.
    SetDetectorParams(DetectorParams),
}
