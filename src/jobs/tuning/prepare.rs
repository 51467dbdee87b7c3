//! Probes with their true neighbours.

use crate::tell;
use crate::types::Tell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::eval::latency::latency_from_millis;
use crate::index::{BuildWatch, Hit, RawVectors, exact_neighbours};
use crate::jobs::engine::Engine;
use crate::jobs::live::raw_vectors;
use crate::jobs::work::JobError;
use crate::types::{Embedding, FaceId, Latency, PhotoId, ProbeSet, SubjectId};
use crate::vectors::read_vectors;

/// Sampling is the same every time, so that measurements can be repeated.
const SEED: u64 = 20_130_921;

/// The latest searches that serve as probes.
const PAST: usize = 2000;

/// A probe, and the faces that do not count as answers to it.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub embedding: Embedding,
    pub exclude: Vec<FaceId>,
    /// Whether its person is enrolled; `None` where nobody knows.
    pub mated: Option<bool>,
}

/// The vectors of a gallery as of one moment, probes, and what exact search answers to them.
pub(super) struct Prepared {
    pub raw: RawVectors,
    row_of: HashMap<FaceId, usize>,
    pub probes: Vec<Probe>,
    /// `k` for each probe, best first, without excluded faces.
    pub truth: Vec<Vec<Hit>>,
    pub k: usize,
}

impl Prepared {
    /// Reads the gallery into a file in `dir`, chooses probes and finds their `k` true neighbours.
    pub fn from_gallery(
        engine: &Engine,
        set: &ProbeSet,
        k: usize,
        dir: &Path,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        std::fs::create_dir_all(dir).map_err(|reason| JobError::Io { reason, path: dir.to_path_buf() })?;
        let path = dir.join(format!("vectors-{}-{}.raw", std::process::id(), unique()));
        let raw = raw_vectors(engine.gallery(), &engine.index(), &path, 1.0, watch)?;
        if raw.is_empty() {
            return Err(JobError::Failed(tell!("tuning-no-faces")));
        }
        let probes = choose(engine, set, &raw)?;
        Self::new(raw, probes, k, watch)
    }

    /// With `nq` of the vectors as probes, as [`ProbeSet::GallerySample`] chooses and moves them.
    pub fn of_sample(
        raw: RawVectors,
        nq: usize,
        noise: f32,
        k: usize,
        watch: &dyn BuildWatch,
    ) -> Result<Self, JobError> {
        let probes = sample(&raw, nq, noise)?;
        Self::new(raw, probes, k, watch)
    }

    pub fn new(raw: RawVectors, probes: Vec<Probe>, k: usize, watch: &dyn BuildWatch) -> Result<Self, JobError> {
        if probes.is_empty() {
            return Err(JobError::Failed(tell!("tuning-no-probes")));
        }
        let row_of = raw.rows_by_face();
        let spare = probes.iter().map(|probe| probe.exclude.len()).max().unwrap_or(0);
        let embeddings: Vec<Embedding> = probes.iter().map(|probe| probe.embedding.clone()).collect();
        let mut truth = exact_neighbours(&raw, &embeddings, k + spare, watch)?;
        for (hits, probe) in truth.iter_mut().zip(&probes) {
            hits.retain(|hit| !probe.exclude.contains(&hit.face));
            hits.truncate(k);
        }
        Ok(Self { raw, row_of, probes, truth, k })
    }

    /// How long exact comparison with every vector takes for one probe on one thread.
    pub fn exact_latency(&self) -> Latency {
        let mut millis = Vec::new();
        let begun = Instant::now();
        for probe in self.probes.iter().take(20) {
            let at = Instant::now();
            let rows = self.raw.values().chunks_exact(self.raw.d());
            let best = rows.map(|row| crate::index::inner_product(probe.embedding.as_slice(), row));
            std::hint::black_box(best.fold(f32::NEG_INFINITY, f32::max));
            millis.push(at.elapsed().as_secs_f32() * 1e3);
            if begun.elapsed().as_secs() >= 1 {
                break;
            }
        }
        latency_from_millis(&millis)
    }

