use crate::types::Telling;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use crate::types::{BBox, FaceId, Landmarks, PhotoId, Quality, SubjectName};

/// Pixels shared between the state and whoever draws them.
pub type Picture = Arc<RgbImage>;

/// A face on a photo, in pixels of the upright photo at full size.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceView {
    /// `None` on probes and trials, whose faces are not enrolled.
    pub id: Option<FaceId>,
    pub bbox: BBox,
    pub landmarks: Landmarks,
    pub quality: Quality,
    pub subject: Option<SubjectName>,
    /// 112×112, aligned to the ArcFace template.
    pub crop: Option<Picture>,
}

/// A photo with its faces.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoView {
    /// Of an enrolled one.
    pub id: Option<PhotoId>,
    /// `None` for a picture from the clipboard.
    pub path: Option<PathBuf>,
    /// Scaled down where the photo is large.
    pub pixels: Picture,
    /// Pixels of `pixels` per pixel of the photo, at most 1: multiply box coordinates by it to draw.
    pub scale: f32,
    /// Width and height of the upright photo at full size.
    pub size: [u32; 2],
    /// Local time of the exposure, "2019-07-03T14:05:00", where the file says so.
    pub taken_at: Option<String>,
    pub faces: Vec<FaceView>,
    /// Whether the boxes of its faces belong on `pixels`.
    pub evidence: Evidence,
    /// What of the file is not in `pixels`, or not as it should be, in words.
    pub partly_read: Option<Telling>,
}

/// What the file of an enrolled photo is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Evidence {
    /// What was enrolled.
    #[default]
    Same,
    /// Another picture than was enrolled: the faces are where they were on the old one.
    Changed,
    /// It cannot be read, for this reason; `pixels` are the stored picture of one face.
    Gone(Telling),
}
