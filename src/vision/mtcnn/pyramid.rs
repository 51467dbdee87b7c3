//! The scales at which P-Net sees a photo, and how they share its input.

use crate::types::DetectorParams;

use super::layers::Area;

/// P-Net's window, and so the smallest side it can take.
const WINDOW: f64 = 12.0;
/// Canvas sides are whole multiples of this, so that photos of different sizes need few different shapes: the
/// library prepares a convolution for each shape it meets, which takes longer than a small convolution itself.
const STEP: usize = 16;
/// Levels of at most this many pixels share one canvas: below it a pass costs more by itself than by its pixels.
const SMALL: usize = 128 * 128;

/// One size of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Pixels of the level per pixel of the photo.
    pub scale: f64,
    pub width: usize,
    pub height: usize,
}

/// Largest first; none where the photo is smaller than `min_face_size`.
pub fn levels(width: u32, height: u32, params: &DetectorParams) -> Vec<Level> {
    let factor = decimal(params.scale_factor);
    let mut scale = WINDOW / decimal(params.min_face_size);
    let mut shorter = f64::from(width.min(height)) * scale;
    let mut levels = Vec::new();
    while shorter >= WINDOW {
        let side = |length: u32| (f64::from(length) * scale + 1.0) as usize;
        levels.push(Level { scale, width: side(width), height: side(height) });
        scale *= factor;
        shorter *= factor;
    }
    levels
}

/// The number that was typed: 0.709 for the f32 nearest to it. Sizes are computed in f64 from that, as the reference
/// does, or some level would come out one pixel larger or smaller.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// Levels that go through P-Net together.
#[derive(Clone, Debug, PartialEq)]
pub struct Canvas {
    /// Sides in pixels, even.
    pub width: usize,
    pub height: usize,
    /// Index into the levels, and where that level lies: from an even pixel on, apart from all others.
    pub placed: Vec<(usize, Area)>,
}

/// Large levels each get a canvas of their own; the small ones are laid on shelves in one.
pub fn canvases(levels: &[Level]) -> Vec<Canvas> {
    let is_small = |level: &Level| level.width * level.height <= SMALL;
    let (small, large): (Vec<_>, Vec<_>) = levels.iter().enumerate().partition(|(_, level)| is_small(level));
    let mut canvases: Vec<Canvas> = large.into_iter().map(|(index, level)| shelves(&[(index, level)])).collect();
    if !small.is_empty() {
        canvases.push(shelves(&small));
    }
    canvases
}

/// Side by side from left to right, as wide as the first two, then on a new shelf below.
fn shelves(levels: &[(usize, &Level)]) -> Canvas {
    let even = |side: usize| side.next_multiple_of(2);
    let limit: usize = levels.iter().take(2).map(|(_, level)| even(level.width)).sum();
    let (mut x, mut y, mut shelf_height) = (0, 0, 0);
    let mut placed = Vec::with_capacity(levels.len());
    for &(index, level) in levels {
        if x + level.width > limit {
            (x, y, shelf_height) = (0, y + shelf_height, 0);
        }
        placed.push((index, Area { x, y, width: level.width, height: level.height }));
        x += even(level.width);
        shelf_height = shelf_height.max(even(level.height));
    }
    Canvas { width: limit.next_multiple_of(STEP), height: (y + shelf_height).next_multiple_of(STEP), placed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_of_a_small_photo() {
        let params = DetectorParams::default();
        let sides: Vec<usize> = levels(250, 250, &params).iter().map(|l| l.width).collect();
        assert_eq!(sides, [76, 54, 38, 27, 19, 14]);
        assert!(levels(39, 500, &params).is_empty());
        assert_eq!(levels(40, 500, &params).len(), 1);
        assert!(levels(0, 0, &params).is_empty());
    }

    proptest! {
        #[test]
        fn placed_levels_are_whole_even_and_apart(
            (width, height) in (1u32..3000, 1u32..3000), min_face_size in 12f32..200.0, scale_factor in 0.2f32..0.94,
        ) {
            let params = DetectorParams { min_face_size, scale_factor, ..Default::default() };
            let levels = levels(width, height, &params);
            let canvases = canvases(&levels);
            let mut seen = vec![0; levels.len()];
            for canvas in &canvases {
                prop_assert_eq!((canvas.width % 2, canvas.height % 2), (0, 0));
                for (i, (index, a)) in canvas.placed.iter().enumerate() {
                    seen[*index] += 1;
                    prop_assert_eq!((a.width, a.height), (levels[*index].width, levels[*index].height));
                    prop_assert!(a.width >= 12 && a.height >= 12);
                    prop_assert_eq!((a.x % 2, a.y % 2), (0, 0));
                    prop_assert!(a.x + a.width <= canvas.width && a.y + a.height <= canvas.height);
                    for (_, b) in &canvas.placed[..i] {
                        let apart = a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height;
                        prop_assert!(apart);
                    }
                }
            }
            prop_assert!(seen.iter().all(|&n| n == 1));
        }
    }
}
