//! The only file that speaks to Faiss.

#![allow(unsafe_code, reason = "calls the bridge in faiss_bridge.cpp and bounds OpenMP threads")]

use crate::types::Telling;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use faiss::index::{FromInnerPtr, IndexImpl};
use faiss::{Index, MetricType};
use faiss_sys::FaissIndex;

use super::IndexError;

/// Longest embedding that is taken; far above any model's, far below where sizes overflow.
pub(super) const MAX_D: usize = 65_536;

thread_local! {
    /// Threads for a batch of probes that this thread searches; 0 for one per core.
    static THREADS: Cell<usize> = const { Cell::new(0) };
}

/// What one search may choose, as `faiss_bridge.cpp` takes it.
#[repr(C)]
struct NativeSearch {
    nprobe: usize,
    ef_search: usize,
    wanted: *const u8,
    wanted_rows: usize,
    scan: u8,
}

unsafe extern "C" {
    // From libgomp, which Faiss is linked with.
    fn omp_get_max_threads() -> c_int;
    fn omp_set_num_threads(n: c_int);
    // From faiss_bridge.cpp.
    fn likeness_faiss_options(out: *mut c_char, capacity: usize);
    fn likeness_faiss_version(out: *mut c_char, capacity: usize);
    fn likeness_enable_interrupts();
    fn likeness_interrupt_on(flag: *const AtomicBool);
    fn likeness_search(
        index: *const FaissIndex,
        n: i64,
        x: *const f32,
        k: i64,
        how: *const NativeSearch,
        distances: *mut f32,
        labels: *mut i64,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
    fn likeness_reads_own_nprobe(index: *const FaissIndex) -> c_int;
    fn likeness_set_own_nprobe(index: *mut FaissIndex, nprobe: usize);
    fn likeness_prepare(index: *mut FaissIndex, ef_construction: c_int);
    fn likeness_assign(
        index: *const FaissIndex,
        n: i64,
        x: *const f32,
        lists: *mut i64,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
    fn likeness_imbalance(index: *const FaissIndex) -> f64;
    fn likeness_code_error(
        index: *const FaissIndex,
        n: i64,
        x: *const f32,
        out: *mut f64,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
    fn likeness_list_error(
        index: *const FaissIndex,
        n: i64,
        x: *const f32,
        out: *mut f64,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
    fn likeness_flat_rows(index: *const FaissIndex) -> *const f32;
    fn likeness_lsh_encode(
        index: *const FaissIndex,
        n: i64,
        x: *const f32,
        codes: *mut u8,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
    fn likeness_read_mapped(
        path: *const c_char,
        out: *mut *mut FaissIndex,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
}

/// Lets batches of probes that `work` searches be shared out to `n` threads, instead of one per core.
///
/// The threads are our own and Faiss runs on one in each. Its OpenMP teams wait for each other by spinning, which
/// ruins both sides where the cores are busy with an enrollment: 50 probes among a million faces took 29 s with two
/// OpenMP threads and under 1 s with one (two cores, load 13, 2026-11-23). A single probe is searched on the calling
/// thread.
pub fn with_threads<T>(n: usize, work: impl FnOnce() -> T) -> T {
    let before = THREADS.replace(n.max(1));
    let done = work();
    THREADS.set(before);
    done
}

/// The threads that a batch searched by the calling thread may use, 1 or more.
pub fn threads() -> usize {
    match THREADS.get() {
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
    let threads = crate::types::count(threads() as u64, "thread");
    format!("Faiss {}, {built}{optimised}, {threads}", text_from_native(likeness_faiss_version))
}

fn text_from_native(fill: unsafe extern "C" fn(*mut c_char, usize)) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the function writes at most `buffer.len()` bytes.
    unsafe { fill(buffer.as_mut_ptr().cast(), buffer.len()) };
    text_from_buffer(&buffer)
}

fn text_from_buffer(buffer: &[u8]) -> String {
    CStr::from_bytes_until_nul(buffer).map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

/// Sets the calling thread's OpenMP regions to a number of threads while it lives; what tch was told there comes back
/// after.
pub(super) struct OmpThreads {
    before: c_int,
}

impl OmpThreads {
    pub(super) fn enter(n: usize) -> Self {
        // SAFETY: both calls only read and write the calling thread's OpenMP settings.
        unsafe {
            let before = omp_get_max_threads();
            omp_set_num_threads(n.clamp(1, 1024) as c_int);
            Self { before }
        }
    }
}

impl Drop for OmpThreads {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { omp_set_num_threads(self.before) };
    }
}

/// Which rows a search may answer with, one bit a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct WantedRows<'a> {
    /// Lowest bit first.
    pub bytes: &'a [u8],
    pub rows: usize,
}

/// Parameters of one search, already made to fit the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeParams<'a> {
    pub nprobe: usize,
    pub ef_search: usize,
    pub wanted: Option<WantedRows<'a>>,
    /// Compare every wanted row instead of walking through a graph.
    pub scan: bool,
}

/// An index of Faiss' own. Its labels are row numbers in the order of adding.
#[derive(Debug)]
pub(super) struct Native {
    inner: IndexImpl,
    d: usize,
    /// Squared Euclidean distances instead of inner products: PCA moves the origin, which inner products do not survive.
    is_l2: bool,
    /// The number of lists that the index itself is set to, for kinds that do not take it from the search: who searches
    /// holds this to read, who changes it to write.
    own_nprobe: Option<RwLock<usize>>,
}

impl Native {
    /// An empty index from Faiss' factory text.
    pub(super) fn new(d: usize, factory: &str, is_l2: bool, ef_construction: u32) -> Result<Self, IndexError> {
        static INTERRUPTS: Once = Once::new();
        // SAFETY: once, before any index exists that could look at it.
        INTERRUPTS.call_once(|| unsafe { likeness_enable_interrupts() });
        if !(1..=MAX_D).contains(&d) {
            return Err(IndexError::InvalidDimension { d, max: MAX_D });
        }
        let metric = if is_l2 { MetricType::L2 } else { MetricType::InnerProduct };
        let inner = faiss::index_factory(d as u32, factory, metric).map_err(native)?;
        // SAFETY: the index lives and is ours alone.
        unsafe { likeness_prepare(inner.inner_ptr(), ef_construction as c_int) };
        Ok(Self::from_inner(inner, d, is_l2))
    }

    /// Reads what [`Self::write`] wrote; `mapped` leaves the codes in the file where this kind of index can do so.
    pub(super) fn read(path: &Path, mapped: bool) -> Result<Self, IndexError> {
        let text = text_path(path)?;
        let corrupt = |detail: Telling| IndexError::Corrupt { path: path.to_path_buf(), detail };
        let inner = if mapped {
            let name = CString::new(text).map_err(|_| corrupt("its path holds a zero byte".into()))?;
            let mut out = std::ptr::null_mut();
            // SAFETY: `name` is NUL-terminated; on success `out` is an index that is ours.
            call(|error, capacity| unsafe { likeness_read_mapped(name.as_ptr(), &mut out, error, capacity) })
                .map_err(|e| corrupt(e.to_string().into()))?;
            // SAFETY: as above.
            unsafe { IndexImpl::from_inner_ptr(out) }
        } else {
            faiss::read_index(text).map_err(|e| corrupt(native(e).to_string().into()))?
        };
        let (d, is_l2) = (inner.d() as usize, inner.metric_type() == MetricType::L2);
        if !inner.is_trained() {
            return Err(corrupt("it is not trained".into()));
        }
        Ok(Self::from_inner(inner, d, is_l2))
    }

    fn from_inner(inner: IndexImpl, d: usize, is_l2: bool) -> Self {
        // SAFETY: the index is only read.
        let reads_own = unsafe { likeness_reads_own_nprobe(inner.inner_ptr()) } != 0;
        Self { inner, d, is_l2, own_nprobe: reads_own.then(|| RwLock::new(0)) }
    }

    /// Sees to it that the index's own number of lists is this, until the guard goes.
    fn with_nprobe(&self, nprobe: usize) -> Option<RwLockReadGuard<'_, usize>> {
        let own = self.own_nprobe.as_ref()?;
        let known = own.read().unwrap_or_else(PoisonError::into_inner);
        if *known == nprobe {
            return Some(known);
        }
        drop(known);
        let mut changed = own.write().unwrap_or_else(PoisonError::into_inner);
        *changed = nprobe;
        // SAFETY: nobody searches while this is held to write.
        unsafe { likeness_set_own_nprobe(self.inner.inner_ptr(), nprobe) };
        Some(RwLockWriteGuard::downgrade(changed))
    }

    /// Writes the index; a full disk is told, also where Faiss does not notice it.
    pub(super) fn write(&self, path: &Path) -> Result<(), IndexError> {
        faiss::write_index(&self.inner, text_path(path)?).map_err(|e| match native(e) {
            IndexError::Faiss(message) if message.contains("No space left") => {
                IndexError::DiskFull { path: path.to_path_buf() }
            }
            IndexError::Faiss(message) => IndexError::io("write the index", path)(std::io::Error::other(message)),
            other => other,
        })
    }

    pub(super) fn d(&self) -> usize {
        self.d
    }

    pub(super) fn ntotal(&self) -> usize {
        self.inner.ntotal() as usize
    }

    pub(super) fn is_l2(&self) -> bool {
        self.is_l2
    }

    /// Learns from `x`, rows of d. Ends with [`IndexError::Interrupted`] soon after `interrupt` is set.
    pub(super) fn train(&mut self, x: &[f32], interrupt: &AtomicBool) -> Result<(), IndexError> {
        check_rows(x, self.d)?;
        let _flag = InterruptOn::enter(interrupt);
        self.inner.train(x).map_err(|e| interrupted_or(native(e), interrupt))
    }

    /// Appends rows of d. After an error the index holds an unknown part of them and is to be thrown away.
    pub(super) fn add(&mut self, x: &[f32], interrupt: &AtomicBool) -> Result<(), IndexError> {
        check_rows(x, self.d)?;
        let _flag = InterruptOn::enter(interrupt);
        self.inner.add(x).map_err(|e| interrupted_or(native(e), interrupt))
    }

    /// Takes rows out; those after them move up. Returns how many there were.
    pub(super) fn remove(&mut self, rows: &[usize]) -> Result<usize, IndexError> {
        let rows: Vec<_> = rows.iter().map(|&row| faiss::Idx::new(row as u64)).collect();
        let selector = faiss::selector::IdSelector::batch(&rows).map_err(native)?;
        self.inner.remove_ids(&selector).map_err(native)
    }

    /// `k` rows and measures for each probe of `x`, best first; −1 stands where there are no more. The measure is the
    /// inner product, or the squared distance where [`Self::is_l2`]. On the calling thread.
    pub(super) fn search(
        &self,
        x: &[f32],
        k: usize,
        params: NativeParams<'_>,
    ) -> Result<(Vec<f32>, Vec<i64>), IndexError> {
        check_rows(x, self.d)?;
        let nq = x.len() / self.d;
        let how = NativeSearch {
            nprobe: params.nprobe.max(1),
            ef_search: params.ef_search.clamp(1, c_int::MAX as usize),
            wanted: params.wanted.map_or(std::ptr::null(), |wanted| wanted.bytes.as_ptr()),
            wanted_rows: params.wanted.map_or(0, |wanted| wanted.rows.min(wanted.bytes.len() * 8)),
            scan: u8::from(params.scan),
        };
        let (mut measures, mut labels) = (vec![0.0f32; nq * k], vec![-1i64; nq * k]);
        let _one = OmpThreads::enter(1);
        let _nprobe = self.with_nprobe(how.nprobe);
        // SAFETY: the buffers have the lengths that are told, and the index is only read.
        call(|error, capacity| unsafe {
            likeness_search(
                self.inner.inner_ptr(),
                nq as i64,
                x.as_ptr(),
                k as i64,
                &how,
                measures.as_mut_ptr(),
                labels.as_mut_ptr(),
                error,
                capacity,
            )
        })?;
        Ok((measures, labels))
    }

    /// The list that each vector belongs to; an error for indexes without lists.
    pub(super) fn assign(&self, x: &[f32]) -> Result<Vec<i64>, IndexError> {
        check_rows(x, self.d)?;
        let mut lists = vec![0; x.len() / self.d];
        // SAFETY: the buffers have the lengths that are told.
        call(|error, capacity| unsafe {
            let n = lists.len() as i64;
            likeness_assign(self.inner.inner_ptr(), n, x.as_ptr(), lists.as_mut_ptr(), error, capacity)
        })?;
        Ok(lists)
    }

    /// 1 for lists of one length, more for unequal ones; `None` without lists.
    pub(super) fn imbalance(&self) -> Option<f64> {
        // SAFETY: the index is only read.
        let factor = unsafe { likeness_imbalance(self.inner.inner_ptr()) };
        (factor > 0.0).then_some(factor)
    }

    /// Mean squared distance between vectors and what is stored for them; `None` where the index cannot tell.
    /// Indexes that store vectors whole are measured by the distance to the lists' centroids.
    pub(super) fn quantisation_error(&self, x: &[f32], stores_whole: bool) -> Option<f64> {
        check_rows(x, self.d).ok()?;
        let n = (x.len() / self.d) as i64;
        let mut out = 0.0;
        // SAFETY: the buffers have the lengths that are told.
        let told = call(|error, capacity| unsafe {
            let index = self.inner.inner_ptr();
            if stores_whole {
                likeness_list_error(index, n, x.as_ptr(), &mut out, error, capacity)
            } else {
                likeness_code_error(index, n, x.as_ptr(), &mut out, error, capacity)
            }
        });
        told.is_ok().then_some(out)
    }

    /// The rows of a Flat index, ntotal × d.
    pub(super) fn flat_rows(&self) -> Option<&[f32]> {
        // SAFETY: the pointer is valid for ntotal × d floats until the index changes, which needs `&mut`.
        unsafe {
            let rows = likeness_flat_rows(self.inner.inner_ptr());
            (!rows.is_null()).then(|| std::slice::from_raw_parts(rows, self.ntotal() * self.d))
        }
    }

    /// The hashes of an LSH index, `code_bytes` for each vector.
    pub(super) fn lsh_codes(&self, x: &[f32], code_bytes: usize) -> Result<Vec<u8>, IndexError> {
        check_rows(x, self.d)?;
        let n = x.len() / self.d;
        let mut codes = vec![0; n * code_bytes];
        // SAFETY: the factory made this index with hashes of that length.
        call(|error, capacity| unsafe {
            likeness_lsh_encode(self.inner.inner_ptr(), n as i64, x.as_ptr(), codes.as_mut_ptr(), error, capacity)
        })?;
        Ok(codes)
    }
}

/// Faiss itself does not look whether the values make whole rows.
fn check_rows(x: &[f32], d: usize) -> Result<(), IndexError> {
    if x.len().is_multiple_of(d) { Ok(()) } else { Err(IndexError::WrongDimension { expected: d, got: x.len() % d }) }
}

fn text_path(path: &Path) -> Result<&str, IndexError> {
    path.to_str().ok_or_else(|| IndexError::PathNotUtf8 { path: path.to_path_buf() })
}

/// Calls a function of the bridge and turns its text into an error.
fn call(function: impl FnOnce(*mut c_char, usize) -> c_int) -> Result<(), IndexError> {
    let mut buffer = [0u8; 512];
    match function(buffer.as_mut_ptr().cast(), buffer.len()) {
        0 => Ok(()),
        _ => Err(IndexError::Faiss(text_from_buffer(&buffer))),
    }
}

/// Faiss looks at the flag while this lives, on this thread.
struct InterruptOn<'a>(std::marker::PhantomData<&'a AtomicBool>);

impl<'a> InterruptOn<'a> {
    fn enter(flag: &'a AtomicBool) -> Self {
        // SAFETY: the flag outlives this guard, which takes the pointer away again.
        unsafe { likeness_interrupt_on(flag) };
        Self(std::marker::PhantomData)
    }
}

impl Drop for InterruptOn<'_> {
    fn drop(&mut self) {
        // SAFETY: null is allowed.
        unsafe { likeness_interrupt_on(std::ptr::null()) };
    }
}

fn interrupted_or(error: IndexError, interrupt: &AtomicBool) -> IndexError {
    if interrupt.load(Ordering::Relaxed) { IndexError::Interrupted } else { error }
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
        let one = OmpThreads::enter(1);
        assert_eq!(max(), 1);
        drop(one);
        assert_eq!(max(), 3);
    }

    #[test]
    fn training_ends_when_interrupted() {
        let mut index = Native::new(16, "IVF16,Flat", false, 40).unwrap();
        let x: Vec<f32> = (0..16 * 1000).map(|i| (i as f32 * 0.7).sin()).collect();
        let stop = AtomicBool::new(true);
        assert!(matches!(index.train(&x, &stop), Err(IndexError::Interrupted)));
        stop.store(false, Ordering::Relaxed);
        index.train(&x, &stop).unwrap();
        index.add(&x, &stop).unwrap();
        assert_eq!(index.ntotal(), 1000);
        assert!(index.imbalance().unwrap() >= 1.0);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(matches!(Native::new(0, "Flat", false, 40), Err(IndexError::InvalidDimension { .. })));
        assert!(matches!(Native::new(MAX_D + 1, "Flat", false, 40), Err(IndexError::InvalidDimension { .. })));
        assert!(Native::new(16, "Nonsense", false, 40).is_err());
        let flat = Native::new(4, "Flat", false, 40).unwrap();
        assert!(flat.assign(&[0.0; 4]).is_err(), "no lists");
        assert!(flat.lsh_codes(&[0.0; 4], 8).is_err(), "no hashes");
        let params = NativeParams { nprobe: 1, ef_search: 16, wanted: None, scan: false };
        assert!(matches!(flat.search(&[0.0; 5], 1, params), Err(IndexError::WrongDimension { .. })));
    }
}
