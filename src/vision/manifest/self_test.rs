//! What a network has to do before it is believed.

use image::RgbImage;

use crate::tell;
use crate::types::{Embedding, Tell, Telling};
use crate::vision::VisionError;
use crate::vision::embed::NetEmbedder;

/// Largest difference between one crop's embedding alone and in a batch, per number of the unit vector.
const BATCH_TOLERANCE: f32 = 1e-3;
/// Smallest difference between the embeddings of two pictures that have nothing in common.
const SMALLEST_DIFFERENCE: f32 = 1e-4;

/// Runs the network on two made-up crops, alone and together, and on drawn faces; returns the length of its output.
///
/// # Errors
/// `BadOutput` where the output is NaN, infinite or all zero, longer than 4096, not the same alone and in a batch, the
/// same for different pictures, or nearer for two different drawn faces than for one, moved and in other light.
pub(super) fn self_test(embedder: &NetEmbedder, name: &str, size: [u32; 2]) -> Result<usize, VisionError> {
    let fail = |reason: Telling| VisionError::BadOutput { model: name.to_owned(), reason };
    let crops = [test_crop(size, 3, 5), test_crop(size, 11, 2)];
    let mut rows = embedder.raw_rows(&crops[..1])?;
    rows.extend(embedder.raw_rows(&crops)?);
    let mut vectors = Vec::with_capacity(rows.len());
    for row in rows {
        vectors.push(Embedding::try_from_raw(row).map_err(|e| fail(e.telling()))?);
    }
    let [alone, first, second] = vectors.as_slice() else {
        return Err(fail(tell!("model-other-number")));
    };
    let d = alone.d();
    if d > 4096 || first.d() != d || second.d() != d {
        return Err(fail(tell!("model-lengths", d = d, other = first.d())));
    }
    if largest_difference(alone, first) > BATCH_TOLERANCE {
        return Err(fail(tell!("model-batch-differs")));
    }
    if largest_difference(first, second) < SMALLEST_DIFFERENCE {
        return Err(fail(tell!("model-all-the-same")));
    }
    let faces = [(&DRAWN[0], 0), (&DRAWN[0], 1), (&DRAWN[1], 0)].map(|(face, view)| drawn_face(size, face, view));
    let mut drawn = Vec::with_capacity(faces.len());
    for row in embedder.raw_rows(&faces)? {
        drawn.push(Embedding::try_from_raw(row).map_err(|e| fail(e.telling()))?);
    }
    let [face, again, other] = drawn.as_slice() else {
        return Err(fail(tell!("model-other-number")));
    };
    let (same, different) = (face.score(again), face.score(other));
    if same <= different {
        return Err(fail(tell!(
            "model-faces-mixed",
            same = format!("{same:.3}"),
            different = format!("{different:.3}")
        )));
    }
    Ok(d)
}

fn largest_difference(a: &Embedding, b: &Embedding) -> f32 {
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Slanted ramps in three colours.
fn test_crop([width, height]: [u32; 2], across: u32, down: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x * across + y, y * down + x, (x + y) * (across + down)].map(|v| (v % 256) as u8))
    })
}

/// A face made of ovals. Lengths in parts of the crop's side, colours 0…255.
struct DrawnFace {
    /// Half the width and half the height of the head.
    head: [f32; 2],
    /// From the middle to each eye, and the half height of an eye.
    eyes: [f32; 2],
    mouth_half_width: f32,
    skin: [f32; 3],
    hair: [f32; 3],
    behind: [f32; 3],
}

const DRAWN: [DrawnFace; 2] = [
    DrawnFace {
        head: [0.36, 0.47],
        eyes: [0.157, 0.030],
        mouth_half_width: 0.13,
        skin: [224.0, 180.0, 155.0],
        hair: [60.0, 40.0, 30.0],
        behind: [90.0, 120.0, 150.0],
    },
    DrawnFace {
        head: [0.43, 0.44],
        eyes: [0.175, 0.048],
        mouth_half_width: 0.19,
        skin: [140.0, 95.0, 70.0],
        hair: [190.0, 170.0, 120.0],
        behind: [200.0, 195.0, 180.0],
    },
];

/// `view` 1 is the same face a hundredth of the side lower and to the right, under slightly brighter light.
fn drawn_face([width, height]: [u32; 2], face: &DrawnFace, view: u8) -> RgbImage {
    let moved = if view == 0 { 0.0 } else { 0.01 };
    let light = if view == 0 { 1.0 } else { 1.04 };
    RgbImage::from_fn(width, height, |x, y| {
        let at = [(x as f32 + 0.5) / width as f32 - moved, (y as f32 + 0.5) / height as f32 - moved];
        // Squared distance from the middle of an oval, 1 on its edge.
        let oval = |middle: [f32; 2], half: [f32; 2]| {
            ((at[0] - middle[0]) / half[0]).powi(2) + ((at[1] - middle[1]) / half[1]).powi(2)
        };
        let [eye, eye_height] = face.eyes;
        let in_eyes = |half: [f32; 2], rise: f32| {
            oval([0.5 - eye, 0.46 - rise], half) < 1.0 || oval([0.5 + eye, 0.46 - rise], half) < 1.0
        };
        let colour = if in_eyes([0.025, 0.025], 0.0) {
            [35.0, 30.0, 30.0]
        } else if in_eyes([0.06, eye_height], 0.0) {
            [235.0, 235.0, 235.0]
        } else if in_eyes([0.08, 0.015], 0.09) {
            face.hair
        } else if oval([0.5, 0.82], [face.mouth_half_width, 0.035]) < 1.0 {
            [170.0, 70.0, 75.0]
        } else if oval([0.5, 0.62], [0.045, 0.08]) < 1.0 {
            face.skin.map(|c| c * 0.88)
        } else if oval([0.5, 0.58], face.head) < 1.0 {
            // Darker towards the edge, as round things are.
            face.skin.map(|c| c * (1.05 - 0.25 * oval([0.45, 0.5], [0.5, 0.6])))
        } else if oval([0.5, 0.42], face.head.map(|half| half * 1.12)) < 1.0 {
            face.hair
        } else {
            face.behind
        };
        image::Rgb(colour.map(|c| (c * light).clamp(0.0, 255.0) as u8))
    })
}
