//! Transparent pictures of masks.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{ImageReader, Limits, RgbaImage};

use crate::vision::VisionError;

const MAX_SIDE: u32 = 4096;
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Alpha from which on a pixel belongs to the mask's body.
const OPAQUE: u8 = 128;
/// Columns whose opaque stretch is shorter than this share of the longest are straps.
const STRAP_SHARE: f64 = 0.22;
/// Where the body comes to lie on the face, in its units: the nose's edge, the chin and half the width.
const BRIDGE: f64 = 61.0;
const CHIN: f64 = 115.5;
const HALF_WIDTH: f64 = 34.5;
/// A body wider than this for its height stands out beside the face, as filters do.
const USUAL_ASPECT: f64 = 1.3;

/// A picture of a mask and where nose, sides and chin are on it.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The picture and its halves, quarters and so on.
    levels: Vec<Level>,
    body: Body,
}

/// Colours times alpha, 0…255, and alpha 0…1.
#[derive(Clone, Debug)]
struct Level {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
}

/// Edges of the body in pixels of the whole picture, and the half widths of the face that its two sides cover.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Body {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Column of the nose.
    peak: f64,
    half_widths: [f64; 2],
}

impl Overlay {
    pub(super) fn open(path: &Path) -> Result<Self, VisionError> {
        let io = |reason| VisionError::Io { subject: "a mask's picture", reason, path: path.to_owned() };
        let unusable = |reason: String| VisionError::Mask { path: path.to_owned(), reason };
        let bytes = fs::metadata(path).map_err(io)?.len();
        if bytes > MAX_FILE_BYTES {
            return Err(unusable(format!("it has {bytes} bytes, at most {MAX_FILE_BYTES} are read")));
        }
        let mut reader =
            ImageReader::new(Cursor::new(fs::read(path).map_err(io)?)).with_guessed_format().map_err(io)?;
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
        reader.limits(limits);
        let picture = reader.decode().map_err(|error| unusable(error.to_string()))?;
        if !picture.color().has_alpha() {
            return Err(unusable(
                "it has no transparency, so nothing tells the mask from what is around it".to_owned(),
            ));
        }
        Self::from_picture(&picture.to_rgba8()).map_err(|reason| unusable(reason.to_owned()))
    }

    fn from_picture(picture: &RgbaImage) -> Result<Self, &'static str> {
        if picture.pixels().all(|pixel| pixel.0[3] >= OPAQUE) {
            return Err("nothing of it is transparent, so nothing tells the mask from what is around it");
        }
        let body = Body::find(picture).ok_or("it shows no mask: its opaque part is empty or only a few pixels wide")?;
        let mut levels = vec![Level::of(picture)];
        while let Some(smaller) = levels.last().and_then(Level::halved) {
            levels.push(smaller);
        }
        Ok(Self { levels, body })
    }

    /// Left, top, right, bottom in the face's units.
    pub(super) fn reach(&self) -> [f64; 4] {
        let Body { left, right, top, bottom, .. } = self.body;
        let (width, height) = (self.levels[0].width as f64, self.levels[0].height as f64);
        let [left_half, right_half] = self.body.half_widths;
        let (per_x, per_y) = ((left_half + right_half) / (right - left), (CHIN - BRIDGE) / (bottom - top));
        [
            (-left_half - 1.6 * left * per_x).max(-90.0),
            (BRIDGE - top * per_y).max(20.0),
            (right_half + 1.6 * (width - right) * per_x).min(90.0),
            (CHIN + (height - bottom) * per_y).min(140.0),
        ]
    }

    /// The level whose pixels are about as large as the photo's, at `scale` pixels for a unit.
    pub(super) fn level_for(&self, scale: f64) -> usize {
        let body = self.body;
        let texels = (body.bottom - body.top) / (CHIN - BRIDGE) / scale.max(1e-6);
        (texels.log2().round().max(0.0) as usize).min(self.levels.len() - 1)
    }

    /// Red, green, blue 0…255 and cover 0…1 at a point of the face.
    pub(super) fn colour_at(&self, [x, y]: [f64; 2], level: usize) -> [f32; 4] {
        let Body { left, right, top, bottom, peak, half_widths: [left_half, right_half] } = self.body;
        let column =
            if x < 0.0 { peak + x / left_half * (peak - left) } else { peak + x / right_half * (right - peak) };
        let row = top + (y - BRIDGE) / (CHIN - BRIDGE) * (bottom - top);
        let shrink = f64::from(1u32 << level.min(31));
        let [r, g, b, alpha] = self.levels[level].sample((column + 0.5) / shrink - 0.5, (row + 0.5) / shrink - 0.5);
        if alpha <= 0.0 { [0.0; 4] } else { [r / alpha, g / alpha, b / alpha, alpha] }
    }
}

