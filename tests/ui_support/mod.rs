//! Made-up states of the program for tests of the window and for pictures of it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use likeness::types::Telling;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{Rgb, RgbImage};
use likeness::app::{
    AppState, Candidate, DetailView, Evidence, FaceView, IssueView, JobKind, JobState, JobView, Load, ModelView,
    Notice, NoticeLevel, PhotoView, Picture, Screen, SearchView, Status, Trial,
};
use likeness::types::{
    BBox, Detection, DetectionTrace, DetectorParams, FaceId, JobId, Landmarks, PhotoId, Quality, ScoredBox, SubjectId,
    SubjectName, SubjectRecord,
};

/// A crop that can be told from others: a plain face on a ground of its own colour.
pub fn drawn_crop(seed: u64) -> Picture {
    let ground = [seed * 53 % 160 + 40, seed * 91 % 160 + 40, seed * 37 % 160 + 40].map(|v| v as u8);
    Arc::new(RgbImage::from_fn(112, 112, |x, y| {
        let (dx, dy) = ((x as f32 - 56.0) / 38.0, (y as f32 - 60.0) / 48.0);
        let eye = |cx: f32| (x as f32 - cx).hypot(y as f32 - 52.0) < 5.0;
        if eye(38.0) || eye(74.0) {
            Rgb([30, 30, 40])
        } else if dx * dx + dy * dy < 1.0 {
            Rgb([224, 186, 160])
        } else {
            Rgb(ground)
        }
    }))
}

/// Crops of real faces where the evaluation photos are at hand, drawn ones elsewhere.
pub fn crops(count: usize) -> Vec<Picture> {
    let mut crops: Vec<Picture> = Vec::new();
    if let Some(assets) = std::env::var_os("LIKENESS_ASSETS") {
        let mut folders: Vec<PathBuf> = std::fs::read_dir(Path::new(&assets).join("data/lfw/images"))
            .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
            .unwrap_or_default();
        folders.sort();
        for folder in folders.iter().step_by((folders.len() / count.max(1)).max(1)).take(count) {
            let photo = std::fs::read_dir(folder).ok().and_then(|mut photos| photos.next()?.ok());
            let Some(image) = photo.and_then(|photo| image::open(photo.path()).ok()) else { continue };
            let face = image.crop_imm(70, 66, 112, 112).to_rgb8();
            crops.push(Arc::new(face));
        }
    }
    crops.extend((crops.len()..count).map(|i| drawn_crop(i as u64)));
    crops
}

pub fn quality(score: f32) -> Quality {
    Quality { score, size: 0.9, sharpness: 0.62, pose: 0.47, exposure: 0.81, confidence: 0.999 }
}

/// A person of this name; the same one for the same name.
pub fn person(name: &str) -> SubjectName {
    let id = name.bytes().fold(0_i64, |id, byte| (id * 31 + i64::from(byte)) % 1_000_003);
    SubjectName { id: SubjectId(id), name: name.to_owned() }
}

/// Everybody, with one face each.
pub fn people(names: &[&str]) -> Vec<SubjectRecord> {
    let record = |name: &&str| {
        let SubjectName { id, name } = person(name);
        SubjectRecord { id, name, external_id: None, note: None, faces: 1 }
    };
    names.iter().map(record).collect()
}

/// A person as the list of everybody has them.
pub fn record(id: i64, name: &str, external_id: Option<&str>, note: Option<&str>, faces: u64) -> SubjectRecord {
    let [external_id, note] = [external_id, note].map(|text| text.map(str::to_owned));
    SubjectRecord { id: SubjectId(id), name: name.to_owned(), external_id, note, faces }
}

/// An open face of this person, with four people known, two of whom are called Ada.
pub fn person_detail(subject: Option<SubjectName>) -> AppState {
    let mut state = detail("/nowhere/a.jpg", [200.0, 80.0, 400.0, 330.0], Load::Nothing);
    if let Some(Load::Ready(photo)) = state.detail.as_mut().map(|detail| &mut detail.photo) {
        photo.faces[0].subject = subject;
    }
    state.subjects = vec![
        record(1, "Ada Berg", None, None, 7),
        record(2, "Ada", Some("A-7"), None, 12),
        record(3, "Ada", None, Some("the aunt"), 1),
        record(4, "Bob", None, None, 3),
    ];
    state.subjects_version = 1;
    state
}

