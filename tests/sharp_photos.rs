//! Faces of known pixels at known places in a photo of 24 megapixels: each is found, and embedded as if its own pixels were
//! the photo.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::Path;

use image::RgbImage;
use image::imageops::{self, FilterType};
use likeness::jobs::{AnalyzedFace, Engine, Mode};
use likeness::types::{BBox, DetectorParams, Effort, Quality};
use likeness::vision::decode::encode_jpeg;
use support::{json_lines, likeness, samples};

const SIZE: [u32; 2] = [6000, 4000];
/// Sample photos and how wide they lie in the scene: the faces are 60 to 150 pixels high there.
const TILES: [(&str, u32, [u32; 2]); 6] = [
    ("obama.jpg", 220, [301, 207]),
    ("biden.jpg", 220, [5_500, 3_700]),
    ("obama2.jpg", 260, [2_811, 1_913]),
    ("obama.jpg", 380, [4_417, 333]),
    ("biden.jpg", 330, [611, 2_907]),
    ("obama2.jpg", 480, [2_503, 3_001]),
];

/// Hills without detail under a grain that repeats: quick to make.
fn background() -> RgbImage {
    let tile = RgbImage::from_fn(500, 500, |x, y| {
        let grain = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77)).wrapping_mul(0x2c1b_3c6d) >> 29;
        let hill = (x as f32 * 0.01257).sin() * (y as f32 * 0.01257).cos() * 40.0;
        image::Rgb([110.0, 120.0, 100.0].map(|v| (v + hill) as u8 + grain as u8))
    });
    let rows: Vec<Vec<u8>> = tile.rows().map(|row| row.flat_map(|pixel| pixel.0).collect()).collect();
    let pixels = (0..SIZE[1]).flat_map(|y| rows[y as usize % 500].repeat(SIZE[0] as usize / 500)).collect();
    RgbImage::from_raw(SIZE[0], SIZE[1], pixels).unwrap()
}

fn tiles() -> Vec<(RgbImage, [u32; 2])> {
    let tile = |(name, width, at): (&str, u32, [u32; 2])| {
        let photo = image::open(samples().join(name)).unwrap().to_rgb8();
        let height = width * photo.height() / photo.width();
        let small = imageops::resize(&photo, width, height, FilterType::Triangle);
        (small, [at[0].min(SIZE[0] - width), at[1].min(SIZE[1] - height)])
    };
    TILES.into_iter().map(tile).collect()
}

fn faces(engine: &Engine, photo: &Path, params: &DetectorParams) -> Vec<AnalyzedFace> {
    engine.analyze(engine.decode_probe(photo, params).unwrap(), params).unwrap().faces
}

#[test]
fn faces_on_a_large_photo_are_found_and_embedded_as_their_own_pixels_are() {
    let home = tempfile::tempdir().unwrap();
    let mut scene = background();
    let tiles = tiles();
    for (tile, at) in &tiles {
        imageops::replace(&mut scene, tile, i64::from(at[0]), i64::from(at[1]));
    }
    let album = home.path().join("album");
    std::fs::create_dir(&album).unwrap();
    let photo = album.join("large.jpg");
    std::fs::write(&photo, encode_jpeg(&scene, 95).unwrap()).unwrap();
    let summary = json_lines(likeness(home.path()).arg("enroll").arg(&album)).pop().unwrap();
    assert_eq!((summary["photos"].as_u64(), summary["faces"].as_u64()), (Some(1), Some(TILES.len() as u64)));

    let engine = Engine::open(Some(home.path()), Mode::Read, None).unwrap();
    let params = DetectorParams::default();
    assert_eq!(params.effort, Effort::Thorough);
    let found = faces(&engine, &photo, &params);
    assert_eq!(found.len(), TILES.len());
    for ((tile, at), (name, width, _)) in tiles.iter().zip(TILES) {
        let own = home.path().join("tile.png");
        tile.save(&own).unwrap();
        let alone = faces(&engine, &own, &params);
        let [alone] = alone.as_slice() else { panic!("{} faces on {name} by itself", alone.len()) };
        let [x, y] = at.map(|v| v as f32);
        let BBox { x1, y1, x2, y2 } = alone.detection.bbox;
        let place = BBox { x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y };
        let there: Vec<_> = found.iter().filter(|face| face.detection.bbox.iou(&place) > 0.6).collect();
        let [there] = there.as_slice() else { panic!("{} faces where {name} lies", there.len()) };
        let alike = there.embedding.score(&alone.embedding);
        println!(
            "{name} {width} wide: cosine {alike:.4}, quality {:.2} and {:.2}",
            there.quality.score, alone.quality.score
        );
        assert!(alike >= 0.99, "{name} {width} wide: {alike}");
        assert!((there.quality.size - alone.quality.size).abs() < 0.1, "{:?} and {:?}", there.quality, alone.quality);
    }

    // What is enrolled is what a probe of the same photo gives.
    let enrolled = engine.gallery().find_photo_by_path(&photo).unwrap().unwrap();
    for face in engine.gallery().faces_of_photo(enrolled.id).unwrap() {
        let vector = engine.embedding_of(face.id).unwrap();
        let best = found.iter().map(|found| found.embedding.score(&vector)).fold(-1.0, f32::max);
        assert!(best > 0.999, "{best}");
    }
}

/// The largest face's quality; `None` where none is found.
fn quality(engine: &Engine, folder: &Path, picture: &RgbImage) -> Option<Quality> {
    let file = folder.join("judged.png");
    picture.save(&file).unwrap();
    let faces = faces(engine, &file, &DetectorParams::default());
    faces
        .into_iter()
        .max_by(|a, b| a.detection.bbox.area().total_cmp(&b.detection.bbox.area()))
        .map(|face| face.quality)
}

#[test]
fn faces_upside_down_and_faces_cut_by_the_border_are_worth_less() {
    let home = tempfile::tempdir().unwrap();
    let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    let (mut turned_over, mut cut_off) = (0, 0);
    for name in ["obama.jpg", "biden.jpg", "obama2.jpg", "obama3.jpg"] {
        let photo = image::open(samples().join(name)).unwrap().to_rgb8();
        let photo = imageops::resize(&photo, 420, 420 * photo.height() / photo.width(), FilterType::Triangle);
        let Some(usual) = quality(&engine, home.path(), &photo) else { continue };
        if let Some(turned) = quality(&engine, home.path(), &imageops::rotate180(&photo)) {
            println!("{name}: {:.2}, upside down {:.2} ({turned:?})", usual.score, turned.score);
            assert!(turned.score < 0.7 * usual.score, "{name}: {turned:?} for {usual:?}");
            turned_over += 1;
        }
        let file = home.path().join("whole.png");
        photo.save(&file).unwrap();
        let all = faces(&engine, &file, &DetectorParams::default());
        let face = all.iter().max_by(|a, b| a.detection.bbox.area().total_cmp(&b.detection.bbox.area())).unwrap();
        let bbox = face.detection.bbox;
        let height = (bbox.y2 - 0.3 * bbox.height()) as u32;
        let cut = imageops::crop_imm(&photo, 0, 0, photo.width(), height.min(photo.height())).to_image();
        if let Some(cut) = quality(&engine, home.path(), &cut) {
            println!("{name}: {:.2}, cut {:.2} ({cut:?})", usual.score, cut.score);
            assert!(cut.score < 0.85 * usual.score && cut.size < 0.7, "{name}: {cut:?} for {usual:?}");
            cut_off += 1;
        }
    }
    assert!(turned_over > 0 && cut_off > 1, "{turned_over} and {cut_off} were found");
}
