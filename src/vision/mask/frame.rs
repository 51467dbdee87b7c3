//! The face's own coordinates, from its landmarks.
//!
//! A unit is a pixel of ArcFace's 112×112 crop: x to the photo's right from the middle of the face, y down, the eyes at
//! 51.6 and the mouth at 92.3. Masks are described there and bent with the face: turned and sheared with its eyes and
//! mouth, and bulged to the side to which the tip of the nose points.

use image::RgbImage;

use crate::types::Landmarks;

/// x of the eyes and of the mouth's corners, ±, and y of the four.
const EYE_X: f64 = 17.62;
const MOUTH_X: f64 = 14.59;
pub(super) const EYES_Y: f64 = 51.6;
pub(super) const MOUTH_Y: f64 = 92.3;
pub(super) const NOSE_Y: f64 = 71.7;
const MIDDLE_Y: f64 = (EYES_Y + MOUTH_Y) / 2.0;
/// How far the nose's tip may stand beside the middle, in units: beyond, the bend would fold over.
const MAX_TURN: f64 = 11.0;
/// Half the width over which the bulge of the nose runs out.
const BULGE: f64 = 38.0;
/// Fewest pixels between eyes and mouth for which anything is painted.
const MIN_HEIGHT: f64 = 5.0;

#[derive(Clone, Copy, Debug)]
pub(super) struct FaceFrame {
    /// Pixel of the point (0, MIDDLE_Y).
    origin: [f64; 2],
    /// Pixels for a unit of x and of y.
    right: [f64; 2],
    down: [f64; 2],
    /// Units by which the nose stands to the right.
    turn: f64,
}

impl FaceFrame {
    /// `None` where the points are not finite or lie together.
    pub(super) fn from_landmarks(landmarks: &Landmarks) -> Option<Self> {
        let points = landmarks.0.map(|p| p.map(f64::from));
        if points.iter().flatten().any(|v| !v.is_finite()) {
            return None;
        }
        let [left_eye, right_eye, nose, left_mouth, right_mouth] = points;
        let sum = |weights: [f64; 4], axis: usize| -> f64 {
            [left_eye, right_eye, left_mouth, right_mouth].iter().zip(weights).map(|(p, w)| w * p[axis]).sum()
        };
        // Least squares over eyes and mouth; in these units x and y are uncorrelated, so each axis stands for itself.
        let (spread_x, spread_y) = (2.0 * (EYE_X * EYE_X + MOUTH_X * MOUTH_X), 2.0 * (MOUTH_Y - EYES_Y));
        let axis = |weights: [f64; 4], by: f64| [sum(weights, 0) / by, sum(weights, 1) / by];
        let origin = axis([1.0; 4], 4.0);
        let right = axis([-EYE_X, EYE_X, -MOUTH_X, MOUTH_X], spread_x);
        let down = axis([-1.0, -1.0, 1.0, 1.0], spread_y);
        let (right, down) = believable(right, down)?;
        let mut frame = Self { origin, right, down, turn: 0.0 };
        frame.turn = frame.unbent(nose)[0].clamp(-MAX_TURN, MAX_TURN);
        frame.pixel_box([-1.0, EYES_Y, 1.0, MOUTH_Y]).iter().all(|v| v.abs() < 1e7).then_some(frame)
    }

    /// Pixels for a unit, the mean over directions.
    pub(super) fn scale(&self) -> f64 {
        cross(self.right, self.down).abs().sqrt()
    }

    /// How far the face is turned, −1…1: below 0 to the photo's left.
    pub(super) fn turn(&self) -> f64 {
        self.turn / MAX_TURN
    }

    /// Pixel of a point of the face.
    pub(super) fn pixel_of(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (x, y) = (x + self.bend(x, y), y - MIDDLE_Y);
        [0, 1].map(|axis| self.origin[axis] + x * self.right[axis] + y * self.down[axis])
    }