pub fn face(id: Option<i64>, bbox: [f32; 4], subject: Option<&str>, crop: Option<Picture>) -> FaceView {
    let [x1, y1, x2, y2] = bbox;
    let (w, h) = (x2 - x1, y2 - y1);
    let at = |fx: f32, fy: f32| [x1 + w * fx, y1 + h * fy];
    FaceView {
        id: id.map(FaceId),
        bbox: BBox { x1, y1, x2, y2 },
        landmarks: Landmarks([at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.78), at(0.66, 0.78)]),
        quality: quality(0.74),
        subject: subject.map(person),
        crop,
    }
}

/// A photo of `path` with these faces; drawn where the file is not there.
pub fn photo(path: &str, faces: Vec<FaceView>) -> PhotoView {
    let pixels = image::open(path).map_or_else(
        |_| RgbImage::from_fn(640, 480, |x, y| Rgb([(x / 4) as u8, (y / 3) as u8, 120])),
        |image| image.to_rgb8(),
    );
    PhotoView {
        path: Some(PathBuf::from(path)),
        scale: 1.0,
        size: [pixels.width(), pixels.height()],
        pixels: Arc::new(pixels),
        taken_at: Some("2019-07-03T14:05:00".to_owned()),
        faces,
        id: Some(PhotoId(77)),
        evidence: Evidence::Same,
        partly_read: None,
    }
}

pub fn job(id: i64, title: &str, state: JobState) -> JobView {
    JobView {
        id: JobId(id),
        kind: JobKind::Enroll,
        unit: "photo",
        title: title.into(),
        stage: "Detecting and embedding".into(),
        done: 1_204,
        total: Some(3_000),
        faces: 4_120,
        skipped: 12,
        issues: 3,
        per_sec: 18.24,
        elapsed_secs: 66.0,
        secs_left: Some(98.5),
        state,
        summary: None,
    }
}

pub fn status() -> Status {
    Status {
        photos: 48_210,
        faces: 112_903,
        subjects: 3_554,
        generation: Some(17),
        model: "dlib-resnet-v1".to_owned(),
        device: "CPU, 2 cores, AVX-512".into(),
        memory_bytes: 812_000_000,
        data_dir: PathBuf::from("/home/ana/.local/share/likeness/gallery"),
        starting: false,
        read_only: None,
    }
}

pub fn models() -> Vec<ModelView> {
    let model = |name: &str, title: &str, d, threshold, active, problem: Option<&str>| ModelView {
        name: name.to_owned(),
        title: title.to_owned(),
        d,
        licence: "CC0 1.0, public domain".to_owned(),
        source: "dlib_face_recognition_resnet_model_v1, Davis King 2017, trained on about three million faces"
            .to_owned(),
        threshold,
        active,
        problem: problem.map(Telling::from),
        architecture: if name.starts_with("dlib") { "dlib-resnet" } else { "torchscript" }.to_owned(),
        size: if name.starts_with("dlib") { [150, 150] } else { [112, 112] },
        mean: [127.5; 3],
        std: [127.5; 3],
        template: [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]],
        digest: Some("55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30".to_owned()),
        weights: PathBuf::from(format!("/home/ana/.local/share/likeness/gallery/models/{name}/weights.pt")),
        bytes: if problem.is_some() { 0 } else { 22_466_066 },
        imported: !name.starts_with("dlib"),
        manifest: format!("name = \"{name}\"\n"),
        embedded: Some(if active { 112_903 } else { 0 }),
        stored_bytes: if active { 119_000_000 } else { 0 },
        speed: None,
        notes: None,
        bgr: false,
    };
    vec![
        model("dlib-resnet-v1", "dlib ResNet, 29 convolutions", 128, 0.9, true, None),
        model("edgeface-xs", "EdgeFace-XS", 512, 0.225, false, None),
        model(
            "arcface-r50",
            "ArcFace IR-ResNet-50",
            512,
            0.3,
            false,
            Some("The weights are not there: import a .safetensors file with `likeness models import`."),
        ),
    ]
}

/// An empty gallery that is ready.
pub fn empty(screen: Screen) -> AppState {
    AppState {
        screen,
        models: models(),
        status: Status { photos: 0, faces: 0, subjects: 0, generation: None, ..status() },
        ..AppState::default()
    }
}

/// `count` faces of which the newest `with_crops` have their crops.
pub fn gallery(count: usize, with_crops: usize) -> AppState {
    let mut state = AppState { status: status(), models: models(), ..AppState::default() };
    state.faces = (1..=count as i64).map(FaceId).collect();
    let pictures = crops(with_crops.min(400));
    for (i, &face) in state.faces.iter().rev().take(with_crops).enumerate() {
        state.crops.insert(face, Arc::clone(&pictures[i % pictures.len()]));
    }
    state
}

