//! Alignment: a similarity transform brings five landmarks onto a template, and the crop is cut through it.

use crate::tell;
use crate::types::{Tell, Telling};
use image::RgbImage;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::types::Landmarks;

/// Crops wider or higher than this are refused; no embedder comes near it.
const MAX_SIDE: u32 = 4096;

/// Where a model expects the five landmarks in its input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Width and height of the crop in pixels.
    pub size: [u32; 2],
    /// (x, y) in pixels of the crop, in the order of [`Landmarks`]; pixel centres have whole coordinates.
    pub points: [[f32; 2]; 5],
}

impl Template {
    /// The 112×112 template of ArcFace (Deng et al. 2019) and of most networks after it.
    pub const ARCFACE: Self = Self {
        size: [112, 112],
        points: [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    };

    /// ArcFace's template for crops of another size: scaled with the height, the middle kept. For 96×112 pixels this
    /// is the template of the networks before ArcFace.
    pub fn arcface_of_size(size: [u32; 2]) -> Self {
        if size == Self::ARCFACE.size {
            return Self::ARCFACE;
        }
        let [width, height] = size.map(|side| side as f32);
        let scale = height / 112.0;
        Self { size, points: Self::ARCFACE.points.map(|[x, y]| [(x - 56.0) * scale + width / 2.0, y * scale]) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AlignError {
    #[error("a landmark is not a finite number")]
    NotFinite,
    #[error("the landmarks lie on one spot or contradict the template, so no face can be laid straight by them")]
    Degenerate,
    #[error("the template asks for a crop of {0}×{1} pixels; each side must be between 1 and {MAX_SIDE}")]
    TemplateSize(u32, u32),
}

/// Rotation, uniform scale and shift: (x, y) ↦ (a·x − b·y + tx, b·x + a·y + ty). Never a reflection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    a: f64,
    b: f64,
    tx: f64,
    ty: f64,
}

impl Similarity {
    /// The similarity that takes `src` to `dst` with the least sum of squared distances.
    ///
    /// Umeyama 1991 gives it through a singular value decomposition for any dimension. In the plane a similarity
    /// without reflection is linear in (a, b, tx, ty), and the same minimum has a closed form: with both sets
    /// moved to their centroids, a = Σ src·dst / Σ|src|² and b = Σ src×dst / Σ|src|².
    ///
    /// # Errors
    /// `NotFinite` for NaN or infinite points; `Degenerate` where the points of `src` coincide or no rotation is
    /// better than another.
    pub fn from_points(src: &[[f32; 2]; 5], dst: &[[f32; 2]; 5]) -> Result<Self, AlignError> {
        if src.iter().chain(dst).flatten().any(|v| !v.is_finite()) {
            return Err(AlignError::NotFinite);
        }
        let (src_mean, dst_mean) = (centroid(src), centroid(dst));
        let (mut dot, mut cross, mut spread, mut dst_spread) = (0.0, 0.0, 0.0, 0.0);
        for (s, d) in src.iter().zip(dst) {
            let [sx, sy] = [f64::from(s[0]) - src_mean[0], f64::from(s[1]) - src_mean[1]];
            let [dx, dy] = [f64::from(d[0]) - dst_mean[0], f64::from(d[1]) - dst_mean[1]];
            dot += sx * dx + sy * dy;
            cross += sx * dy - sy * dx;
            spread += sx * sx + sy * sy;
            dst_spread += dx * dx + dy * dy;
        }
        // Points nearer than a thousandth of a pixel say nothing; nor does a fit that explains nothing.
        let agreement = dot.hypot(cross) / (spread * dst_spread).sqrt();
        if spread < 5e-6 || agreement.is_nan() || agreement < 1e-6 {
            return Err(AlignError::Degenerate);
        }
        let (a, b) = (dot / spread, cross / spread);
        Ok(Self {
            a,
            b,
            tx: dst_mean[0] - (a * src_mean[0] - b * src_mean[1]),
            ty: dst_mean[1] - (b * src_mean[0] + a * src_mean[1]),
        })
    }

    pub fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [x, y] = self.map(f64::from(x), f64::from(y));
        [x as f32, y as f32]
    }

    /// The way back. A similarity made by [`Similarity::from_points`] always has one.
    pub fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) }
    }

    /// Pixels of the target for each pixel of the source; above 0.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b) as f32
    }

    fn map(&self, x: f64, y: f64) -> [f64; 2] {
        [self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty]
    }
}

