use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::photo::{DecodedPhoto, Unfitted};
use super::{DecodeError, DecodeParams, PhotoFormat};

/// Scales to the size that `params` ask for, then turns upright: that order turns fewer pixels. The picture that was scaled
/// comes second; none where nothing had to be.
pub(super) fn fit_keeping(
    unfitted: Unfitted,
    format: PhotoFormat,
    params: &DecodeParams,
) -> Result<(DecodedPhoto, Option<RgbImage>), DecodeError> {
    let Unfitted { pixels, stored_size, orientation, taken_at, notice, colour, jpeg_at: _ } = unfitted;
    let target = target_size(stored_size, params.side_for(stored_size));
    let (mut scaled, kept) = if [pixels.width(), pixels.height()] == target {
        (pixels, None)
    } else {
        (resize(&pixels, target, format)?, Some(pixels))
    };
    // After scaling, when there are fewer pixels.
    colour.apply(&mut scaled);
    let scale = f64::from(target[0].max(target[1])) / f64::from(stored_size[0].max(stored_size[1]));
    let mut upright = DynamicImage::ImageRgb8(scaled);
    upright.apply_orientation(orientation);
    let size = if swaps_sides(orientation) { [stored_size[1], stored_size[0]] } else { stored_size };
    Ok((DecodedPhoto { pixels: upright.into_rgb8(), scale: scale as f32, size, format, taken_at, notice }, kept))
}

/// The size whose longer side is `max_side`, or the photo's own where that is not larger.
fn target_size(size: [u32; 2], max_side: u32) -> [u32; 2] {
    let longer = size[0].max(size[1]);
    if max_side == 0 || longer <= max_side {
        return size;
    }
    size.map(|side| (f64::from(side) * f64::from(max_side) / f64::from(longer)).round().max(1.0) as u32)
}

/// Catmull-Rom with its kernel widened by the reduction, so that nothing aliases.
fn resize(pixels: &RgbImage, target: [u32; 2], format: PhotoFormat) -> Result<RgbImage, DecodeError> {
    let failed = |detail: String| DecodeError::Corrupt { format, detail };
    let source = ImageRef::new(pixels.width(), pixels.height(), pixels.as_raw(), PixelType::U8x3)
        .map_err(|e| failed(e.to_string()))?;
    let mut scaled = Image::new(target[0], target[1], PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut scaled, &options).map_err(|e| failed(e.to_string()))?;
    RgbImage::from_raw(target[0], target[1], scaled.into_vec()).ok_or_else(|| failed("resizing lost pixels".into()))
}

pub(super) fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_side_becomes_the_limit_and_small_photos_stay() {
        assert_eq!(target_size([4000, 3000], 1600), [1600, 1200]);
        assert_eq!(target_size([3000, 4000], 1600), [1200, 1600]);
        assert_eq!(target_size([1600, 20], 1600), [1600, 20]);
        assert_eq!(target_size([30_000, 12], 100), [100, 1]);
        assert_eq!(target_size([5000, 5000], 0), [5000, 5000]);
    }
}
