//! Building the trained part of an index into a folder, in steps that can be watched and stopped.

use std::path::Path;
use std::time::Instant;

use super::IndexError;
use super::exact_store::StoreWriter;
use super::faiss::{Native, OmpThreads};
use super::files::{checksum_of, missing_or_io, sync_file, write_synced};
use super::id_map::IdMap;
use super::lsh::LshPrefilter;
use super::names::{IDS_FILE, LSH_CODES_FILE, LSH_FILE, NATIVE_FILE, ORDER_FILE, VECTORS_FILE};
use super::raw::RawVectors;
use super::record::{BuildRecord, Built};
use super::trained::{TrainedIndex, is_scored_exactly, store_precision};
use super::watch::{BuildWatch, ticking};
use crate::types::{Codes, FaceId, IndexSpec, Pretransform, Structure};

/// Rows handed to Faiss at once: the time until it is asked whether to go on.
const CHUNK: usize = 8192;

/// Training rows for each list; k-means gains little from more.
const ROWS_PER_LIST: usize = 64;

/// Training rows that quantisers and transforms want.
const ROWS_FOR_CODES: usize = 65_536;

/// Rows on which the quantisation error is measured.
const ROWS_FOR_ERROR: usize = 2000;

/// Builds an index of `raw` in `dir`, which must exist and be empty. `threads` are used for training and adding.
///
/// Rows are put in the `order` given, each once; without one, those of an index with lists in the order of the lists: so
/// the exact vectors that one search looks at lie near each other.
///
/// # Errors
/// [`IndexError::Spec`] and [`IndexError::TooFewToTrain`] before any work; [`IndexError::Interrupted`];
/// [`IndexError::DiskFull`]. What was written stays for the caller to delete.
pub(super) fn build(
    raw: &RawVectors,
    order: Option<Vec<u32>>,
    spec: &IndexSpec,
    dir: &Path,
    threads: usize,
    watch: &dyn BuildWatch,
) -> Result<Built, IndexError> {
    let begun = Instant::now();
    let d = raw.d();
    spec.validate(d)?;
    let needed = rows_needed(spec);
    if raw.len() < needed {
        return Err(IndexError::TooFewToTrain { spec: spec.clone(), needed, found: raw.len() });
    }
    let _threads = OmpThreads::enter(threads);
    let mut native = match is_scored_exactly(spec) {
        true => None,
        false => Some(new_native(spec, d)?),
    };
    let mut train_rows = 0;
    let mut train_error = None;
    if let Some(native) = &mut native
        && spec.is_trained()
    {
        watch.progress("Training", 0, 0);
        let sample = training_sample(raw, rows_wanted(spec).min(raw.len()));
        train_rows = sample.len() / d;
        native.train(&sample, watch.interrupt())?;
        let few = sample.len().min(ROWS_FOR_ERROR * d);
        train_error = native.quantisation_error(&sample[..few], spec.codes == Codes::F32);
        watch.checkpoint()?;
    }
    let order = match order {
        Some(order) => order,
        None => order_by_list(raw, native.as_ref(), spec, watch)?,
    };
    if let Some(native) = &mut native {
        add_in_order(raw, &order, native, watch)?;
        watch.progress("Writing", 0, 0);
        native.write(&dir.join(NATIVE_FILE))?;
        sync_file(&dir.join(NATIVE_FILE))?;
    }
    let faces: Vec<FaceId> = order.iter().map(|&at| raw.ids()[at as usize]).collect();
    IdMap::write(&dir.join(IDS_FILE), &dir.join(ORDER_FILE), &faces)?;
    if let Some(precision) = store_precision(spec) {
        let path = dir.join(VECTORS_FILE);
        let mut writer = StoreWriter::create(&path, precision)?;
        for (number, &at) in order.iter().enumerate() {
            if number.is_multiple_of(CHUNK) {
                watch.checkpoint()?;
                watch.progress("Writing exact vectors", number, order.len());
            }
            writer.write(raw.row(at as usize))?;
        }
        writer.finish()?;
    }
    if let Some(nbits) = spec.lsh_nbits {
        build_lsh(raw, &order, nbits, dir, watch)?;
    }
    let record = BuildRecord {
        spec: spec.clone(),
        d,
        ntotal: raw.len(),
        build_secs: begun.elapsed().as_secs_f32(),
        train_rows,
        ntotal_at_training: raw.len(),
        train_error,
        data_digest: raw.digest().to_owned(),
    };
    Ok(Built { dir: dir.to_path_buf(), record })
}

