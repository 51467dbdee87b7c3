use crate::tell;
use crate::types::Telling;
use std::io::Cursor;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::colour::Colour;
use super::exif::ExifFacts;
use super::params::MAX_DECODER_MEMORY;
use super::photo::{Unfitted, check_declared_size};
use super::{DecodeError, DecodeParams, PhotoFormat, bmp, png, tiff, webp};

/// Decodes PNG, WebP, TIFF, BMP and GIF (its first frame).
pub(super) fn decode(bytes: &[u8], format: PhotoFormat, params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let choice = if format == PhotoFormat::Tiff { tiff::choose_page(bytes) } else { None };
    let pages = choice.as_ref().map_or(1, |choice| choice.pages);
    let bytes = choice.as_ref().map_or(bytes, |choice| &*choice.bytes);
    if let Some(choice) = choice.as_ref().filter(|choice| tiff::inks::is_of_inks(bytes, &choice.page)) {
        return of_inks(bytes, choice, params);
    }
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
    let profile = match format {
        PhotoFormat::Bmp => bmp::profile(bytes),
        PhotoFormat::Tiff => choice.as_ref().and_then(|choice| tiff::profile(bytes, &choice.page)),
        _ => decoder.icc_profile().ok().flatten(),
    };
    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let breaks_off = match (format, &choice) {
        (PhotoFormat::Tiff, Some(choice)) => tiff::damage::breaks_off(bytes, &choice.page),
        (PhotoFormat::Bmp, _) => bmp::breaks_off(bytes),
        (PhotoFormat::WebP, _) => webp::breaks_off(bytes),
        _ => false,
    };
    if breaks_off {
        return Err(DecodeError::Truncated { format });
    }
    let pixels = match (format, &choice) {
        (PhotoFormat::Bmp, _) => without_empty_alpha(pixels),
        (_, Some(choice)) => with_alpha_of(pixels, tiff::alpha(bytes, &choice.page)),
        _ => pixels,
    };
    let mut photo = Unfitted::new(into_rgb(pixels), stored_size, facts, profile);
    if format == PhotoFormat::Png
        && let Some((primaries, transfer)) = png::coded_colour(bytes)
    {
        photo.colour = Colour::coded(primaries, transfer);
    }
    photo.notice = other_pages(pages);
    Ok(photo)
}

/// A TIFF's page of inks.
fn of_inks(bytes: &[u8], choice: &tiff::Choice<'_>, params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let stored_size = tiff::size(bytes, &choice.page)
        .ok_or_else(|| DecodeError::Corrupt { format: PhotoFormat::Tiff, detail: "its size is not told".to_owned() })?;
    check_declared_size(stored_size, bytes.len(), params)?;
    let (pixels, approximate) = tiff::inks::decode(bytes, &choice.page)?;
    if tiff::damage::breaks_off(bytes, &choice.page) {
        return Err(DecodeError::Truncated { format: PhotoFormat::Tiff });
    }
    let orientation = tiff::orientation(bytes, &choice.page);
    let facts = ExifFacts { orientation, ..ExifFacts::parse(bytes) };
    let both = |first: Telling, next: Telling| tell!("issue-both", first = first, next = next);
    let notice = [other_pages(choice.pages), approximate].into_iter().flatten().reduce(both);
    Ok(Unfitted { notice, ..Unfitted::new(pixels, stored_size, facts, None) })
}

fn other_pages(pages: usize) -> Option<Telling> {
    (pages > 1).then(|| tell!("issue-one-page", all = pages))
}

/// A damaged EXIF block must not spoil the photo, so errors give the defaults.
fn exif_facts(decoder: &mut impl ImageDecoder, bytes: &[u8], format: PhotoFormat) -> ExifFacts {
    if format == PhotoFormat::Tiff {
        // The file itself is the block. Its orientation is read by the decoder, which also knows BigTIFF.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        return ExifFacts { orientation, ..ExifFacts::parse(bytes) };
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

/// Programs write BMP and TIFF with an alpha channel that they do not fill: where all of it is zero it says nothing.
fn without_empty_alpha(pixels: DynamicImage) -> DynamicImage {
    let is_empty = match &pixels {
        DynamicImage::ImageRgba8(rgba) => rgba.pixels().all(|pixel| pixel.0[3] == 0),
        DynamicImage::ImageRgba16(rgba) => rgba.pixels().all(|pixel| pixel.0[3] == 0),
        DynamicImage::ImageRgba32F(rgba) => rgba.pixels().all(|pixel| pixel.0[3] == 0.0),
        DynamicImage::ImageLumaA8(gray) => gray.pixels().all(|pixel| pixel.0[1] == 0),
        DynamicImage::ImageLumaA16(gray) => gray.pixels().all(|pixel| pixel.0[1] == 0),
        _ => false,
    };
    if is_empty { DynamicImage::ImageRgb8(pixels.into_rgb8()) } else { pixels }
}

/// TIFF says what its fourth channel is.
fn with_alpha_of(pixels: DynamicImage, alpha: tiff::Alpha) -> DynamicImage {
    if !pixels.color().has_alpha() {
        return pixels;
    }
    match alpha {
        tiff::Alpha::Straight => without_empty_alpha(pixels),
        tiff::Alpha::None => match pixels.color() {
            ColorType::La8 | ColorType::La16 => DynamicImage::ImageLuma8(pixels.into_luma8()),
            _ => DynamicImage::ImageRgb8(pixels.into_rgb8()),
        },
        tiff::Alpha::Multiplied => {
            let mut rgba = pixels.into_rgba8();
            for pixel in rgba.pixels_mut() {
                let alpha = pixel.0[3];
                // Over white: what the picture does not cover is added, and nothing is left to be laid over.
                pixel.0 = pixel.0.map(|value| value.saturating_add(255 - alpha));
            }
            DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8())
        }
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
        PhotoFormat::Heic | PhotoFormat::Avif | PhotoFormat::Raw => ImageFormat::Avif,
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
