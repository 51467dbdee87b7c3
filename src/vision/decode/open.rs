//! A photo whose finer pixels stay within reach after it was fitted for the detector.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, imageops};

use super::colour::Colour;
use super::fit::{fit_keeping, swaps_sides};
use super::formats::{decode_unfitted, guarded};
use super::photo::{DecodedPhoto, Unfitted};
use super::{DecodeError, DecodeParams, PhotoFormat, jpeg};

/// A picture with more pixels than this is not decoded for the sake of finer crops: at 3 bytes a pixel it would take
/// 750 MB. Only photos above the usual limit on declared pixels are met by it.
pub const MAX_FINER_PIXELS: u64 = 250_000_000;

/// A fitted photo and what finer crops can be cut from.
///
/// Memory: beside the fitted picture one finer one is held at most, and a JPEG's bytes; see
/// [`decoding_need`](super::decoding_need), whose estimate includes them.
#[derive(Debug)]
pub struct OpenPhoto {
    /// As the detector wants it.
    pub photo: DecodedPhoto,
    /// `None` where `photo` has all pixels that there are.
    source: Option<Source>,
}

#[derive(Debug)]
struct Source {
    /// Finer than the fitted picture, as stored: not turned upright.
    finer: Option<RgbImage>,
    /// Pixels of `finer` for each fitted pixel along both stored axes; 1 without it.
    ratio: [f64; 2],
    orientation: Orientation,
    /// What `finer`'s samples are.
    colour: Colour,
    jpeg: Option<Jpeg>,
}

/// A JPEG that was decoded at a part of its size: the file, or the picture inside a camera's raw file.
#[derive(Debug)]
struct Jpeg {
    bytes: Vec<u8>,
    params: DecodeParams,
    /// At which it was decoded last.
    eighths: u32,
    stored_size: [u32; 2],
}

/// A piece of the upright photo, finer than the fitted picture.
#[derive(Debug)]
pub(in crate::vision) struct Piece {
    pub pixels: RgbImage,
    /// A place in the fitted picture lies at factor·place + shift here, pixel centres having whole coordinates.
    pub factor: [f64; 2],
    pub shift: [f64; 2],
}

/// Decodes the content of a photo file and keeps what finer crops need.
///
/// # Errors
/// As [`decode_bytes`](super::decode_bytes).
pub fn open_photo(bytes: Vec<u8>, params: &DecodeParams) -> Result<OpenPhoto, DecodeError> {
    let (format, unfitted) = decode_unfitted(&bytes, params)?;
    let (stored_size, jpeg_at) = (unfitted.stored_size, unfitted.jpeg_at);
    let reduced = [unfitted.pixels.width(), unfitted.pixels.height()] != stored_size;
    let mut open = open_unfitted(unfitted, format, params)?;
    if reduced && let Some(at) = jpeg_at {
        let mut bytes = bytes;
        // Of a camera's raw file the picture inside alone.
        bytes.drain(..at.min(bytes.len()));
        let eighths = jpeg::eighths_for(stored_size, params.side_for(stored_size));
        let jpeg = Jpeg { bytes, params: *params, eighths, stored_size };
        if let Some(source) = &mut open.source {
            source.jpeg = Some(jpeg);
        }
    }
    Ok(open)
}

/// The same for a picture that is decoded already.
pub(super) fn open_unfitted(
    unfitted: Unfitted,
    format: PhotoFormat,
    params: &DecodeParams,
) -> Result<OpenPhoto, DecodeError> {
    let (orientation, stored_size, colour) = (unfitted.orientation, unfitted.stored_size, unfitted.colour.clone());
    let (photo, finer) = fit_keeping(unfitted, format, params)?;
    let all_there = photo.size == [photo.pixels.width(), photo.pixels.height()];
    let source = (!all_there).then(|| {
        let fitted = turned([photo.pixels.width(), photo.pixels.height()], orientation);
        let size = finer.as_ref().map_or(fitted, |finer| [finer.width(), finer.height()]);
        debug_assert!(finer.is_some() || size[0] <= stored_size[0]);
        let ratio = [0, 1].map(|axis| f64::from(size[axis]) / f64::from(fitted[axis]));
        Source { finer, ratio, orientation, colour, jpeg: None }
    });
    Ok(OpenPhoto { photo, source })
}

