//! How well a face lends itself to recognition: one score and its parts, each 0…1.
//!
//! The vocabulary follows ISO/IEC 29794-5. The constants were calibrated on the 3,811 LFW faces whose landmarks are in
//! `mtcnn_reference.jsonl`: pose on all of them, sharpness and exposure on every eighth, as it is, blurred, reduced and
//! darkened (2026-11-23). The percentiles stand below.
//!
//! | part | measured | 0 | 1 |
//! | --- | --- | --- | --- |
//! | size | pixels of the photo for each of the 112×112 crop along a side, less what lies outside the photo | 0, or 40 % outside | 1, nothing outside |
//! | sharpness | dominant frequency of the crop, see [`sharpness`] | 0.30 | 0.90 |
//! | pose | yaw, pitch and roll, see [`HeadPose`], times [`uprightness`] | 75°, 60° or 120°, upside down | frontal |
//! | exposure | mean, spread and clipping of the luma, see [`exposure`] | black, white, flat | even |
//! | confidence | the detector's probability | 0 | 1 |
//!
//! The score is their weighted geometric mean ([`WEIGHTS`]), so one useless part makes the whole useless, which an
//! arithmetic mean would hide.
//!
//! That the score means something was checked (same day, these formulas in NumPy) with MobileFaceNet embeddings of 2,293
//! of those faces, half of them blurred, darkened or reduced at random: over 3,101 mated pairs the lower score of the
//! two has a rank correlation of 0.53 with the similarity (0.21 on the faces as they are), and the worst fifth of the
//! pairs is rejected at 0.3 in 22.9 % of cases, the best fifth in 1.6 %.
//!
//! Sensor noise looks like fine detail, so a very noisy face is called sharper than it is. Occlusion is not measured.

use image::RgbImage;

use super::sharp::Grounds;
use crate::types::{Detection, Landmarks, Quality};

/// Weights of size, sharpness, pose, exposure, confidence in the score; they add up to 1.
pub const WEIGHTS: [f32; 5] = [0.25, 0.25, 0.25, 0.15, 0.10];

/// Shares of the crop inside the photo at which a face is worth nothing, and all. Of 120 faces of LFW cut by the border
/// (dlib's network), those with up to a quarter outside are as far from strangers' as whole ones (99 % below 0.92 to 0.91)
/// and near the whole face (0.97 and more); with 30 to 40 % outside strangers reach 0.94, and above that strangers are nearer
/// (median 0.92) than the face itself (0.91).
const INSIDE: [f32; 2] = [0.6, 1.0];
/// Frequencies at which sharpness is 0 and 1. LFW's 5th, 50th and 95th percentiles are 0.75, 0.95 and 1.23; after a
/// Gaussian blur of 1, 1.5, 2 and 3 pixels of the photo the medians are 0.68, 0.52, 0.41 and 0.27; reduced two, four and
/// six times they are 0.82, 0.61 and 0.48.
const FREQUENCY: [f32; 2] = [0.30, 0.90];
/// Squared gray levels added to the gradient's energy, so that noise on a flat crop is not detail.
const GRADIENT_FLOOR: f64 = 4.0;
/// What rounding to whole gray levels alone adds to the Laplacian's energy: 20 times the variance 1/12.
const ROUNDING: f64 = 20.0 / 12.0;
/// How far the tip of the nose stands before the plane of the eyes, in distances between the eyes (anthropometry puts
/// it at 25 to 30 mm of 63 mm).
const NOSE_DEPTH: f32 = 0.45;
/// Place of the nose between eyes (0) and mouth (1) on a level face, the median over LFW, and the distance from eyes to
/// mouth in distances between the eyes, likewise.
const NOSE_LEVEL: f32 = 0.537;
const EYES_TO_MOUTH: f32 = 1.097;

