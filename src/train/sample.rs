//! Made-up faces and runs for tests.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::{Rgb, RgbImage};

use super::augment::{AugmentSpec, Augmenter, mixed};
use super::crops::{CropList, CropPack, PackWriter, PhotoEntry};
use super::loader::{Face, Orders, Source};
use super::losses::ClassLoss;
use super::optimizer::OptimizerSpec;
use super::precision::Precision;
use super::schedule::Decay;
use super::spec::{Objective, Plan, RunSpec, TrainPart};
use crate::types::{DetectorParams, Landmarks};
use crate::vision::align::Template;
use crate::vision::embed::Preprocessor;
use crate::vision::manifest::{Architecture, InputSpec};

/// Held by every test that draws from the library's generator, which all threads share: without it, one test's numbers
/// would depend on what others draw at the same time.
pub fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn landmarks() -> Landmarks {
    Landmarks(Template::ARCFACE.points)
}

/// A drawn face of `person`, 112×112: skin, hair, eyes and mouth are the person's, light and place the view's.
pub fn face(person: usize, view: usize) -> RgbImage {
    let of = |what: u64, low: f32, high: f32| {
        low + (high - low) * (mixed(person as u64, what) >> 40) as f32 / (1u64 << 24) as f32
    };
    let by_view = |what: u64, span: f32| {
        let seed = mixed((person * 1000 + view) as u64, what + 100);
        span * ((seed >> 40) as f32 / (1u64 << 24) as f32 - 0.5)
    };
    let skin = [0, 1, 2].map(|c| of(c, 70.0, 240.0));
    let hair = [3, 4, 5].map(|c| of(c, 10.0, 200.0));
    let (eyes, mouth, width) = (of(6, 4.0, 9.0), of(7, 8.0, 22.0), of(8, 36.0, 46.0));
    let (dx, dy, light) = (by_view(0, 4.0), by_view(1, 4.0), by_view(2, 40.0));
    RgbImage::from_fn(112, 112, |x, y| {
        let (x, y) = (x as f32 - dx, y as f32 - dy);
        let oval = |cx: f32, cy: f32, a: f32, b: f32| ((x - cx) / a).powi(2) + ((y - cy) / b).powi(2) < 1.0;
        let colour = if oval(38.3, 51.7, eyes, eyes * 0.6) || oval(73.5, 51.5, eyes, eyes * 0.6) {
            [20.0; 3]
        } else if oval(56.0, 92.3, mouth, 5.0) {
            [170.0, 50.0, 60.0]
        } else if oval(56.0, 64.0, width, 50.0) {
            skin
        } else {
            hair
        };
        Rgb(colour.map(|value| (value + light).clamp(0.0, 255.0) as u8))
    })
}

/// Entries of `views` photos of each of `people` persons, named as in LFW.
pub fn photo_entries(people: usize, views: usize) -> Vec<PhotoEntry> {
    let of = |i: usize| PhotoEntry {
        path: format!("P{0}/P{0}_{1:04}.jpg", i / views, i % views + 1),
        bytes: 1,
        mtime_millis: 0,
        ctime_millis: None,
        landmarks: Some(landmarks()),
        issue: None,
        may_pass: false,
    };
    (0..people * views).map(of).collect()
}

/// A crop set of drawn faces in `folder`.
pub fn crop_set(folder: &Path, people: usize, views: usize) -> (CropPack, CropList) {
    let list = CropList::write(folder, DetectorParams::default(), photo_entries(people, views)).unwrap();
    let mut writer = PackWriter::create(folder, &Template::ARCFACE.into()).unwrap();
    (0..people * views).for_each(|i| writer.push(&face(i / views, i % views)).unwrap());
    writer.finish(&list).unwrap();
    (CropPack::open(folder, &list, &Template::ARCFACE.into()).unwrap(), list)
}

pub fn source(folder: &Path, people: usize, views: usize, batch: usize, augment: AugmentSpec) -> Source {
    let (crops, _) = crop_set(folder, people, views);
    let face = |crop: usize| Face { crop, landmarks: landmarks(), label: (crop / views) as i64 };
    Source {
        faces: (0..crops.len()).map(face).collect(),
        crops,
        augmenter: Augmenter::new(augment).unwrap(),
        preprocessor: Preprocessor::new(&InputSpec::ARCFACE, tch::Device::Cpu),
        targets: None,
        batch,
        seed: 7,
        orders: Orders::default(),
    }
}

/// ArcFace on a small MobileFaceNet.
pub fn spec(folder: &Path) -> RunSpec {
    RunSpec {
        name: "trial".to_owned(),
        photos: folder.join("photos"),
        crops: folder.join("crops"),
        architecture: Architecture::MobileFaceNet,
        form: None,
        d: 32,
        part: TrainPart::All,
        min_photos: 1,
        plan: Plan {
            epochs: 4,
            batch: 6,
            accumulate: 1,
            learning_rate: 0.002,
            warm_up: 0.0,
            decay: Decay::Cosine,
            max_gradient: 5.0,
            precision: Precision::Fp32,
            seed: 7,
            optimizer: OptimizerSpec::adamw(0.01),
        },
        objective: Objective {
            regression: 0.0,
            relational: 0.0,
            class_weight: 1.0,
            class: ClassLoss::ArcFace { scale: 16.0, margin: 0.3 },
        },
        augment: AugmentSpec::none(),
        detector: DetectorParams::default(),
        hold_out: None,
        duplicates: None,
        from: None,
        teacher: None,
        input: InputSpec::ARCFACE,
        half: false,
    }
}
