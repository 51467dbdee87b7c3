//! The three stages: each takes boxes, asks its network, drops, regresses and suppresses.

use image::RgbImage;

use super::boxes::{Ties, overlap_of_smaller, pixel_sides, pixel_span, shifted, squared, suppress};
use super::layers::FeatureMap;
use super::nets::{CropNet, Hit, PNet, Verdict};
use super::pyramid::{Canvas, Level, canvases, levels};
use super::resample::{Region, Resampler};
use crate::types::{BBox, Detection, DetectorParams, Landmarks, ScoredBox};
use crate::vision::VisionError;

/// Overlap above which the less confident of two boxes goes: among one level's proposals, and everywhere else.
const OVERLAP_IN_LEVEL: f32 = 0.5;
const OVERLAP: f32 = 0.7;
/// P-Net's window and step in pixels of a level.
const WINDOW: f32 = 12.0;
const STEP: f32 = 2.0;
/// Windows of one level that are looked at, the most confident first. Real photos have hundreds; only thresholds
/// near 0 give more than this, and suppression takes the square of it.
const MAX_HITS: usize = 20_000;

impl From<&Detection> for ScoredBox {
    fn from(detection: &Detection) -> Self {
        Self { bbox: detection.bbox, confidence: detection.confidence }
    }
}

/// P-Net over all sizes of the photo: squares for R-Net, most confident first.
pub fn propose(pnet: &PNet, image: &RgbImage, params: &DetectorParams) -> Result<Vec<ScoredBox>, VisionError> {
    let levels = levels(image.width(), image.height(), params);
    let mut resampler = Resampler::default();
    let mut hits: Vec<Vec<Hit>> = vec![Vec::new(); levels.len()];
    for canvas in canvases(&levels) {
        let map = paint(&canvas, image, &mut resampler)?;
        let areas: Vec<_> = canvas.placed.iter().map(|(_, area)| *area).collect();
        let found = pnet.forward(&map, &areas, params.thresholds[0])?;
        for ((level, _), found) in canvas.placed.iter().zip(found) {
            hits[*level] = found;
        }
    }
    let (mut windows, mut offsets) = (Vec::new(), Vec::new());
    for (level, mut hits) in levels.iter().zip(hits) {
        if hits.len() > MAX_HITS {
            hits.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            hits.truncate(MAX_HITS);
        }
        let boxes: Vec<ScoredBox> = hits.iter().map(|hit| window_of(hit, level)).collect();
        for i in suppress(&boxes, OVERLAP_IN_LEVEL, Ties::EarlierFirst, BBox::iou) {
            windows.push(boxes[i]);
            offsets.push(hits[i].offsets);
        }
    }
    let square = |i: usize| {
        let ScoredBox { bbox, confidence } = windows[i];
        let bbox = squared(&shifted(&bbox, offsets[i], [bbox.width(), bbox.height()]));
        ScoredBox { bbox, confidence }
    };
    Ok(suppress(&windows, OVERLAP, Ties::EarlierFirst, BBox::iou).into_iter().map(square).collect())
}

/// The levels of a canvas, scaled from the photo to their places.
fn paint(canvas: &Canvas, image: &RgbImage, resampler: &mut Resampler) -> Result<FeatureMap, VisionError> {
    let mut map = FeatureMap::zeros(1, canvas.height, canvas.width, 3)?;
    let stride = map.row_len();
    for (_, area) in &canvas.placed {
        let out = &mut map.as_mut_slice()[area.y * stride + area.x * 3..];
        resampler.scale(image, Region::whole(image), [area.width, area.height], out, stride);
    }
    Ok(map)
}

/// The window of a hit in pixels of the photo.
fn window_of(hit: &Hit, level: &Level) -> ScoredBox {
    let scale = level.scale as f32;
    let [x, y] = [hit.column, hit.row].map(|steps| STEP * steps as f32);
    let bbox = BBox {
        x1: ((x + 1.0) / scale).floor(),
        y1: ((y + 1.0) / scale).floor(),
        x2: ((x + WINDOW) / scale).floor(),
        y2: ((y + WINDOW) / scale).floor(),
    };
    ScoredBox { bbox, confidence: hit.confidence }
}

/// R-Net on P-Net's squares: fewer and better squares, most confident first.
pub fn refine<N: CropNet>(
    net: &N,
    image: &RgbImage,
    squares: &[ScoredBox],
    threshold: f32,
) -> Result<Vec<ScoredBox>, VisionError> {
    let (boxes, verdicts) = judge(net, image, squares, threshold)?;
    let square = |i: usize| {
        let ScoredBox { bbox, confidence } = boxes[i];
        ScoredBox { bbox: squared(&shifted(&bbox, verdicts[i].offsets, pixel_sides(&bbox))), confidence }
    };
    Ok(suppress(&boxes, OVERLAP, Ties::EarlierFirst, BBox::iou).into_iter().map(square).collect())
}

/// O-Net on R-Net's squares: the faces, most confident first.
pub fn settle<N: CropNet>(
    net: &N,
    image: &RgbImage,
    squares: &[ScoredBox],
    threshold: f32,
) -> Result<Vec<Detection>, VisionError> {
    let (boxes, verdicts) = judge(net, image, squares, threshold)?;
    let mut faces = Vec::with_capacity(boxes.len());
    for (ScoredBox { bbox, confidence }, verdict) in boxes.into_iter().zip(verdicts) {
        let landmarks = points_in(&bbox, &verdict);
        faces.push(Detection { bbox: shifted(&bbox, verdict.offsets, pixel_sides(&bbox)), confidence, landmarks });
    }
    let boxes: Vec<ScoredBox> = faces.iter().map(Into::into).collect();
    Ok(suppress(&boxes, OVERLAP, Ties::LaterFirst, overlap_of_smaller).into_iter().map(|i| faces[i]).collect())
}

