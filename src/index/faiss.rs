//! The only file that speaks to Faiss.

#![allow(unsafe_code, reason = "asks the C++ side what it was built for and bounds its OpenMP threads")]

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use faiss::selector::IdSelector;
use faiss::{ConcurrentIndex, Idx, Index, MetricType};

use super::{FaceIndex, Hit, IndexError, by_rank, check_added, check_dimensions};
use crate::types::{Embedding, FaceId};

/// Longest embedding that is taken; far above any model's, far below where sizes overflow.
const MAX_D: usize = 65_536;

/// Embeddings handed to Faiss at once, so that a large `add` needs no second copy of everything.
const ADD_CHUNK: usize = 16_384;

/// Probes from which Faiss multiplies matrices instead of going through the rows once per probe
/// (`distance_compute_blas_threshold`). A thread with fewer is not worth its start.
const PROBES_PER_THREAD: usize = 20;

/// What Faiss puts before the rows in a file, in bytes.
const FILE_HEADER: u64 = 45;

/// Threads for one batch of probes; 0 for one per core.
static THREADS: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" {
    // From libgomp, which Faiss is linked with.
    fn omp_get_max_threads() -> c_int;
    fn omp_set_num_threads(n: c_int);
    // From faiss_options.cpp.
    fn likeness_faiss_options(out: *mut c_char, capacity: usize);
    fn likeness_faiss_version(out: *mut c_char, capacity: usize);
}

/// How many threads a batch of probes may be shared out to, for the whole process; 0 is one per core.
///
/// The threads are our own and Faiss runs on one in each. Its OpenMP teams wait for each other by spinning, which
/// ruins both sides where the cores are busy with an enrollment: 50 probes among a million faces took 29 s with two
/// OpenMP threads and under 1 s with one (two cores, load 13, 2026-11-23). A single probe is searched on the calling
/// thread.
pub fn set_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}

/// Version, instruction set and threads, for the log: "Faiss 1.12.0, AVX2, 2 threads".
pub fn describe() -> String {
    let options = text_from_native(likeness_faiss_options);
    let words = options.split_whitespace().filter(|word| *word != "OPTIMIZE").collect::<Vec<_>>().join(" ");
    let built = if words == "GENERIC" { "generic instructions (several times slower than AVX2)" } else { &words };
    let optimised = if options.contains("OPTIMIZE") { "" } else { ", not optimised" };
    format!("Faiss {}, {built}{optimised}, {} threads", text_from_native(likeness_faiss_version), threads())
}

fn text_from_native(fill: unsafe extern "C" fn(*mut c_char, usize)) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the function writes at most `buffer.len()` bytes.
    unsafe { fill(buffer.as_mut_ptr().cast(), buffer.len()) };
    CStr::from_bytes_until_nul(&buffer).map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

/// Keeps the calling thread's OpenMP regions to that thread while it lives; what tch was told there comes back after.
struct OneThread {
    before: c_int,
}

impl OneThread {
    fn enter() -> Self {
        // SAFETY: both calls only read and write the calling thread's OpenMP settings.
        unsafe {
            let before = omp_get_max_threads();
            omp_set_num_threads(1);
            Self { before }
        }
    }
}

impl Drop for OneThread {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { omp_set_num_threads(self.before) };
    }
}

/// Faiss `Flat` with inner product: compares the probe with every embedding.
///
/// Many threads may search at once; `add` and `remove` wait for them. Which face stands at which row is kept here
/// rather than in Faiss' `IDMap`, because the crate offers no shared search on an `IDMap` that was read from a file.
pub struct FlatIndex {
    d: usize,
    rows: RwLock<Rows>,
}

struct Rows {
    flat: faiss::FlatIndex,
    /// The face of each row.
    ids: Vec<FaceId>,
    known: HashSet<FaceId>,
}

impl std::fmt::Debug for FlatIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlatIndex").field("d", &self.d).field("ntotal", &self.ntotal()).finish()
    }
}

impl FlatIndex {
    /// An empty index for embeddings of length `d`.
    ///
    /// # Errors
    /// [`IndexError::InvalidDimension`].
    pub fn new(d: usize) -> Result<Self, IndexError> {
        if !(1..=MAX_D).contains(&d) {
            return Err(IndexError::InvalidDimension { d, max: MAX_D });
        }
        let flat = faiss::FlatIndex::new(d as u32, MetricType::InnerProduct).map_err(native)?;
        Ok(Self { d, rows: RwLock::new(Rows { flat, ids: Vec::new(), known: HashSet::new() }) })
    }

