//! Fills a data folder with made-up faces, for measuring the window: many crops to scroll, and an enrollment left
//! unfinished that the window takes up when it starts. `tests/frames.sh` uses it.
//!
//! `cargo run --example fill_gallery -- DATA_DIR FACES [FOLDER_TO_ENROLL]`

use std::path::PathBuf;

use image::{Rgb, RgbImage};
use likeness::jobs::EnrollRequest;
use likeness::store::{DataDir, EnrolledFace, EnrolledPhoto, FileStat, Gallery, Run};
use likeness::types::{BBox, Detection, DetectorParams, Embedding, Landmarks, Quality};
use likeness::vision::decode::encode_jpeg;

const MODEL: &str = "mobilefacenet-192";
/// Length of its embeddings.
const D: usize = 192;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let usage = "DATA_DIR FACES [FOLDER_TO_ENROLL]";
    let data = DataDir::resolve(Some(&PathBuf::from(arguments.next().ok_or(usage)?)))?;
    let faces: u64 = arguments.next().ok_or(usage)?.to_string_lossy().parse()?;
    let gallery = Gallery::open(&data.gallery_path())?;
    let crops = (0..64).map(crop).collect::<Result<Vec<_>, _>>()?;
    let run = Run::enrollment("fill_gallery");
    for first in (0..faces).step_by(1000) {
        let photos: Vec<EnrolledPhoto> =
            (first..faces.min(first + 1000)).map(|n| photo(n, &crops)).collect::<Result<_, _>>()?;
        gallery.commit(&run, &photos)?;
    }
    if let Some(folder) = arguments.next() {
        let request = EnrollRequest {
            sources: vec![PathBuf::from(folder)],
            subjects_from_folders: false,
            detector: DetectorParams::default(),
            is_retry: false,
        };
        gallery.begin_job("enroll", &serde_json::to_string(&request)?)?;
    }
    gallery.checkpoint()?;
    println!("{:?}", gallery.counts()?);
    Ok(())
}

/// A picture with as much in it as a real crop, so that reading it takes as long.
fn crop(seed: u32) -> Result<Vec<u8>, likeness::vision::decode::DecodeError> {
    let pixel = |x: u32, y: u32| {
        let wave =
            |step: u32| (128.0 + 100.0 * ((x * step + y * (seed % 7 + 1)) as f32 / 23.0 + seed as f32).sin()) as u8;
        Rgb([wave(1), wave(2), wave(3)])
    };
    encode_jpeg(&RgbImage::from_fn(176, 176, pixel), 90)
}

fn photo(n: u64, crops: &[Vec<u8>]) -> Result<EnrolledPhoto, Box<dyn std::error::Error>> {
    let hash = blake3::hash(&n.to_le_bytes());
    let values = hash.as_bytes().iter().cycle().take(D).enumerate();
    let embedding = Embedding::try_from_raw(values.map(|(at, byte)| f32::from(*byte) - 128.0 + at as f32).collect())?;
    let bbox = BBox { x1: 40.0, y1: 40.0, x2: 140.0, y2: 160.0 };
    let landmarks = Landmarks([[70.0, 80.0], [110.0, 80.0], [90.0, 100.0], [75.0, 125.0], [105.0, 125.0]]);
    let face = EnrolledFace {
        detection: Detection { bbox, confidence: 1.0, landmarks },
        quality: Quality::default(),
        crop_jpeg: crops[n as usize % crops.len()].clone(),
        embedding,
        subject: None,
    };
    Ok(EnrolledPhoto {
        path: PathBuf::from(format!("/made-up/photo-{n}.jpg")),
        content_hash: *hash.as_bytes(),
        file: FileStat { bytes: 1, ..FileStat::default() },
        size: [200, 200],
        taken_at: None,
        params_digest: String::new(),
        model: MODEL.to_owned(),
        threshold: 0.907,
        faces: vec![face],
        issue: None,
    })
}
