//! Numbers that Rust and Python make alike, so that golden tests need neither weights nor pictures in the repository.
//!
//! `tests/reference/synthetic.py` says the same in Python; change both or neither.

use image::{Rgb, RgbImage};

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// murmur3's finaliser over seed + i · golden ratio.
fn mixed(seed: u32, i: u32) -> u32 {
    let mut h = seed.wrapping_add(i.wrapping_mul(0x9e37_79b9));
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// Floats in low…high; each step is exact or rounded once, so both languages agree to the bit.
pub fn uniform(name: &str, count: usize, low: f64, high: f64) -> Vec<f32> {
    let (seed, span, low) = (fnv1a(name), (high - low) as f32, low as f32);
    (0..count as u32).map(|i| (mixed(seed, i) >> 8) as f32 / (1u32 << 24) as f32 * span + low).collect()
}

/// A picture of slanted ramps under a little noise.
pub fn crop(width: u32, height: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([0, 1, 2].map(|c| {
            let ramp = (x * (3 + seed) + y * 2 * (c + 1) + seed * 37) % 512;
            let ramp = if ramp > 255 { 511 - ramp } else { ramp };
            let noise = mixed(seed, (y * width + x) * 3 + c) >> 28;
            (ramp * 15 / 16 + noise) as u8
        }))
    })
}