impl OpenPhoto {
    /// Pixels at hand for each fitted pixel, 1 or more.
    pub fn fineness(&self) -> f64 {
        self.source.as_ref().map_or(1.0, |source| source.ratio[0].max(source.ratio[1]))
    }

    /// Brings a picture to hand that has `wanted` pixels for each fitted one, or as many as the photo has. Decodes a JPEG
    /// once more where what is at hand is coarser than that, at the smallest scale that will do; the other formats are at
    /// hand whole.
    ///
    /// # Errors
    /// Of decoding; what was at hand before is gone then.
    pub(in crate::vision) fn refine(&mut self, wanted: f64) -> Result<(), DecodeError> {
        let at_hand = self.fineness();
        let Some(source) = &mut self.source else { return Ok(()) };
        let Some(jpeg) = source.jpeg.as_mut().filter(|_| wanted > at_hand) else { return Ok(()) };
        let Some(eighths) = jpeg.eighths_for(wanted / at_hand) else { return Ok(()) };
        source.finer = None;
        let unfitted = guarded(PhotoFormat::Jpeg, || jpeg::decode_at(&jpeg.bytes, &jpeg.params, Some(eighths)))?;
        source.finer = Some(unfitted.pixels);
        source.ratio = source.ratio.map(|ratio| ratio * f64::from(eighths) / f64::from(jpeg.eighths));
        jpeg.eighths = eighths;
        if eighths == 8 {
            source.jpeg = None;
        }
        Ok(())
    }

    /// The part of the photo around `[left, top, right, bottom]` (places in the fitted picture) from the finest picture
    /// at hand, upright. `None` where that is the fitted one, or the part lies outside the photo.
    pub(in crate::vision) fn piece(&self, [left, top, right, bottom]: [f64; 4]) -> Option<Piece> {
        let source = self.source.as_ref()?;
        let finer = source.finer.as_ref()?;
        let stored = [finer.width(), finer.height()];
        let size = turned(stored, source.orientation);
        let ratio = if swaps_sides(source.orientation) { [source.ratio[1], source.ratio[0]] } else { source.ratio };
        let fitted = [self.photo.pixels.width(), self.photo.pixels.height()];
        // The pixels of a scaled JPEG may reach a little beyond the photo; that is at the stored picture's far end.
        let flipped = flips(source.orientation);
        let shift = [0, 1].map(|axis| {
            let beyond = f64::from(size[axis]) - f64::from(fitted[axis]) * ratio[axis];
            (ratio[axis] - 1.0) / 2.0 + if flipped[axis] { beyond } else { 0.0 }
        });
        let from = |place: f64, axis: usize| ((place * ratio[axis] + shift[axis]).floor() - 1.0).max(0.0) as u32;
        let to = |place: f64, axis: usize| {
            ((place * ratio[axis] + shift[axis]).ceil() + 2.0).clamp(0.0, f64::from(size[axis])) as u32
        };
        let (x, y, end_x, end_y) = (from(left, 0), from(top, 1), to(right, 0), to(bottom, 1));
        if x >= end_x || y >= end_y {
            return None;
        }
        let [sx, sy, width, height] = stored_rect(source.orientation, [x, y, end_x - x, end_y - y], stored);
        let mut piece = DynamicImage::ImageRgb8(imageops::crop_imm(finer, sx, sy, width, height).to_image());
        piece.apply_orientation(source.orientation);
        let shift = [shift[0] - f64::from(x), shift[1] - f64::from(y)];
        let mut pixels = piece.into_rgb8();
        source.colour.apply(&mut pixels);
        Some(Piece { pixels, factor: ratio, shift })
    }
}

