#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::index::with_hook;
use crate::store::{EnrolledFace, EnrolledPhoto, FileStat, Run};
use crate::types::{BBox, Detection, Embedding, Landmarks, Quality};

fn open(dir: &Path, mode: Mode) -> Arc<Engine> {
    let config = dir.join("config");
    let options = OpenOptions { data_dir: Some(dir), config_dir: Some(&config), ..OpenOptions::new(mode) };
    Arc::new(Engine::open_with(&options).unwrap())
}

/// Fails where `work` waits for this thread.
fn at_once<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = crossbeam_channel::bounded(16);
    let thread = std::thread::Builder::new().spawn(move || sender.send(work()));
    thread.unwrap();
    receiver.recv_timeout(Duration::from_secs(20)).expect("it waits")
}

#[test]
fn searches_go_on_while_the_network_is_loaded() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path(), Mode::Write);
    if let Some(problem) = &engine.read_active().entry.problem {
        println!("skipped: {}", problem.plain());
        return;
    }
    let asked = Arc::clone(&engine);
    let hook = move |name: &'static str| {
        if name == "network loaded" {
            let engine = Arc::clone(&asked);
            let query = SearchQuery {
                embedding: Embedding::try_from_raw(vec![1.0; engine.manifest().d]).unwrap(),
                exclude: None,
                k: 5,
                threshold: 0.0,
                filter: None,
                range: false,
            };
            assert!(at_once(move || engine.search(&query)).unwrap().candidates.is_empty());
        }
    };
    with_hook(hook, || engine.embedder()).unwrap();
}

/// Between the loading of its index and the first look of its follower a reader misses nothing.
#[test]
fn what_another_writes_before_it_is_followed_is_taken_in() {
    let home = tempfile::tempdir().unwrap();
    drop(open(home.path(), Mode::Write));
    let data = DataDir::resolve(Some(home.path())).unwrap();
    let lock = data.try_lock().unwrap();
    let reader = open(home.path(), Mode::WriteIfFree);
    let writer = Gallery::open(&data.gallery_path()).unwrap();
    let manifest = reader.manifest();
    let face = EnrolledFace {
        detection: Detection {
            bbox: BBox { x1: 0.0, y1: 0.0, x2: 100.0, y2: 100.0 },
            confidence: 0.9,
            landmarks: Landmarks::default(),
        },
        quality: Quality::default(),
        crop_jpeg: Vec::new(),
        embedding: Embedding::try_from_raw(vec![1.0; manifest.d]).unwrap(),
        subject: None,
    };
    let photo = EnrolledPhoto {
        path: "/photos/1.jpg".into(),
        content_hash: [1; 32],
        file: FileStat { bytes: 1000, ..FileStat::default() },
        size: [800, 600],
        taken_at: None,
        issue: None,
        params_digest: "1".to_owned(),
        model: manifest.name,
        threshold: 0.5,
        faces: vec![face],
    };
    writer.commit(&Run::enrollment("test"), &[photo]).unwrap();
    assert_eq!(reader.ntotal(), 0);
    let (sender, receiver) = crossbeam_channel::bounded(16);
    let follower = Follower::spawn(&reader, move |followed| {
        let _ = sender.send(followed);
    })
    .unwrap();
    assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok(Followed::Changed));
    assert_eq!(reader.ntotal(), 1);
    drop((follower, lock));
}
