//! The detector against facenet-pytorch 2.6.0, an independent implementation on the same weights.
//!
//! `cargo test --release --test mtcnn_golden -- --ignored --nocapture` also compares all reference photos and times
//! the detector (the two need `LIKENESS_ASSETS`).

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use likeness::types::{Detection, DetectorParams};
use likeness::vision::mtcnn::Mtcnn;
use likeness::vision::{runtime, weights_dir};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Bounds of the agreement: pixels for boxes and landmarks, and confidence.
const MAX_PIXELS: f32 = 1.0;
const MAX_CONFIDENCE: f32 = 1e-3;

#[derive(Deserialize)]
struct Photo {
    place: String,
    name: String,
    pixels: String,
    min_face_size: f32,
    faces: Vec<Face>,
}

#[derive(Clone, Copy, Deserialize)]
struct Face {
    bbox: [f32; 4],
    confidence: f32,
    landmarks: [[f32; 2]; 5],
}

#[derive(Deserialize)]
struct LfwLine {
    image: String,
    #[serde(flatten)]
    face: Face,
}

fn mtcnn() -> Mtcnn {
    runtime::set_threads(1);
    Mtcnn::load(&weights_dir().join("mtcnn")).expect("the detector's weights")
}

fn assets() -> Option<PathBuf> {
    let assets = std::env::var_os("LIKENESS_ASSETS").map(PathBuf::from);
    if assets.is_none() {
        println!("skipped: LIKENESS_ASSETS is not set");
    }
    assets
}

fn samples_dir() -> PathBuf {
    weights_dir().parent().expect("a folder above the weights").join("samples")
}

/// JPEG by libjpeg-turbo, which the reference's Pillow uses too, so that both see the same pixels.
fn decode(path: &Path) -> RgbImage {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{e}: {}", path.display()));
    if bytes.starts_with(&[0xff, 0xd8]) {
        let image = turbojpeg::decompress(&bytes, turbojpeg::PixelFormat::RGB).expect("a sound JPEG");
        assert_eq!(image.pitch, image.width * 3);
        RgbImage::from_raw(image.width as u32, image.height as u32, image.pixels).expect("all pixels")
    } else {
        image::load_from_memory(&bytes).expect("a sound photo").to_rgb8()
    }
}

fn sha256(image: &RgbImage) -> String {
    Sha256::digest(image.as_raw()).iter().map(|b| format!("{b:02x}")).collect()
}

/// Largest differences of box and landmarks (pixels) and of confidence.
fn differences(ours: &Detection, theirs: &Face) -> (f32, f32) {
    let b = ours.bbox;
    let edges = [b.x1, b.y1, b.x2, b.y2].into_iter().zip(theirs.bbox);
    let points = ours.landmarks.0.into_iter().flatten().zip(theirs.landmarks.into_iter().flatten());
    let pixels = edges.chain(points).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    (pixels, (ours.confidence - theirs.confidence).abs())
}

/// Of the differences to every found face, the smallest.
fn nearest(found: &[Detection], face: &Face) -> Option<(f32, f32)> {
    found.iter().map(|d| differences(d, face)).min_by(|a, b| a.0.total_cmp(&b.0))
}

fn check_photos(place: &str, folder: &Path) {
    let photos: Vec<Photo> = serde_json::from_str(include_str!("data/mtcnn_samples.json")).expect("reference results");
    let mtcnn = mtcnn();
    let (mut faces, mut worst) = (0, (0.0f32, 0.0f32));
    for photo in photos.iter().filter(|p| p.place == place) {
        let image = decode(&folder.join(&photo.name));
        assert_eq!(sha256(&image), photo.pixels, "{} was decoded to other pixels than the reference saw", photo.name);
        let params = DetectorParams { min_face_size: photo.min_face_size, ..Default::default() };
        let found = mtcnn.detect(&image, &params).expect("a result");
        assert_eq!(found.len(), photo.faces.len(), "faces in {} at {}", photo.name, photo.min_face_size);
        assert!(found.is_sorted_by(|a, b| a.confidence >= b.confidence));
        for face in &photo.faces {
            let (pixels, confidence) = nearest(&found, face).expect("a face");
            worst = (worst.0.max(pixels), worst.1.max(confidence));
            assert!(pixels <= MAX_PIXELS && confidence <= MAX_CONFIDENCE, "{}: {pixels} px, {confidence}", photo.name);
            faces += 1;
        }
    }
    assert!(faces > 0, "no reference results for {place}");
    println!("{place}: {faces} faces agree; at most {} px and {} of confidence apart", worst.0, worst.1);
}