/// Judges one face.
///
/// `crop` is the face aligned to the ArcFace template, 112×112 RGB; another size is judged over the same part of its
/// area, but sharpness is calibrated for 112. `detection` is in pixels of the full-size photo, `grounds` is what the crop was
/// cut from, and `upright` comes from [`uprightness`]. Values that are not finite make their part 0.
pub fn quality_from_face(crop: &RgbImage, detection: &Detection, grounds: Grounds, upright: f32) -> Quality {
    let luma = FaceLuma::of(crop);
    let parts = [
        size(grounds),
        sharpness(&luma),
        pose(&detection.landmarks) * unit(upright),
        exposure(&luma),
        unit(detection.confidence),
    ];
    let [size, sharpness, pose, exposure, confidence] = parts;
    Quality { score: combine(parts), size, sharpness, pose, exposure, confidence }
}

/// How much more a face detector is sure of an aligned crop (`own`, 0…1) than of the same crop upside down (`turned`):
/// near 1 for upright faces, near 0 where the landmarks were laid onto an upside-down face as if it were upright.
///
/// The share of the odds, squared. Measured with O-Net over 400 faces of LFW: as they are, it is less sure of the turned crop
/// by 0.005 or more for 95 %; of 189 that are found when the photos stand on their heads, it is as sure of the turned crop
/// (within 0.001) or surer for 95 %, by 0.1 and more for half.
pub fn uprightness(own: f32, turned: f32) -> f32 {
    let odds = |sure: f32| {
        let sure = f64::from(unit(sure)).clamp(1e-6, 1.0 - 1e-6);
        sure / (1.0 - sure)
    };
    let (own, turned) = (odds(own), odds(turned));
    unit((own / (own + turned)).powi(2) as f32)
}

/// Angles of the head in degrees, 0 when frontal: approximations from five points, good to about 10°.
///
/// The nose is taken as a point before the plane of eyes and mouth, which shifts by its depth times the tangent of the
/// angle: sideways against the line from the eyes' middle to the mouth's middle for `yaw` (positive when it shifts
/// to the photo's right), along that line for `pitch` (positive when it shifts to the mouth: looking down). `roll` is
/// the slope of the eyes, positive clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadPose {
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
}

