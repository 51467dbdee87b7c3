//! True neighbours by exact search, for measuring other indexes: in one pass over the vectors, wherever they come from.

use std::time::Instant;

use super::face_index::{check_dimensions, search_shared_out};
use super::faiss::{Native, NativeParams};
use super::hit::{Best, Hit, by_rank};
use super::watch::BuildWatch;
use super::{IndexError, kernel};
use crate::types::{Embedding, FaceId, IndexSpec};

/// Rows compared with all probes at once, which multiplies matrices.
const ROWS: usize = 32_768;

/// A probe that has more faces left out among so many rows is compared by itself.
const MANY_OUT: usize = 64;

/// Probes whose comparison is timed.
const TIMED: usize = 5;

/// The `k` nearest vectors to each probe, found while vectors are handed over one after the other.
pub struct ExactScan<'a> {
    d: usize,
    k: usize,
    probes: &'a [Embedding],
    /// Rising, one list a probe.
    exclude: Vec<Vec<FaceId>>,
    ids: Vec<FaceId>,
    values: Vec<f32>,
    best: Vec<Vec<Hit>>,
    /// Of the first probes, milliseconds so far.
    millis: Vec<f32>,
}

/// What a scan came to.
#[derive(Debug)]
pub struct Scanned {
    /// Best first, one list a probe.
    pub nearest: Vec<Vec<Hit>>,
    /// How long comparing a probe with every vector took on one thread, for some of the probes.
    pub millis: Vec<f32>,
}

impl<'a> ExactScan<'a> {
    /// For vectors of length `d`. Without the faces of `exclude`, which has one list a probe, or none.
    ///
    /// # Errors
    /// [`IndexError::WrongDimension`], [`IndexError::ExcludeMismatch`].
    pub fn new(d: usize, probes: &'a [Embedding], exclude: &[Vec<FaceId>], k: usize) -> Result<Self, IndexError> {
        check_dimensions(d, probes.iter())?;
        if !exclude.is_empty() && exclude.len() != probes.len() {
            return Err(IndexError::ExcludeMismatch { lists: exclude.len(), probes: probes.len() });
        }
        let mut exclude = exclude.to_vec();
        exclude.resize(probes.len(), Vec::new());
        exclude.iter_mut().for_each(|faces| faces.sort_unstable());
        Ok(Self {
            d,
            k,
            probes,
            exclude,
            ids: Vec::new(),
            values: Vec::new(),
            best: vec![Vec::new(); probes.len()],
            millis: vec![0.0; probes.len().min(TIMED)],
        })
    }

    /// Takes the vector of one more face.
    ///
    /// # Errors
    /// [`IndexError::WrongDimension`], [`IndexError::Interrupted`].
    pub fn take(&mut self, face: FaceId, vector: &[f32], watch: &dyn BuildWatch) -> Result<(), IndexError> {
        if vector.len() != self.d {
            return Err(IndexError::WrongDimension { expected: self.d, got: vector.len() });
        }
        self.ids.push(face);
        self.values.extend_from_slice(vector);
        if self.ids.len() == ROWS { self.compare(watch) } else { Ok(()) }
    }

    /// # Errors
    /// [`IndexError::Interrupted`].
    pub fn finish(mut self, watch: &dyn BuildWatch) -> Result<Scanned, IndexError> {
        self.compare(watch)?;
        Ok(Scanned { nearest: self.best, millis: self.millis })
    }

