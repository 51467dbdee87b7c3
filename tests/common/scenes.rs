//! Large photos made of small ones: pictures of faces laid at known places over a made background.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// A picture laid into a scene.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Index of the picture.
    pub picture: usize,
    /// Pixels of the scene for each of the picture.
    pub scale: f32,
    /// Where the picture's upper left corner lies.
    pub at: [u32; 2],
}

/// Soft clouds with a little grain, so that it compresses and is searched like a photo.
pub fn background(width: u32, height: u32, seed: u32) -> RgbImage {
    let hash = |x: u32, y: u32, c: u32| {
        let mut v =
            x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ (c + 3 * seed).wrapping_mul(0xc2b2_ae3d);
        v = (v ^ (v >> 15)).wrapping_mul(0x2c1b_3c6d);
        (v ^ (v >> 13)) >> 24
    };
    let coarse = RgbImage::from_fn(width.div_ceil(97), height.div_ceil(97), |x, y| {
        Rgb([0, 1, 2].map(|c| (60 + hash(x, y, c) / 2) as u8))
    });
    let mut scene = imageops::resize(&coarse, width, height, FilterType::Triangle);
    for (x, y, pixel) in scene.enumerate_pixels_mut() {
        let grain = hash(x, y, 7) as i32 / 21 - 6;
        pixel.0 = pixel.0.map(|v| (i32::from(v) + grain).clamp(0, 255) as u8);
    }
    scene
}

/// Lays the pictures from left to right and from top to bottom into `scene`, each `gap` pixels from its neighbours;
/// those that find no room are left out.
pub fn lay(scene: &mut RgbImage, pictures: &[(usize, RgbImage, f32)], gap: u32) -> Vec<Placed> {
    let (mut x, mut y, mut shelf) = (gap, gap, 0);
    let mut placed = Vec::new();
    for (picture, pixels, scale) in pictures {
        let side = |length: u32| (length as f32 * scale).round().max(1.0) as u32;
        let (width, height) = (side(pixels.width()), side(pixels.height()));
        if x + width + gap > scene.width() {
            (x, y, shelf) = (gap, y + shelf + gap, 0);
        }
        if y + height + gap > scene.height() || width + 2 * gap > scene.width() {
            continue;
        }
        let laid =
            if *scale == 1.0 { pixels.clone() } else { imageops::resize(pixels, width, height, FilterType::Lanczos3) };
        imageops::replace(scene, &laid, i64::from(x), i64::from(y));
        placed.push(Placed { picture: *picture, scale: *scale, at: [x, y] });
        (x, shelf) = (x + width + gap, shelf.max(height));
    }
    placed
}
