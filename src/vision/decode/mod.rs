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
mod formats;
mod heif;
mod jpeg;
mod libheif;
mod open;
mod params;
mod photo;
mod png;
mod raster;
mod raw;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;
mod zeros;

use std::path::Path;

use image::RgbImage;

pub use apart::{DECODE_APART, decode_apart_by, serve_apart};
pub use declared::{Need, decoding_need};
pub use error::DecodeError;
pub use file::{Beside, Content, is_photo_name, photo_content, read_photo_file};
pub use format::PhotoFormat;
pub use open::{OpenPhoto, open_photo};
pub use params::{DecodeParams, MIN_SIDE};
pub use photo::DecodedPhoto;

use exif::ExifFacts;
use photo::{Unfitted, check_declared_size};

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
    let (format, unfitted) = formats::decode_unfitted(bytes, params)?;
    Ok(fit::fit_keeping(unfitted, format, params)?.0)
}

/// A picture that has no file, fitted as [`open_photo`] fits photos. Its format is told as PNG, the clipboard's.
///
/// # Errors
/// [`DecodeError::TooSmall`], [`DecodeError::TooManyPixels`].
pub fn photo_from_pixels(pixels: RgbImage, params: &DecodeParams) -> Result<OpenPhoto, DecodeError> {
    let stored_size = [pixels.width(), pixels.height()];
    check_declared_size(stored_size, pixels.as_raw().len(), params)?;
    let unfitted = Unfitted::new(pixels, stored_size, ExifFacts::default(), None);
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
