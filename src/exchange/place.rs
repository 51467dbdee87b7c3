//! Where regions lie on the upright photo.
//!
//! By MWG's guidance regions are for the picture as it is stored, before EXIF's orientation turns it, and
//! `AppliedToDimensions` says which picture that was; some programs write them for the upright one.

use crate::types::BBox;

/// Shapes further apart than this share are of different pictures.
const SHAPE: f64 = 0.02;

/// The picture that regions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    Stored,
    Upright,
}

/// What the dimensions that regions are applied to say of their frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    One(Frame),
    Either,
    /// They are for a picture of another shape: one that was cropped since.
    Neither,
}

/// One of the eight that EXIF knows.
pub fn is_orientation(number: u8) -> bool {
    (1..=8).contains(&number)
}

/// Where a point of the stored picture lies on the upright one, both in shares; an unknown orientation turns nothing.
pub(super) fn upright_point([x, y]: [f64; 2], orientation: u8) -> [f64; 2] {
    match orientation {
        2 => [1.0 - x, y],
        3 => [1.0 - x, 1.0 - y],
        4 => [x, 1.0 - y],
        5 => [y, x],
        6 => [1.0 - y, x],
        7 => [1.0 - y, 1.0 - x],
        8 => [y, 1.0 - x],
        _ => [x, y],
    }
}

/// The orientation that turns back.
pub(super) fn inverse(orientation: u8) -> u8 {
    match orientation {
        6 => 8,
        8 => 6,
        other => other,
    }
}

/// The one orientation that does what `first` and then `second` do.
pub(super) fn composed(first: u8, second: u8) -> u8 {
    // Not on any axis of symmetry.
    let probe = [0.125, 0.25];
    let wanted = upright_point(upright_point(probe, first), second);
    (1..=8).find(|orientation| upright_point(probe, *orientation) == wanted).unwrap_or(1)
}

pub(super) fn swaps_sides(orientation: u8) -> bool {
    (5..=8).contains(&orientation)
}

/// Corners turned, again as left, top, right, bottom.
pub(super) fn turned([x1, y1, x2, y2]: [f64; 4], orientation: u8) -> [f64; 4] {
    let ([ax, ay], [bx, by]) = (upright_point([x1, y1], orientation), upright_point([x2, y2], orientation));
    [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)]
}

/// An area as a box of the upright photo, whose size this is in pixels.
pub(super) fn upright_box(area: [f64; 4], frame: Frame, orientation: u8, upright: [u32; 2]) -> BBox {
    let area = if frame == Frame::Stored { turned(area, orientation) } else { area };
    let [x1, y1, x2, y2] = area;
    let [width, height] = upright.map(f64::from);
    BBox { x1: (x1 * width) as f32, y1: (y1 * height) as f32, x2: (x2 * width) as f32, y2: (y2 * height) as f32 }
}

/// The other way: a box of the upright photo as an area in shares of the frame.
pub(super) fn area_of(bbox: &BBox, frame: Frame, orientation: u8, upright: [u32; 2]) -> [f64; 4] {
    let [width, height] = upright.map(|side| f64::from(side.max(1)));
    let shares = |x: f32, y: f32| [(f64::from(x) / width).clamp(0.0, 1.0), (f64::from(y) / height).clamp(0.0, 1.0)];
    let ([x1, y1], [x2, y2]) = (shares(bbox.x1, bbox.y1), shares(bbox.x2, bbox.y2));
    let area = [x1, y1, x2, y2];
    if frame == Frame::Stored { turned(area, inverse(orientation)) } else { area }
}

