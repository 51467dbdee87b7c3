use image::Rgb;
use proptest::prelude::*;

use super::*;
use crate::vision::align::Template;

/// ArcFace's places on a crop of `side` pixels, turned by `angle` and moved.
fn landmarks(scale: f32, angle: f32, [dx, dy]: [f32; 2]) -> Landmarks {
    let turned = |[x, y]: [f32; 2]| {
        let (x, y) = (x - 56.0, y - 72.0);
        let (sin, cos) = angle.sin_cos();
        [scale * (x * cos - y * sin) + dx, scale * (x * sin + y * cos) + dy]
    };
    Landmarks(Template::ARCFACE.points.map(turned))
}

fn grey(side: u32) -> RgbImage {
    RgbImage::from_pixel(side, side, Rgb([150, 120, 100]))
}

fn differs(picture: &RgbImage, [x, y]: [f32; 2]) -> bool {
    picture.get_pixel(x.round() as u32, y.round() as u32).0 != [150, 120, 100]
}

/// A half-transparent frame around a red block, as a file.
fn picture_file(folder: &Path) -> std::path::PathBuf {
    let picture = image::RgbaImage::from_fn(120, 100, |x, y| {
        let inside = (10..110).contains(&x) && (10..90).contains(&y);
        image::Rgba([220, 20, 20, if inside { 255 } else { 0 }])
    });
    let path = folder.join("block.png");
    picture.save(&path).unwrap();
    path
}

#[test]
fn nose_and_mouth_are_covered_and_the_eyes_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Mask::open(&picture_file(folder.path())).unwrap();
    let cases = [(1.0, 0.0, 112), (1.34, 0.0, 150), (2.1, 0.5, 400), (2.1, -0.9, 400), (0.5, 3.0, 200)];
    for (scale, angle, side) in cases {
        let marks = landmarks(scale, angle, [side as f32 / 2.0, side as f32 * 0.6]);
        for mask in (0..24).map(Mask::drawn).chain([picture.clone()]) {
            let mut covered = grey(side);
            mask.cover(&mut covered, &marks);
            let [left_eye, right_eye, nose, left_mouth, right_mouth] = marks.0;
            let says = format!("{mask:?} at {scale}, {angle}");
            assert!(!differs(&covered, left_eye) && !differs(&covered, right_eye), "an eye is hidden by {says}");
            for place in [nose, left_mouth, right_mouth] {
                assert!(differs(&covered, place), "{place:?} is bare under {says}");
            }
        }
    }
}

#[test]
fn a_turned_face_stays_covered_on_both_sides() {
    for turn in [-9.0f32, 9.0] {
        let mut marks = landmarks(2.0, 0.0, [150.0, 150.0]);
        marks.0[2][0] += 2.0 * turn;
        for seed in 0..12 {
            let mut covered = grey(300);
            Mask::drawn(seed).cover(&mut covered, &marks);
            assert!(marks.0[2..].iter().all(|place| differs(&covered, *place)), "{seed}");
            assert!(!marks.0[..2].iter().any(|place| differs(&covered, *place)), "{seed}");
        }
    }
}

#[test]
fn a_seed_is_a_mask_and_seeds_differ() {
    let cover = |seed| {
        let mut picture = grey(112);
        Mask::drawn(seed).cover(&mut picture, &Landmarks(Template::ARCFACE.points));
        picture
    };
    assert_eq!(cover(7), cover(7));
    let different: std::collections::HashSet<Vec<u8>> = (0..20).map(|seed| cover(seed).into_raw()).collect();
    assert_eq!(different.len(), 20);
}

#[test]
fn landmarks_that_show_no_face_leave_the_picture_as_it_is() {
    let spot = Landmarks([[50.0, 50.0]; 5]);
    let tiny = landmarks(0.05, 0.0, [50.0, 50.0]);
    let not_finite = Landmarks([[f32::NAN, 3.0]; 5]);
    let far = landmarks(1.0, 0.0, [1e30, 50.0]);
    let outside = landmarks(1.0, 0.0, [-4000.0, 50.0]);
    for marks in [spot, tiny, not_finite, far, outside] {
        let mut picture = grey(100);
        Mask::drawn(3).cover(&mut picture, &marks);
        assert!(picture == grey(100), "{marks:?}");
    }
}

#[test]
fn dark_and_grey_photos_get_dark_and_grey_masks() {
    let marks = Landmarks(Template::ARCFACE.points);
    for seed in 0..10 {
        let mean = |level: u8| {
            let mut picture = RgbImage::from_pixel(112, 112, Rgb([level; 3]));
            Mask::drawn(seed).cover(&mut picture, &marks);
            assert!(picture.pixels().all(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2]));
            picture.get_pixel(56, 95).0[0]
        };
        assert!(mean(60) < mean(150), "{seed}");
    }
}

#[test]
fn files_that_are_no_masks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |result: Result<MaskSet, VisionError>| result.unwrap_err().to_string();
    assert!(error(MaskSet::open(&folder.path().join("none"))).contains("none"));
    assert!(error(MaskSet::open(folder.path())).contains("no transparent picture"));
    std::fs::write(folder.path().join("LICENSE"), "words").unwrap();
    assert!(error(MaskSet::open(folder.path())).contains("no transparent picture"));
    picture_file(folder.path());
    assert_eq!(MaskSet::open(folder.path()).unwrap().count(), Some(1));
    let solid = folder.path().join("solid.png");
    RgbImage::new(20, 20).save(&solid).unwrap();
    assert!(error(MaskSet::open(folder.path())).contains("solid.png"));
    std::fs::write(&solid, "words").unwrap();
    assert!(error(MaskSet::open(folder.path())).contains("solid.png"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_way_from_pixels_to_the_face_and_back(
        points in proptest::array::uniform5(proptest::array::uniform2(0f32..200.0)),
        x in -36f64..36.0, y in 52f64..118.0,
    ) {
        if let Some(frame) = FaceFrame::from_landmarks(&Landmarks(points)) {
            let [u, v] = frame.point_of(frame.pixel_of([x, y]));
            prop_assert!((u - x).abs() < 0.2 && (v - y).abs() < 1e-3, "{x} {y} became {u} {v}");
            let mut picture = grey(64);
            Mask::drawn(5).cover(&mut picture, &Landmarks(points));
        }
    }
}
