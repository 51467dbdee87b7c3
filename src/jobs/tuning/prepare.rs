//! Probes with their true neighbours, found in one pass over the stored vectors.

use std::any::Any;
use std::sync::Arc;

use super::circumstances::Chosen;
use super::probes::{Probe, choose, sample_of};
use crate::eval::latency::latency_from_millis;
use crate::index::{BuildWatch, ExactScan, FaceFilter, Hit, RawVectors};
use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::tell;
use crate::types::{Circumstances, Embedding, FaceId, Latency, ProbeSet};

/// True neighbours that are found at least, so that k can be moved without finding them anew.
const LEAST_K: usize = 100;

/// True neighbours beyond k: they take the place of faces that are gone, and tell ties with the last one.
const BEYOND: usize = 16;

/// Largest difference between the score that a search tells, from vectors in half precision, and the exact one.
const HALF: f32 = 1e-3;

/// Sets that are kept for one gallery.
const KEPT: usize = 2;

/// Takes a face and its vector.
type Take<'a> = dyn FnMut(FaceId, &[f32]) -> Result<(), JobError> + 'a;

/// A face with its exact score.
pub(super) type Scored = (FaceId, f32);

/// Probes, what exact search answers to them, and the faces that there were. Holds no vectors but the probes'.
#[derive(Debug)]
pub(super) struct Prepared {
    pub probes: Vec<Probe>,
    /// What is left out for each probe.
    pub exclude: Vec<Vec<FaceId>>,
    /// `k` and [`BEYOND`] for each probe, best first, without excluded faces; fewer where there are no more.
    truth: Vec<Vec<Hit>>,
    /// The nearest face of anybody else, for probes whose subject is known.
    pub strangers: Vec<Option<Hit>>,
    pub k: usize,
    pub d: usize,
    /// BLAKE3 of ids and vectors, hexadecimal.
    pub digest: String,
    /// Of comparing a probe with every vector, on one thread.
    pub exact: Latency,
    /// That there were, rising.
    faces: Vec<FaceId>,
    /// Only these are answered with.
    pub filter: Option<FaceFilter>,
    pub circumstances: Circumstances,
}

/// Those of a gallery's latest sets that are kept until it changes.
struct KeptSets {
    model: String,
    version: u64,
    sets: Vec<(ProbeSet, Arc<Prepared>)>,
}

impl Prepared {
    /// Chooses probes in the gallery as it is now, and finds their `k` true neighbours. What was found for the same gallery
    /// before is used again.
    ///
    /// # Errors
    /// An empty gallery, probes that do not fit; [`JobError::Cancelled`].
    pub fn of_gallery(
        engine: &Engine,
        set: &ProbeSet,
        k: usize,
        watch: &dyn BuildWatch,
    ) -> Result<Arc<Self>, JobError> {
        let (model, version) = (engine.manifest().name, engine.gallery().version());
        let slot = engine.measured();
        let kept = slot.as_ref().and_then(|kept| kept.downcast_ref::<KeptSets>());
        let kept = kept.filter(|kept| kept.model == model && kept.version == version);
        if let Some((_, found)) = kept.and_then(|kept| kept.sets.iter().find(|(one, p)| one == set && p.k >= k)) {
            return Ok(Arc::clone(found));
        }
        drop(slot);
        let made = Arc::new(Self::of_gallery_under(engine, set, k, Circumstances::default(), watch)?);
        // A file may be another one next time, and searches of the past go on.
        if matches!(set, ProbeSet::GallerySample { .. } | ProbeSet::HeldOut { .. }) && made.is_of(engine, version) {
            let mut slot = engine.measured();
            let mut sets =
                match slot.take().and_then(|kept: Arc<dyn Any + Send + Sync>| kept.downcast::<KeptSets>().ok()) {
                    Some(kept) if kept.model == model && kept.version == version => kept.sets.clone(),
                    _ => Vec::new(),
                };
            sets.retain(|(one, _)| one != set);
            sets.truncate(KEPT - 1);
            sets.insert(0, (set.clone(), Arc::clone(&made)));
            *slot = Some(Arc::new(KeptSets { model, version, sets }));
        }
        Ok(made)
    }

    fn is_of(&self, engine: &Engine, version: u64) -> bool {
        engine.gallery().version() == version
    }