/// Which frames fit the dimensions that regions are applied to: exactly first, else by shape, since pictures are scaled
/// with their regions.
pub(super) fn told(applied: Option<[f64; 2]>, upright: [u32; 2], orientation: u8) -> Told {
    let upright = upright.map(f64::from);
    let stored = if swaps_sides(orientation) { [upright[1], upright[0]] } else { upright };
    let Some(applied) = applied else { return one_frame(orientation).map_or(Told::Either, Told::One) };
    type Fits = fn([f64; 2], [f64; 2]) -> bool;
    let fits: [Fits; 2] = [
        |applied, size| applied == size,
        |applied, size| {
            let (one, other) = (applied[0] * size[1], applied[1] * size[0]);
            (one - other).abs() <= SHAPE * one.max(other)
        },
    ];
    for fits in fits {
        match (fits(applied, stored), fits(applied, upright)) {
            (true, true) => return one_frame(orientation).map_or(Told::Either, Told::One),
            (true, false) => return Told::One(Frame::Stored),
            (false, true) => return Told::One(Frame::Upright),
            (false, false) => {}
        }
    }
    Told::Neither
}

/// Where nothing is turned both frames are one.
fn one_frame(orientation: u8) -> Option<Frame> {
    (orientation <= 1 || !is_orientation(orientation)).then_some(Frame::Upright)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::metadata::Orientation;
    use image::{DynamicImage, GrayImage, Luma};

    /// A picture of 40×20 with a bright rectangle, and the rectangle.
    fn painted() -> (GrayImage, [f64; 4]) {
        let mut picture = GrayImage::new(40, 20);
        for (x, y) in (4..12).flat_map(|x| (2..6).map(move |y| (x, y))) {
            picture.put_pixel(x, y, Luma([255]));
        }
        (picture, [0.1, 0.1, 0.3, 0.3])
    }

    #[test]
    fn all_eight_orientations_turn_areas_as_they_turn_pictures() {
        for orientation in 1..=8 {
            let (picture, area) = painted();
            let mut picture = DynamicImage::ImageLuma8(picture);
            picture.apply_orientation(Orientation::from_exif(orientation).unwrap());
            let picture = picture.into_luma8();
            let size = [picture.width(), picture.height()];
            let bbox = upright_box(area, Frame::Stored, orientation, size);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
                let is_in = x > bbox.x1 && x < bbox.x2 && y > bbox.y1 && y < bbox.y2;
                assert_eq!(pixel.0[0] == 255, is_in, "orientation {orientation} at {x}, {y}: {bbox:?}");
            }
            let back = area_of(&bbox, Frame::Stored, orientation, size);
            assert!(back.iter().zip(area).all(|(a, b)| (a - b).abs() < 1e-6), "{orientation}: {back:?}");
            assert_eq!(composed(orientation, inverse(orientation)), 1);
        }
        assert_eq!((composed(6, 6), composed(6, 3), composed(2, 3), composed(8, 2)), (3, 8, 4, 7));
    }

    #[test]
    fn dimensions_tell_the_frame() {
        for orientation in 5..=8 {
            let upright = [3000, 4000];
            assert_eq!(told(Some([4000.0, 3000.0]), upright, orientation), Told::One(Frame::Stored));
            assert_eq!(told(Some([3000.0, 4000.0]), upright, orientation), Told::One(Frame::Upright));
            assert_eq!(told(Some([1024.0, 768.0]), upright, orientation), Told::One(Frame::Stored), "scaled");
            assert_eq!(told(None, upright, orientation), Told::Either);
            assert_eq!(told(Some([4000.0, 4000.0]), upright, orientation), Told::Neither);
            assert_eq!(told(Some([990.0, 1000.0]), [990, 1000], orientation), Told::One(Frame::Upright), "exactly");
        }
        for orientation in 2..=4 {
            assert_eq!(told(Some([4000.0, 3000.0]), [4000, 3000], orientation), Told::Either);
            assert_eq!(told(Some([3000.0, 4000.0]), [4000, 3000], orientation), Told::Neither);
        }
        assert_eq!(told(None, [4000, 3000], 1), Told::One(Frame::Upright));
        assert_eq!(told(Some([400.0, 300.0]), [4000, 3000], 1), Told::One(Frame::Upright));
        assert_eq!(told(Some([300.0, 400.0]), [4000, 3000], 1), Told::Neither);
    }
}
