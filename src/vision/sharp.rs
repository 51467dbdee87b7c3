//! Where crops of faces are cut from: the one place for enrolling, searching, evaluating, training and embedding anew.
//!
//! Faces are found on a picture that was scaled down. A face that fills a model's template there is cut from it. One that
//! would have to be magnified is cut from the photo's own pixels, at the coarsest scale that fills the template: of a JPEG
//! that is one of the sizes that its decoder gives (1/4, 1/2, 1), of other formats the whole photo, and of either its
//! halves. What a crop looks like hangs on the face and the template alone, but for the difference between the decoder's
//! half and ours.

use std::borrow::Cow;

use image::RgbImage;

use super::align::{AlignError, Similarity, Template};
use super::decode::{DecodeError, OpenPhoto};
use super::minify::{Minify, halved, reach, shrunk_crop};
use crate::types::Landmarks;

/// Magnified by less than this counts as not magnified: finer pixels would not show.
const SLACK: f32 = 1.02;

/// The pixels around a face, fine enough for one template where the photo has them.
#[derive(Debug)]
pub struct Patch<'a> {
    pixels: Cow<'a, RgbImage>,
    /// In pixels of `pixels`.
    landmarks: Landmarks,
    template: Template,
    /// A place of the fitted picture lies at factor·place + shift in `pixels`.
    factor: [f64; 2],
    shift: [f64; 2],
}

/// What a crop is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grounds {
    /// Pixels of the photo that were used for each pixel of the crop along a side, above 0: below 1 the face is magnified.
    pub fineness: f32,
    /// The share of the crop that lies outside the photo, 0…1.
    pub outside: f32,
}

impl OpenPhoto {
    /// Brings as fine a picture to hand as these faces need for these templates: at most one more decoding for all of them,
    /// and none where every face fills the templates.
    ///
    /// `faces` are in pixels of the photo, as detections are kept.
    ///
    /// # Errors
    /// Of decoding.
    pub fn sharpen_for(&mut self, faces: &[Landmarks], templates: &[Template]) -> Result<(), DecodeError> {
        let scale = self.photo.scale;
        let magnified = |face: &Landmarks| {
            let face = face.scaled(scale);
            let onto = templates.iter().filter_map(move |t| Similarity::from_points(&face.0, &t.points).ok());
            onto.map(|onto| onto.scale()).fold(0.0, f32::max)
        };
        let most = faces.iter().map(magnified).fold(0.0, f32::max);
        if most > SLACK { self.refine(f64::from(most / SLACK)) } else { Ok(()) }
    }

    /// What a face's crop is cut from, of the pictures that are at hand; see [`OpenPhoto::sharpen_for`].
    ///
    /// `face` is in pixels of the photo.
    ///
    /// # Errors
    /// Landmarks that fix no similarity.
    pub fn patch(&self, face: &Landmarks, template: &Template) -> Result<Patch<'_>, AlignError> {
        let fitted = face.scaled(self.photo.scale);
        let onto = Similarity::from_points(&fitted.0, &template.points)?;
        let piece = if onto.scale() > SLACK { self.piece(reach(&onto, template)) } else { None };
        let Some(piece) = piece else {
            let pixels = Cow::Borrowed(&self.photo.pixels);
            return Ok(Patch { pixels, landmarks: fitted, template: *template, factor: [1.0; 2], shift: [0.0; 2] });
        };
        let landmarks = mapped(&fitted, piece.factor, piece.shift);
        let scale = Similarity::from_points(&landmarks.0, &template.points)?.scale();
        let (pixels, landmarks, times) = halved(piece.pixels, landmarks, scale / SLACK);
        let part = 0.5f64.powi(times);
        Ok(Patch {
            pixels: Cow::Owned(pixels),
            landmarks,
            template: *template,
            factor: piece.factor.map(|factor| factor * part),
            shift: piece.shift.map(|shift| (shift + 0.5) * part - 0.5),
        })
    }

    /// The crop of a face from the pictures that are at hand.
    ///
    /// # Errors
    /// As [`OpenPhoto::patch`], and a template without a usable size.
    pub fn crop(&self, face: &Landmarks, template: &Template, minify: Minify) -> Result<RgbImage, AlignError> {
        self.patch(face, template)?.crop(minify)
    }

    /// What [`OpenPhoto::crop`] is made of.
    ///
    /// # Errors
    /// As [`OpenPhoto::patch`].
    pub fn grounds(&self, face: &Landmarks, template: &Template) -> Result<Grounds, AlignError> {
        let patch = self.patch(face, template)?;
        let fineness = 1.0 / Similarity::from_points(&patch.landmarks.0, &template.points)?.scale();
        let back = Similarity::from_points(&face.scaled(self.photo.scale).0, &template.points)?.inverse();
        let [right, bottom] = [self.photo.pixels.width(), self.photo.pixels.height()].map(|side| side as f32 - 0.5);
        let inside = |[x, y]: [f32; 2]| x >= -0.5 && y >= -0.5 && x <= right && y <= bottom;
        let [width, height] = template.size;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| [x as f32, y as f32]));
        let outside = places.filter(|&place| !inside(back.apply(place))).count();
        Ok(Grounds { fineness, outside: outside as f32 / (width * height).max(1) as f32 })
    }
}