impl HeadPose {
    /// `None` where the points are not finite, or the eyes or the face's length fall into one point.
    pub fn from_landmarks(landmarks: &Landmarks) -> Option<Self> {
        let [left, right, nose, mouth_left, mouth_right] = landmarks.0;
        let middle = |a: [f32; 2], b: [f32; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
        let from_to = |a: [f32; 2], b: [f32; 2]| [b[0] - a[0], b[1] - a[1]];
        let eyes = middle(left, right);
        let across = from_to(left, right);
        let down = from_to(eyes, middle(mouth_left, mouth_right));
        let tip = from_to(eyes, nose);
        let eye_distance = across[0].hypot(across[1]);
        let length = down[0].hypot(down[1]);
        if !(eye_distance.is_finite() && length.is_finite() && tip[0].is_finite() && tip[1].is_finite())
            || eye_distance.min(length) < 1e-3
        {
            return None;
        }
        let sideways = (tip[0] * down[1] - tip[1] * down[0]) / length;
        let along = (tip[0] * down[0] + tip[1] * down[1]) / (length * length);
        Some(Self {
            yaw: sideways.atan2(NOSE_DEPTH * eye_distance).to_degrees(),
            pitch: (along - NOSE_LEVEL).atan2(NOSE_DEPTH / EYES_TO_MOUTH).to_degrees(),
            roll: across[1].atan2(across[0]).to_degrees(),
        })
    }
}

fn size(grounds: Grounds) -> f32 {
    unit(grounds.fineness) * ramp(1.0 - grounds.outside, INSIDE[0], INSIDE[1])
}

/// Each angle falls as a squared cosine to 0 at its limit. Alignment undoes roll, so roll counts least.
fn pose(landmarks: &Landmarks) -> f32 {
    const LIMITS: [f32; 3] = [75.0, 60.0, 120.0];
    let Some(HeadPose { yaw, pitch, roll }) = HeadPose::from_landmarks(landmarks) else { return 0.0 };
    let factors = [yaw, pitch, roll].into_iter().zip(LIMITS).map(|(angle, limit)| {
        let part = (angle.abs() / limit).min(1.0);
        (part * std::f32::consts::FRAC_PI_2).cos().powi(2)
    });
    unit(factors.product())
}

/// Root of the ratio of the Laplacian's energy to the gradient's: the dominant spatial frequency in radians a pixel
/// (4-neighbour Laplacian, central differences). Contrast cancels out, and a Gaussian blur always lowers it, since it
/// takes more of the higher of any two frequencies. Mapped linearly between [`FREQUENCY`]'s ends.
fn sharpness(luma: &FaceLuma) -> f32 {
    let mut laplacian = 0.0f64;
    let mut gradient = 0.0f64;
    let mut count = 0u32;
    for y in 1..luma.height.saturating_sub(1) {
        for x in 1..luma.width - 1 {
            let [up, down] = [luma.at(x, y - 1), luma.at(x, y + 1)];
            let [left, right] = [luma.at(x - 1, y), luma.at(x + 1, y)];
            laplacian += f64::from(up + down + left + right - 4.0 * luma.at(x, y)).powi(2);
            gradient += (f64::from(right - left).powi(2) + f64::from(down - up).powi(2)) / 4.0;
            count += 1;
        }
    }
    if count == 0 {
        return 0.0;
    }
    let (laplacian, gradient) = (laplacian / f64::from(count), gradient / f64::from(count));
    let frequency = ((laplacian - ROUNDING).max(0.0) / (gradient + GRADIENT_FLOOR)).sqrt() as f32;
    ramp(frequency, FREQUENCY[0], FREQUENCY[1])
}

/// Product of four ramps over the luma (0…255): its mean from 20 to 80 and down again from 190 to 245 (LFW's 1st and 99th
/// percentiles are 72 and 181), its standard deviation from 4 to 20 (23 is LFW's 1st percentile), and the
/// share at 10 or below or 245 or above, harmless to 0.05 and useless from 0.5 (13 % is LFW's 99th percentile).
fn exposure(luma: &FaceLuma) -> f32 {
    let n = luma.values.len() as f32;
    if n == 0.0 {
        return 0.0;
    }
    let mean = luma.values.iter().sum::<f32>() / n;
    let spread = (luma.values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
    let clipped = luma.values.iter().filter(|&&v| v <= 10.0 || v >= 245.0).count() as f32 / n;
    ramp(mean, 20.0, 80.0)
        * (1.0 - ramp(mean, 190.0, 245.0))
        * ramp(spread, 4.0, 20.0)
        * (1.0 - ramp(clipped, 0.05, 0.5))
}

/// Weighted geometric mean; 0 when a part is 0.
fn combine(parts: [f32; 5]) -> f32 {
    if parts.iter().any(|&part| part <= 0.0) {
        return 0.0;
    }
    unit(parts.iter().zip(WEIGHTS).map(|(part, weight)| weight * part.ln()).sum::<f32>().exp())
}

/// 0 at `from` and below, 1 at `to` and above, linear between.
fn ramp(value: f32, from: f32, to: f32) -> f32 {
    unit((value - from) / (to - from))
}

/// Clamped to 0…1; NaN is 0.
fn unit(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

/// Rec. 601 luma, 0…255, of the part of an aligned crop that a face fills whatever its hair and background: columns
/// 19…92 and rows 23…104 of 112.
struct FaceLuma {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl FaceLuma {
    fn of(crop: &RgbImage) -> Self {
        let edge = |side: u32, of_112: u32| side * of_112 / 112;
        let columns = edge(crop.width(), 19)..edge(crop.width(), 93);
        let rows = edge(crop.height(), 23)..edge(crop.height(), 105);
        let mut values = Vec::with_capacity(columns.len() * rows.len());
        for y in rows.clone() {
            for x in columns.clone() {
                let [r, g, b] = crop.get_pixel(x, y).0.map(f32::from);
                values.push(0.299 * r + 0.587 * g + 0.114 * b);
            }
        }
        // Without columns there are no rows either, so that neighbours need no further check.
        let height = if columns.is_empty() { 0 } else { rows.len() };
        Self { width: columns.len(), height, values }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::BBox;
    use proptest::prelude::*;

    const FRONTAL: [[f32; 2]; 5] = [[100.0, 100.0], [142.0, 100.0], [121.0, 124.7], [103.0, 146.0], [139.0, 146.0]];

    const WHOLE: Grounds = Grounds { fineness: 1.2, outside: 0.0 };

    fn detection(points: [[f32; 2]; 5]) -> Detection {
        Detection {
            bbox: BBox { x1: 80.0, y1: 60.0, x2: 160.0, y2: 170.0 },
            confidence: 0.999,
            landmarks: Landmarks(points),
        }
    }

    /// Stripes and discs of several widths on mid gray: detail at every scale, as in a face.
    fn drawing() -> RgbImage {
        RgbImage::from_fn(112, 112, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let value =
                128.0 + 45.0 * (x * 0.9).sin() * (y * 0.8).cos() + 35.0 * (x * 0.3).cos() + 20.0 * (y * 0.11).sin();
            image::Rgb([value as u8; 3])
        })
    }

    fn mapped(image: &RgbImage, f: impl Fn(f32) -> f32) -> RgbImage {
        let mut image = image.clone();
        image.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|v| f(f32::from(v)) as u8));
        image
    }

    #[test]
    fn a_good_face_is_near_one_and_the_parts_explain_it() {
        let quality = quality_from_face(&drawing(), &detection(FRONTAL), WHOLE, 1.0);
        assert!(quality.score > 0.95, "{quality:?}");
        assert_eq!(quality.size, 1.0);
        assert!(quality.pose > 0.99, "{quality:?}");
    }

    #[test]
    fn falls_with_blur() {
        let scores: Vec<Quality> = [0.0, 0.8, 1.2, 1.8, 2.5, 4.0]
            .map(|sigma| if sigma == 0.0 { drawing() } else { image::imageops::blur(&drawing(), sigma) })
            .iter()
            .map(|crop| quality_from_face(crop, &detection(FRONTAL), WHOLE, 1.0))
            .collect();
        let falling = scores.windows(2).all(|w| w[1].sharpness <= w[0].sharpness && w[1].score <= w[0].score);
        assert!(falling && scores[5].score < 0.7 * scores[0].score, "{scores:#?}");
    }

    #[test]
    fn falls_with_darkening_and_with_glare() {
        for change in [|v: f32, k: f32| v * (1.0 - k), |v: f32, k: f32| 255.0 - (255.0 - v) * (1.0 - k)] {
            let exposures = [0.0, 0.3, 0.5, 0.7, 0.9, 1.0].map(|k| {
                quality_from_face(&mapped(&drawing(), |v| change(v, k)), &detection(FRONTAL), WHOLE, 1.0).exposure
            });
            assert!(exposures.windows(2).all(|w| w[1] <= w[0]), "{exposures:?}");
            assert!(exposures[0] > 0.99 && exposures[4] < 0.3 && exposures[5] == 0.0, "{exposures:?}");
        }
    }

    #[test]
    fn falls_with_yaw_pitch_and_roll_both_ways() {
        for sign in [-1.0, 1.0] {
            let yawed = [0.0, 5.0, 10.0, 20.0, 40.0].map(|shift| {
                let mut points = FRONTAL;
                points[2][0] += sign * shift;
                pose(&Landmarks(points))
            });
            assert!(yawed.windows(2).all(|w| w[1] < w[0]), "{yawed:?}");
            let pitched = [0.0, 5.0, 10.0, 20.0, 40.0].map(|shift| {
                let mut points = FRONTAL;
                points[2][1] += sign * shift;
                pose(&Landmarks(points))
            });
            assert!(pitched.windows(2).all(|w| w[1] < w[0]), "{pitched:?}");
            let rolled = [0.0f32, 15.0, 45.0, 90.0, 130.0].map(|degrees| {
                let (sin, cos) = (sign * degrees.to_radians()).sin_cos();
                pose(&Landmarks(FRONTAL.map(|[x, y]| [x * cos - y * sin, x * sin + y * cos])))
            });
            assert!(rolled.windows(2).all(|w| w[1] < w[0]) && rolled[4] < 1e-6, "{rolled:?}");
        }
    }

    #[test]
    fn angles_have_the_stated_signs() {
        let mut points = FRONTAL;
        points[2] = [121.0 + 0.45 * 42.0, 124.7];
        let pose = HeadPose::from_landmarks(&Landmarks(points)).unwrap();
        assert!((pose.yaw - 45.0).abs() < 0.1 && pose.pitch.abs() < 1.0 && pose.roll.abs() < 0.1, "{pose:?}");
        points = FRONTAL;
        points[2][1] += 10.0;
        assert!(HeadPose::from_landmarks(&Landmarks(points)).unwrap().pitch > 10.0);
        points = FRONTAL;
        points[1][1] += 10.0;
        assert!(HeadPose::from_landmarks(&Landmarks(points)).unwrap().roll > 10.0);
    }

    #[test]
    fn falls_with_pixels_missing_and_with_what_lies_outside_the_photo() {
        let scores =
            |grounds: [Grounds; 4]| grounds.map(|g| quality_from_face(&drawing(), &detection(FRONTAL), g, 1.0));
        let coarse = scores([1.0, 0.7, 0.4, 0.1].map(|fineness| Grounds { fineness, ..WHOLE }));
        assert!((coarse[2].size - 0.4).abs() < 1e-6);
        let cut = scores([0.0, 0.1, 0.25, 0.5].map(|outside| Grounds { outside, ..WHOLE }));
        for scores in [coarse, cut] {
            assert!(scores.windows(2).all(|w| w[1].size < w[0].size && w[1].score < w[0].score), "{scores:#?}");
        }
    }

    #[test]
    fn falls_where_the_detector_is_as_sure_of_the_crop_upside_down() {
        let falling = [(0.999, 0.2), (0.99, 0.9), (0.95, 0.95), (0.9, 0.99), (0.5, 0.999)];
        let scores = falling
            .map(|(own, turned)| quality_from_face(&drawing(), &detection(FRONTAL), WHOLE, uprightness(own, turned)));
        assert!(scores.windows(2).all(|w| w[1].pose < w[0].pose && w[1].score < w[0].score), "{scores:#?}");
        assert!(scores[0].score > 0.95 && scores[3].score < 0.4 * scores[0].score, "{scores:#?}");
        assert_eq!(uprightness(1.0, 1.0), 0.25);
        assert!(uprightness(f32::NAN, 0.5) < 1e-6 && uprightness(0.5, f32::NAN) > 0.99);
    }

    #[test]
    fn flat_crops_and_collapsed_points_are_useless() {
        for value in [0, 128, 255] {
            let flat = RgbImage::from_pixel(112, 112, image::Rgb([value; 3]));
            let quality = quality_from_face(&flat, &detection(FRONTAL), WHOLE, 1.0);
            assert_eq!((quality.sharpness, quality.exposure, quality.score), (0.0, 0.0, 0.0));
        }
        assert_eq!(quality_from_face(&drawing(), &detection([[5.0, 5.0]; 5]), WHOLE, 1.0).pose, 0.0);
    }

    fn any_coordinate() -> impl Strategy<Value = f32> {
        prop_oneof![8 => -500f32..500.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_part_is_in_bounds(
            points in proptest::array::uniform5(proptest::array::uniform2(any_coordinate())),
            confidence in any_coordinate(),
            width in 1u32..130, height in 1u32..130, seed in any::<u32>(),
        ) {
            let crop = RgbImage::from_fn(width, height, |x, y| {
                let v = seed.wrapping_mul(x.wrapping_mul(7919).wrapping_add(y.wrapping_mul(104_729)) | 1);
                image::Rgb([(v >> 24) as u8, (v >> 16) as u8, (v >> 8) as u8])
            });
            let q = quality_from_face(&crop, &Detection { confidence, ..detection(points) }, WHOLE, 1.0);
            for part in [q.score, q.size, q.sharpness, q.pose, q.exposure, q.confidence] {
                prop_assert!((0.0..=1.0).contains(&part), "{:?}", q);
            }
        }
    }
}