/// The points of a verdict on a square in pixels of the picture.
fn points_in(square: &BBox, verdict: &Verdict) -> Landmarks {
    let [width, height] = pixel_sides(square);
    Landmarks(verdict.points.map(|[x, y]| [width * x + square.x1 - 1.0, height * y + square.y1 - 1.0]))
}

/// The pixels below a square; `None` where it lies beside the picture.
fn region_of(picture: &RgbImage, square: &BBox) -> Option<Region> {
    let (x, right) = pixel_span(square.x1, square.x2, picture.width() as usize)?;
    let (y, bottom) = pixel_span(square.y1, square.y2, picture.height() as usize)?;
    Some(Region { x, y, width: right - x, height: bottom - y })
}

/// The squares whose verdict is above `threshold`, with the network's confidence, and the verdicts.
fn judge<N: CropNet>(
    net: &N,
    image: &RgbImage,
    squares: &[ScoredBox],
    threshold: f32,
) -> Result<(Vec<ScoredBox>, Vec<Verdict>), VisionError> {
    let below = |square: &ScoredBox| region_of(image, &square.bbox).map(|region| (square.bbox, region));
    let regions: Vec<(BBox, Region)> = squares.iter().filter_map(below).collect();
    let mut resampler = Resampler::default();
    let (mut boxes, mut verdicts) = (Vec::new(), Vec::new());
    for batch in regions.chunks(N::BATCH) {
        let mut crops = FeatureMap::zeros(batch_size(batch.len()), N::SIDE, N::SIDE, 3)?;
        let (item_len, row_len) = (crops.item_len(), crops.row_len());
        for ((_, region), out) in batch.iter().zip(crops.as_mut_slice().chunks_exact_mut(item_len)) {
            resampler.scale(image, *region, [N::SIDE, N::SIDE], out, row_len);
        }
        for (&(bbox, _), verdict) in batch.iter().zip(net.forward(&crops)?) {
            if verdict.confidence > threshold {
                boxes.push(ScoredBox { bbox, confidence: verdict.confidence });
                verdicts.push(verdict);
            }
        }
    }
    Ok((boxes, verdicts))
}

/// The verdict on each square, which has a picture of its own, with its points in pixels of that; `None` for a square beside
/// its picture.
pub fn verdicts_on<N: CropNet>(
    net: &N,
    squares: &[(RgbImage, BBox)],
) -> Result<Vec<Option<(f32, Landmarks)>>, VisionError> {
    let mut resampler = Resampler::default();
    let mut all = Vec::with_capacity(squares.len());
    for batch in squares.chunks(N::BATCH) {
        let mut crops = FeatureMap::zeros(batch_size(batch.len()), N::SIDE, N::SIDE, 3)?;
        let (item_len, row_len) = (crops.item_len(), crops.row_len());
        let regions: Vec<_> = batch.iter().map(|(picture, square)| region_of(picture, square)).collect();
        for (((picture, _), region), out) in
            batch.iter().zip(&regions).zip(crops.as_mut_slice().chunks_exact_mut(item_len))
        {
            if let Some(region) = region {
                resampler.scale(picture, *region, [N::SIDE, N::SIDE], out, row_len);
            }
        }
        let verdicts = net.forward(&crops)?;
        let told = batch.iter().zip(regions).zip(verdicts);
        all.extend(
            told.map(|(((_, square), region), verdict)| {
                region.map(|_| (verdict.confidence, points_in(square, &verdict)))
            }),
        );
    }
    Ok(all)
}

/// The network's confidence for each picture as a whole.
pub fn confidences<N: CropNet>(net: &N, pictures: &[RgbImage]) -> Result<Vec<f32>, VisionError> {
    let mut resampler = Resampler::default();
    let mut all = Vec::with_capacity(pictures.len());
    for batch in pictures.chunks(N::BATCH) {
        let mut crops = FeatureMap::zeros(batch_size(batch.len()), N::SIDE, N::SIDE, 3)?;
        let (item_len, row_len) = (crops.item_len(), crops.row_len());
        for (picture, out) in batch.iter().zip(crops.as_mut_slice().chunks_exact_mut(item_len)) {
            if picture.width() > 0 && picture.height() > 0 {
                resampler.scale(picture, Region::whole(picture), [N::SIDE, N::SIDE], out, row_len);
            }
        }
        all.extend(net.forward(&crops)?.iter().take(batch.len()).map(|verdict| verdict.confidence));
    }
    Ok(all)
}

/// `count` rounded up to one of few sizes; for each size that it meets the library prepares its convolutions anew.
fn batch_size(count: usize) -> usize {
    [1, 2, 3, 4, 6, 8, 12, 16, 24].into_iter().find(|&size| size >= count).unwrap_or(count.next_multiple_of(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_large_enough_and_of_few_sizes() {
        let sizes: Vec<usize> = (1..=64).map(batch_size).collect();
        assert!(sizes.iter().zip(1..).all(|(&size, count)| size >= count));
        let mut different = sizes.clone();
        different.dedup();
        assert_eq!(different.len(), 14);
    }
}
