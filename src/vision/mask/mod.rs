//! Masks over the lower half of a face, drawn or from transparent pictures, laid on by the five landmarks.
//!
//! Made for training and for measuring: of a bare photo whose person is known they make a covered one.
//!
//! Useful for: nose, mouth, cheeks and chin of faces seen from the front up to about half profile, in whole photos and
//! in aligned crops of any size. Not useful for: full profiles, hands and scarves, and for anything that depends on
//! real shadows.

mod drawing;
mod frame;
mod light;
mod overlay;
mod set;

use std::path::Path;

use image::RgbImage;

use super::VisionError;
use crate::types::Landmarks;
use frame::FaceFrame;
use light::Light;

pub use drawing::Drawing;
pub use overlay::Overlay;
pub use set::MaskSet;

/// A picture of a mask or a drawn one.
#[derive(Clone, Debug)]
pub enum Mask {
    Drawn(Box<Drawing>),
    Picture(Overlay),
}

impl Mask {
    /// A drawn mask (surgical, cloth, respirator; colours, folds, straps vary) from a seed: the same seed gives the
    /// same mask.
    pub fn drawn(seed: u64) -> Self {
        Self::Drawn(Box::new(Drawing::from_seed(seed)))
    }

    /// A picture of a mask with transparency around it, upright, the nose's edge at the top.
    ///
    /// # Errors
    /// `Io` where the file cannot be read; `Mask` where it is no picture, has no transparent or no covering part, or a
    /// side above 4,096 pixels.
    pub fn open(path: &Path) -> Result<Self, VisionError> {
        Overlay::open(path).map(Self::Picture)
    }

    /// Covers nose to chin of the face whose five landmarks (pixels of `picture`) are given. Brightness and, in grey
    /// photos, colour follow the skin around the nose. What lies outside the picture is cut off.
    ///
    /// Landmarks on one spot, nearer than a few pixels to each other or not finite leave the picture as it is.
    pub fn cover(&self, picture: &mut RgbImage, landmarks: &Landmarks) {
        let Some(frame) = FaceFrame::from_landmarks(landmarks) else { return };
        let light = Light::of_face(picture, &frame);
        match self {
            Self::Drawn(drawing) => frame.paint(picture, drawing.reach(), |point, scale| {
                let [r, g, b, alpha] = drawing.colour_at(point, scale);
                let [r, g, b] = light.on([r, g, b]);
                [r, g, b, alpha]
            }),
            Self::Picture(overlay) => {
                let level = overlay.level_for(frame.scale());
                frame.paint(picture, overlay.reach(), |point, _| {
                    let [r, g, b, alpha] = overlay.colour_at(point, level);
                    let [r, g, b] = light.on([r, g, b]);
                    [r, g, b, alpha]
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
