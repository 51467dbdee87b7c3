use crate::types::Telling;
use std::path::PathBuf;

use crate::app::parts::{Load, PhotoView};
use crate::types::{DetectionTrace, DetectorParams, FaceId};

#[derive(Clone, Debug, PartialEq)]
pub struct IssueView {
    pub path: PathBuf,
    pub reason: Telling,
}

/// Issues listed in the window; the gallery keeps them all.
pub(in crate::app) const MAX_ISSUES: usize = 10_000;

/// The detail view of one enrolled face.
#[derive(Clone, Debug, PartialEq)]
pub struct DetailView {
    pub face: FaceId,
    pub photo: Load<PhotoView>,
    /// The boxes of each detector stage, with the parameters that gave them.
    pub trial: Load<Trial>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub params: DetectorParams,
    pub trace: DetectionTrace,
    pub millis: f32,
}