    /// Compares the vectors at hand with all probes.
    fn compare(&mut self, watch: &dyn BuildWatch) -> Result<(), IndexError> {
        watch.checkpoint()?;
        let (ids, values) = (std::mem::take(&mut self.ids), std::mem::take(&mut self.values));
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(()) };
        let among = |faces: &Vec<FaceId>| {
            faces[faces.partition_point(|face| face < first)..faces.partition_point(|face| face <= last)].to_vec()
        };
        let out: Vec<Vec<FaceId>> = self.exclude.iter().map(among).collect();
        let most = out.iter().map(Vec::len).filter(|n| *n <= MANY_OUT).max().unwrap_or(0);
        self.time(&values);
        let (d, k) = (self.d, (self.k + most).min(ids.len()));
        let mut flat = Native::new(d, "Flat", false, IndexSpec::EF_CONSTRUCTION)?;
        flat.add(&values, watch.interrupt())?;
        let near = search_shared_out(self.probes, |_, share| {
            let queries: Vec<f32> = share.iter().flat_map(Embedding::as_slice).copied().collect();
            let params = NativeParams { nprobe: 1, ef_search: 1, wanted: None, scan: false };
            let (scores, labels) = flat.search(&queries, k, params)?;
            let hit =
                |(&label, &score): (&i64, &f32)| Some(Hit { face: *ids.get(usize::try_from(label).ok()?)?, score });
            let lists = labels.chunks_exact(k.max(1)).zip(scores.chunks_exact(k.max(1)));
            Ok(lists.map(|(labels, scores)| labels.iter().zip(scores).filter_map(hit).collect()).collect())
        })?;
        for (at, mut near) in near.into_iter().enumerate() {
            let out = &out[at];
            if out.len() > most {
                let mut alone = Best::new(self.k);
                let rows = ids.iter().zip(values.chunks_exact(d)).filter(|(face, _)| out.binary_search(face).is_err());
                rows.for_each(|(&face, row)| {
                    alone.offer(Hit { face, score: kernel::dot(self.probes[at].as_slice(), row) });
                });
                near = alone.into_hits();
            }
            near.retain(|hit| out.binary_search(&hit.face).is_err());
            self.best[at].append(&mut near);
            self.best[at].sort_unstable_by(by_rank);
            self.best[at].truncate(self.k);
        }
        Ok(())
    }

    fn time(&mut self, values: &[f32]) {
        for (probe, millis) in self.probes.iter().zip(&mut self.millis) {
            let at = Instant::now();
            let scores = values.chunks_exact(self.d).map(|row| kernel::dot(probe.as_slice(), row));
            std::hint::black_box(scores.fold(f32::NEG_INFINITY, f32::max));
            *millis += at.elapsed().as_secs_f32() * 1e3;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::index::{FaceIndex, ReferenceIndex, SearchOptions};

    struct Calm(AtomicBool);

    impl BuildWatch for Calm {
        fn checkpoint(&self) -> Result<(), IndexError> {
            Ok(())
        }
        fn interrupt(&self) -> &AtomicBool {
            &self.0
        }
        fn progress(&self, _: &'static str, _: usize, _: usize) {}
    }

    #[test]
    fn a_pass_finds_what_the_reference_finds_whatever_is_left_out() {
        let embedding = |n: i64| {
            let values = (0..8).map(|j| ((n * 31 + j * 17) as f32 * 0.37).sin()).collect();
            Embedding::try_from_raw(values).unwrap()
        };
        let ids: Vec<FaceId> = (0..40_000).map(FaceId).collect();
        let embeddings: Vec<Embedding> = ids.iter().map(|id| embedding(id.0)).collect();
        let reference = ReferenceIndex::new(8).unwrap();
        reference.add(&ids, &embeddings).unwrap();
        let probes = [embedding(7), embedding(39_000), embedding(-3)];
        let few = reference.search(&probes[1], 3).unwrap().iter().map(|hit| hit.face).collect();
        let many = reference.search(&probes[2], 500).unwrap().iter().map(|hit| hit.face).collect();
        let exclude = [Vec::new(), few, many];
        let calm = Calm(AtomicBool::new(false));
        let mut scan = ExactScan::new(8, &probes, &exclude, 20).unwrap();
        ids.iter().zip(&embeddings).for_each(|(id, x)| scan.take(*id, x.as_slice(), &calm).unwrap());
        let found = scan.finish(&calm).unwrap();
        let options = SearchOptions { exclude: &exclude, ..SearchOptions::default() };
        let wanted = reference.search_with(&probes, 20, options).unwrap();
        for (found, wanted) in found.nearest.iter().zip(&wanted) {
            assert_eq!(found.len(), 20);
            assert!(found.iter().zip(wanted).all(|(a, b)| (a.score - b.score).abs() < 1e-5));
        }
        assert!(found.millis.len() == 3 && found.millis.iter().all(|millis| *millis > 0.0));
        assert!(ExactScan::new(8, &probes, &exclude[..1], 20).is_err());
    }
}
