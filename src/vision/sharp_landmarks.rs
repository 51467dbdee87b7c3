//! Landmarks of small faces, found once more on finer pixels than the detector searched.
//!
//! The detector's last stage squeezes every face to 48×48 pixels. One that has fewer on the searched picture is magnified
//! for it, and its landmarks lie as roughly as that; where the photo has more pixels, the stage is asked again.

use super::VisionError;
use super::decode::OpenPhoto;
use super::mtcnn::{Mtcnn, Sighting};
use crate::types::{BBox, Detection, Landmarks};

/// Pixels of a face's square on the searched picture from which on finer ones show no more: the input of the last stage.
const ENOUGH: f32 = 48.0;
/// Finer by less than this counts as not finer.
const FINER: f64 = 1.05;
/// Landmarks that move by more than this share of the face's longer side are another face's, or none's.
const FARTHEST: f32 = 0.25;

impl OpenPhoto {
    /// The faces in pixels of the photo, as detections are kept. The landmarks of small ones are found anew on the finest
    /// pixels that [`OpenPhoto::sharpen_for`] has brought to hand. They stay as they were seen where there are none finer,
    /// where the network is less sure than `threshold` of what it sees there, and where they would jump. Boxes and
    /// confidences stay.
    ///
    /// # Errors
    /// Failures of the network library.
    pub fn settle(&self, mtcnn: &Mtcnn, found: &[Sighting], threshold: f32) -> Result<Vec<Detection>, VisionError> {
        let mut faces: Vec<Detection> = found.iter().map(|seen| seen.face).collect();
        if self.fineness() >= FINER {
            self.settle_fitted(mtcnn, found, threshold, &mut faces)?;
        }
        let up = 1.0 / self.photo.scale;
        let at_full_size =
            |face: Detection| Detection { bbox: face.bbox.scaled(up), landmarks: face.landmarks.scaled(up), ..face };
        Ok(faces.into_iter().map(at_full_size).collect())
    }

    /// `faces` are those that were `found`, in pixels of the fitted picture.
    fn settle_fitted(
        &self,
        mtcnn: &Mtcnn,
        found: &[Sighting],
        threshold: f32,
        faces: &mut [Detection],
    ) -> Result<(), VisionError> {
        let (mut looks, mut places) = (Vec::new(), Vec::new());
        for (at, Sighting { square, .. }) in found.iter().enumerate() {
            if square.width() >= ENOUGH {
                continue;
            }
            // Edges of the pixels below, counted from 0; pixel centres lie half a pixel within.
            let [left, top, right, bottom] = [square.x1 - 1.0, square.y1 - 1.0, square.x2, square.y2].map(f64::from);
            let Some(piece) = self.piece([left, top, right - 1.0, bottom - 1.0]) else { continue };
            let (factor, shift) = (piece.factor, piece.shift);
            let edge = |v: f64, axis: usize| ((v - 0.5) * factor[axis] + shift[axis] + 0.5) as f32;
            let finer =
                BBox { x1: edge(left, 0) + 1.0, y1: edge(top, 1) + 1.0, x2: edge(right, 0), y2: edge(bottom, 1) };
            looks.push((piece.pixels, finer));
            places.push((at, factor, shift));
        }
        for ((at, factor, shift), seen) in places.into_iter().zip(mtcnn.look_again(&looks)?) {
            let Some((_, seen)) = seen.filter(|(sure, _)| *sure >= threshold) else { continue };
            let back = |v: f32, axis: usize| ((f64::from(v) - shift[axis]) / factor[axis]) as f32;
            let landmarks = Landmarks(seen.0.map(|[x, y]| [back(x, 0), back(y, 1)]));
            let face = &mut faces[at];
            if farthest(&landmarks, &face.landmarks) <= FARTHEST * face.bbox.width().max(face.bbox.height()) {
                face.landmarks = landmarks;
            }
        }
        Ok(())
    }
}

/// The longest way from a landmark to the same one of the other.
fn farthest(a: &Landmarks, b: &Landmarks) -> f32 {
    a.0.iter().zip(b.0).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1])).fold(0.0, f32::max)
}
