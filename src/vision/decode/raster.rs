use std::io::Cursor;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::exif::ExifFacts;
use super::{DecodeError, DecodeParams, MAX_DECODER_MEMORY, PhotoFormat, Unfitted, check_declared_size, png};

/// Decodes PNG, WebP, TIFF, BMP and GIF (its first frame).
pub(super) fn decode(bytes: &[u8], format: PhotoFormat, params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let failed = |error| from_image_error(error, format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), library_format(format));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let stored_size: [u32; 2] = decoder.dimensions().into();
    check_declared_size(stored_size, bytes.len(), params)?;
    if decoder.total_bytes() > MAX_DECODER_MEMORY {
        return Err(DecodeError::TooMuchMemory { format, limit: MAX_DECODER_MEMORY });
    }
    let facts = exif_facts(&mut decoder, bytes, format);
    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(Unfitted { pixels: into_rgb(pixels), stored_size, orientation: facts.orientation, taken_at: facts.taken_at })
}

/// A damaged EXIF block must not spoil the photo, so errors give the defaults.
fn exif_facts(decoder: &mut impl ImageDecoder, bytes: &[u8], format: PhotoFormat) -> ExifFacts {
    if format == PhotoFormat::Tiff {
        // The file itself is the block. Its orientation is read by the decoder, which also knows BigTIFF.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        return ExifFacts { orientation, ..ExifFacts::parse(bytes.to_vec()) };
    }
    if format == PhotoFormat::Png {
        return ExifFacts::gather(png::exif_blocks(bytes));
    }
    ExifFacts::gather(decoder.exif_metadata().ok().flatten())
}

/// 8-bit RGB without a copy where it is that already; transparency over white.
fn into_rgb(pixels: DynamicImage) -> RgbImage {
    match pixels.color() {
        ColorType::La8 | ColorType::La16 | ColorType::Rgba8 | ColorType::Rgba16 | ColorType::Rgba32F => {
            let rgba = pixels.into_rgba8();
            let (width, height) = rgba.dimensions();
            over_white(width, height, rgba.as_raw())
        }
        _ => pixels.into_rgb8(),
    }
}

/// `rgba` holds `width` × `height` pixels of 4 bytes, alpha not premultiplied.
pub(super) fn over_white(width: u32, height: u32, rgba: &[u8]) -> RgbImage {
    let mut rgb = RgbImage::new(width, height);
    for (to, from) in rgb.pixels_mut().zip(rgba.as_chunks::<4>().0) {
        let alpha = u32::from(from[3]);
        for (t, &f) in to.0.iter_mut().zip(from) {
            *t = ((u32::from(f) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    rgb
}

pub(super) fn library_format(format: PhotoFormat) -> ImageFormat {
    match format {
        PhotoFormat::Jpeg => ImageFormat::Jpeg,
        PhotoFormat::Png => ImageFormat::Png,
        PhotoFormat::WebP => ImageFormat::WebP,
        PhotoFormat::Tiff => ImageFormat::Tiff,
        PhotoFormat::Bmp => ImageFormat::Bmp,
        PhotoFormat::Gif => ImageFormat::Gif,
        PhotoFormat::Heic | PhotoFormat::Avif => ImageFormat::Avif,
    }
}

fn from_image_error(error: ImageError, format: PhotoFormat) -> DecodeError {
    let detail = error.to_string();
    if ends_early(&error) {
        return DecodeError::Truncated { format };
    }
    match error {
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::InsufficientMemory) => {
            DecodeError::TooMuchMemory { format, limit: MAX_DECODER_MEMORY }
        }
        ImageError::Unsupported(_) => DecodeError::Unsupported { format, detail },
        _ => DecodeError::Corrupt { format, detail },
    }
}

/// Looks through the chain of causes for the end of the file.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::UnexpectedEof) {
            return true;
        }
        cause = error.source();
    }
    // Two of the decoders report the end as text only.
    let text = error.to_string().to_ascii_lowercase();
    text.contains("unexpected eof") || text.contains("unexpected end of file")
}
