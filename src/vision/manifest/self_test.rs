//! What a network has to do before it is believed.

use image::RgbImage;

use crate::types::Embedding;
use crate::vision::VisionError;
use crate::vision::embed::NetEmbedder;

/// Largest difference between one crop's embedding alone and in a batch, per number of the unit vector.
const BATCH_TOLERANCE: f32 = 1e-3;
/// Smallest difference between the embeddings of two pictures that have nothing in common.
const SMALLEST_DIFFERENCE: f32 = 1e-4;

/// Runs the network on two made-up crops, alone and together, and returns the length of its output.
///
/// # Errors
/// `BadOutput` where the output is NaN, infinite or all zero, longer than 4096, not the same alone and in a batch, or
/// the same for different pictures.
pub(super) fn self_test(embedder: &NetEmbedder, name: &str, size: [u32; 2]) -> Result<usize, VisionError> {
    let fail = |reason: String| VisionError::BadOutput { model: name.to_owned(), reason };
    let crops = [test_crop(size, 3, 5), test_crop(size, 11, 2)];
    let mut rows = embedder.raw_rows(&crops[..1])?;
    rows.extend(embedder.raw_rows(&crops)?);
    let mut vectors = Vec::with_capacity(rows.len());
    for row in rows {
        vectors.push(Embedding::try_from_raw(row).map_err(|e| fail(e.to_string()))?);
    }
    let [alone, first, second] = vectors.as_slice() else {
        return Err(fail("it gave another number of vectors than crops".to_owned()));
    };
    let d = alone.d();
    if d > 4096 || first.d() != d || second.d() != d {
        return Err(fail(format!("its vectors have {d} and {} numbers; at most 4096 are possible", first.d())));
    }
    if largest_difference(alone, first) > BATCH_TOLERANCE {
        return Err(fail("a crop's vector changes with the crops beside it".to_owned()));
    }
    if largest_difference(first, second) < SMALLEST_DIFFERENCE {
        return Err(fail("different pictures get the same vector".to_owned()));
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