fn centroid(points: &[[f32; 2]; 5]) -> [f64; 2] {
    let mean = |axis: usize| points.iter().map(|p| f64::from(p[axis])).sum::<f64>() / 5.0;
    [mean(0), mean(1)]
}

/// Cuts the crop in which the photo's `landmarks` (pixels of `photo`) lie on the template's points.
///
/// Sampling is bilinear between pixel centres, and what lies outside the photo is black, as in the published
/// protocols of the recognition networks. A crop that shrinks the face to less than half ([`Similarity::scale`]
/// below 0.5) therefore aliases somewhat; it is kept so, since the networks were trained on such crops.
///
/// # Errors
/// Landmarks that fix no similarity, and a template without a usable size.
pub fn aligned_crop(photo: &RgbImage, landmarks: &Landmarks, template: &Template) -> Result<RgbImage, AlignError> {
    let [width, height] = template.size;
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(AlignError::TemplateSize(width, height));
    }
    let back = Similarity::from_points(&landmarks.0, &template.points)?.inverse();
    let mut crop = RgbImage::new(width, height);
    let source = Source::new(photo);
    for (y, row) in crop.chunks_exact_mut(width as usize * 3).enumerate() {
        let [x0, y0] = back.map(0.0, y as f64);
        let line = Line { x0, y0, dx: back.a, dy: back.b };
        source.sample_line(&line, row);
    }
    Ok(crop)
}

/// The photo's places under one row of the crop: (x0 + i·dx, y0 + i·dy).
struct Line {
    x0: f64,
    y0: f64,
    dx: f64,
    dy: f64,
}

impl Line {
    fn at(&self, i: usize) -> (f64, f64) {
        (self.x0 + i as f64 * self.dx, self.y0 + i as f64 * self.dy)
    }
}

struct Source<'a> {
    pixels: &'a [u8],
    width: i64,
    height: i64,
}

impl<'a> Source<'a> {
    fn new(photo: &'a RgbImage) -> Self {
        Self { pixels: photo.as_raw(), width: photo.width().into(), height: photo.height().into() }
    }

    fn sample_line(&self, line: &Line, row: &mut [u8]) {
        let count = row.len() / 3;
        let (start, end) = self.interior(line, count);
        let (head, rest) = row.split_at_mut(start * 3);
        let (middle, tail) = rest.split_at_mut((end - start) * 3);
        let stride = self.width as usize * 3;
        for (i, out) in head.chunks_exact_mut(3).enumerate() {
            self.sample_at_edge(line.at(i), out);
        }
        for (i, out) in middle.chunks_exact_mut(3).enumerate() {
            let (x, y) = line.at(start + i);
            // Not negative here, so the cast rounds down.
            let (left, top) = (x as usize, y as usize);
            let (fx, fy) = ((x - left as f64) as f32, (y - top as f64) as f32);
            let offset = top * stride + left * 3;
            let upper = &self.pixels[offset..offset + 6];
            let lower = &self.pixels[offset + stride..offset + stride + 6];
            for c in 0..3 {
                out[c] = blend([upper[c], upper[c + 3], lower[c], lower[c + 3]], fx, fy);
            }
        }
        for (i, out) in tail.chunks_exact_mut(3).enumerate() {
            self.sample_at_edge(line.at(end + i), out);
        }
    }

    /// Positions `start..end` of a row all four of whose neighbours lie in the photo.
    fn interior(&self, line: &Line, count: usize) -> (usize, usize) {
        let inside = |i: usize| {
            let (x, y) = line.at(i);
            x >= 0.0 && y >= 0.0 && x < (self.width - 1) as f64 && y < (self.height - 1) as f64
        };
        // A line meets a rectangle in one stretch: estimate its ends, then settle them exactly.
        let (mut from, mut to) = (0.0f64, count as f64);
        for (origin, step, limit) in [(line.x0, line.dx, self.width - 1), (line.y0, line.dy, self.height - 1)] {
            if step != 0.0 {
                let (p, q) = (-origin / step, (limit as f64 - origin) / step);
                from = from.max(p.min(q));
                to = to.min(p.max(q));
            }
        }
        let mut start = (from.ceil().max(0.0) as usize).min(count);
        let mut end = (to.max(0.0) as usize).saturating_add(1).min(count).max(start);
        while start < end && !inside(start) {
            start += 1;
        }
        while end > start && !inside(end - 1) {
            end -= 1;
        }
        (start, end)
    }