pub fn issues() -> Vec<IssueView> {
    let long = "/home/ana/Pictures/Archive of the family since nineteen hundred and twelve/Scans/second box/\
                IMG_20190703_140500_a_very_long_name_that_nobody_would_type (copy 2).jpeg";
    [
        ("/home/ana/Pictures/Holiday/DSC_0192.jpg", "The file ends in the middle of the picture (truncated JPEG)."),
        (long, "The picture is 30,000 \u{d7} 30,000 pixels; at most 200 megapixels are decoded."),
        ("/home/ana/Pictures/notes.jpg", "This is no picture: the file holds text."),
        ("/home/ana/Pictures/empty.png", "The file is empty (0 bytes)."),
    ]
    .map(|(path, reason)| IssueView { path: PathBuf::from(path), reason: reason.into() })
    .to_vec()
}

pub fn trial() -> Trial {
    let boxes = |count: usize, spread: f32| {
        (0..count)
            .map(|i| {
                let (x, y) = ((i * 37 % 500) as f32, (i * 61 % 380) as f32);
                let side = 40.0 + (i % 7) as f32 * spread;
                ScoredBox {
                    bbox: BBox { x1: x, y1: y, x2: x + side, y2: y + side },
                    confidence: 0.6 + 0.001 * i as f32,
                }
            })
            .collect()
    };
    let found = face(None, [220.0, 90.0, 400.0, 330.0], None, None);
    Trial {
        params: DetectorParams::default(),
        trace: DetectionTrace {
            pnet: boxes(140, 12.0),
            rnet: boxes(18, 20.0),
            onet: vec![ScoredBox { bbox: found.bbox, confidence: 0.999 }],
            detections: vec![Detection { bbox: found.bbox, confidence: 0.999, landmarks: found.landmarks }],
        },
        millis: 184.0,
    }
}

/// A gallery with the newest face open.
pub fn detail(path: &str, bbox: [f32; 4], trial: Load<Trial>) -> AppState {
    let mut state = gallery(2_400, 60);
    let id = 2_400;
    let crop = state.crops.find(FaceId(id)).cloned();
    let faces = vec![face(Some(id), bbox, Some("Barack Obama"), crop)];
    state.detail = Some(DetailView { face: FaceId(id), photo: Load::Ready(photo(path, faces)), trial });
    state
}

/// A search with `count` candidates of falling score.
pub fn search(path: &str, faces: Vec<FaceView>, count: usize) -> AppState {
    let mut state = gallery(2_400, 200);
    state.screen = Screen::Search;
    let names = ["Barack Obama", "Joe Biden", "Maximiliane Schmidt-Oberhuber von der Hohen Warte zu Bergkirchen", ""];
    let candidates = (0..count)
        .map(|i| Candidate {
            rank: i + 1,
            face: FaceId(2_400 - i as i64),
            score: 0.962 - 0.013 * i as f32,
            quality: 0.5 + 0.02 * (i % 20) as f32,
            subject: Some(names[i % names.len()]).filter(|name| !name.is_empty()).map(person),
            missing: false,
            photo: PathBuf::from(format!("/home/ana/Pictures/2019/Summer/IMG_{:04}_original_full_size.jpg", 410 + i)),
            taken_at: (i % 3 != 2).then(|| format!("20{:02}-0{}-12T09:30:00", 10 + i % 10, 1 + i % 9)),
        })
        .collect();
    state.search = SearchView {
        probe: Load::Ready(photo(path, faces)),
        candidates: Load::Ready(candidates),
        search_millis: 3.42,
        probe_millis: 218.0,
        threshold: 0.6,
        ..SearchView::default()
    };
    state
}

pub fn notices() -> Vec<Notice> {
    [
        (NoticeLevel::Info, "The index was rebuilt from the gallery: 112,903 faces in 4 s."),
        (
            NoticeLevel::Error,
            "The disk is full: the last batch of 64 photos was not stored. Free some space and retry.",
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (level, text))| Notice {
        id: i as u64,
        level,
        text: text.into(),
        at: 1_700_000_000_000,
        times: 1,
        undo: None,
    })
    .collect()
}

/// What the Tune screen shows, filled with plausible values.
pub mod tune;

/// What the Models screen shows, filled with plausible values.
pub mod model_states;

/// The window driven by label.
pub mod window;

/// Every screen in every state.
pub mod roster;
pub mod screens;

/// What assistive technology is told.
pub mod access;
