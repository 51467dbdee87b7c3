//! Pages of four inks: cyan, magenta, yellow, black (TIFF 6.0, section 16). The library that reads the other pages turns
//! them into RGB before a profile can, so their samples are read here.

use crate::types::Telling;
use std::io::Cursor;

use image::RgbImage;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::{ColorType, TiffError};

use super::super::colour::inks_to_rgb;
use super::super::params::MAX_DECODER_MEMORY;
use super::super::{DecodeError, PhotoFormat};
use super::{Directory, Tiff, profile, tag};

const FORMAT: PhotoFormat = PhotoFormat::Tiff;
/// How inks are told from other colours, and CMYK from other sets of inks.
const SEPARATED: u64 = 5;
const CMYK: u64 = 1;

pub(in crate::vision::decode) fn is_of_inks(bytes: &[u8], page: &Directory) -> bool {
    Tiff::new(bytes).and_then(|tiff| tiff.first(page, tag::PHOTOMETRIC)) == Some(SEPARATED)
}

/// The page, which is the file's first directory, as sRGB by its profile, and what is to be said of its colours. Samples of
/// 8 or 16 bits, side by side or in planes; channels behind the inks are left out.
///
/// # Errors
/// Other inks and other samples, damage, and too much memory.
pub(in crate::vision::decode) fn decode(
    bytes: &[u8],
    page: &Directory,
) -> Result<(RgbImage, Option<Telling>), DecodeError> {
    let set = Tiff::new(bytes).and_then(|tiff| tiff.first(page, tag::INK_SET));
    if set.is_some_and(|set| set != CMYK) {
        return Err(unsupported("inks other than cyan, magenta, yellow and black".to_owned()));
    }
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_DECODER_MEMORY as usize;
    limits.intermediate_buffer_size = MAX_DECODER_MEMORY as usize;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(failed)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(failed)?;
    match decoder.colortype().map_err(failed)? {
        ColorType::CMYK(8 | 16) | ColorType::CMYKA(8 | 16) => {}
        other => return Err(unsupported(format!("{other:?}"))),
    }
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(failed)?;
    let samples = match samples {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => return Err(unsupported("samples that are no whole numbers".to_owned())),
    };
    let pixels = width as usize * height as usize;
    let is_planar = layout.planes > 1;
    let inks = four_of(samples, pixels, is_planar).ok_or(DecodeError::Truncated { format: FORMAT })?;
    let (rgb, notice) = inks_to_rgb(inks, profile(bytes, page).as_deref());
    let picture = RgbImage::from_raw(width, height, rgb).ok_or(DecodeError::Truncated { format: FORMAT })?;
    Ok((picture, notice))
}

/// The first four samples of each pixel; `None` where there are fewer.
fn four_of(samples: Vec<u8>, pixels: usize, is_planar: bool) -> Option<Vec<u8>> {
    let channels = samples.len() / pixels.max(1);
    if channels < 4 {
        return None;
    }
    if is_planar {
        let planes: Vec<&[u8]> = samples.chunks_exact(pixels).take(4).collect();
        return Some((0..pixels).flat_map(|at| planes.iter().map(move |plane| plane[at])).collect());
    }
    if channels == 4 {
        return Some(samples);
    }
    Some(samples.chunks_exact(channels).flat_map(|pixel| pixel[..4].to_vec()).collect())
}

fn unsupported(detail: String) -> DecodeError {
    DecodeError::Unsupported { format: FORMAT, detail }
}

fn failed(error: TiffError) -> DecodeError {
    match error {
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { format: FORMAT }
        }
        TiffError::LimitsExceeded => DecodeError::TooMuchMemory { format: FORMAT, limit: MAX_DECODER_MEMORY },
        TiffError::UnsupportedError(error) => unsupported(error.to_string()),
        other => DecodeError::Corrupt { format: FORMAT, detail: other.to_string() },
    }
}
