//! A photo on its way: as its format's decoder hands it over, and as the detector wants it.

use image::RgbImage;
use image::metadata::Orientation;

use super::DecodeError;
use super::colour::Colour;
use super::exif::ExifFacts;
use super::format::PhotoFormat;
use super::params::{DecodeParams, MIN_SIDE};
use crate::types::Telling;

/// A photo as the detector wants it.
#[derive(Clone, Debug)]
pub struct DecodedPhoto {
    /// Upright. The longer side is `max_image_side` where the photo's is larger, else the photo's own.
    pub pixels: RgbImage,
    /// Pixels of `pixels` per pixel of the photo, above 0 and at most 1.
    pub scale: f32,
    /// Width and height of the whole photo, upright.
    pub size: [u32; 2],
    pub format: PhotoFormat,
    /// Local time of capture as `2019-07-03T14:05:00`, from EXIF `DateTimeOriginal`, else `DateTimeDigitized`.
    pub taken_at: Option<String>,
    /// What of the file is not in `pixels`, in words for a person: other pages, say.
    pub notice: Option<Telling>,
}

/// What a format's own decoder hands over: pixels as stored (or DCT-scaled), not yet upright.
pub(super) struct Unfitted {
    pub pixels: RgbImage,
    /// Width and height as stored, before `orientation` and before any scaling.
    pub stored_size: [u32; 2],
    pub orientation: Orientation,
    pub taken_at: Option<String>,
    pub notice: Option<Telling>,
    pub colour: Colour,
    /// Where in the file the JPEG begins that `pixels` were decoded from: finer ones can be had from it.
    pub jpeg_at: Option<usize>,
}

impl Unfitted {
    /// Without a notice and not from a JPEG; `profile` is the file's colour profile.
    pub(super) fn new(pixels: RgbImage, stored_size: [u32; 2], facts: ExifFacts, profile: Option<Vec<u8>>) -> Self {
        let ExifFacts { orientation, taken_at, is_adobe_rgb } = facts;
        let colour = Colour::told(profile, is_adobe_rgb);
        Self { pixels, stored_size, orientation, taken_at, notice: None, colour, jpeg_at: None }
    }
}

/// Judges a declared size before anything is allocated for it.
pub(super) fn check_declared_size(size: [u32; 2], file_bytes: usize, params: &DecodeParams) -> Result<(), DecodeError> {
    const BOMB_FROM_PIXELS: u64 = 16_000_000;
    const BOMB_PIXELS_PER_BYTE: u64 = 200;
    let pixels = u64::from(size[0]) * u64::from(size[1]);
    if size[0].min(size[1]) < MIN_SIDE {
        return Err(DecodeError::TooSmall { size });
    }
    if pixels > params.max_pixels {
        return Err(DecodeError::TooManyPixels { size, limit: params.max_pixels });
    }
    if pixels > BOMB_FROM_PIXELS && pixels / file_bytes.max(1) as u64 > BOMB_PIXELS_PER_BYTE {
        return Err(DecodeError::Bomb { size, bytes: file_bytes as u64 });
    }
    Ok(())
}