/// Takes the faces of `later` into a copy of the files of an index, without training anything anew, in `dir`. Faces that are gone
/// stay in it. `built` says how and where `old` was built.
///
/// # Errors
/// As [`build`].
pub(super) fn extend(
    old: &TrainedIndex,
    built: &Built,
    later: &RawVectors,
    dir: &Path,
    threads: usize,
    watch: &dyn BuildWatch,
) -> Result<Built, IndexError> {
    let begun = Instant::now();
    let (spec, old_dir, before) = (old.spec(), &built.dir, &built.record);
    let _threads = OmpThreads::enter(threads);
    let order: Vec<u32> = (0..later.len() as u32).collect();
    if !is_scored_exactly(spec) {
        watch.progress("Loading", 0, 0);
        let mut native = Native::read(&old_dir.join(NATIVE_FILE), false)?;
        add_in_order(later, &order, &mut native, watch)?;
        watch.progress("Writing", 0, 0);
        native.write(&dir.join(NATIVE_FILE))?;
        sync_file(&dir.join(NATIVE_FILE))?;
    }
    let mut faces: Vec<FaceId> = old.ids().faces().collect();
    faces.extend_from_slice(later.ids());
    IdMap::write(&dir.join(IDS_FILE), &dir.join(ORDER_FILE), &faces)?;
    if let Some(precision) = store_precision(spec) {
        let path = dir.join(VECTORS_FILE);
        let from = old_dir.join(VECTORS_FILE);
        let bytes = std::fs::metadata(&from).map_or(0, |file| file.len());
        let mut tick = ticking(watch, "Copying exact vectors", bytes, old.ntotal());
        let mut writer = StoreWriter::append_to_copy(&from, &path, precision, &mut tick)?;
        writer.write(later.values())?;
        writer.finish()?;
    }
    if let Some(nbits) = spec.lsh_nbits {
        let native = Native::read(&old_dir.join(LSH_FILE), false)?;
        let mut codes =
            std::fs::read(old_dir.join(LSH_CODES_FILE)).map_err(|e| missing_or_io(&old_dir.join(LSH_CODES_FILE), e))?;
        codes.extend(native.lsh_codes(later.values(), nbits as usize / 8)?);
        native.write(&dir.join(LSH_FILE))?;
        sync_file(&dir.join(LSH_FILE))?;
        write_synced(&dir.join(LSH_CODES_FILE), &codes)?;
    }
    let record = BuildRecord {
        ntotal: faces.len(),
        build_secs: before.build_secs + begun.elapsed().as_secs_f32(),
        data_digest: checksum_of(format!("{}{}", before.data_digest, later.digest()).as_bytes()),
        ..before.clone()
    };
    Ok(Built { dir: dir.to_path_buf(), record })
}

fn new_native(spec: &IndexSpec, d: usize) -> Result<Native, IndexError> {
    let is_l2 = matches!(spec.pretransform, Pretransform::Pca { .. });
    let ef_construction = match spec.structure {
        Structure::Hnsw { ef_construction, .. } => ef_construction,
        Structure::Flat | Structure::Ivf { .. } => IndexSpec::EF_CONSTRUCTION,
    };
    Native::new(d, &spec.factory(), is_l2, ef_construction)
}

