//! Crops that make a face smaller, without aliasing: the pixels below the crop are halved before they are sampled.

use image::{RgbImage, imageops};
use serde::{Deserialize, Serialize};

use super::align::{AlignError, Similarity, Template, aligned_crop};
use crate::types::Landmarks;

/// How a crop is sampled that shrinks a face to less than half.
///
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Minify {
    /// Means of 2×2 pixels, as often as that leaves at least one pixel for each of the crop; bilinear from there.
    #[default]
    Mip,
    /// Bilinear at once, as the published protocols do: pixels between the samples are passed over.
    Bilinear,
}

impl Minify {
    /// Manifests leave the usual out.
    pub(in crate::vision) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// [`aligned_crop`] with the way of shrinking chosen. The two are the same unless the face shrinks to less than half.
///
/// # Errors
/// As [`aligned_crop`].
pub fn shrunk_crop(
    photo: &RgbImage,
    landmarks: &Landmarks,
    template: &Template,
    minify: Minify,
) -> Result<RgbImage, AlignError> {
    let onto = Similarity::from_points(&landmarks.0, &template.points)?;
    if minify == Minify::Bilinear || onto.scale() >= 0.5 {
        return aligned_crop(photo, landmarks, template);
    }
    let Some((x, y, piece)) = below(photo, &onto, template) else { return aligned_crop(photo, landmarks, template) };
    let moved = Landmarks(landmarks.0.map(|[px, py]| [px - x as f32, py - y as f32]));
    let (piece, landmarks, _) = halved(piece, moved, onto.scale());
    aligned_crop(&piece, &landmarks, template)
}

/// Halves a picture and its landmarks as often as a crop that shrinks by `scale` keeps a pixel for each of its own; tells
/// how often.
pub(super) fn halved(mut picture: RgbImage, mut landmarks: Landmarks, mut scale: f32) -> (RgbImage, Landmarks, i32) {
    let mut times = 0;
    while scale <= 0.5 && picture.width() > 1 && picture.height() > 1 {
        picture = half(&picture);
        landmarks = Landmarks(landmarks.0.map(|point| point.map(|v| (v - 0.5) / 2.0)));
        scale *= 2.0;
        times += 1;
    }
    (picture, landmarks, times)
}

/// `[left, top, right, bottom]` of the places below a crop and two of its pixels around.
pub(super) fn reach(onto: &Similarity, template: &Template) -> [f64; 4] {
    let back = onto.inverse();
    let [width, height] = template.size.map(|side| side as f32);
    let corners = [[-2.0, -2.0], [width + 1.0, -2.0], [-2.0, height + 1.0], [width + 1.0, height + 1.0]]
        .map(|corner| back.apply(corner).map(f64::from));
    let least = |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::INFINITY, f64::min);
    let most = |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::NEG_INFINITY, f64::max);
    [least(0), least(1), most(0), most(1)]
}

/// The part of the photo below the crop, and where it begins; `None` where they do not meet.
fn below(photo: &RgbImage, onto: &Similarity, template: &Template) -> Option<(u32, u32, RgbImage)> {
    let [left, top, right, bottom] = reach(onto, template);
    let from = |place: f64| place.floor().max(0.0) as u32;
    let to = |place: f64, side: u32| (place.ceil() + 1.0).clamp(0.0, f64::from(side)) as u32;
    let (x, y, end_x, end_y) = (from(left), from(top), to(right, photo.width()), to(bottom, photo.height()));
    (x < end_x && y < end_y).then(|| (x, y, imageops::crop_imm(photo, x, y, end_x - x, end_y - y).to_image()))
}

/// Means of 2×2 pixels, rounded; the last row and column of odd sides count twice.
fn half(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width.div_ceil(2), height.div_ceil(2), |x, y| {
        let [xs, ys] = [[2 * x, (2 * x + 1).min(width - 1)], [2 * y, (2 * y + 1).min(height - 1)]];
        let mut sums = [2u16; 3];
        for (x, y) in [(xs[0], ys[0]), (xs[1], ys[0]), (xs[0], ys[1]), (xs[1], ys[1])] {
            sums.iter_mut().zip(picture.get_pixel(x, y).0).for_each(|(sum, value)| *sum += u16::from(value));
        }
        image::Rgb(sums.map(|sum| (sum / 4) as u8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn landmarks(scale: f32, shift: f32) -> Landmarks {
        Landmarks(Template::ARCFACE.points.map(|[x, y]| [x * scale + shift, y * scale + shift]))
    }

    #[test]
    fn above_half_size_nothing_changes() {
        let photo = RgbImage::from_fn(300, 300, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, (x ^ y) as u8]));
        for scale in [0.5, 1.0, 1.9] {
            let face = landmarks(scale, 20.0);
            let usual = aligned_crop(&photo, &face, &Template::ARCFACE).unwrap();
            assert_eq!(shrunk_crop(&photo, &face, &Template::ARCFACE, Minify::Mip).unwrap(), usual);
        }
    }

    #[test]
    fn stripes_finer_than_the_crop_become_gray_and_not_other_stripes() {
        // Four pixels of the photo for each of the crop; stripes of three.
        let photo = RgbImage::from_fn(520, 520, |x, _| Rgb([if x % 3 == 0 { 255 } else { 0 }; 3]));
        let spread = |minify| {
            let crop = shrunk_crop(&photo, &landmarks(4.1, 20.0), &Template::ARCFACE, minify).unwrap();
            let middle = imageops::crop_imm(&crop, 10, 10, 90, 90).to_image();
            middle.as_raw().iter().max().unwrap() - middle.as_raw().iter().min().unwrap()
        };
        assert!(spread(Minify::Mip) < 80, "{}", spread(Minify::Mip));
        assert!(spread(Minify::Bilinear) > 200);
    }

    #[test]
    fn a_smooth_picture_lies_in_the_same_place_either_way() {
        let photo = RgbImage::from_fn(1200, 1200, |x, y| {
            let wave = |k: f32, l: f32| (127.5 + 100.0 * (x as f32 * k + y as f32 * l).sin()) as u8;
            Rgb([wave(0.01, 0.004), wave(-0.006, 0.012), wave(0.009, 0.009)])
        });
        for scale in [2.3, 4.0, 9.1] {
            let face = landmarks(scale, 31.7);
            let [mip, bilinear] = [Minify::Mip, Minify::Bilinear]
                .map(|minify| shrunk_crop(&photo, &face, &Template::ARCFACE, minify).unwrap());
            let worst = mip.as_raw().iter().zip(bilinear.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= 5, "{scale}: {worst}");
        }
    }

    #[test]
    fn faces_beside_the_photo_and_tiny_photos_are_cut() {
        for (width, height) in [(1, 1), (1, 500), (3, 2)] {
            let photo = RgbImage::from_pixel(width, height, Rgb([200; 3]));
            for face in [landmarks(5.0, 0.0), landmarks(5.0, 9_000.0), landmarks(5.0, -9_000.0)] {
                let crop = shrunk_crop(&photo, &face, &Template::ARCFACE, Minify::Mip).unwrap();
                assert_eq!(crop.dimensions(), (112, 112));
            }
        }
    }
}