impl Jpeg {
    /// The smallest scale with `factor` times the pixels (a side) of now, else the largest; `None` where there is none
    /// larger.
    fn eighths_for(&self, factor: f64) -> Option<u32> {
        let pixels = |eighths: u32| {
            self.stored_size.iter().map(|&side| u64::from((side * eighths).div_ceil(8))).product::<u64>()
        };
        let mut larger = [2, 4, 8].into_iter().filter(|&e| e > self.eighths && pixels(e) <= MAX_FINER_PIXELS);
        larger.clone().find(|&e| f64::from(e) >= f64::from(self.eighths) * factor).or(larger.next_back())
    }
}

/// Width and height after turning.
fn turned(size: [u32; 2], orientation: Orientation) -> [u32; 2] {
    if swaps_sides(orientation) { [size[1], size[0]] } else { size }
}

/// Whether the first column and row of the upright picture come from the far end of the stored one.
fn flips(orientation: Orientation) -> [bool; 2] {
    match orientation {
        Orientation::NoTransforms | Orientation::Rotate90FlipH => [false, false],
        Orientation::FlipHorizontal | Orientation::Rotate90 => [true, false],
        Orientation::FlipVertical | Orientation::Rotate270 => [false, true],
        Orientation::Rotate180 | Orientation::Rotate270FlipH => [true, true],
    }
}

