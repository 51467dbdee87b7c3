//! What is asked of the decoders, and the limits that they keep.

use serde::{Deserialize, Serialize};

/// Shortest side of a photo that is taken, in pixels: the side of P-Net's window.
pub const MIN_SIDE: u32 = 12;

/// Memory that a decoder may take beside the result, in bytes. Enough for a progressive JPEG of 250 megapixels.
pub(super) const MAX_DECODER_MEMORY: u64 = 2 << 30;

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
