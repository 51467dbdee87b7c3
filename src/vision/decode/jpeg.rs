//! JPEG by libjpeg-turbo, scaled in the DCT domain.
//!
//! libjpeg warns and goes on where data is missing, and paints the rest gray. Here a warning is an error unless the
//! picture is known to be whole, see [`judge_warning`].

mod damage;
mod failure;
mod mpf;
mod segments;
mod turbo;

use crate::tell;
use crate::types::Telling;
use image::RgbImage;

use self::damage::judge_warning;
use self::failure::{corrupt, truncated};
use self::segments::Segments;
use self::turbo::{Decoder, Outcome};
use super::colour::inks_to_rgb;
use super::exif::ExifFacts;
use super::photo::{Unfitted, check_declared_size};
use super::{DecodeError, DecodeParams, PhotoFormat};

const FORMAT: PhotoFormat = PhotoFormat::Jpeg;

/// [`decode_at`] the largest reduction of 1/8, 1/4 and 1/2 that leaves the longer side as long as `params` ask for, or
/// longer.
pub(super) fn decode(bytes: &[u8], params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    decode_at(bytes, params, None)
}

/// Decodes a JPEG at so many eighths of its size (1, 2, 4 or 8; `None` for what `params` ask for). Gray, RGB, YCbCr, CMYK
/// and YCCK, baseline, progressive, arithmetic and lossless, 8 bits.
pub(super) fn decode_at(bytes: &[u8], params: &DecodeParams, eighths: Option<u32>) -> Result<Unfitted, DecodeError> {
    let mut decoder = Decoder::new().map_err(corrupt)?;
    let segments = Segments::read(bytes);
    let header = match decoder.header(bytes) {
        Ok(header) => header,
        // Tables and application data stand before the picture, so a file may end there.
        Err(_) if segments.scan_start.is_none() && segments.ends_early => return Err(truncated()),
        Err(detail) => return Err(corrupt(detail)),
    };
    check_declared_size(header.size, bytes.len(), params)?;
    if header.precision != 8 {
        return Err(DecodeError::Unsupported { format: FORMAT, detail: format!("{} bits a sample", header.precision) });
    }
    let wanted = eighths.unwrap_or_else(|| eighths_for(header.size, params.side_for(header.size)));
    let eighths = if header.lossless { 8 } else { wanted };
    let (pixels, outcome) = decoder.decode(bytes, &header, eighths).map_err(|detail| match corrupt(detail) {
        // What stands between the scans of a progressive file can be cut in two as well.
        DecodeError::Corrupt { .. } if !segments.has_end(bytes) => truncated(),
        other => other,
    })?;
    if let Outcome::Warned(warning) = outcome {
        judge_warning(&warning, bytes, &header, &segments)?;
    }
    let profile = segments.profile(bytes);
    let (samples, notice) = match header.cmyk {
        true => inks_to_rgb(covers(pixels.samples, segments.adobe), profile.as_deref()),
        false => (pixels.samples, None),
    };
    let size = header.size.map(|side| (side * eighths).div_ceil(8));
    let pixels =
        RgbImage::from_raw(size[0], size[1], samples).ok_or_else(|| corrupt("the picture has no pixels".into()))?;
    let others = segments.pictures.clone().map_or(0, |index| mpf::other_pictures(bytes, index, header.size));
    let notice = notice.or_else(|| pictures_left(others));
    let facts = ExifFacts::gather(segments.exif.into_iter().map(|block| &bytes[block]));
    let photo = Unfitted::new(pixels, header.size, facts, profile.filter(|_| !header.cmyk));
    Ok(Unfitted { notice, jpeg_at: Some(0), ..photo })
}

fn pictures_left(others: usize) -> Option<Telling> {
    let all = others + 1;
    (others > 0).then(|| tell!("issue-one-picture", all = all))
}

pub(super) fn encode(image: &RgbImage, quality: u8) -> Result<Vec<u8>, DecodeError> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if width == 0 || height == 0 || width > 65_535 || height > 65_535 {
        return Err(DecodeError::Encode(format!("a JPEG cannot have {width}×{height} pixels")));
    }
    let view = turbojpeg::Image {
        pixels: image.as_raw().as_slice(),
        width,
        pitch: width * 3,
        height,
        format: turbojpeg::PixelFormat::RGB,
    };
    turbojpeg::compress(view, i32::from(quality.clamp(1, 100)), turbojpeg::Subsamp::None)
        .map(|jpeg| jpeg.to_vec())
        .map_err(|e| DecodeError::Encode(e.to_string()))
}

/// Eighths of the full size to decode at: 1, 2, 4 or 8, the smallest that keeps the longer side at `max_side`.
pub(super) fn eighths_for(size: [u32; 2], max_side: u32) -> u32 {
    let longer = size[0].max(size[1]);
    let enough = |eighths: u32| max_side > 0 && (longer * eighths).div_ceil(8) >= max_side;
    [1, 2, 4].into_iter().find(|&eighths| enough(eighths)).unwrap_or(8)
}

/// How far each ink covers, 255 for wholly. Adobe's files, marked by their own segment, store what it leaves uncovered.
fn covers(mut inks: Vec<u8>, adobe: bool) -> Vec<u8> {
    if adobe {
        inks.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    inks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduction_keeps_enough_pixels() {
        assert_eq!(eighths_for([1600, 1200], 1600), 8);
        assert_eq!(eighths_for([3199, 100], 1600), 4, "half of 3199 is 1600 rounded up, as libjpeg does");
        assert_eq!(eighths_for([3198, 100], 1600), 8);
        assert_eq!(eighths_for([100, 6400], 1600), 2);
        assert_eq!(eighths_for([30_000, 30_000], 1600), 1);
        assert_eq!(eighths_for([30_000, 30_000], 0), 8);
    }

    #[test]
    fn no_ink_is_white_and_full_black_is_black() {
        let shown = |inks: Vec<u8>, adobe| inks_to_rgb(covers(inks, adobe), None).0;
        assert_eq!(shown(vec![255, 255, 255, 255, 9, 9, 9, 0], true), [255, 255, 255, 0, 0, 0]);
        assert_eq!(shown(vec![0, 0, 0, 0, 255, 0, 0, 0], false), [255, 255, 255, 0, 255, 255]);
    }
}
