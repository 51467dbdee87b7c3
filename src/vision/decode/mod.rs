//! Photo files to upright RGB pixels, with limits that hold before memory is taken.
//!
//! The format is told by the file's first bytes, never by its name. Whatever cannot become a whole photo is a
//! [`DecodeError`] whose text a clerk can act on; a file that ends too early is never decoded to a half-grey picture.
//!
//! Choices that hold for every format:
//! - Orientation (EXIF tag 0x0112, all eight values) is applied, so pixels are upright. Where HEIC and AVIF
//!   carry their own rotation, which the library applies, the EXIF tag is ignored, as ISO/IEC 23008-12 asks.
//! - Of a file with several pictures the first that is no smaller copy of another is the photo; for pages of a TIFF
//!   [`DecodedPhoto::notice`] says so. A camera's raw file is read by the picture that the camera itself put inside.
//! - Transparency is laid over white. Gray becomes RGB, 16-bit and float samples become 8-bit, the first frame of an
//!   animation is the photo. Colours become sRGB by the file's profile, or by what a
//!   camera's EXIF or the file's codes say of them; where nothing is said, or it cannot be read, they are taken for it.
//! - A photo with a side below [`MIN_SIDE`] pixels is refused: the detector's smallest window does not fit in it.
//! - The declared size is checked against `max_pixels` before pixels are allocated, and against the file's own length:
//!   above 16 megapixels a file must spend at least one byte on 200 pixels ([`DecodeError::Bomb`]). JPEG cannot go
//!   below about one byte per 128 pixels, so only flat pictures and hostile files are met by that rule.
//!
//! A JPEG of 30,000×30,000 pixels exceeds the default `max_pixels` and becomes an issue. DCT scaling would let it
//! through in little memory, so a user who has such scans can raise the limit.

mod apart;
mod bmp;
mod colour;
mod declared;
mod error;
mod exif;
mod file;
mod fit;
mod format;
mod heif;
mod jpeg;
mod libheif;
mod open;
mod png;
mod raster;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;
mod zeros;

use crate::types::Telling;
use std::path::Path;

use image::RgbImage;
use image::metadata::Orientation;
use serde::{Deserialize, Serialize};

pub use apart::{DECODE_APART, decode_apart_by, serve_apart};
use colour::Colour;
pub use declared::{Need, decoding_need};
pub use error::DecodeError;
pub use file::{Beside, Content, is_photo_name, photo_content, read_photo_file};
pub use format::PhotoFormat;
pub use open::{OpenPhoto, open_photo};

/// Shortest side of a photo that is taken, in pixels: the side of P-Net's window.
pub const MIN_SIDE: u32 = 12;

/// Memory that a decoder may take beside the result, in bytes. Enough for a progressive JPEG of 250 megapixels.
const MAX_DECODER_MEMORY: u64 = 2 << 30;

/// Limits and the size that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecodeParams {
    /// The longer side of the result in pixels, at most; 0 keeps the photo's own size.
    pub max_image_side: u32,
    /// Pixels of the result for each of the photo, at least, 0…1: goes before `max_image_side`.
    pub min_scale: f32,
    /// A photo that declares more pixels (width × height) is refused.
    pub max_pixels: u64,
    /// A file with more bytes is refused.
    pub max_file_bytes: u64,
}

impl Default for DecodeParams {
    fn default() -> Self {
        Self { max_image_side: 1600, min_scale: 0.0, max_pixels: 250_000_000, max_file_bytes: 512 << 20 }
    }
}

impl DecodeParams {
    /// The longer side in pixels that a photo of `size` is scaled to where its own is larger; 0 for no limit.
    pub(crate) fn side_for(&self, size: [u32; 2]) -> u32 {
        let longer = f64::from(size[0].max(size[1]));
        match self.max_image_side {
            0 => 0,
            side => side.max((longer * f64::from(self.min_scale.clamp(0.0, 1.0))).round() as u32),
        }
    }
}

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
struct Unfitted {
    pixels: RgbImage,
    /// Width and height as stored, before `orientation` and before any scaling.
    stored_size: [u32; 2],
    orientation: Orientation,
    taken_at: Option<String>,
    notice: Option<Telling>,
    colour: Colour,
    /// Where in the file the JPEG begins that `pixels` were decoded from: finer ones can be had from it.
    jpeg_at: Option<usize>,
}