    /// Writes the rows to `path` in Faiss' own format and returns the faces in the order of the rows. Searches go on
    /// meanwhile.
    pub(super) fn write(&self, path: &Path) -> Result<Vec<FaceId>, IndexError> {
        let text = path.to_str().ok_or_else(|| IndexError::PathNotUtf8 { path: path.to_path_buf() })?;
        let rows = self.rows();
        faiss::write_index(&rows.flat, text).map_err(|e| match native(e) {
            IndexError::Faiss(message) if message.contains("No space left") => {
                IndexError::DiskFull { path: path.to_path_buf() }
            }
            other => other,
        })?;
        // Faiss does not report what fails when the file is closed.
        let expected = FILE_HEADER + (rows.ids.len() * self.d * size_of::<f32>()) as u64;
        let written = std::fs::metadata(path).map_err(IndexError::io("write the index", path))?.len();
        if written != expected {
            let short = std::io::Error::new(
                std::io::ErrorKind::WriteZero,
                format!("{written} of {expected} bytes were written; the disk may be full"),
            );
            return Err(IndexError::io("write the index", path)(short));
        }
        Ok(rows.ids.clone())
    }

    /// Reads what [`Self::write`] wrote. The file's checksum has been verified before.
    pub(super) fn read(path: &Path, d: usize, ids: Vec<FaceId>) -> Result<Self, IndexError> {
        let text = path.to_str().ok_or_else(|| IndexError::PathNotUtf8 { path: path.to_path_buf() })?;
        let corrupt = |detail: String| IndexError::Corrupt { path: path.to_path_buf(), detail };
        let read = faiss::read_index(text).and_then(|index| index.into_flat());
        let flat = read.map_err(|e| corrupt(e.to_string()))?;
        if flat.metric_type() != MetricType::InnerProduct {
            return Err(corrupt("its metric is not the inner product".to_owned()));
        }
        if flat.d() as usize != d || flat.ntotal() as usize != ids.len() {
            return Err(corrupt(format!("it holds {} rows of d {}", flat.ntotal(), flat.d())));
        }
        let known: HashSet<_> = ids.iter().copied().collect();
        if known.len() != ids.len() || ids.iter().any(|id| id.0 < 0) {
            return Err(corrupt("its ids are not distinct".to_owned()));
        }
        Ok(Self { d, rows: RwLock::new(Rows { flat, ids, known }) })
    }