#[test]
fn sample_photos_agree_with_the_reference() {
    check_photos("samples", &samples_dir());
}

#[test]
fn group_photos_agree_with_the_reference() {
    let Some(assets) = assets() else { return };
    check_photos("group", &assets.join("data/group"));
}

/// Share of the LFW reference's main faces that are found within the bounds, over every `step`th photo.
fn lfw_share(assets: &Path, step: usize) -> f64 {
    let lfw = assets.join("data/lfw");
    let text = fs::read_to_string(lfw.join("mtcnn_reference.jsonl")).expect("the LFW reference");
    let mtcnn = mtcnn();
    let params = DetectorParams { min_face_size: 60.0, ..Default::default() };
    let (mut count, mut agree, mut worst) = (0, 0, (0.0f32, 0.0f32));
    for line in text.lines().step_by(step) {
        let line: LfwLine = serde_json::from_str(line).expect("a line of the LFW reference");
        let found = mtcnn.detect(&decode(&lfw.join("images").join(&line.image)), &params).expect("a result");
        count += 1;
        match nearest(&found, &line.face) {
            Some((pixels, confidence)) if pixels <= MAX_PIXELS && confidence <= MAX_CONFIDENCE => {
                agree += 1;
                worst = (worst.0.max(pixels), worst.1.max(confidence));
            }
            other => println!("{} differs: {other:?}", line.image),
        }
    }
    println!("LFW: {agree} of {count} main faces agree; those at most {} px and {} apart", worst.0, worst.1);
    f64::from(agree) / f64::from(count)
}

#[test]
fn a_sample_of_lfw_agrees_with_the_reference() {
    let Some(assets) = assets() else { return };
    // Measured 2026-11-23: 152 of 153. What differs has several boxes of the same confidence, see `boxes::Ties`.
    assert!(lfw_share(&assets, 25) >= 0.98);
}

#[test]
#[ignore = "looks at 3,811 photos"]
fn all_of_lfw_agrees_with_the_reference() {
    let Some(assets) = assets() else { return };
    // Measured 2026-11-23: 3,801 of 3,811.
    assert!(lfw_share(&assets, 1) >= 0.995);
}

#[test]
fn threads_get_the_same_faces() {
    let mtcnn = mtcnn();
    let image = decode(&samples_dir().join("obama.jpg"));
    let params = DetectorParams::default();
    let expected = mtcnn.detect(&image, &params).expect("a result");
    assert!(!expected.is_empty());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2 {
                    assert_eq!(mtcnn.detect(&image, &params).expect("a result"), expected);
                }
            });
        }
    });
}

/// Processor time of this process so far, which other programs on the machine disturb less than the clock on the wall.
#[allow(unsafe_code)] // the clock of this process is only in libc
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place to write to.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[test]
#[ignore = "measures time; tests/reference/mtcnn_speed.py does the same with the reference"]
fn speed() {
    let Some(assets) = assets() else { return };
    let mtcnn = mtcnn();
    let lfw = assets.join("data/lfw");
    let text = fs::read_to_string(lfw.join("mtcnn_reference.jsonl")).expect("the LFW reference");
    let lines = text.lines().step_by(76).take(50);
    let names = lines.map(|l| serde_json::from_str::<LfwLine>(l).expect("a line").image);
    let small: Vec<_> = names.map(|name| decode(&lfw.join("images").join(name))).collect();
    let mut large = Vec::new();
    for entry in fs::read_dir(samples_dir()).expect("sample photos") {
        let image = decode(&entry.expect("a sample photo").path());
        let scale = 1600.0 / image.width().max(image.height()) as f32;
        let sides = [image.width(), image.height()].map(|side| (side as f32 * scale).round() as u32);
        large.push(image::imageops::resize(&image, sides[0], sides[1], image::imageops::FilterType::Triangle));
    }
    for (name, photos) in [("50 LFW photos of 250×250", small), ("samples at 1,600 pixels", large)] {
        let run = || {
            let start = cpu_seconds();
            let faces: usize =
                photos.iter().map(|p| mtcnn.detect(p, &DetectorParams::default()).expect("a result").len()).sum();
            ((cpu_seconds() - start) * 1e3 / photos.len() as f64, faces)
        };
        let first = run();
        let best = (0..5).map(|_| run().0).fold(f64::INFINITY, f64::min);
        println!("{name}: {:.2} ms of processor a photo the first time, {best:.2} at best; {} faces", first.0, first.1);
    }
}
