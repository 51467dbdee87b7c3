//! Landmarks of small faces, found once more on finer pixels than the detector searched.
//!
//! The detector's last stage squeezes every face to 48×48 pixels. One that has fewer on the searched picture is magnified
//! for it, one that has not many more is blurred, and landmarks lie as roughly as that; where the photo has more pixels, the
//! stage is asked again.

use image::RgbImage;

use super::VisionError;
use super::decode::OpenPhoto;
use super::mtcnn::{Mtcnn, Sighting};
use crate::types::{BBox, Detection, Landmarks};

/// Side of a face's square on the searched picture, in pixels, from which on finer ones show hardly more: twice the last
/// stage's input. Below, each of the input's pixels is a mean that reaches over its neighbours'.
const ENOUGH: f32 = 96.0;
/// Finer by less than this counts as not finer.
const FINER: f64 = 1.05;
/// How much larger than the square that the face was seen in those are that it is looked at again in. What the network says
/// of a face hangs on the square, and the mean over several is nearer to where the landmarks are.
const TIMES: [f32; 4] = [0.9, 0.97, 1.04, 1.12];
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
            if square.width() < ENOUGH {
                for times in TIMES {
                    if let Some((look, place)) = self.look(square, times) {
                        looks.push(look);
                        places.push((at, place));
                    }
                }
            }
        }
        let mut seen = vec![Vec::new(); faces.len()];
        for ((at, place), look) in places.iter().zip(mtcnn.look_again(&looks)?) {
            seen[*at].extend(look.filter(|(sure, _)| *sure >= threshold).map(|(_, points)| place.fitted(&points)));
        }
        for (face, seen) in faces.iter_mut().zip(&seen) {
            let Some(landmarks) = mean(seen) else { continue };
            if farthest(&landmarks, &face.landmarks) <= FARTHEST * face.bbox.width().max(face.bbox.height()) {
                face.landmarks = landmarks;
            }
        }
        Ok(())
    }

    /// The finer pixels below a square (of the fitted picture, its edges counted from 1) made larger about its middle, the
    /// square on them, and the way back. `None` where there are none.
    fn look(&self, square: &BBox, times: f32) -> Option<((RgbImage, BBox), Place)> {
        // Edges of pixels, counted from 0; pixel centres lie half a pixel within.
        let edges = BBox { x1: square.x1 - 1.0, y1: square.y1 - 1.0, ..*square };
        let ([x, y], half) = (edges.center(), edges.width() * times / 2.0);
        let [left, top, right, bottom] = [x - half, y - half, x + half, y + half].map(f64::from);
        let piece = self.piece([left, top, right - 1.0, bottom - 1.0])?;
        let place = Place { factor: piece.factor, shift: piece.shift };
        let edge = |v: f64, axis: usize| ((v - 0.5) * place.factor[axis] + place.shift[axis] + 0.5) as f32;
        let finer = BBox { x1: edge(left, 0) + 1.0, y1: edge(top, 1) + 1.0, x2: edge(right, 0), y2: edge(bottom, 1) };
        Some(((piece.pixels, finer), place))
    }
}

/// Where a piece lies: a place of the fitted picture at factor·place + shift.
#[derive(Clone, Copy, Debug)]
struct Place {
    factor: [f64; 2],
    shift: [f64; 2],
}

impl Place {
    fn fitted(&self, landmarks: &Landmarks) -> Landmarks {
        let back = |v: f32, axis: usize| ((f64::from(v) - self.shift[axis]) / self.factor[axis]) as f32;
        Landmarks(landmarks.0.map(|[x, y]| [back(x, 0), back(y, 1)]))
    }
}

/// `None` of none.
fn mean(all: &[Landmarks]) -> Option<Landmarks> {
    let count = all.len() as f32;
    let of = |point: usize, axis: usize| all.iter().map(|landmarks| landmarks.0[point][axis]).sum::<f32>() / count;
    (!all.is_empty()).then(|| Landmarks(std::array::from_fn(|point| [of(point, 0), of(point, 1)])))
}

/// The longest way from a landmark to the same one of the other.
fn farthest(a: &Landmarks, b: &Landmarks) -> f32 {
    a.0.iter().zip(b.0).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1])).fold(0.0, f32::max)
}