    fn rows(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows_mut(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaceIndex for FlatIndex {
    fn d(&self) -> usize {
        self.d
    }

    fn ntotal(&self) -> usize {
        self.rows().ids.len()
    }

    fn contains(&self, face: FaceId) -> bool {
        self.rows().known.contains(&face)
    }

    fn ids(&self) -> Vec<FaceId> {
        self.rows().ids.clone()
    }

    fn search_batch(&self, probes: &[Embedding], k: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        check_dimensions(self.d, probes.iter())?;
        let rows = self.rows();
        // Faiss pads with -1 what is beyond the end.
        let k = k.min(rows.ids.len());
        if k == 0 || probes.is_empty() {
            return Ok(vec![Vec::new(); probes.len()]);
        }
        let workers = threads().min(probes.len() / PROBES_PER_THREAD).max(1);
        if workers == 1 {
            return rows.search(probes, k);
        }
        let rows = &*rows;
        let shares = probes.chunks(probes.len().div_ceil(workers));
        std::thread::scope(|scope| {
            let spawn = |share| {
                let name = "index-search".to_owned();
                std::thread::Builder::new().name(name).spawn_scoped(scope, move || rows.search(share, k))
            };
            let running: Vec<_> = shares.map(spawn).collect();
            let mut hits = Vec::with_capacity(probes.len());
            for thread in running {
                let thread = thread.map_err(|e| IndexError::Faiss(format!("no thread could be started: {e}")))?;
                hits.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(hits)
        })
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        check_added(self.d, ids, embeddings.iter(), |id| rows.known.contains(&id))?;
        let before = rows.ids.len();
        let _one = OneThread::enter();
        let mut values = Vec::with_capacity(embeddings.len().min(ADD_CHUNK) * self.d);
        for (ids, chunk) in ids.chunks(ADD_CHUNK).zip(embeddings.chunks(ADD_CHUNK)) {
            values.clear();
            values.extend(chunk.iter().flat_map(|embedding| embedding.as_slice()));
            if let Err(e) = rows.flat.add(&values) {
                // All or nothing: the chunks before this one go again.
                let added: Vec<_> = (before..rows.ids.len()).collect();
                rows.drop_rows(&added)?;
                return Err(native(e));
            }
            rows.ids.extend_from_slice(ids);
            rows.known.extend(ids);
        }
        Ok(())
    }

    fn remove(&self, ids: &[FaceId]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        let gone: HashSet<_> = ids.iter().filter(|id| rows.known.contains(id)).collect();
        let positions: Vec<_> =
            rows.ids.iter().enumerate().filter(|(_, id)| gone.contains(id)).map(|(position, _)| position).collect();
        rows.drop_rows(&positions)
    }
}

impl Rows {
    /// On the calling thread. `k` is at most the number of rows.
    fn search(&self, probes: &[Embedding], k: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        let queries: Cow<'_, [f32]> = match probes {
            [probe] => probe.as_slice().into(),
            _ => probes.iter().flat_map(Embedding::as_slice).copied().collect(),
        };
        let _one = OneThread::enter();
        let found = ConcurrentIndex::search(&self.flat, &queries, k).map_err(native)?;
        let lists = found.labels.chunks_exact(k).zip(found.distances.chunks_exact(k));
        let hits = lists.map(|(labels, scores)| {
            let hits = labels.iter().zip(scores).filter_map(|(label, &score)| {
                let row = usize::try_from(label.get()?).ok()?;
                Some(Hit { face: *self.ids.get(row)?, score })
            });
            let mut hits: Vec<_> = hits.collect();
            hits.sort_unstable_by(by_rank);
            hits
        });
        Ok(hits.collect())
    }

    /// `positions` are in rising order. Faiss closes the gaps and keeps the order, and so do the ids.
    fn drop_rows(&mut self, positions: &[usize]) -> Result<(), IndexError> {
        if positions.is_empty() {
            return Ok(());
        }
        let labels: Vec<_> = positions.iter().map(|&position| Idx::new(position as u64)).collect();
        let selector = IdSelector::batch(&labels).map_err(native)?;
        let removed = self.flat.remove_ids(&selector).map_err(native)?;
        if removed != positions.len() {
            return Err(IndexError::Faiss(format!("{removed} rows were removed, not {}", positions.len())));
        }
        let mut next = positions.iter().peekable();
        let mut position = 0;
        let known = &mut self.known;
        self.ids.retain(|id| {
            let is_gone = next.next_if_eq(&&position).is_some();
            position += 1;
            if is_gone {
                known.remove(id);
            }
            !is_gone
        });
        Ok(())
    }
}

fn native(error: faiss::error::Error) -> IndexError {
    IndexError::Faiss(match &error {
        faiss::error::Error::Native(native) => native.msg().to_owned(),
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_faiss_was_built_for() {
        let text = describe();
        assert!(text.starts_with("Faiss 1."), "{text}");
        assert!(text.contains("AVX") || text.contains("generic") || text.contains("NEON"), "{text}");
    }

    #[test]
    fn openmp_settings_are_put_back() {
        // SAFETY: reads and writes this thread's OpenMP settings.
        let max = || unsafe { omp_get_max_threads() };
        // SAFETY: as above.
        unsafe { omp_set_num_threads(3) };
        let one = OneThread::enter();
        assert_eq!(max(), 1);
        drop(one);
        assert_eq!(max(), 3);
    }

    #[test]
    fn shared_out_batches_come_back_in_order() {
        set_threads(3);
        let index = FlatIndex::new(4).unwrap();
        let embeddings: Vec<_> = (0..101u8)
            .map(|i| Embedding::try_from_raw((0..4).map(|j| (f32::from(i) * 1.7 + j as f32).sin()).collect()).unwrap())
            .collect();
        index.add(&(0..101).map(FaceId).collect::<Vec<_>>(), &embeddings).unwrap();
        let hits = index.search_batch(&embeddings, 2).unwrap();
        assert_eq!(hits.len(), 101);
        for (hits, probe) in hits.iter().zip(&embeddings) {
            let alone = index.search(probe, 2).unwrap();
            assert!((hits[0].score - 1.0).abs() < 1e-5 && (hits[0].score - alone[0].score).abs() < 1e-5);
            assert!((hits[1].score - alone[1].score).abs() < 1e-5);
        }
        set_threads(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_for_small_and_large_files() {
        for n in [1, 100_000] {
            let index = FlatIndex::new(4).unwrap();
            let one = Embedding::try_from_raw(vec![1.0; 4]).unwrap();
            index.add(&(0..n).map(FaceId).collect::<Vec<_>>(), &vec![one; n as usize]).unwrap();
            let refusal = index.write(Path::new("/dev/full")).unwrap_err().to_string();
            assert!(refusal.contains("disk"), "{n}: {refusal}");
        }
    }

    #[test]
    fn dimensions_out_of_range_are_refused() {
        assert!(matches!(FlatIndex::new(0), Err(IndexError::InvalidDimension { .. })));
        assert!(matches!(FlatIndex::new(MAX_D + 1), Err(IndexError::InvalidDimension { .. })));
    }
}