impl Body {
    fn find(picture: &RgbaImage) -> Option<Self> {
        let runs: Vec<Option<(u32, u32)>> = (0..picture.width()).map(|x| longest_run(picture, x)).collect();
        let length = |run: &Option<(u32, u32)>| run.map_or(0, |(from, to)| to - from);
        let longest = runs.iter().map(length).max()?;
        let is_body = |run: &Option<(u32, u32)>| f64::from(length(run)) >= STRAP_SHARE * f64::from(longest);
        let left = runs.iter().position(is_body)?;
        let right = runs.iter().rposition(is_body)?;
        if longest < 8 || right - left < 8 {
            return None;
        }
        let body = || (left..=right).filter_map(|x| runs[x].map(|(from, to)| (x, from, to)));
        let top = body().map(|(_, from, _)| from).min()?;
        let bottom = body().map(|(_, _, to)| to).max()?;
        // Of a flat top the middle.
        let near = f64::from(top) + 0.012 * f64::from(bottom - top);
        let peaks: Vec<usize> = body().filter(|(_, from, _)| f64::from(*from) <= near).map(|(x, ..)| x).collect();
        let (first, last) = (*peaks.first()? as f64, *peaks.last()? as f64);
        let (left, right) = (left as f64, right as f64);
        let peak = ((first + last) / 2.0).clamp(left + 0.12 * (right - left), right - 0.12 * (right - left));
        let aspect = (right - left) / f64::from(bottom - top);
        let half = HALF_WIDTH * (aspect / USUAL_ASPECT).clamp(1.0, 1.5);
        // A mask seen from the side covers less on the side to which it points.
        let share = (0.5 + 0.5 * ((peak - left) / (right - left) - 0.5)).clamp(0.3, 0.7);
        let half_widths = [2.0 * half * share, 2.0 * half * (1.0 - share)];
        Some(Self { left, right, top: top.into(), bottom: bottom.into(), peak, half_widths })
    }
}

/// First row and the one behind the last of a column's longest opaque stretch.
fn longest_run(picture: &RgbaImage, x: u32) -> Option<(u32, u32)> {
    let (mut best, mut begun) = (None::<(u32, u32)>, None);
    for y in 0..=picture.height() {
        let is_opaque = y < picture.height() && picture.get_pixel(x, y).0[3] >= OPAQUE;
        match (is_opaque, begun) {
            (true, None) => begun = Some(y),
            (false, Some(from)) => {
                if best.is_none_or(|(a, b)| y - from > b - a) {
                    best = Some((from, y));
                }
                begun = None;
            }
            _ => {}
        }
    }
    best
}

impl Level {
    fn of(picture: &RgbaImage) -> Self {
        let pixels = picture.pixels().map(|pixel| {
            let [r, g, b, alpha] = pixel.0.map(f32::from);
            let alpha = alpha / 255.0;
            [r * alpha, g * alpha, b * alpha, alpha]
        });
        Self { width: picture.width() as usize, height: picture.height() as usize, pixels: pixels.collect() }
    }

    /// Means of two by two; `None` below 16 pixels.
    fn halved(&self) -> Option<Self> {
        let (width, height) = (self.width / 2, self.height / 2);
        if width < 8 || height < 8 {
            return None;
        }
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let at = 2 * y * self.width + 2 * x;
                let four = [at, at + 1, at + self.width, at + self.width + 1].map(|i| self.pixels[i]);
                pixels.push(std::array::from_fn(|c| four.iter().map(|p| p[c]).sum::<f32>() / 4.0));
            }
        }
        Some(Self { width, height, pixels })
    }

    /// Between pixels; transparent outside.
    fn sample(&self, x: f64, y: f64) -> [f32; 4] {
        if !(x > -1.0 && y > -1.0 && x < self.width as f64 && y < self.height as f64) {
            return [0.0; 4];
        }
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = ((x - left) as f32, (y - top) as f32);
        let (left, top) = (left as i64, top as i64);
        let pixel = |x: i64, y: i64| {
            let is_inside = x >= 0 && y >= 0 && x < self.width as i64 && y < self.height as i64;
            if is_inside { self.pixels[y as usize * self.width + x as usize] } else { [0.0; 4] }
        };
        let [a, b, c, d] = [pixel(left, top), pixel(left + 1, top), pixel(left, top + 1), pixel(left + 1, top + 1)];
        std::array::from_fn(|i| {
            let upper = a[i] + (b[i] - a[i]) * fx;
            let lower = c[i] + (d[i] - c[i]) * fx;
            upper + (lower - upper) * fy
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    /// A block with a strap to each side and a peak at a third of its width.
    fn picture() -> RgbaImage {
        RgbaImage::from_fn(200, 160, |x, y| {
            let block = (50..150).contains(&x) && (40..140).contains(&y);
            let peak = (80..87).contains(&x) && (20..40).contains(&y);
            let strap = (60..64).contains(&y);
            if block || peak || strap { Rgba([200, 10, 10, 255]) } else { Rgba([0; 4]) }
        })
    }

    #[test]
    fn body_and_nose_are_found_and_straps_left_out() {
        let body = Overlay::from_picture(&picture()).unwrap().body;
        assert_eq!((body.left, body.right, body.top, body.bottom, body.peak), (50.0, 149.0, 20.0, 140.0, 83.0));
        let [left, right] = body.half_widths;
        assert!(left < right && (left + right - 2.0 * HALF_WIDTH).abs() < 1e-9, "{left} {right}");
    }

    #[test]
    fn colours_stay_pure_at_every_level() {
        let overlay = Overlay::from_picture(&picture()).unwrap();
        assert!(overlay.levels.len() >= 4);
        for level in 0..overlay.levels.len() {
            let [r, g, _, alpha] = overlay.colour_at([0.0, 90.0], level);
            assert!((r - 200.0).abs() < 0.1 && (g - 10.0).abs() < 0.1 && alpha > 0.99, "{level}: {r} {g} {alpha}");
            assert_eq!(overlay.colour_at([0.0, 20.0], level)[3], 0.0);
        }
        assert_eq!(overlay.level_for(1e-3), overlay.levels.len() - 1);
        assert_eq!(overlay.level_for(100.0), 0);
    }

    #[test]
    fn pictures_without_a_mask_are_refused() {
        let refused = |pixel| Overlay::from_picture(&RgbaImage::from_pixel(40, 40, Rgba(pixel))).unwrap_err();
        assert!(refused([9, 9, 9, 255]).contains("transparent"));
        assert!(refused([9, 9, 9, 0]).contains("no mask"));
    }
}
