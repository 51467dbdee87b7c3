//! The detector's arithmetic on boxes. All in f32 and in the reference's order of operations, since a coordinate
//! that rounds to another whole pixel changes what the next network sees.

use crate::types::{BBox, ScoredBox};

/// Which of equally confident boxes comes first. O-Net's confidence is often exactly 1 in f32, so this decides
/// between real faces' boxes, and it follows the reference, which sorts in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    EarlierFirst,
    LaterFirst,
}

/// Indices of the boxes that stay: most confident first, each without a more confident one that stays and
/// overlaps it by more than `threshold`.
pub fn suppress(boxes: &[ScoredBox], threshold: f32, ties: Ties, overlap: impl Fn(&BBox, &BBox) -> f32) -> Vec<usize> {
    let mut order: Vec<usize> = match ties {
        Ties::EarlierFirst => (0..boxes.len()).collect(),
        Ties::LaterFirst => (0..boxes.len()).rev().collect(),
    };
    order.sort_by(|&i, &j| boxes[j].confidence.total_cmp(&boxes[i].confidence));
    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        if kept.iter().all(|&j| overlap(&boxes[j].bbox, &boxes[i].bbox) <= threshold) {
            kept.push(i);
        }
    }
    kept
}

/// Intersection over the smaller area, with sides counted in pixels from the first to the last (so 1 is added).
pub fn overlap_of_smaller(a: &BBox, b: &BBox) -> f32 {
    let area = |r: &BBox| (r.x2 - r.x1 + 1.0) * (r.y2 - r.y1 + 1.0);
    let width = (a.x2.min(b.x2) - a.x1.max(b.x1) + 1.0).max(0.0);
    let height = (a.y2.min(b.y2) - a.y1.max(b.y1) + 1.0).max(0.0);
    width * height / area(a).min(area(b))
}

/// Each edge moved by its offset in shares of `side` (width and height).
pub fn shifted(b: &BBox, offsets: [f32; 4], [width, height]: [f32; 2]) -> BBox {
    BBox {
        x1: b.x1 + offsets[0] * width,
        y1: b.y1 + offsets[1] * height,
        x2: b.x2 + offsets[2] * width,
        y2: b.y2 + offsets[3] * height,
    }
}

/// Width and height counted in pixels from the first to the last.
pub fn pixel_sides(b: &BBox) -> [f32; 2] {
    [b.x2 - b.x1 + 1.0, b.y2 - b.y1 + 1.0]
}

/// The square with the box's longer side around its centre.
pub fn squared(b: &BBox) -> BBox {
    let (width, height) = (b.width(), b.height());
    let side = width.max(height);
    let x1 = b.x1 + width * 0.5 - side * 0.5;
    let y1 = b.y1 + height * 0.5 - side * 0.5;
    BBox { x1, y1, x2: x1 + side, y2: y1 + side }
}

/// First and last + 1 column (or row) of the pixels from edge `low` to edge `high`, cut off at the photo's `length`.
/// `None` where nothing is left. Edges count pixels from 1, as in the networks' training.
pub fn pixel_span(low: f32, high: f32, length: usize) -> Option<(usize, usize)> {
    // Casts from float to integer saturate, and NaN becomes 0.
    let first = (low as i64).max(1) as usize - 1;
    let end = (high as i64).clamp(0, length as i64) as usize;
    (end > first).then_some((first, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scored(x1: f32, y1: f32, x2: f32, y2: f32, confidence: f32) -> ScoredBox {
        ScoredBox { bbox: BBox { x1, y1, x2, y2 }, confidence }
    }

    #[test]
    fn the_most_confident_of_overlapping_boxes_stays() {
        let boxes =
            [scored(0.0, 0.0, 10.0, 10.0, 0.8), scored(1.0, 1.0, 11.0, 11.0, 0.9), scored(50.0, 0.0, 60.0, 10.0, 0.7)];
        let stay = |boxes: &[ScoredBox], threshold, ties| suppress(boxes, threshold, ties, BBox::iou);
        assert_eq!(stay(&boxes, 0.5, Ties::EarlierFirst), [1, 2]);
        assert_eq!(stay(&boxes, 0.99, Ties::EarlierFirst), [1, 0, 2]);
        assert!(stay(&[], 0.5, Ties::EarlierFirst).is_empty());
        let equal = boxes.map(|b| ScoredBox { confidence: 1.0, ..b });
        assert_eq!(stay(&equal, 0.5, Ties::EarlierFirst), [0, 2]);
        assert_eq!(stay(&equal, 0.5, Ties::LaterFirst), [2, 1]);
    }

    #[test]
    fn a_box_inside_another_overlaps_wholly() {
        let (large, small) = (scored(0.0, 0.0, 99.0, 99.0, 1.0).bbox, scored(10.0, 10.0, 19.0, 19.0, 1.0).bbox);
        assert!((overlap_of_smaller(&large, &small) - 1.0).abs() < 1e-6);
        assert!(large.iou(&small) < 0.02);
    }

    #[test]
    fn spans_end_at_the_photos_edge() {
        assert_eq!(pixel_span(-7.5, 4.9, 100), Some((0, 4)));
        assert_eq!(pixel_span(90.2, 400.0, 100), Some((89, 100)));
        assert_eq!(pixel_span(101.5, 400.0, 100), None);
        assert_eq!(pixel_span(-9.0, -2.0, 100), None);
        assert_eq!(pixel_span(f32::NAN, f32::NAN, 100), None);
        assert_eq!(pixel_span(f32::NEG_INFINITY, f32::INFINITY, 100), Some((0, 100)));
    }

    proptest! {
        #[test]
        fn squares_are_square_around_the_same_centre(
            x in -50f32..50.0, y in -50f32..50.0, width in 1f32..90.0, height in 1f32..90.0,
        ) {
            let original = BBox { x1: x, y1: y, x2: x + width, y2: y + height };
            let square = squared(&original);
            prop_assert!((square.width() - square.height()).abs() < 1e-4);
            prop_assert!((square.width() - width.max(height)).abs() < 1e-4);
            for (a, b) in square.center().into_iter().zip(original.center()) {
                prop_assert!((a - b).abs() < 1e-3);
            }
        }
    }
}
