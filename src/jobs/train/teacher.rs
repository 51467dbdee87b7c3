//! The teacher: any model that can be loaded, and what it makes of every crop.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::imageops::flip_horizontal;

use super::Told;
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError, Pool, cores};
use crate::train::crops::{CropList, CropPack};
use crate::train::targets::Targets;
use crate::types::Embedding;
use crate::vision::embed::Embedder;
use crate::vision::manifest::{ImportRequest, ModelEntry, ModelRegistry};
use crate::vision::minify::Minify;

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
        && entry.verify().is_ok()
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

/// The embedding of every crop and its mirror image by a model, from `folder` where they were computed before.
pub(super) fn targets(
    teacher: &ModelEntry,
    list: &CropList,
    crops: &CropPack,
    folder: &Path,
    stage: &'static str,
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
    let embedder = teacher.load()?;
    let targets = embed_all(&*embedder, crops, stage, control, told)?;
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
    stage: &'static str,
    control: &JobControl,
    told: &Told<'_>,
) -> Result<Targets, JobError> {
    let d = embedder.manifest().d;
    let mut rows = vec![0.0f32; crops.len() * 2 * d];
    let place = AtomicUsize::new(0);
    told.stage(stage, "crop");
    let next = || {
        let first = place.fetch_add(AT_A_TIME, Ordering::Relaxed);
        (first < crops.len()).then(|| first..(first + AT_A_TIME).min(crops.len()))
    };
    let work = |_, some: Range<usize>| -> Result<(Range<usize>, Vec<Embedding>), JobError> {
        let mut pictures = Vec::with_capacity(2 * AT_A_TIME);
        for at in some.clone() {
            let crop = crops.crop(at)?;
            let mirrored = flip_horizontal(&crop);
            pictures.extend([crop, mirrored]);
        }
        Ok((some, embedder.embed(&pictures)?))
    };
    let pool = Pool { name: "teacher", threads: cores(), queue: cores(), control };
    pool.run(next, work, None, |receiver| {
        let mut done = 0;
        for made in receiver {
            let (some, embeddings) = made?;
            for (at, embedding) in embeddings.iter().enumerate() {
                let start = (2 * some.start + at) * d;
                rows[start..start + d].copy_from_slice(embedding.as_slice());
            }
            done += some.len();
            told.count(done as u64, crops.len() as u64);
        }
        Ok(())
    })?;
    control.checkpoint()?;
    Ok(Targets::new(d, rows))
}