impl Patch<'_> {
    /// The crop of the template that the patch was made for.
    ///
    /// # Errors
    /// A template without a usable size.
    pub fn crop(&self, minify: Minify) -> Result<RgbImage, AlignError> {
        shrunk_crop(&self.pixels, &self.landmarks, &self.template, minify)
    }

    /// The patch after `change`, which sees its pixels and the face's landmarks on them.
    pub fn changed(&self, change: impl FnOnce(&mut RgbImage, &Landmarks)) -> Patch<'static> {
        let mut pixels = self.pixels.clone().into_owned();
        change(&mut pixels, &self.landmarks);
        let Self { landmarks, template, factor, shift, .. } = *self;
        Patch { pixels: Cow::Owned(pixels), landmarks, template, factor, shift }
    }

    /// The same pixels for a face with these landmarks (pixels of the fitted picture).
    pub fn for_fitted(&self, landmarks: &Landmarks) -> Patch<'_> {
        let landmarks = mapped(landmarks, self.factor, self.shift);
        let Self { template, factor, shift, .. } = *self;
        Patch { pixels: Cow::Borrowed(&self.pixels), landmarks, template, factor, shift }
    }
}

fn mapped(landmarks: &Landmarks, factor: [f64; 2], shift: [f64; 2]) -> Landmarks {
    let along = |v: f32, axis: usize| (f64::from(v) * factor[axis] + shift[axis]) as f32;
    Landmarks(landmarks.0.map(|[x, y]| [along(x, 0), along(y, 1)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::align::aligned_crop;
    use crate::vision::decode::{DecodeParams, encode_jpeg, open_photo, photo_from_pixels};

    const PARAMS: DecodeParams =
        DecodeParams { max_image_side: 400, min_scale: 0.0, max_pixels: 100_000_000, max_file_bytes: 64 << 20 };

    /// Detail of about four pixels, which a picture reduced six times cannot hold.
    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let fine = 60.0 * (x * 1.1).sin() * (y * 0.9).cos();
            let coarse = 60.0 * (x * 0.013 + y * 0.021).sin();
            image::Rgb([fine + coarse, fine - coarse, coarse].map(|v| (127.5 + v) as u8))
        })
    }

    /// A face turned by a little whose eyes are so many pixels apart.
    fn face(eyes: f32, x: f32, y: f32) -> Landmarks {
        let points = Template::ARCFACE.points.map(|[px, py]| [px - 56.0, py - 72.0]);
        let (sin, cos) = 0.2f32.sin_cos();
        let scale = eyes / 35.238;
        Landmarks(points.map(|[px, py]| [x + scale * (cos * px - sin * py), y + scale * (sin * px + cos * py)]))
    }

    fn mean_difference(a: &RgbImage, b: &RgbImage) -> f64 {
        let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.as_raw().len() as f64
    }

    /// Where the store's unit puts the landmarks of the full photo: it scales places of the reduced one as lengths.
    fn as_stored(face: &Landmarks, scale: f32) -> Landmarks {
        Landmarks(face.0.map(|point| point.map(|v| v + 0.5 - 0.5 / scale)))
    }

    #[test]
    fn a_small_face_on_a_large_photo_is_cut_as_from_the_whole_photo() {
        let whole = photo(2_400, 1_800);
        let jpeg = encode_jpeg(&whole, 97).unwrap();
        for (name, mut open) in [
            ("jpeg", open_photo(jpeg, &PARAMS).unwrap()),
            ("pixels", photo_from_pixels(whole.clone(), &PARAMS).unwrap()),
        ] {
            // 60 pixels between the eyes, 10 on the picture of 400.
            let truth = face(60.0, 1_711.3, 642.8);
            let stored = as_stored(&truth, open.photo.scale);
            let before = open.crop(&stored, &Template::ARCFACE, Minify::Mip).unwrap();
            open.sharpen_for(&[stored], &[Template::ARCFACE]).unwrap();
            let crop = open.crop(&stored, &Template::ARCFACE, Minify::Mip).unwrap();
            let expected = aligned_crop(&whole, &truth, &Template::ARCFACE).unwrap();
            let reduced =
                aligned_crop(&open.photo.pixels, &stored.scaled(open.photo.scale), &Template::ARCFACE).unwrap();
            let [sharp, blurred] = [&crop, &reduced].map(|crop| mean_difference(crop, &expected));
            assert!(sharp < 3.0 && blurred > 12.0, "{name}: {sharp} and {blurred} gray levels");
            let grounds = open.grounds(&stored, &Template::ARCFACE).unwrap();
            assert!((grounds.fineness - 60.0 / 35.238).abs() < 0.05 && grounds.outside == 0.0, "{name}: {grounds:?}");
            if name == "jpeg" {
                assert!(mean_difference(&before, &expected) > 8.0, "no finer picture was at hand yet");
            }
        }
    }

    #[test]
    fn a_face_that_fills_the_template_is_cut_from_the_reduced_picture_and_nothing_is_decoded_again() {
        let mut open = open_photo(encode_jpeg(&photo(2_400, 1_800), 90).unwrap(), &PARAMS).unwrap();
        let at_hand = open.fineness();
        let large = face(240.0, 1_200.0, 800.0);
        open.sharpen_for(&[large], &[Template::ARCFACE]).unwrap();
        assert_eq!(open.fineness(), at_hand);
        let reduced = aligned_crop(&open.photo.pixels, &large.scaled(open.photo.scale), &Template::ARCFACE).unwrap();
        assert_eq!(open.crop(&large, &Template::ARCFACE, Minify::Mip).unwrap(), reduced);
    }

    #[test]
    fn what_else_is_on_the_photo_hardly_changes_a_crop() {
        let jpeg = encode_jpeg(&photo(2_400, 1_800), 95).unwrap();
        let [middling, small] = [face(100.0, 700.0, 700.0), face(30.0, 1_900.0, 300.0)];
        let crop = |faces: &[Landmarks]| {
            let mut open = open_photo(jpeg.clone(), &PARAMS).unwrap();
            open.sharpen_for(faces, &[Template::ARCFACE]).unwrap();
            (open.crop(&middling, &Template::ARCFACE, Minify::Mip).unwrap(), open.fineness())
        };
        let ((alone, less), (beside, more)) = (crop(&[middling]), crop(&[middling, small]));
        assert!(more > 1.9 * less);
        assert!(mean_difference(&alone, &beside) < 4.0, "{}", mean_difference(&alone, &beside));
    }

    #[test]
    fn what_lies_outside_the_photo_is_counted_and_black() {
        let mut open = photo_from_pixels(photo(2_400, 1_800), &PARAMS).unwrap();
        // The crop is 190 pixels wide; the middle of the face lies on the left border.
        let cut = face(60.0, 0.0, 800.0);
        open.sharpen_for(&[cut], &[Template::ARCFACE]).unwrap();
        let grounds = open.grounds(&cut, &Template::ARCFACE).unwrap();
        assert!((grounds.outside - 0.5).abs() < 0.06, "{grounds:?}");
        let crop = open.crop(&cut, &Template::ARCFACE, Minify::Mip).unwrap();
        let black = crop.pixels().filter(|pixel| pixel.0 == [0; 3]).count() as f32 / (112.0 * 112.0);
        assert!((black - grounds.outside).abs() < 0.02, "{black} for {grounds:?}");
        let gone = face(60.0, -9_000.0, 800.0);
        assert_eq!(open.grounds(&gone, &Template::ARCFACE).unwrap().outside, 1.0);
        assert!(open.crop(&gone, &Template::ARCFACE, Minify::Mip).unwrap().as_raw().iter().all(|&v| v == 0));
    }

    #[test]
    fn a_changed_patch_is_cut_and_lies_as_before() {
        let mut open = photo_from_pixels(photo(2_400, 1_800), &PARAMS).unwrap();
        for eyes in [60.0, 300.0] {
            let face = face(eyes, 1_200.0, 800.0);
            open.sharpen_for(&[face], &[Template::ARCFACE]).unwrap();
            let patch = open.patch(&face, &Template::ARCFACE).unwrap();
            let usual = patch.crop(Minify::Mip).unwrap();
            let fitted = face.scaled(open.photo.scale);
            assert!(mean_difference(&patch.for_fitted(&fitted).crop(Minify::Mip).unwrap(), &usual) < 0.1);
            let nose = |picture: &mut RgbImage, landmarks: &Landmarks| {
                let [x, y] = landmarks.0[2];
                for (px, py, pixel) in picture.enumerate_pixels_mut() {
                    if (px as f32 - x).hypot(py as f32 - y) < 4.0 {
                        pixel.0 = [255, 0, 255];
                    }
                }
            };
            let crop = patch.changed(nose).crop(Minify::Mip).unwrap();
            assert_eq!(crop.get_pixel(56, 72).0, [255, 0, 255]);
            assert_eq!(crop.get_pixel(40, 52), usual.get_pixel(40, 52));
        }
    }
}
