//! Changes to a crop that a network has to see through. Everything follows from a seed, so a run can be repeated.

use crate::tell;
use crate::types::Telling;
use std::path::PathBuf;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::types::Landmarks;
use crate::vision::VisionError;
use crate::vision::decode::{decode_crop, encode_jpeg};
use crate::vision::mask::{Mask, MaskSet};

/// How often each change is made, 0…1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentSpec {
    /// Left and right changed over.
    pub flip: f64,
    /// Brightness, contrast and saturation.
    pub colour: f64,
    pub blur: f64,
    /// Made smaller and brought back, as a face from afar.
    pub downscale: f64,
    /// Compressed and decompressed.
    pub jpeg: f64,
    /// Nose to chin under a mask.
    pub masked: f64,
    /// Folder with transparent pictures of masks: half of the masks come from there, the others are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask_pictures: Option<PathBuf>,
}

impl AugmentSpec {
    /// Nothing but the flip.
    pub fn none() -> Self {
        Self { flip: 0.5, colour: 0.0, blur: 0.0, downscale: 0.0, jpeg: 0.0, masked: 0.0, mask_pictures: None }
    }

    /// For networks that know faces already.
    pub fn light() -> Self {
        Self { colour: 0.3, blur: 0.1, downscale: 0.1, jpeg: 0.2, ..Self::none() }
    }

    /// For networks that begin with nothing and few photos.
    pub fn strong() -> Self {
        Self { colour: 0.6, blur: 0.2, downscale: 0.2, jpeg: 0.3, ..Self::none() }
    }

    /// What is wrong with the values, in words.
    pub fn validate(&self) -> Result<(), Telling> {
        let named = [
            ("flip", self.flip),
            ("colour", self.colour),
            ("blur", self.blur),
            ("downscale", self.downscale),
            ("jpeg", self.jpeg),
            ("masked", self.masked),
        ];
        match named.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            Some((name, share)) => Err(tell!("train-share", name = name, share = share.to_string())),
            None => Ok(()),
        }
    }
}

/// Seeds of drawn masks in training are even, of those in validation odd: no mask is met in both.
pub fn validation_mask(number: u64) -> Mask {
    Mask::drawn(mixed(0x6d61_736b, number) | 1)
}

/// Makes the changes. Shared by the threads that prepare batches.
pub struct Augmenter {
    spec: AugmentSpec,
    pictures: Option<MaskSet>,
}

/// A crop as the network is to see it.
pub struct Augmented {
    pub picture: RgbImage,
    /// Left and right are changed over.
    pub flipped: bool,
}

impl Augmenter {
    /// # Errors
    /// A folder of masks that cannot be used.
    pub fn new(spec: AugmentSpec) -> Result<Self, VisionError> {
        let pictures = spec.mask_pictures.as_deref().map(MaskSet::open).transpose()?;
        Ok(Self { spec, pictures })
    }

    /// Changes `crop`, in which the face has these `landmarks`, by chance that follows from `seed` alone.
    pub fn apply(&self, crop: RgbImage, landmarks: &Landmarks, seed: u64) -> Augmented {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let spec = &self.spec;
        let flipped = rng.random_bool(spec.flip);
        let (mut picture, landmarks) = if flipped { flip(&crop, landmarks) } else { (crop, *landmarks) };
        if rng.random_bool(spec.masked) {
            self.cover(&mut picture, &landmarks, &mut rng);
        }
        if rng.random_bool(spec.colour) {
            colour(&mut picture, &mut rng);
        }
        if rng.random_bool(spec.downscale) {
            let factor = rng.random_range(0.35..0.9);
            picture = downscaled(&picture, factor);
        }
        if rng.random_bool(spec.blur) {
            picture = imageops::blur(&picture, rng.random_range(0.4..1.6));
        }
        if rng.random_bool(spec.jpeg) {
            let quality = rng.random_range(25..90);
            // A crop that was made a moment ago always goes through; were it not so, it stays as it is.
            if let Ok(again) = encode_jpeg(&picture, quality).and_then(|bytes| decode_crop(&bytes)) {
                picture = again;
            }
        }
        Augmented { picture, flipped }
    }

    /// A picture of a mask or, as often, a drawn one.
    fn cover(&self, picture: &mut RgbImage, landmarks: &Landmarks, rng: &mut ChaCha8Rng) {
        let seed = rng.random::<u64>() & !1;
        match &self.pictures {
            Some(pictures) if rng.random_bool(0.5) => pictures.cover(seed, picture, landmarks),
            _ => Mask::drawn(seed).cover(picture, landmarks),
        }
    }
}

/// The mirror image. The eye that was on the left is now on the right and is named so.
pub fn flip(crop: &RgbImage, landmarks: &Landmarks) -> (RgbImage, Landmarks) {
    let last = crop.width() as f32 - 1.0;
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = landmarks.0.map(|[x, y]| [last - x, y]);
    (imageops::flip_horizontal(crop), Landmarks([right_eye, left_eye, nose, right_mouth, left_mouth]))
}

