use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An axis-aligned box in pixels of the upright photo: origin top left, x right, y down.
///
/// Edges are continuous coordinates, so `width` is `x2 - x1`. A box may reach past the photo's edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BBox {
    pub x1: f32,
    pub y1: f32,
    pub x2: f32,
    pub y2: f32,
}

impl BBox {
    pub fn width(&self) -> f32 {
        self.x2 - self.x1
    }

    pub fn height(&self) -> f32 {
        self.y2 - self.y1
    }

    /// Square pixels; 0 for an inverted box.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    pub fn center(&self) -> [f32; 2] {
        [(self.x1 + self.x2) / 2.0, (self.y1 + self.y2) / 2.0]
    }

    /// Both corners multiplied by `factor`: a box moves between a photo and its scaled copy.
    pub fn scaled(&self, factor: f32) -> Self {
        Self { x1: self.x1 * factor, y1: self.y1 * factor, x2: self.x2 * factor, y2: self.y2 * factor }
    }

    /// Intersection over union, 0…1.
    pub fn iou(&self, other: &Self) -> f32 {
        let w = (self.x2.min(other.x2) - self.x1.max(other.x1)).max(0.0);
        let h = (self.y2.min(other.y2) - self.y1.max(other.y1)).max(0.0);
        let intersection = w * h;
        let union = self.area() + other.area() - intersection;
        if union > 0.0 { intersection / union } else { 0.0 }
    }
}

/// Five points (x, y) in pixels of the upright photo, in this order: the eye on the photo's left, the eye on
/// its right, the tip of the nose, the mouth's corner on the photo's left, the one on its right.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Landmarks(pub [[f32; 2]; 5]);

impl Landmarks {
    pub fn scaled(&self, factor: f32) -> Self {
        Self(self.0.map(|[x, y]| [x * factor, y * factor]))
    }

    /// All points lie within a hundredth of a pixel of the other's.
    pub fn is_near(&self, other: &Self) -> bool {
        self.0.as_flattened().iter().zip(other.0.as_flattened()).all(|(a, b)| (a - b).abs() <= 0.01)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_box() -> impl Strategy<Value = BBox> {
        (-100.0f32..100.0, -100.0f32..100.0, 0.1f32..200.0, 0.1f32..200.0).prop_map(|(x, y, w, h)| BBox {
            x1: x,
            y1: y,
            x2: x + w,
            y2: y + h,
        })
    }

    proptest! {
        #[test]
        fn iou_is_symmetric_bounded_and_one_with_itself(a in any_box(), b in any_box()) {
            let iou = a.iou(&b);
            prop_assert!((0.0..=1.0 + 1e-5).contains(&iou));
            prop_assert!((iou - b.iou(&a)).abs() < 1e-6);
            prop_assert!((a.iou(&a) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn iou_of_half_overlapping_unit_squares_is_a_third() {
        let a = BBox { x1: 0.0, y1: 0.0, x2: 1.0, y2: 1.0 };
        let b = BBox { x1: 0.5, y1: 0.0, x2: 1.5, y2: 1.0 };
        assert!((a.iou(&b) - 1.0 / 3.0).abs() < 1e-6);
    }
}
