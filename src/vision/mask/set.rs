//! Several masks, of which each face gets one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use image::RgbImage;

use super::Mask;
use super::frame::FaceFrame;
use crate::types::Landmarks;
use crate::vision::VisionError;

/// From this turn on (−1…1) a picture taken from the side is used where there is one.
const TURNED: f64 = 0.45;

/// Drawn masks, or the pictures of a folder.
#[derive(Clone, Debug)]
pub struct MaskSet(Masks);

#[derive(Clone, Debug)]
enum Masks {
    Drawn,
    Pictures(Vec<Views>),
}

/// One mask from in front, and as worn by a face that looks to the photo's left and right.
#[derive(Clone, Debug, Default)]
struct Views {
    front: Option<Mask>,
    left: Option<Mask>,
    right: Option<Mask>,
}

impl MaskSet {
    /// A drawn mask for every seed.
    pub fn drawn() -> Self {
        Self(Masks::Drawn)
    }

    /// The transparent pictures (`.png`, `.webp`) of `folder`, sorted by name. Pictures called `NAME_left` and
    /// `NAME_right` are `NAME` seen from the side, and taken for faces turned to the photo's left and right. Files of
    /// other kinds are passed over.
    ///
    /// # Errors
    /// `Io` where the folder cannot be read, `Mask` where no picture is in it or one cannot be used (see
    /// [`Mask::open`]).
    pub fn open(folder: &Path) -> Result<Self, VisionError> {
        let io = |reason| VisionError::Io { subject: "the folder of masks", reason, path: folder.to_owned() };
        let mut by_name: BTreeMap<String, Views> = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let kind = path.extension().map(|kind| kind.to_string_lossy().to_lowercase()).unwrap_or_default();
            if !matches!(kind.as_str(), "png" | "webp") || !path.is_file() {
                continue;
            }
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let mask = Some(Mask::open(&path)?);
            if let Some(name) = name.strip_suffix("_left") {
                by_name.entry(name.to_owned()).or_default().left = mask;
            } else if let Some(name) = name.strip_suffix("_right") {
                by_name.entry(name.to_owned()).or_default().right = mask;
            } else {
                by_name.entry(name).or_default().front = mask;
            }
        }
        if by_name.is_empty() {
            let reason = "there is no transparent picture of a mask in this folder (.png, .webp)".to_owned();
            return Err(VisionError::Mask { path: folder.to_owned(), reason });
        }
        Ok(Self(Masks::Pictures(by_name.into_values().collect())))
    }

    /// How many masks there are; `None` where they are drawn.
    pub fn count(&self) -> Option<usize> {
        match &self.0 {
            Masks::Drawn => None,
            Masks::Pictures(views) => Some(views.len()),
        }
    }

    /// Covers the face with the mask that `seed` stands for, as [`Mask::cover`] does.
    pub fn cover(&self, seed: u64, picture: &mut RgbImage, landmarks: &Landmarks) {
        match &self.0 {
            Masks::Drawn => Mask::drawn(seed).cover(picture, landmarks),
            Masks::Pictures(all) => {
                // The seeds of neighbouring photos may be alike in their last digits.
                let spread = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                if let Some(mask) = all.get(spread as usize % all.len().max(1)).and_then(|v| v.for_face(landmarks)) {
                    mask.cover(picture, landmarks);
                }
            }
        }
    }
}

impl Views {
    fn for_face(&self, landmarks: &Landmarks) -> Option<&Mask> {
        let turn = FaceFrame::from_landmarks(landmarks).map_or(0.0, |frame| frame.turn());
        let order = match turn {
            t if t < -TURNED => [&self.left, &self.front, &self.right],
            t if t > TURNED => [&self.right, &self.front, &self.left],
            _ => [&self.front, &self.left, &self.right],
        };
        order.into_iter().find_map(Option::as_ref)
    }
}