    /// Point of the face at a pixel: the other way.
    pub(super) fn point_of(&self, pixel: [f64; 2]) -> [f64; 2] {
        let [bent, y] = self.unbent(pixel);
        if self.turn == 0.0 {
            return [bent, y];
        }
        // The bend is less steep than 1, so halving the error each time is the least that happens.
        let mut x = bent;
        for _ in 0..5 {
            let slope = 1.0 + (self.bend(x + 0.5, y) - self.bend(x - 0.5, y));
            x -= (x + self.bend(x, y) - bent) / slope.max(0.25);
        }
        [x, y]
    }

    /// Without the bend.
    fn unbent(&self, [px, py]: [f64; 2]) -> [f64; 2] {
        let d = [px - self.origin[0], py - self.origin[1]];
        let area = cross(self.right, self.down);
        [cross(d, self.down) / area, cross(self.right, d) / area + MIDDLE_Y]
    }

    /// Where the face turns, its middle goes with the nose and its outline a little against it.
    fn bend(&self, x: f64, y: f64) -> f64 {
        let middle = (1.0 - (x / BULGE).powi(2)).max(0.0);
        let height = 0.4 + 0.6 * (-((y - NOSE_Y) / 17.0).powi(2)).exp();
        self.turn * height * (middle - 0.3 * (1.0 - middle))
    }

    /// Left, top, right, bottom in pixels of the face's area `[left, top, right, bottom]`.
    fn pixel_box(&self, [left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
        let mut around = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let side = MAX_TURN * 1.3;
        for corner in [[left, top], [right, top], [left, bottom], [right, bottom]] {
            for slack in [-side, side] {
                let (x, y) = (corner[0] + slack, corner[1] - MIDDLE_Y);
                for axis in 0..2 {
                    let pixel = self.origin[axis] + x * self.right[axis] + y * self.down[axis];
                    around[axis] = around[axis].min(pixel);
                    around[axis + 2] = around[axis + 2].max(pixel);
                }
            }
        }
        around
    }

    /// Lays `shade` (point of the face, pixels for a unit → red, green, blue 0…255 and cover 0…1) over the pixels of
    /// the area `reach`.
    pub(super) fn paint(&self, picture: &mut RgbImage, reach: [f64; 4], shade: impl Fn([f64; 2], f64) -> [f32; 4]) {
        let [left, top, right, bottom] = self.pixel_box(reach);
        let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
        let from = [left.floor().clamp(0.0, width), top.floor().clamp(0.0, height)].map(|v| v as u32);
        let to = [(right.ceil() + 1.0).clamp(0.0, width), (bottom.ceil() + 1.0).clamp(0.0, height)].map(|v| v as u32);
        let scale = self.scale();
        for y in from[1]..to[1] {
            for x in from[0]..to[0] {
                let [r, g, b, alpha] = shade(self.point_of([f64::from(x), f64::from(y)]), scale);
                if alpha <= 0.004 {
                    continue;
                }
                let pixel = picture.get_pixel_mut(x, y);
                for (under, over) in pixel.0.iter_mut().zip([r, g, b]) {
                    let mixed = f32::from(*under) * (1.0 - alpha) + over * alpha;
                    *under = (mixed + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}

/// The axes, bounded to what a face seen by a camera can show: neither squeezed to a line nor sheared flat.
fn believable(mut right: [f64; 2], mut down: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let (mut wide, mut high) = (length(right), length(down));
    if wide.max(high) * (MOUTH_Y - EYES_Y) < MIN_HEIGHT {
        return None;
    }
    if high < 0.55 * wide {
        // Looking far up or down: a face is still about as high.
        let upright = [-right[1], right[0]];
        let (from, by) = if high < 0.15 * wide { (upright, wide) } else { (down, high) };
        down = from.map(|v| v / by * 0.55 * wide);
        high = 0.55 * wide;
    }
    if wide < 0.55 * high || cross(right, down) < 0.5 * wide * high {
        // Profile: the eyes are one before the other, and say little about the direction across.
        let across = [down[1], -down[0]];
        let is_clear = wide > 0.3 * high && cross(right, down) >= 0.5 * wide * high;
        let (from, by) = if is_clear { (right, wide) } else { (across, high) };
        wide = wide.clamp(0.55 * high, 1.2 * high);
        right = from.map(|v| v / by * wide);
    }
    Some((right, down))
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn length(v: [f64; 2]) -> f64 {
    v[0].hypot(v[1])
}