/// Where the rectangle `[x, y, width, height]` of the upright picture lies in the one stored with `size`.
fn stored_rect(orientation: Orientation, rect: [u32; 4], size: [u32; 2]) -> [u32; 4] {
    let upright = turned(size, orientation);
    let flipped = flips(orientation);
    let [x, y, width, height] = rect;
    let x = if flipped[0] { upright[0] - x - width } else { x };
    let y = if flipped[1] { upright[1] - y - height } else { y };
    if swaps_sides(orientation) { [y, x, height, width] } else { [x, y, width, height] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    const ALL: [Orientation; 8] = [
        Orientation::NoTransforms,
        Orientation::Rotate90,
        Orientation::Rotate180,
        Orientation::Rotate270,
        Orientation::FlipHorizontal,
        Orientation::FlipVertical,
        Orientation::Rotate90FlipH,
        Orientation::Rotate270FlipH,
    ];

    fn waves(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let wave = |k: f32, l: f32| 127.5 + 100.0 * (x * k + y * l).sin();
            Rgb([wave(0.02, 0.03), wave(0.05, -0.01), wave(0.01, 0.06)].map(|v| v as u8))
        })
    }

    fn unfitted(pixels: RgbImage, stored_size: [u32; 2]) -> Unfitted {
        Unfitted::new(pixels, stored_size, Default::default(), None)
    }

    #[test]
    fn finer_pieces_are_srgb_as_the_fitted_picture_is() {
        let pixels = RgbImage::from_pixel(320, 200, Rgb([200, 60, 70]));
        let told = Unfitted { colour: Colour::DisplayP3, ..unfitted(pixels, [320, 200]) };
        let open = open_unfitted(told, PhotoFormat::Png, &params(80)).unwrap();
        let fitted = open.photo.pixels.get_pixel(40, 25).0;
        assert!(fitted[0].abs_diff(200) > 5, "{fitted:?}");
        let piece = open.piece([10.0, 10.0, 30.0, 30.0]).unwrap();
        assert!(piece.pixels.width() > 60 && piece.pixels.pixels().all(|pixel| pixel.0 == fitted));
    }

    fn params(max_image_side: u32) -> DecodeParams {
        DecodeParams { max_image_side, ..DecodeParams::default() }
    }

    /// The piece at whole pixels of the finest picture is what turning all of it gives.
    #[test]
    fn a_piece_is_cut_from_the_right_place_for_every_orientation() {
        for orientation in ALL {
            let pixels = waves(331, 217);
            let mut whole = DynamicImage::ImageRgb8(pixels.clone());
            whole.apply_orientation(orientation);
            let whole = whole.into_rgb8();
            let unfitted = Unfitted { orientation, ..unfitted(pixels, [331, 217]) };
            let open = open_unfitted(unfitted, PhotoFormat::Png, &params(100)).unwrap();
            let piece = open.piece([20.0, 30.0, 41.0, 52.0]).unwrap();
            // The piece's first pixel in the whole photo, by its own map.
            let at = |axis: usize| ((piece.factor[axis] - 1.0) / 2.0 - piece.shift[axis]).round() as u32;
            let expected = imageops::crop_imm(&whole, at(0), at(1), piece.pixels.width(), piece.pixels.height());
            assert_eq!(piece.pixels, expected.to_image(), "{orientation:?}");
            assert!(piece.pixels.width() >= 70 && piece.pixels.width() < 80, "{}", piece.pixels.width());
        }
    }

    /// A place keeps its colours from the fitted picture to the finer one, whatever the scale and the orientation.
    #[test]
    fn places_agree_between_the_fitted_picture_and_every_scale_of_a_jpeg() {
        // Sides that no scale divides.
        let jpeg = super::super::encode_jpeg(&waves(2397, 1603), 95).unwrap();
        for orientation in ALL {
            let mut open = open_photo(jpeg.clone(), &params(290)).unwrap();
            let source = open.source.as_mut().unwrap();
            let mut upright = DynamicImage::ImageRgb8(open.photo.pixels.clone());
            upright.apply_orientation(orientation);
            (source.orientation, open.photo.pixels) = (orientation, upright.into_rgb8());
            for wanted in [1.0, 1.5, 3.0, 7.9] {
                open.refine(wanted).unwrap();
                assert!(open.fineness() >= wanted, "{wanted}: {}", open.fineness());
                let [right, bottom] = [open.photo.pixels.width(), open.photo.pixels.height()].map(f64::from);
                for place in [[20.0, 15.0], [right - 20.0, bottom - 15.0]] {
                    let piece = open.piece([place[0] - 9.0, place[1] - 9.0, place[0] + 9.0, place[1] + 9.0]).unwrap();
                    let at = [0, 1].map(|axis| place[axis] * piece.factor[axis] + piece.shift[axis]);
                    let fine = imageops::interpolate_bilinear(&piece.pixels, at[0] as f32, at[1] as f32).unwrap();
                    let coarse = open.photo.pixels.get_pixel(place[0] as u32, place[1] as u32);
                    let worst = fine.0.iter().zip(coarse.0).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                    assert!(worst <= 6, "{orientation:?} ×{wanted} at {place:?}: {fine:?} for {coarse:?}");
                }
            }
        }
    }

    #[test]
    fn a_jpeg_is_decoded_again_only_where_more_is_wanted_and_no_larger_than_needed() {
        let jpeg = super::super::encode_jpeg(&waves(1600, 1200), 90).unwrap();
        let mut open = open_photo(jpeg.clone(), &params(190)).unwrap();
        let kept = |open: &OpenPhoto| open.source.as_ref().unwrap().finer.as_ref().unwrap().width();
        assert_eq!(kept(&open), 200);
        open.refine(1.05).unwrap();
        assert_eq!(kept(&open), 200);
        open.refine(2.0).unwrap();
        assert_eq!(kept(&open), 400);
        open.refine(50.0).unwrap();
        assert_eq!(kept(&open), 1600);
        assert!(open_photo(jpeg, &params(1600)).unwrap().source.is_none(), "there is no more");
    }

    #[test]
    fn other_formats_are_at_hand_whole() {
        let photo = super::super::photo_from_pixels(waves(900, 600), &params(300)).unwrap();
        assert!((photo.fineness() - 3.0).abs() < 1e-9);
        assert!(photo.piece([400.0, 10.0, 420.0, 20.0]).is_none(), "outside the photo");
    }
}