    /// The exact score of a face; −∞ for one that was enrolled later.
    pub fn score(&self, probe: &Embedding, face: FaceId) -> f32 {
        let row = self.row_of.get(&face).map(|row| self.raw.row(*row));
        row.map_or(f32::NEG_INFINITY, |row| crate::index::inner_product(probe.as_slice(), row))
    }
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn choose(engine: &Engine, set: &ProbeSet, raw: &RawVectors) -> Result<Vec<Probe>, JobError> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    match set {
        ProbeSet::GallerySample { nq, noise } => sample(raw, *nq, *noise),
        ProbeSet::HeldOut { nq } => held_out(engine, *nq, raw, &mut random),
        ProbeSet::File { path } => {
            let embeddings = read_vectors(path, raw.d())?;
            Ok(embeddings.into_iter().map(|embedding| Probe { embedding, exclude: Vec::new(), mated: None }).collect())
        }
        ProbeSet::PastSearches => {
            let model = engine.manifest().name;
            let past = engine.gallery().past_searches(&model, PAST)?;
            if past.is_empty() {
                return Err(JobError::Failed(tell!("tuning-no-past-searches")));
            }
            // A model that was imported anew under the same name may have another length.
            let past = past.into_iter().filter(|embedding| embedding.d() == raw.d());
            Ok(past.map(|embedding| Probe { embedding, exclude: Vec::new(), mated: None }).collect())
        }
    }
}

/// Faces chosen at random, each moved at random.
fn sample(raw: &RawVectors, nq: usize, noise: f32) -> Result<Vec<Probe>, JobError> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let rows: Vec<usize> = (0..raw.len()).collect();
    let chosen = rows.choose_multiple(&mut random, nq.min(raw.len())).copied().collect::<Vec<_>>();
    chosen.into_iter().map(|row| perturbed(raw, row, noise, &mut random)).collect()
}

/// A face of the gallery, moved by a random vector of length `noise`.
fn perturbed(raw: &RawVectors, row: usize, noise: f32, random: &mut impl Rng) -> Result<Probe, JobError> {
    let mut direction: Vec<f32> = (0..raw.d()).map(|_| random.sample(StandardNormal)).collect();
    let norm = direction.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    direction.iter_mut().zip(raw.row(row)).for_each(|(to, value)| *to = value + *to * noise / norm);
    let embedding = Embedding::try_from_raw(direction).map_err(|error| JobError::Failed(error.telling()))?;
    Ok(Probe { embedding, exclude: vec![raw.ids()[row]], mated: None })
}

/// Labelled faces whose subject has another photo, each without the faces of its own photo.
fn held_out(engine: &Engine, nq: usize, raw: &RawVectors, random: &mut impl Rng) -> Result<Vec<Probe>, JobError> {
    let people = People::read(engine)?;
    let row_of = raw.rows_by_face();
    let known: Vec<FaceId> = people.with_mates().filter(|face| row_of.contains_key(face)).collect();
    if known.is_empty() {
        return Err(JobError::Failed(tell!("tuning-no-held-out")));
    }
    let chosen = known.choose_multiple(random, nq.min(known.len())).copied();
    let probe = |face: FaceId| -> Result<Probe, JobError> {
        let embedding = Embedding::try_from_raw(raw.row(row_of[&face]).to_vec());
        let embedding = embedding.map_err(|error| JobError::Failed(error.telling()))?;
        Ok(Probe { embedding, exclude: people.photo_mates(face), mated: Some(true) })
    };
    chosen.map(probe).collect()
}

/// Who the labelled faces are, and which share a photo.
pub(super) struct People {
    photo_of: HashMap<FaceId, PhotoId>,
    pub subject_of: HashMap<FaceId, SubjectId>,
    pub faces_of: BTreeMap<SubjectId, Vec<FaceId>>,
    faces_on: HashMap<PhotoId, Vec<FaceId>>,
}

impl People {
    pub fn read(engine: &Engine) -> Result<Self, JobError> {
        let mut people = Self {
            photo_of: HashMap::new(),
            subject_of: HashMap::new(),
            faces_of: BTreeMap::new(),
            faces_on: HashMap::new(),
        };
        for (face, photo) in engine.gallery().photos_of_faces()? {
            people.photo_of.insert(face, photo);
            people.faces_on.entry(photo).or_default().push(face);
        }
        for (face, subject) in engine.gallery().labels()? {
            people.subject_of.insert(face, subject);
            people.faces_of.entry(subject).or_default().push(face);
        }
        Ok(people)
    }

    /// Labelled faces whose subject has a face on another photo, in the order of the subjects.
    pub fn with_mates(&self) -> impl Iterator<Item = FaceId> + '_ {
        let photos = |faces: &[FaceId]| faces.iter().filter_map(|face| self.photo_of.get(face)).collect::<HashSet<_>>();
        self.faces_of.values().filter(move |faces| photos(faces).len() > 1).flatten().copied()
    }

    /// Every face on this face's photo, itself among them.
    pub fn photo_mates(&self, face: FaceId) -> Vec<FaceId> {
        let photo = self.photo_of.get(&face);
        photo.and_then(|photo| self.faces_on.get(photo)).cloned().unwrap_or_else(|| vec![face])
    }
}
