//! Under what an index is measured: faces that came later or are gone, a filter, an enrollment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::index::{FaceIndex, IndexError, RawVectors, TieredIndex};
use crate::jobs::work::{JobError, cores, step_back};
use crate::tell;
use crate::types::{Circumstances, Embedding, FaceId};

/// Faces that an enrollment adds at a time, and how often.
const BATCH: i64 = 64;
const EVERY: Duration = Duration::from_millis(250);

/// Faces of an enrollment that is only measured under have numbers from here on.
const ENROLLED: i64 = 1 << 60;

/// Which faces are what, the same ones every time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    filter: Option<f64>,
    tail: f64,
    tombstones: f64,
}

impl Chosen {
    pub fn of(circumstances: &Circumstances) -> Self {
        let Circumstances { filter, tail, tombstones, .. } = *circumstances;
        Self { filter, tail, tombstones }
    }

    /// Not gone since the index was built.
    pub fn is_alive(&self, face: FaceId) -> bool {
        place(face, 1) >= self.tombstones
    }

    /// Let through by the filter.
    pub fn passes(&self, face: FaceId) -> bool {
        self.filter.is_none_or(|share| place(face, 2) < share)
    }

    /// Came after the index was built.
    pub fn is_late(&self, face: FaceId) -> bool {
        self.is_alive(face) && place(face, 3) < self.tail
    }
}

/// Even over 0…1, for each salt another.
fn place(face: FaceId, salt: u64) -> f64 {
    // splitmix64
    let mut z = (face.0 as u64).wrapping_add(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// # Errors
/// A share that is none, or that leaves nothing to search.
pub(super) fn check(circumstances: &Circumstances) -> Result<(), JobError> {
    let Circumstances { filter, tail, tombstones, .. } = *circumstances;
    let is_part = |share: f64| (0.0..1.0).contains(&share);
    match filter.is_none_or(|share| share > 0.0 && share <= 1.0) && is_part(tail) && is_part(tombstones) {
        true => Ok(()),
        false => Err(JobError::Failed(tell!("tuning-circumstances"))),
    }
}

/// The vectors that an index is built from, those of the tail left out, at `path`; `None` where that is all.
pub(super) fn without_late(
    raw: &RawVectors,
    circumstances: &Circumstances,
    path: &std::path::Path,
) -> Result<Option<RawVectors>, JobError> {
    let chosen = Chosen::of(circumstances);
    if circumstances.tail <= 0.0 {
        return Ok(None);
    }
    let early = RawVectors::create(path, raw.d(), |push| -> Result<(), IndexError> {
        let rows = raw.ids().iter().zip(raw.values().chunks_exact(raw.d()));
        rows.filter(|(face, _)| !chosen.is_late(**face)).try_for_each(|(&face, row)| push(face, row))
    })?;
    Ok(Some(early))
}

/// Adds the faces of the tail and takes those out that are gone.
pub(super) fn age(index: &TieredIndex, raw: &RawVectors, circumstances: &Circumstances) -> Result<(), JobError> {
    const CHUNK: usize = 4096;
    let chosen = Chosen::of(circumstances);
    if circumstances.tail > 0.0 {
        let late: Vec<usize> = (0..raw.len()).filter(|&row| chosen.is_late(raw.ids()[row])).collect();
        for rows in late.chunks(CHUNK) {
            let embedding = |row: &usize| Embedding::try_from_raw(raw.row(*row).to_vec());
            let embeddings: Result<Vec<_>, _> = rows.iter().map(embedding).collect();
            let embeddings = embeddings.map_err(|error| IndexError::Faiss(error.to_string()))?;
            index.add(&rows.iter().map(|row| raw.ids()[*row]).collect::<Vec<_>>(), &embeddings)?;
        }
    }
    if circumstances.tombstones > 0.0 {
        let gone: Vec<FaceId> = raw.ids().iter().copied().filter(|face| !chosen.is_alive(*face)).collect();
        index.remove(&gone)?;
    }
    Ok(())
}

/// An enrollment beside the measurement, until it is dropped: a thread adds faces that resemble nobody, and one for each
/// core multiplies numbers at the low priority at which photos are worked on. What was added is taken out in the end.
pub(super) struct Enrolling {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    index: Arc<TieredIndex>,
}

impl Enrolling {
    pub fn begin(index: &Arc<TieredIndex>) -> std::io::Result<Self> {
        let mut enrolling = Self { stop: Arc::default(), threads: Vec::new(), index: Arc::clone(index) };
        let (stop, index) = (Arc::clone(&enrolling.stop), Arc::clone(index));
        enrolling.spawn("measure-enroll", move || add(&index, &stop))?;
        for _ in 0..cores() {
            let stop = Arc::clone(&enrolling.stop);
            enrolling.spawn("measure-work", move || work(&stop))?;
        }
        Ok(enrolling)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }
}

impl Drop for Enrolling {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("an enrollment that was measured under ended by a fault of the program");
            }
        }
        let added: Vec<FaceId> = self.index.ids().into_iter().filter(|face| face.0 >= ENROLLED).collect();
        if let Err(error) = self.index.remove(&added) {
            log::error!("{error}");
        }
    }
}

fn add(index: &TieredIndex, stop: &AtomicBool) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut next = ENROLLED;
    while !stop.load(Ordering::SeqCst) {
        let mut face = |_| Embedding::try_from_raw((0..index.d()).map(|_| random.sample(StandardNormal)).collect());
        let faces: Vec<Embedding> = (0..BATCH).filter_map(|at| face(at).ok()).collect();
        let ids: Vec<FaceId> = (next..).map(FaceId).take(faces.len()).collect();
        next += BATCH;
        if let Err(error) = index.add(&ids, &faces) {
            log::error!("{error}");
            return;
        }
        std::thread::sleep(EVERY);
    }
}

fn work(stop: &AtomicBool) {
    step_back();
    let (a, mut b) = (vec![0.5f32; 1 << 14], vec![0.25f32; 1 << 14]);
    while !stop.load(Ordering::SeqCst) {
        for (to, from) in b.iter_mut().zip(&a) {
            *to = (*to * 0.99 + from * 0.01).fract();
        }
        std::hint::black_box(&b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_that_were_asked_for() {
        let chosen = Chosen { filter: Some(0.1), tail: 0.2, tombstones: 0.3 };
        let share = |is: &dyn Fn(FaceId) -> bool| (0..20_000).map(FaceId).filter(|face| is(*face)).count();
        assert!((1800..2200).contains(&share(&|face| chosen.passes(face))));
        assert!((13_700..14_300).contains(&share(&|face| chosen.is_alive(face))));
        // Of those that are there.
        assert!((2600..3000).contains(&share(&|face| chosen.is_late(face))));
        let none = Chosen::of(&Circumstances::default());
        assert!(share(&|face| none.is_alive(face) && none.passes(face) && !none.is_late(face)) == 20_000);
    }

    #[test]
    fn shares_that_leave_nothing_are_refused() {
        let plain = Circumstances::default();
        assert!(check(&plain).is_ok());
        assert!(check(&Circumstances { filter: Some(0.0), ..plain }).is_err());
        assert!(check(&Circumstances { tail: 1.0, ..plain }).is_err());
        assert!(check(&Circumstances { tombstones: f64::NAN, ..plain }).is_err());
    }
}