/// Brightness and contrast by a table, then saturation around the pixel's own grey.
fn colour(picture: &mut RgbImage, rng: &mut ChaCha8Rng) {
    let contrast = rng.random_range(0.7..1.3f32);
    let brightness = rng.random_range(-30.0..30.0f32);
    let saturation = rng.random_range(0.5..1.4f32);
    let table: [f32; 256] = std::array::from_fn(|value| (value as f32 - 127.5) * contrast + 127.5 + brightness);
    for Rgb(pixel) in picture.pixels_mut() {
        let [r, g, b] = pixel.map(|value| table[usize::from(value)]);
        let grey = 0.299 * r + 0.587 * g + 0.114 * b;
        *pixel = [r, g, b].map(|value| (grey + (value - grey) * saturation).clamp(0.0, 255.0) as u8);
    }
}

fn downscaled(picture: &RgbImage, factor: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let small = |side: u32| ((side as f32 * factor) as u32).max(1);
    let small = imageops::resize(picture, small(width), small(height), FilterType::Triangle);
    imageops::resize(&small, width, height, FilterType::Triangle)
}

/// A seed made of two numbers, far from those of their neighbours (the finaliser of splitmix64).
pub fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::align::Template;

    fn crop() -> RgbImage {
        RgbImage::from_fn(112, 112, |x, y| Rgb([x as u8 * 2, y as u8 * 2, (x ^ y) as u8]))
    }

    fn landmarks() -> Landmarks {
        Landmarks(Template::ARCFACE.points)
    }

    #[test]
    fn the_same_seed_makes_the_same_picture() {
        let spec = AugmentSpec { masked: 0.5, ..AugmentSpec::strong() };
        let augmenter = Augmenter::new(spec).unwrap();
        let make = |seed| augmenter.apply(crop(), &landmarks(), seed).picture;
        let made: Vec<RgbImage> = (0..40).map(make).collect();
        assert!(made.iter().zip(0..40).all(|(picture, seed)| *picture == make(seed)));
        assert!(made.iter().all(|picture| picture.dimensions() == (112, 112)));
        let distinct: std::collections::HashSet<&[u8]> =
            made.iter().map(|picture| picture.as_raw().as_slice()).collect();
        assert!(distinct.len() > 30, "{}", distinct.len());
    }

    #[test]
    fn what_is_switched_off_is_not_done() {
        let none = AugmentSpec { flip: 0.0, ..AugmentSpec::none() };
        let same = Augmenter::new(none.clone()).unwrap().apply(crop(), &landmarks(), 3);
        assert!(same.picture == crop() && !same.flipped);
        let always = |spec: AugmentSpec| Augmenter::new(spec).unwrap().apply(crop(), &landmarks(), 3).picture;
        type Change = fn(&mut AugmentSpec);
        let changes: [Change; 6] = [
            |s| s.flip = 1.0,
            |s| s.colour = 1.0,
            |s| s.blur = 1.0,
            |s| s.downscale = 1.0,
            |s| s.jpeg = 1.0,
            |s| s.masked = 1.0,
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut spec = none.clone();
            change(&mut spec);
            assert!(always(spec) != crop(), "change {at}");
        }
        assert!(AugmentSpec { blur: 1.5, ..none }.validate().unwrap_err().plain().contains("blur"));
    }

    #[test]
    fn landmarks_are_mirrored_with_the_picture() {
        let mut marked = RgbImage::new(112, 112);
        let [x, y] = landmarks().0[0].map(|v| v.round() as u32);
        marked.put_pixel(x, y, Rgb([255; 3]));
        let (mirrored, moved) = flip(&marked, &landmarks());
        // What was the left eye is the right one now.
        let [x, y] = moved.0[1].map(|v| v.round() as u32);
        assert_eq!(mirrored.get_pixel(x, y), &Rgb([255; 3]));
        assert!(moved.0[0][0] < moved.0[1][0] && moved.0[3][0] < moved.0[4][0]);
        let (_, back) = flip(&mirrored, &moved);
        assert!(back.0.iter().flatten().zip(landmarks().0.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn a_mask_covers_the_mouth_and_leaves_the_eyes() {
        let spec = AugmentSpec { flip: 0.0, masked: 1.0, ..AugmentSpec::none() };
        let grey = RgbImage::from_pixel(112, 112, Rgb([90, 140, 60]));
        let augmenter = Augmenter::new(spec).unwrap();
        for seed in 0..5 {
            let masked = augmenter.apply(grey.clone(), &landmarks(), seed).picture;
            assert_ne!(masked.get_pixel(56, 92), grey.get_pixel(56, 92), "seed {seed}");
            assert_eq!(masked.get_pixel(38, 50), grey.get_pixel(38, 50), "seed {seed}");
        }
    }
}