    /// A place whose neighbours may lie outside; those count as black.
    fn sample_at_edge(&self, (x, y): (f64, f64), out: &mut [u8]) {
        if !(x > -1.0 && y > -1.0 && x < self.width as f64 && y < self.height as f64) {
            return out.fill(0);
        }
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = ((x - left) as f32, (y - top) as f32);
        let (left, top) = (left as i64, top as i64);
        let value = |x: i64, y: i64, c: usize| {
            let is_inside = x >= 0 && y >= 0 && x < self.width && y < self.height;
            if is_inside { self.pixels[((y * self.width + x) * 3) as usize + c] } else { 0 }
        };
        for (c, out) in out.iter_mut().enumerate() {
            let corners = [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)];
            *out = blend(corners.map(|(x, y)| value(x, y, c)), fx, fy);
        }
    }
}

/// Bilinear mean of the four neighbours (upper left, upper right, lower left, lower right), rounded.
fn blend(corners: [u8; 4], fx: f32, fy: f32) -> u8 {
    let [a, b, c, d] = corners.map(f32::from);
    let upper = a + (b - a) * fx;
    let lower = c + (d - c) * fx;
    (upper + (lower - upper) * fy + 0.5) as u8
}

impl Tell for AlignError {
    fn telling(&self) -> Telling {
        match self {
            Self::NotFinite => tell!("vision-landmark-not-finite"),
            Self::Degenerate => tell!("vision-landmarks-degenerate"),
            Self::TemplateSize(width, height) => {
                tell!("vision-template-size", width = width.to_string(), height = height.to_string(), max = MAX_SIDE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    fn any_similarity() -> impl Strategy<Value = Similarity> {
        (0.05f64..20.0, -3.1f64..3.1, -2000.0f64..2000.0, -2000.0f64..2000.0)
            .prop_map(|(scale, angle, tx, ty)| Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty })
    }

    #[test]
    fn the_template_for_other_sizes_keeps_the_middle() {
        assert_eq!(Template::arcface_of_size([112, 112]), Template::ARCFACE);
        let narrow = Template::arcface_of_size([96, 112]);
        let double = Template::arcface_of_size([224, 224]);
        for (i, [x, y]) in Template::ARCFACE.points.into_iter().enumerate() {
            assert!(distance(narrow.points[i], [x - 8.0, y]) < 1e-4);
            assert!(distance(double.points[i], [2.0 * x, 2.0 * y]) < 1e-4);
        }
    }

    fn distance(p: [f32; 2], q: [f32; 2]) -> f32 {
        (p[0] - q[0]).hypot(p[1] - q[1])
    }

    fn noise(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let v = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519).rotate_left(13);
            Rgb([(v >> 24) as u8, (v >> 16) as u8, (v >> 8) as u8])
        })
    }

