//! The teacher: any model that can be loaded, and what it makes of every crop.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use image::imageops::flip_horizontal;

use super::Told;
use crate::jobs::engine::Engine;
use crate::jobs::work::JobControl;
use crate::jobs::work::JobError;
use crate::train::crops::{CropList, CropPack};
use crate::train::targets::Targets;
use crate::vision::embed::{self, Embedder};
use crate::vision::manifest::{ImportRequest, ModelEntry, ModelRegistry};
use crate::vision::minify::Minify;
use crate::vision::runtime;

/// Crops that a thread embeds at a time, each twice.
const AT_A_TIME: usize = 16;

/// The installed model called `name`, or the model in the file of that path.
///
/// A file is tried and copied as an import would, below `folder`, so that every kind of file can teach.
///
/// # Errors
/// No model of that name and no such file; a file that is no model.
pub(super) fn find_model(engine: &Engine, name: &str, folder: &Path) -> Result<ModelEntry, JobError> {
    let installed = engine.with_models(|models| models.find(name).cloned());
    let file = Path::new(name);
    if installed.is_ok() || !file.is_file() {
        return Ok(installed?);
    }
    let mut models = ModelRegistry::open(folder)?;
    let request = ImportRequest::from_file(file);
    if let Ok(entry) = models.find(&request.name).cloned()
        && ModelRegistry::verify(&entry).is_ok()
        && entry.weights_path.starts_with(folder)
        && same_length(file, &entry.weights_path)
    {
        return Ok(entry);
    }
    Ok(models.import(file, &request)?.clone())
}

fn same_length(a: &Path, b: &Path) -> bool {
    let length = |path: &Path| std::fs::metadata(path).map(|m| m.len()).ok();
    length(a).is_some() && length(a) == length(b)
}

/// The teacher's embedding of every crop and its mirror image, from `folder` where they were computed before.
pub(super) fn targets(
    teacher: &ModelEntry,
    list: &CropList,
    crops: &CropPack,
    folder: &Path,
    control: &JobControl,
    told: &Told<'_>,
) -> Result<Targets, JobError> {
    let manifest = &teacher.manifest;
    let sum = weights_digest(teacher)?;
    let input = serde_json::to_string(&manifest.input).unwrap_or_default();
    // Earlier versions cut every crop in the usual way, whatever the manifest said.
    let how = if manifest.input.minify == Minify::default() { "" } else { " cut as it says" };
    let key = format!("{sum} {input}{how} {} {}", manifest.d, list.digest_text());
    let path = folder.join(format!("targets-{}.bin", &blake3::hash(key.as_bytes()).to_hex()[..12]));
    if let Some(targets) = Targets::read(&path, &key, crops.len()) {
        return Ok(targets);
    }
    let embedder = embed::load(teacher)?;
    let targets = embed_all(&*embedder, crops, control, told)?;
    targets.write(&path, &key)?;
    Ok(targets)
}

/// The manifest's checksum, or a digest of the files where it states none.
fn weights_digest(model: &ModelEntry) -> Result<String, JobError> {
    if let Some(sum) = &model.manifest.sha256 {
        return Ok(sum.clone());
    }
    let mut hasher = blake3::Hasher::new();
    for path in model.files() {
        let read = std::fs::File::open(&path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
        read.map_err(|reason| JobError::Io { reason, path })?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// With a thread a core, each with one thread an operator.
fn embed_all(
    embedder: &dyn Embedder,
    crops: &CropPack,
    control: &JobControl,
    told: &Told<'_>,
) -> Result<Targets, JobError> {
    let d = embedder.manifest().d;
    let rows = Mutex::new(vec![0.0f32; crops.len() * 2 * d]);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let first_error = Mutex::new(None);
    told.stage("Embedding by the teacher", "crop");
    let work = || -> Result<(), JobError> {
        runtime::set_threads(1);
        loop {
            control.checkpoint()?;
            let first = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            if first >= crops.len() {
                return Ok(());
            }
            let some = first..(first + AT_A_TIME).min(crops.len());
            let mut pictures = Vec::with_capacity(2 * AT_A_TIME);
            for at in some.clone() {
                let crop = crops.crop(at)?;
                let mirrored = flip_horizontal(&crop);
                pictures.extend([crop, mirrored]);
            }
            let embeddings = embedder.embed(&pictures)?;
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            for (at, embedding) in embeddings.iter().enumerate() {
                let start = (2 * first + at) * d;
                rows[start..start + d].copy_from_slice(embedding.as_slice());
            }
            drop(rows);
            let done = done.fetch_add(some.len(), Ordering::Relaxed) + some.len();
            told.count(done as u64, crops.len() as u64);
        }
    };
    std::thread::scope(|scope| {
        for number in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let run = || {
                if let Err(error) = work() {
                    // The others find no more work.
                    next.store(crops.len(), Ordering::Relaxed);
                    first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            };
            let thread = std::thread::Builder::new().name(format!("teacher-{number}")).spawn_scoped(scope, run);
            thread.map_err(|error| JobError::Worker(error.to_string()))?;
        }
        Ok::<(), JobError>(())
    })?;
    match first_error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(Targets::new(d, rows.into_inner().unwrap_or_else(PoisonError::into_inner))),
    }
}