impl Unfitted {
    /// Without a notice and not from a JPEG; `profile` is the file's colour profile.
    fn new(pixels: RgbImage, stored_size: [u32; 2], facts: exif::ExifFacts, profile: Option<Vec<u8>>) -> Self {
        let exif::ExifFacts { orientation, taken_at, is_adobe_rgb } = facts;
        let colour = Colour::told(profile, is_adobe_rgb);
        Self { pixels, stored_size, orientation, taken_at, notice: None, colour, jpeg_at: None }
    }
}

/// Reads `path` once and decodes it.
///
/// # Errors
/// Everything that [`read_photo_file`] and [`decode_bytes`] refuse.
pub fn decode_file(path: &Path, params: &DecodeParams) -> Result<DecodedPhoto, DecodeError> {
    decode_bytes(&read_photo_file(path, params.max_file_bytes)?, params)
}

/// Decodes the content of a photo file.
///
/// # Errors
/// Any [`DecodeError`] but those of reading. Never panics: a crash inside a decoder becomes [`DecodeError::Crashed`].
pub fn decode_bytes(bytes: &[u8], params: &DecodeParams) -> Result<DecodedPhoto, DecodeError> {
    let (format, unfitted) = decode_unfitted(bytes, params)?;
    Ok(fit::fit_keeping(unfitted, format, params)?.0)
}

/// Told by its first bytes and taken through its format's decoder.
fn decode_unfitted(bytes: &[u8], params: &DecodeParams) -> Result<(PhotoFormat, Unfitted), DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() as u64 > params.max_file_bytes {
        return Err(DecodeError::FileTooLarge { bytes: bytes.len() as u64, limit: params.max_file_bytes });
    }
    let mut format = PhotoFormat::sniff(bytes).map_err(|guess| DecodeError::NotAPhoto { guess })?;
    if format == PhotoFormat::Tiff && tiff::raw::is_raw(bytes) {
        format = PhotoFormat::Raw;
    }
    let mut unfitted = guarded(format, || match format {
        PhotoFormat::Jpeg => jpeg::decode(bytes, params),
        PhotoFormat::Heic | PhotoFormat::Avif => apart::decode(bytes, format, params),
        PhotoFormat::Raw => tiff::raw::decode(bytes, params),
        _ => raster::decode(bytes, format, params),
    })?;
    unfitted.colour = unfitted.colour.for_samples(&unfitted.pixels);
    Ok((format, unfitted))
}

/// A crash inside a decoder as an error.
fn guarded(
    format: PhotoFormat,
    decode: impl FnOnce() -> Result<Unfitted, DecodeError>,
) -> Result<Unfitted, DecodeError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode)).map_err(|_| DecodeError::Crashed { format })?
}

/// A picture that has no file, fitted as [`open_photo`] fits photos. Its format is told as PNG, the clipboard's.
///
/// # Errors
/// [`DecodeError::TooSmall`], [`DecodeError::TooManyPixels`].
pub fn photo_from_pixels(pixels: RgbImage, params: &DecodeParams) -> Result<OpenPhoto, DecodeError> {
    let stored_size = [pixels.width(), pixels.height()];
    check_declared_size(stored_size, pixels.as_raw().len(), params)?;
    let unfitted = Unfitted::new(pixels, stored_size, exif::ExifFacts::default(), None);
    open::open_unfitted(unfitted, PhotoFormat::Png, params)
}

/// Encodes a crop for storing: baseline JPEG, 4:4:4, `quality` 1…100 (others are clamped).
///
/// # Errors
/// [`DecodeError::Encode`] for an image without pixels or with a side above 65,535.
pub fn encode_jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, DecodeError> {
    jpeg::encode(image, quality)
}

/// Decodes what [`encode_jpeg`] made, at full size.
///
/// # Errors
/// [`DecodeError::NotAPhoto`] for anything but JPEG, [`DecodeError::TooManyPixels`] above 16 megapixels, and the rest.
pub fn decode_crop(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let params =
        DecodeParams { max_image_side: 0, max_pixels: 16_000_000, max_file_bytes: 64 << 20, ..DecodeParams::default() };
    match PhotoFormat::sniff(bytes) {
        Ok(PhotoFormat::Jpeg) => Ok(decode_bytes(bytes, &params)?.pixels),
        Ok(other) => Err(DecodeError::NotAPhoto { guess: other.name() }),
        Err(guess) => Err(DecodeError::NotAPhoto { guess }),
    }
}

/// Judges a declared size before anything is allocated for it.
fn check_declared_size(size: [u32; 2], file_bytes: usize, params: &DecodeParams) -> Result<(), DecodeError> {
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