    proptest! {
        #[test]
        fn recovers_any_similarity(truth in any_similarity()) {
            let src = Template::ARCFACE.points;
            let dst = src.map(|p| truth.apply(p));
            let found = Similarity::from_points(&src, &dst).unwrap();
            for p in src {
                prop_assert!(distance(found.apply(p), truth.apply(p)) < 1e-3);
            }
            prop_assert!((found.scale() / truth.scale() - 1.0).abs() < 1e-3);
        }

        #[test]
        fn inverse_undoes(truth in any_similarity(), x in -500f32..500.0, y in -500f32..500.0) {
            let back = truth.inverse();
            // Rounding of the point between the two, in f32, is stretched by the inverse's scale.
            let bound = 1e-3 + 1e-3 * back.scale();
            prop_assert!(distance(back.apply(truth.apply([x, y])), [x, y]) < bound);
            prop_assert!((back.scale() * truth.scale() - 1.0).abs() < 1e-5);
        }

        #[test]
        fn no_other_similarity_fits_better(
            noise in proptest::array::uniform5(proptest::array::uniform2(-4f32..4.0)),
            change in proptest::array::uniform4(-0.01f64..0.01),
        ) {
            let dst = Template::ARCFACE.points;
            let mut src = dst.map(|[x, y]| [x * 2.0 + 30.0, y * 2.0 - 11.0]);
            for (p, n) in src.iter_mut().zip(noise) {
                *p = [p[0] + n[0], p[1] + n[1]];
            }
            let best = Similarity::from_points(&src, &dst).unwrap();
            let cost = |s: &Similarity| -> f64 {
                src.iter().zip(dst).map(|(p, q)| {
                    let [x, y] = s.map(p[0].into(), p[1].into());
                    (x - f64::from(q[0])).powi(2) + (y - f64::from(q[1])).powi(2)
                }).sum()
            };
            let [a, b, tx, ty] = change;
            let other = Similarity { a: best.a + a, b: best.b + b, tx: best.tx + tx * 100.0, ty: best.ty + ty * 100.0 };
            prop_assert!(cost(&best) <= cost(&other) + 1e-9);
        }

        #[test]
        fn the_crop_is_what_sampling_point_by_point_gives(truth in any_similarity()) {
            let photo = noise(64, 48);
            let template = Template { size: [40, 30], ..Template::ARCFACE };
            let landmarks = Landmarks(template.points.map(|p| truth.inverse().apply(p)));
            if let Ok(forward) = Similarity::from_points(&landmarks.0, &template.points) {
                let crop = aligned_crop(&photo, &landmarks, &template).unwrap();
                let (source, back) = (Source::new(&photo), forward.inverse());
                for (x, y, pixel) in crop.enumerate_pixels() {
                    let mut expected = [0u8; 3];
                    let [x0, y0] = back.map(0.0, y.into());
                    source.sample_at_edge((x0 + f64::from(x) * back.a, y0 + f64::from(x) * back.b), &mut expected);
                    prop_assert_eq!(pixel.0, expected);
                }
            }
        }
    }

    #[test]
    fn a_mirrored_face_is_not_reflected() {
        let src = Template::ARCFACE.points.map(|[x, y]| [112.0 - x, y]);
        let found = Similarity::from_points(&src, &Template::ARCFACE.points).unwrap();
        // Turned by half a circle or mirrored it would fit better at the eyes; it may only shrink.
        assert!(found.a > 0.1 && found.b.abs() < 0.05, "{found:?}");
    }

    #[test]
    fn an_aligned_crop_stays_as_it_is() {
        let photo = noise(112, 112);
        let landmarks = Landmarks(Template::ARCFACE.points);
        assert_eq!(aligned_crop(&photo, &landmarks, &Template::ARCFACE).unwrap(), photo);
    }

    #[test]
    fn outside_is_black() {
        let photo = RgbImage::from_pixel(20, 20, Rgb([255, 255, 255]));
        let landmarks = Landmarks(Template::ARCFACE.points.map(|[x, y]| [x - 30.0, y - 30.0]));
        let crop = aligned_crop(&photo, &landmarks, &Template::ARCFACE).unwrap();
        for (x, y, pixel) in crop.enumerate_pixels() {
            let is_inside = (30..50).contains(&x) && (30..50).contains(&y);
            // At the very border the shift by whole pixels may round to a neighbour outside.
            if !(29..=50).contains(&x) || !(29..=50).contains(&y) {
                assert_eq!(pixel.0, [0; 3], "{x} {y}");
            } else if is_inside && (31..49).contains(&x) && (31..49).contains(&y) {
                assert_eq!(pixel.0, [255; 3], "{x} {y}");
            }
        }
    }

    #[test]
    fn tiny_photos_are_sampled() {
        for (width, height) in [(1, 1), (1, 9), (2, 2)] {
            let landmarks = Landmarks(Template::ARCFACE.points.map(|[x, y]| [x / 112.0, y / 112.0]));
            assert!(aligned_crop(&noise(width, height), &landmarks, &Template::ARCFACE).is_ok());
        }
    }

    #[test]
    fn landmarks_that_fix_nothing_are_refused() {
        let photo = noise(8, 8);
        let crop = |points| aligned_crop(&photo, &Landmarks(points), &Template::ARCFACE);
        assert_eq!(crop([[3.0, 3.0]; 5]), Err(AlignError::Degenerate));
        assert_eq!(crop([[f32::NAN, 3.0]; 5]), Err(AlignError::NotFinite));
        assert_eq!(crop([[f32::INFINITY, 3.0]; 5]), Err(AlignError::NotFinite));
        let empty = Template { size: [0, 112], ..Template::ARCFACE };
        let good = Landmarks(Template::ARCFACE.points);
        assert_eq!(aligned_crop(&photo, &good, &empty), Err(AlignError::TemplateSize(0, 112)));
    }
}
