//! Milliseconds of processor time a face on one thread (it counts no waiting for other programs). `cargo test --release --test embed_speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

#[path = "common/synthetic.rs"]
#[expect(dead_code, reason = "only its pictures are used here")]
mod synthetic;

use std::path::{Path, PathBuf};
use std::time::Instant;

use likeness::vision::embed::Embedder;
use likeness::vision::manifest::{ImportRequest, ModelRegistry};
use likeness::vision::runtime;

/// Processor time of this thread.
#[allow(unsafe_code)] // the clock of this thread is only in libc
fn thread_millis() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct it is given and keeps no pointer to it.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The best of several runs, since other work on the machine only adds.
fn millis_per_face(embedder: &dyn Embedder, batch: u32, runs: usize) -> f64 {
    let [width, height] = embedder.manifest().input.template.size;
    let crops: Vec<_> = (0..batch).map(|seed| synthetic::crop(width, height, seed)).collect();
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let begun = thread_millis();
        embedder.embed(&crops).unwrap();
        best = best.min((thread_millis() - begun) / f64::from(batch));
    }
    best
}

/// `LIKENESS_SPEED_MODELS` names further weights files to import and time, with `:` between them.
#[test]
#[ignore = "a measurement, not a test"]
fn millis_per_face_of_each_model() {
    runtime::set_threads(1);
    println!("{}", runtime::describe());
    let folder = tempfile::tempdir().unwrap();
    let mut registry = ModelRegistry::open(folder.path()).unwrap();
    let files: Vec<PathBuf> =
        std::env::var_os("LIKENESS_SPEED_MODELS").map(|v| std::env::split_paths(&v).collect()).unwrap_or_default();
    for file in &files {
        let request = ImportRequest { may_run_code: true, ..ImportRequest::from_file(Path::new(file)) };
        registry.import(file, &request).unwrap();
    }
    for entry in registry.entries() {
        let begun = Instant::now();
        let embedder = entry.load().unwrap();
        let load = begun.elapsed().as_millis();
        let [one, sixteen] = [(1, 20), (16, 3)].map(|(n, runs)| millis_per_face(embedder.as_ref(), n, runs));
        println!("{}: load {load} ms, alone {one:.1} ms, in a batch of 16 {sixteen:.1} ms a face", entry.manifest.name);
    }
}
