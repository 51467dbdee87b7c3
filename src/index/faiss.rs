//! The only file that speaks to Faiss.

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

/// OpenMP threads for Faiss; 0 leaves what the calling thread has.
static THREADS: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" {
    // From libgomp, which Faiss is linked with.
    fn omp_get_max_threads() -> c_int;
    fn omp_set_num_threads(n: c_int);
    // From faiss_options.cpp.
    fn likeness_faiss_options(out: *mut c_char, capacity: usize);
    fn likeness_faiss_version(out: *mut c_char, capacity: usize);
}

/// How many threads one call of Faiss may use, for the whole process; 0 leaves OpenMP's own choice.
///
/// OpenMP keeps its number per calling thread. So it is set around each call and put back after it, and what tch
/// was told on the same thread stays as it is. A single probe is always searched on one thread: Faiss shares out
/// probes, not rows.
pub fn set_threads(n: usize) {
    THREADS.store(n, Ordering::Relaxed);
}

/// Version, instruction set and threads, for the log: "Faiss 1.12.0, AVX2, 2 threads".
pub fn describe() -> String {
    let options = text_from_native(likeness_faiss_options);
    let words = options.split_whitespace().filter(|word| *word != "OPTIMIZE").collect::<Vec<_>>().join(" ");
    let built = if words == "GENERIC" { "generic instructions (several times slower than AVX2)" } else { &words };
    let optimised = if options.contains("OPTIMIZE") { "" } else { ", not optimised" };
    let threads = ThreadBudget::enter().threads;
    format!("Faiss {}, {built}{optimised}, {threads} threads", text_from_native(likeness_faiss_version))
}

fn text_from_native(fill: unsafe extern "C" fn(*mut c_char, usize)) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the function writes at most `buffer.len()` bytes.
    unsafe { fill(buffer.as_mut_ptr().cast(), buffer.len()) };
    CStr::from_bytes_until_nul(&buffer).map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

/// Sets the calling thread's OpenMP number while it lives.
struct ThreadBudget {
    before: c_int,
    threads: c_int,
}

impl ThreadBudget {
    fn enter() -> Self {
        // SAFETY: both calls only read and write the calling thread's OpenMP settings.
        let before = unsafe { omp_get_max_threads() };
        let threads = match c_int::try_from(THREADS.load(Ordering::Relaxed)) {
            Ok(n) if n > 0 => n,
            _ => before,
        };
        if threads != before {
            // SAFETY: as above; `threads` is above 0.
            unsafe { omp_set_num_threads(threads) };
        }
        Self { before, threads }
    }
}

impl Drop for ThreadBudget {
    fn drop(&mut self) {
        if self.threads != self.before {
            // SAFETY: as above.
            unsafe { omp_set_num_threads(self.before) };
        }
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
        faiss::write_index(&rows.flat, text).map_err(native)?;
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
        let queries = match probes {
            [probe] => std::borrow::Cow::Borrowed(probe.as_slice()),
            _ => probes.iter().flat_map(|probe| probe.as_slice()).copied().collect(),
        };
        let found = {
            let _budget = ThreadBudget::enter();
            ConcurrentIndex::search(&rows.flat, &queries, k).map_err(native)?
        };
        let lists = found.labels.chunks_exact(k).zip(found.distances.chunks_exact(k));
        let hits = lists.map(|(labels, scores)| {
            let hits = labels.iter().zip(scores).filter_map(|(label, &score)| {
                let row = usize::try_from(label.get()?).ok()?;
                Some(Hit { face: *rows.ids.get(row)?, score })
            });
            let mut hits: Vec<_> = hits.collect();
            hits.sort_unstable_by(by_rank);
            hits
        });
        Ok(hits.collect())
    }

    fn add(&self, ids: &[FaceId], embeddings: &[Embedding]) -> Result<(), IndexError> {
        let mut rows = self.rows_mut();
        check_added(self.d, ids, embeddings.iter(), |id| rows.known.contains(&id))?;
        let before = rows.ids.len();
        let _budget = ThreadBudget::enter();
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
    fn the_thread_budget_is_put_back() {
        // SAFETY: reads and writes this thread's OpenMP settings.
        unsafe { omp_set_num_threads(3) };
        let inside = |n| {
            THREADS.store(n, Ordering::Relaxed);
            let budget = ThreadBudget::enter();
            // SAFETY: as above.
            let seen = unsafe { omp_get_max_threads() };
            drop(budget);
            seen
        };
        assert_eq!(inside(1), 1);
        assert_eq!(inside(0), 3);
        // SAFETY: as above.
        assert_eq!(unsafe { omp_get_max_threads() }, 3);
    }

    #[test]
    fn dimensions_out_of_range_are_refused() {
        assert!(matches!(FlatIndex::new(0), Err(IndexError::InvalidDimension { .. })));
        assert!(matches!(FlatIndex::new(MAX_D + 1), Err(IndexError::InvalidDimension { .. })));
    }
}
