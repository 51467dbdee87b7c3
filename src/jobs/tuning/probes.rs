//! Where probes come from, and which faces are no answer to them.

use std::collections::{BTreeMap, HashMap, HashSet};

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::index::RawVectors;
use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::tell;
use crate::types::{Embedding, FaceId, PhotoId, ProbeSet, SubjectId, Tell};
use crate::vectors::read_vectors;

/// Sampling is the same every time, so that measurements can be repeated.
const SEED: u64 = 20_130_921;

/// The latest searches that serve as probes.
const PAST: usize = 2000;

/// A probe, and the faces that do not count as answers to it.
#[derive(Clone, Debug)]
pub(in crate::jobs) struct Probe {
    pub embedding: Embedding,
    pub exclude: Vec<FaceId>,
    /// Whether its person is enrolled; `None` where nobody knows.
    pub mated: Option<bool>,
    /// Who it shows, where that is an enrolled person of a gallery.
    pub subject: Option<Subject>,
}

/// The person on a probe.
#[derive(Clone, Debug)]
pub(in crate::jobs) struct Subject {
    pub id: SubjectId,
    /// Every face of the person and every face on the probe's photo: without them the person is a stranger.
    pub own: Vec<FaceId>,
}

impl Probe {
    pub fn of(embedding: Embedding, mated: Option<bool>) -> Self {
        Self { embedding, exclude: Vec::new(), mated, subject: None }
    }

    /// Whether a face is another photo of the probe's person.
    pub fn is_mate(&self, face: FaceId) -> bool {
        let own = self.subject.as_ref().is_some_and(|subject| subject.own.contains(&face));
        own && !self.exclude.contains(&face)
    }
}

/// The probes of a set, from the gallery as it is now.
pub(super) fn choose(engine: &Engine, set: &ProbeSet) -> Result<Vec<Probe>, JobError> {
    let model = engine.manifest();
    match set {
        ProbeSet::GallerySample { nq, noise } => sample(engine, *nq, *noise),
        ProbeSet::HeldOut { nq } => held_out(engine, *nq),
        ProbeSet::File { path } => {
            let embeddings = read_vectors(path, model.d)?;
            Ok(embeddings.into_iter().map(|embedding| Probe::of(embedding, None)).collect())
        }
        ProbeSet::PastSearches => {
            let past = engine.gallery().past_searches(&model.name, PAST)?;
            if past.is_empty() {
                return Err(JobError::Failed(tell!("tuning-no-past-searches")));
            }
            // A model that was imported anew under the same name may have another length.
            let past = past.into_iter().filter(|embedding| embedding.d() == model.d);
            Ok(past.map(|embedding| Probe::of(embedding, None)).collect())
        }
    }
}

/// Faces of the gallery chosen at random, each moved at random.
fn sample(engine: &Engine, nq: usize, noise: f32) -> Result<Vec<Probe>, JobError> {
    let model = engine.manifest().name;
    let ids = engine.gallery().embedding_ids(&model)?;
    if ids.is_empty() {
        return Err(JobError::Failed(tell!("tuning-no-faces")));
    }
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let chosen: Vec<FaceId> = ids.choose_multiple(&mut random, nq.min(ids.len())).copied().collect();
    let mut probes = Vec::with_capacity(chosen.len());
    for face in chosen {
        // One that left the gallery meanwhile is no probe.
        if let Some(embedding) = engine.gallery().embedding(face, &model)? {
            probes.push(perturbed(face, embedding.as_slice(), noise, &mut random)?);
        }
    }
    Ok(probes)
}

/// The same of vectors in a file.
pub(super) fn sample_of(raw: &RawVectors, nq: usize, noise: f32) -> Result<Vec<Probe>, JobError> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let rows: Vec<usize> = (0..raw.len()).collect();
    let chosen = rows.choose_multiple(&mut random, nq.min(raw.len())).copied().collect::<Vec<_>>();
    chosen.into_iter().map(|row| perturbed(raw.ids()[row], raw.row(row), noise, &mut random)).collect()
}

/// A face of the gallery, moved by a random vector of length `noise`.
fn perturbed(face: FaceId, vector: &[f32], noise: f32, random: &mut impl Rng) -> Result<Probe, JobError> {
    let mut direction: Vec<f32> = (0..vector.len()).map(|_| random.sample(StandardNormal)).collect();
    let norm = direction.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    direction.iter_mut().zip(vector).for_each(|(to, value)| *to = value + *to * noise / norm);
    let embedding = Embedding::try_from_raw(direction).map_err(|error| JobError::Failed(error.telling()))?;
    Ok(Probe { exclude: vec![face], ..Probe::of(embedding, None) })
}

/// Faces of subjects with another photo, at most `nq` of them chosen at random, each without the faces of its own photo.
pub(in crate::jobs) fn held_out(engine: &Engine, nq: usize) -> Result<Vec<Probe>, JobError> {
    let people = People::read(engine)?;
    let model = engine.manifest().name;
    let mut known: Vec<FaceId> = people.with_mates().collect();
    known.shuffle(&mut ChaCha8Rng::seed_from_u64(SEED));
    let mut probes = Vec::with_capacity(nq.min(known.len()));
    for face in known {
        if probes.len() >= nq {
            break;
        }
        // Not every face has an embedding by every model.
        let Some(embedding) = engine.gallery().embedding(face, &model)? else { continue };
        let Some(subject) = people.subject_of.get(&face) else { continue };
        let exclude = people.photo_mates(face);
        let mut own = people.faces_of.get(subject).cloned().unwrap_or_default();
        own.extend_from_slice(&exclude);
        own.sort_unstable();
        own.dedup();
        let subject = Some(Subject { id: *subject, own });
        probes.push(Probe { embedding, exclude, mated: Some(true), subject });
    }
    match probes.is_empty() {
        true => Err(JobError::Failed(tell!("tuning-nobody-twice"))),
        false => Ok(probes),
    }
}

/// Who the labelled faces are, and which share a photo.
struct People {
    photo_of: HashMap<FaceId, PhotoId>,
    subject_of: HashMap<FaceId, SubjectId>,
    faces_of: BTreeMap<SubjectId, Vec<FaceId>>,
    faces_on: HashMap<PhotoId, Vec<FaceId>>,
}

impl People {
    fn read(engine: &Engine) -> Result<Self, JobError> {
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
    fn with_mates(&self) -> impl Iterator<Item = FaceId> + '_ {
        let photos = |faces: &[FaceId]| faces.iter().filter_map(|face| self.photo_of.get(face)).collect::<HashSet<_>>();
        self.faces_of.values().filter(move |faces| photos(faces).len() > 1).flatten().copied()
    }

    /// Every face on this face's photo, itself among them.
    fn photo_mates(&self, face: FaceId) -> Vec<FaceId> {
        let photo = self.photo_of.get(&face);
        photo.and_then(|photo| self.faces_on.get(photo)).cloned().unwrap_or_else(|| vec![face])
    }
}
