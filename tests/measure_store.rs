//! How quick the gallery and the index are at the sizes they are made for. Not a test: prints figures.
//!
//! ```text
//! cargo test --test measure_store -- --ignored --nocapture --test-threads=1
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::path::{Path, PathBuf};
use std::time::Instant;

use likeness::index::{FaceIndex, FlatIndex, IndexStore, LoadedIndex, Unwatched, describe, with_threads};
use likeness::store::{
    Change, CommittedPhoto, EnrolledFace, EnrolledPhoto, FileStat, Gallery, Naming, Run, StoreError,
};
use likeness::types::{BBox, Detection, Embedding, FaceId, Landmarks, Quality, SearchParams};

const MODEL: &str = "measure";
const D: usize = 128;

/// Uniform in −0.5…0.5, quick and repeatable.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    /// Like faces: one of 50,000 identities plus a spread.
    fn embedding(&mut self) -> Embedding {
        let mut center = Noise((self.0 % 50_000 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Embedding::try_from_raw((0..D).map(|_| center.next() + 0.4 * self.next()).collect()).unwrap()
    }
}

fn commit(gallery: &Gallery, batch: &[EnrolledPhoto]) -> Result<Vec<CommittedPhoto>, StoreError> {
    Ok(gallery.commit(&Run::enrollment("test"), batch)?.0)
}

fn photo(i: usize, n_faces: usize, crop_bytes: usize, noise: &mut Noise) -> EnrolledPhoto {
    let path = PathBuf::from(format!("/archive/{:04}/photo-{i:07}.jpg", i / 500));
    let faces = (0..n_faces).map(|f| EnrolledFace {
        detection: Detection {
            bbox: BBox { x1: f as f32 * 200.0, y1: 10.0, x2: f as f32 * 200.0 + 90.0, y2: 120.0 },
            confidence: 0.99,
            landmarks: Landmarks([[1.0, 2.0]; 5]),
        },
        quality: Quality::default(),
        crop_jpeg: vec![(i % 251) as u8; crop_bytes],
        embedding: noise.embedding(),
        subject: None,
    });
    EnrolledPhoto {
        content_hash: *blake3::hash(&i.to_le_bytes()).as_bytes(),
        file: FileStat { bytes: 3_000_000, ..FileStat::default() },
        size: [4000, 3000],
        taken_at: None,
        issue: None,
        params_digest: "0123456789abcdef".to_owned(),
        model: MODEL.to_owned(),
        threshold: 0.5,
        faces: faces.collect(),
        path,
    }
}

fn timed<T>(what: &str, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = f();
    println!("{what}: {:.3} s", start.elapsed().as_secs_f64());
    value
}

fn enroll(path: &Path, photos: usize, batch: usize, faces: impl Fn(usize) -> usize, crop_bytes: usize) -> Gallery {
    let gallery = Gallery::open(path).unwrap();
    let mut noise = Noise(42);
    let mut millis = Vec::new();
    for start in (0..photos).step_by(batch) {
        let batch: Vec<_> = (start..start + batch).map(|i| photo(i, faces(i), crop_bytes, &mut noise)).collect();
        let begun = Instant::now();
        commit(&gallery, &batch).unwrap();
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let total: f64 = millis.iter().sum();
    millis.sort_by(f64::total_cmp);
    println!(
        "commit: {photos} photos in batches of {batch}: {:.0} photos/s; per batch p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        photos as f64 / total * 1e3,
        millis[millis.len() / 2],
        millis[millis.len() * 99 / 100],
        millis[millis.len() - 1]
    );
    gallery
}

#[test]
#[ignore = "prints figures; takes about a minute"]
fn enroll_50_000_photos() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    let gallery = enroll(&path, 49_984, 64, |i| 1 + i % 2, 6000);
    timed("find_photo_by_path × 10,000", || {
        for i in (0..50_000).step_by(5) {
            gallery.find_photo_by_path(&photo(i, 0, 0, &mut Noise(1)).path).unwrap();
        }
    });
    let ids = timed("face_ids", || gallery.face_ids().unwrap());
    timed("faces × 1,000", || gallery.faces(&ids[..1000]).unwrap());
    timed("crop × 1,000", || ids[..1000].iter().for_each(|&id| drop(gallery.crop(id).unwrap())));
    timed("counts × 1,000", || (0..1000).for_each(|_| assert_eq!(gallery.counts().unwrap().photos, 49_984)));
    timed("redo of 64 photos", || {
        let batch: Vec<_> = (0..64).map(|i| photo(i, 1 + i % 2, 6000, &mut Noise(7))).collect();
        commit(&gallery, &batch).unwrap()
    });
    timed("checkpoint", || gallery.checkpoint().unwrap());
    timed("damages (integrity check)", || assert!(gallery.damages().unwrap().is_empty()));
    println!("file: {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    drop(gallery);
    timed("reopen and count", || Gallery::open(&path).unwrap().counts().unwrap());
}

#[test]
#[ignore = "prints figures; takes a minute"]
fn changes_of_100_000_faces() {
    let dir = tempfile::tempdir().unwrap();
    let gallery = enroll(&dir.path().join("gallery.sqlite"), 25_000, 1000, |_| 4, 3000);
    let faces = gallery.face_ids().unwrap();
    let photos: Vec<_> = gallery.photos_of_faces().unwrap().into_iter().map(|(_, photo)| photo).collect();
    let who = Naming::Name("Ada".to_owned());
    timed("name 1 of 100,000", || {
        gallery.change("ada", &Change::Name { faces: faces[..1].to_vec(), who: who.clone() }).unwrap()
    });
    timed("undo it", || gallery.undo("ada", None).unwrap());
    timed("name 100,000", || gallery.change("ada", &Change::Name { faces: faces.clone(), who }).unwrap());
    timed("undo it", || gallery.undo("ada", None).unwrap());
    timed("redo it", || gallery.redo("ada").unwrap());
    let mut photos = photos;
    photos.dedup();
    timed("take out 25,000 photos with 100,000 faces", || {
        gallery.change("ada", &Change::RemovePhotos(photos)).unwrap()
    });
    timed("undo it", || gallery.undo("ada", None).unwrap());
    timed("history", || gallery.history(200, None).unwrap());
    timed("undoable", || gallery.undoable().unwrap());
}

#[test]
#[ignore = "prints figures; takes a few minutes and 3 GB of disk"]
fn a_million_faces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    let gallery = enroll(&path, 250_000, 1000, |_| 4, 100);
    timed("checkpoint", || gallery.checkpoint().unwrap());
    drop(gallery);
    println!("file: {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    let gallery = timed("reopen", || Gallery::open(&path).unwrap());
    timed("face_ids", || gallery.face_ids().unwrap());
    timed("embedding_ids", || gallery.embedding_ids(MODEL).unwrap());
    let mut sum = 0.0;
    timed("for_each_embedding", || {
        let walk = gallery.for_each_embedding(MODEL, |_, values| {
            sum += values[0];
            Ok::<(), StoreError>(())
        });
        walk.unwrap();
    });
    println!("(sum {sum})");

    let index = FlatIndex::new(D).unwrap();
    timed("gallery to index, in chunks of 10,000", || {
        let (mut ids, mut embeddings) = (Vec::new(), Vec::new());
        let walk = gallery.for_each_embedding(MODEL, |id, values| {
            ids.push(id);
            embeddings.push(Embedding::try_from_raw(values.to_vec()).unwrap());
            if ids.len() == 10_000 {
                index.add(&ids, &embeddings).unwrap();
                ids.clear();
                embeddings.clear();
            }
            Ok::<(), StoreError>(())
        });
        walk.unwrap();
    });
}

#[test]
#[ignore = "prints figures; takes a minute, 2 GB of memory and 1 GB of disk"]
fn an_index_of_a_million() {
    let dir = tempfile::tempdir().unwrap();
    let index = FlatIndex::new(D).unwrap();
    let mut noise = Noise(42);
    for start in (0..1_000_000).step_by(10_000) {
        let ids: Vec<_> = (start..start + 10_000).map(FaceId).collect();
        index.add(&ids, &ids.iter().map(|_| noise.embedding()).collect::<Vec<_>>()).unwrap();
    }
    measure_index(dir.path(), &index);
}

fn measure_index(dir: &Path, index: &FlatIndex) {
    println!("{}; ntotal {}", describe(), index.ntotal());
    let mut noise = Noise(7);
    let probes: Vec<_> = (0..50).map(|_| noise.embedding()).collect();
    index.search(&probes[0], 20).unwrap();
    let mut millis: Vec<_> = probes
        .iter()
        .map(|probe| {
            let start = Instant::now();
            index.search(probe, 20).unwrap();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    println!("search, one probe, k 20: p50 {:.1} ms, max {:.1} ms", millis[25], millis[49]);
    for threads in [1, 2] {
        timed(&format!("search, 50 probes at once, {threads} threads"), || {
            with_threads(threads, || index.search_batch(&probes, 20)).unwrap()
        });
    }
    let store = IndexStore::open(&dir.join("index")).unwrap();
    timed("publish", || store.publish(index, MODEL, SearchParams::default(), &Unwatched).unwrap());
    let (loaded, _) = timed("load", || store.load_current(MODEL, D).unwrap().unwrap());
    let LoadedIndex::Flat(loaded) = loaded else { panic!("a flat index was published") };
    let faces = loaded.ids();
    timed("remove 100 faces", || loaded.remove(&faces[..100]).unwrap());
    timed("add 100 faces", || {
        let ids: Vec<_> = (0..100).map(|i| FaceId(10_000_000 + i)).collect();
        loaded.add(&ids, &(0..100).map(|_| noise.embedding()).collect::<Vec<_>>()).unwrap();
    });
}