    /// The same for an index under some circumstances; nothing is kept.
    pub fn of_gallery_under(
        engine: &Engine,
        set: &ProbeSet,
        k: usize,
        circumstances: Circumstances,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        let (index, probes) = (engine.index(), choose(engine, set)?);
        let (total, d) = (index.ntotal(), index.faces_d());
        let feed = |take: &mut Take<'_>| {
            let mut done = 0;
            engine.gallery().for_each_embedding(index.model(), |face, vector: &[f32]| -> Result<(), JobError> {
                if done % 8192 == 0 {
                    watch.checkpoint()?;
                    watch.progress("Comparing exactly", done, total);
                }
                done += 1;
                // A damaged vector is left out, as it is from the index in use.
                let is_sound = vector.len() == d && vector.iter().all(|value| value.is_finite());
                if is_sound { take(face, vector) } else { Ok(()) }
            })
        };
        Self::new(d, probes, k, circumstances, feed, watch)
    }

    /// With `nq` of the vectors as probes, as [`ProbeSet::GallerySample`] chooses and moves them.
    pub fn of_sample(
        raw: &RawVectors,
        nq: usize,
        noise: f32,
        k: usize,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        Self::of_raw(raw, sample_of(raw, nq, noise)?, k, Circumstances::default(), watch)
    }

    /// For vectors in a file.
    pub fn of_raw(
        raw: &RawVectors,
        probes: Vec<Probe>,
        k: usize,
        circumstances: Circumstances,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        let feed = |take: &mut Take<'_>| {
            for (at, (&face, row)) in raw.ids().iter().zip(raw.values().chunks_exact(raw.d())).enumerate() {
                if at.is_multiple_of(8192) {
                    watch.progress("Comparing exactly", at, raw.len());
                }
                take(face, row)?;
            }
            Ok(())
        };
        let prepared = Self::new(raw.d(), probes, k, circumstances, feed, watch)?;
        Ok(Self { digest: raw.digest().to_owned(), ..prepared })
    }

    /// `feed` hands every face and its vector over, once.
    fn new(
        d: usize,
        mut probes: Vec<Probe>,
        k: usize,
        circumstances: Circumstances,
        feed: impl FnOnce(&mut Take<'_>) -> Result<(), JobError>,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        let chosen = Chosen::of(&circumstances);
        // Who is gone is no probe that is moved a little, but may well be one that somebody searches for.
        probes.retain(|probe| probe.subject.is_some() || probe.exclude.iter().all(|face| chosen.is_alive(*face)));
        if probes.is_empty() {
            return Err(JobError::Failed(tell!("tuning-no-probes")));
        }
        let k = k.max(LEAST_K);
        let embeddings: Vec<Embedding> = probes.iter().map(|probe| probe.embedding.clone()).collect();
        let exclude: Vec<Vec<FaceId>> = probes.iter().map(|probe| probe.exclude.clone()).collect();
        let known: Vec<usize> = (0..probes.len()).filter(|&at| probes[at].subject.is_some()).collect();
        let of_known: Vec<Embedding> = known.iter().map(|&at| embeddings[at].clone()).collect();
        let own = |at: &usize| probes[*at].subject.as_ref().map(|subject| subject.own.clone()).unwrap_or_default();
        let own: Vec<Vec<FaceId>> = known.iter().map(own).collect();
        let mut all = ExactScan::new(d, &embeddings, &exclude, k + BEYOND)?;
        let mut others = ExactScan::new(d, &of_known, &own, 1)?;
        let (mut faces, mut hasher, mut bytes) = (Vec::new(), blake3::Hasher::new(), Vec::new());
        feed(&mut |face, vector| {
            bytes.clear();
            bytes.extend(face.0.to_le_bytes());
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
            hasher.update(&bytes);
            if chosen.is_alive(face) {
                faces.push(face);
                if chosen.passes(face) {
                    all.take(face, vector, watch)?;
                    if !of_known.is_empty() {
                        others.take(face, vector, watch)?;
                    }
                }
            }
            Ok(())
        })?;
        if faces.is_empty() {
            return Err(JobError::Failed(tell!("tuning-no-faces")));
        }
        let all = all.finish(watch)?;
        let mut strangers = vec![None; probes.len()];
        for (at, nearest) in known.into_iter().zip(others.finish(watch)?.nearest) {
            strangers[at] = nearest.first().copied();
        }
        faces.sort_unstable();
        let passing = || faces.iter().copied().filter(|face| chosen.passes(*face)).collect();
        Ok(Self {
            filter: circumstances.filter.map(|_| FaceFilter::new(passing())),
            probes,
            exclude,
            truth: all.nearest,
            strangers,
            k,
            d,
            digest: hasher.finalize().to_hex().to_string(),
            exact: latency_from_millis(&all.millis),
            faces,
            circumstances,
        })
    }

    /// How many faces there were.
    pub fn ntotal(&self) -> usize {
        self.faces.len()
    }

    /// Whether a face was there.
    pub fn has(&self, face: FaceId) -> bool {
        self.faces.binary_search(&face).is_ok()
    }

    /// The `k` true neighbours of a probe, best first.
    pub fn truth(&self, at: usize, k: usize) -> &[Hit] {
        &self.truth[at][..k.min(self.truth[at].len())]
    }

    /// The true neighbours of a probe, and what was found, by which the search is to be judged: faces that came later are
    /// passed over, with as many places of the truth, and so are faces that are gone. Found faces stand as they were
    /// ranked, with exact scores, or the highest that they can have.
    pub fn judged(
        &self,
        at: usize,
        hits: &[Hit],
        k: usize,
        is_there: impl Fn(FaceId) -> bool,
    ) -> (Vec<Scored>, Vec<Scored>) {
        let truth = &self.truth[at];
        let found: Vec<&Hit> = hits.iter().take(k).filter(|hit| self.has(hit.face)).collect();
        let later = hits.len().min(k) - found.len();
        let wanted = truth.iter().filter(|hit| is_there(hit.face)).take(k - later);
        // A face that is not among them scores no more than the last of them.
        let last = truth.last().map_or(f32::INFINITY, |hit| hit.score);
        let exact = |hit: &Hit| {
            let known = truth.iter().find(|other| other.face == hit.face);
            known.map_or_else(|| last.min(hit.score + HALF), |known| known.score)
        };
        (
            wanted.map(|hit| (hit.face, hit.score)).collect(),
            found.into_iter().map(|hit| (hit.face, exact(hit))).collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(face: i64, score: f32) -> Hit {
        Hit { face: FaceId(face), score }
    }

    /// One probe whose neighbours are faces 1 to 5, all that there were.
    fn prepared() -> Prepared {
        let embedding = Embedding::try_from_raw(vec![1.0, 0.0]).unwrap();
        Prepared {
            probes: vec![Probe::of(embedding, None)],
            exclude: vec![Vec::new()],
            truth: vec![(1..=5).map(|face| hit(face, 1.0 - 0.1 * face as f32)).collect()],
            strangers: vec![None],
            k: 3,
            d: 2,
            digest: String::new(),
            exact: Latency::default(),
            faces: (1..=5).map(FaceId).collect(),
            filter: None,
            circumstances: Circumstances::default(),
        }
    }

    #[test]
    fn faces_that_came_later_and_faces_that_are_gone_cost_no_recall() {
        let ids = |scored: &[Scored]| scored.iter().map(|(face, _)| face.0).collect::<Vec<_>>();
        let judged = |hits: &[Hit], gone: i64| {
            let (wanted, found) = prepared().judged(0, hits, 3, |face| face.0 != gone);
            (ids(&wanted), ids(&found))
        };
        assert_eq!(judged(&[hit(1, 0.9), hit(2, 0.8), hit(3, 0.7)], 0), (vec![1, 2, 3], vec![1, 2, 3]));
        // 77 was enrolled since: one place is its own.
        assert_eq!(judged(&[hit(77, 0.95), hit(1, 0.9), hit(2, 0.8)], 0), (vec![1, 2], vec![1, 2]));
        assert_eq!(judged(&[hit(1, 0.9), hit(3, 0.7), hit(4, 0.6)], 2), (vec![1, 3, 4], vec![1, 3, 4]));
        // A neighbour that was passed over is missed all the same.
        assert_eq!(judged(&[hit(77, 0.95), hit(1, 0.9), hit(3, 0.7)], 0), (vec![1, 2], vec![1, 3]));
    }

    #[test]
    fn what_is_not_among_the_neighbours_scores_no_higher_than_the_last_of_them() {
        let mut prepared = prepared();
        prepared.faces.push(FaceId(6));
        let (_, found) = prepared.judged(0, &[hit(1, 0.5), hit(6, 0.99)], 3, |_| true);
        assert_eq!(found[0], (FaceId(1), 0.9));
        assert!((found[1].1 - 0.5).abs() < 1e-6, "{found:?}");
    }
}