/// Fewer than this cannot be trained on.
fn rows_needed(spec: &IndexSpec) -> usize {
    if is_scored_exactly(spec) && spec.lsh_nbits.is_none() {
        return 0;
    }
    let lists = spec.nlist().unwrap_or(0) as usize;
    let codes = match spec.codes {
        Codes::F32 | Codes::F16 => 1,
        Codes::Sq8 | Codes::RaBitQ => 2,
        Codes::Pq { .. } => 256,
        Codes::PqFastScan { .. } => 16,
    };
    let transform = match spec.pretransform {
        Pretransform::None => 0,
        Pretransform::Pca { d_out } | Pretransform::Opq { d_out, .. } => d_out as usize,
    };
    let hashes = if spec.lsh_nbits.is_some() { 2 } else { 0 };
    lists.max(codes).max(transform).max(hashes)
}

fn rows_wanted(spec: &IndexSpec) -> usize {
    (spec.nlist().unwrap_or(0) as usize * ROWS_PER_LIST).max(ROWS_FOR_CODES)
}

/// `n` rows spread evenly over all, the same ones every time.
fn training_sample(raw: &RawVectors, n: usize) -> Vec<f32> {
    let mut sample = Vec::with_capacity(n * raw.d());
    for number in 0..n {
        // In 128 bits, so that ten million times a million fit.
        let at = (number as u128 * raw.len() as u128 / n as u128) as usize;
        sample.extend_from_slice(raw.row(at));
    }
    sample
}

/// By list where there are lists and exact vectors, else as they came.
fn order_by_list(
    raw: &RawVectors,
    native: Option<&Native>,
    spec: &IndexSpec,
    watch: &dyn BuildWatch,
) -> Result<Vec<u32>, IndexError> {
    let mut order: Vec<u32> = (0..raw.len() as u32).collect();
    let Some(native) = native.filter(|_| spec.nlist().is_some() && store_precision(spec).is_some()) else {
        return Ok(order);
    };
    let mut lists = Vec::with_capacity(raw.len());
    for rows in raw.values().chunks(CHUNK * raw.d()) {
        watch.checkpoint()?;
        watch.progress("Assigning to lists", lists.len(), raw.len());
        lists.extend(native.assign(rows)?);
    }
    order.sort_by_key(|&at| lists[at as usize]);
    Ok(order)
}

fn add_in_order(
    raw: &RawVectors,
    order: &[u32],
    native: &mut Native,
    watch: &dyn BuildWatch,
) -> Result<(), IndexError> {
    let mut values = Vec::with_capacity(CHUNK * raw.d());
    for (number, chunk) in order.chunks(CHUNK).enumerate() {
        watch.checkpoint()?;
        watch.progress("Adding", number * CHUNK, order.len());
        values.clear();
        chunk.iter().for_each(|&at| values.extend_from_slice(raw.row(at as usize)));
        native.add(&values, watch.interrupt())?;
    }
    Ok(())
}

fn build_lsh(
    raw: &RawVectors,
    order: &[u32],
    nbits: u32,
    dir: &Path,
    watch: &dyn BuildWatch,
) -> Result<(), IndexError> {
    let mut native = Native::new(raw.d(), &LshPrefilter::factory(nbits), true, IndexSpec::EF_CONSTRUCTION)?;
    watch.progress("Training the prefilter", 0, 0);
    native.train(&training_sample(raw, ROWS_FOR_CODES.min(raw.len())), watch.interrupt())?;
    native.write(&dir.join(LSH_FILE))?;
    sync_file(&dir.join(LSH_FILE))?;
    let code_bytes = nbits as usize / 8;
    let mut codes = Vec::with_capacity(raw.len() * code_bytes);
    let mut values = Vec::with_capacity(CHUNK * raw.d());
    for (number, chunk) in order.chunks(CHUNK).enumerate() {
        watch.checkpoint()?;
        watch.progress("Hashing", number * CHUNK, order.len());
        values.clear();
        chunk.iter().for_each(|&at| values.extend_from_slice(raw.row(at as usize)));
        codes.extend(native.lsh_codes(&values, code_bytes)?);
    }
    write_synced(&dir.join(LSH_CODES_FILE), &codes)
}
