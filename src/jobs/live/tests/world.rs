//! A gallery without photos and its index in use, changed as the program changes them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::index::{FaceIndex, SearchOptions, moment};
use crate::jobs::live::LiveIndex;
use crate::jobs::work::{JobControl, JobError, Message};
use crate::store::{
    Change, Changed, CommittedFace, DataDir, EnrolledFace, EnrolledPhoto, FileStat, FolderName, Gallery, Naming, Run,
};
use crate::types::{BBox, Detection, Embedding, FaceId, Landmarks, Quality, SearchParams};
use crate::vision::manifest::{ModelManifest, ModelRegistry};

pub(super) const D: usize = 8;

/// With which every index is exact.
pub(super) const WIDE: SearchParams = SearchParams {
    nprobe: 4096,
    ef_search: 100_000,
    refine_factor: 10_000,
    lsh_candidates: 100_000,
    lsh_radius: None,
    templates: 100_000,
};

pub(super) struct World {
    pub(super) data: DataDir,
    pub(super) gallery: Gallery,
    pub(super) manifest: ModelManifest,
    pub(super) index: Arc<LiveIndex>,
    run: Run,
    /// Faces of changes that stand in the gallery and have not come to the index yet, as often as there are such changes.
    pending: Mutex<HashMap<FaceId, usize>>,
    /// Subjects' names are drawn from so many.
    people: usize,
}

pub(super) fn manifest() -> ModelManifest {
    let models = ModelRegistry::open(Path::new("none")).unwrap();
    let entry = models.find(ModelRegistry::default_name()).unwrap();
    ModelManifest { name: "tiny".to_owned(), d: D, ..entry.manifest.clone() }
}

impl World {
    pub(super) fn open(dir: &Path) -> (Self, Vec<Message>) {
        let data = DataDir::resolve(Some(dir)).unwrap();
        let gallery = Gallery::open(&data.gallery_path()).unwrap();
        let manifest = manifest();
        let (index, messages) = start(&data, &gallery, &manifest);
        let (run, pending) = (Run::enrollment("test"), Mutex::default());
        (Self { data, gallery, manifest, index, run, pending, people: 6 }, messages)
    }

    /// As after the end of the program.
    pub(super) fn reopen(&mut self) -> Vec<Message> {
        let (index, messages) = start(&self.data, &self.gallery, &self.manifest);
        self.index = index;
        messages
    }

    /// Enrolls photos with a face each, or enrolls them again where they were: their faces get other vectors then.
    pub(super) fn enroll(&self, photos: &[(usize, Embedding, Option<String>)]) {
        let batch: Vec<_> = photos.iter().map(|(number, embedding, name)| photo(*number, embedding, name)).collect();
        let (committed, changed) = self.gallery.commit(&self.run, &batch).unwrap();
        let came = committed.iter().flat_map(|photo| &photo.faces).filter_map(|face| match face {
            CommittedFace::New(id) | CommittedFace::Renewed(id) => Some(*id),
            CommittedFace::Kept(_) | CommittedFace::StaysOut(_) => None,
        });
        self.follow(&changed, &came.collect::<Vec<_>>());
    }

    /// A person's change; `None` where there is nothing to change.
    pub(super) fn change(&self, change: &Change) -> Option<Changed> {
        let changed = self.gallery.change("test", change).ok()?;
        self.follow(&changed, &[]);
        Some(changed)
    }

    pub(super) fn undo(&self) {
        if let Ok((_, changed)) = self.gallery.undo("test", None) {
            self.follow(&changed, &[]);
        }
    }

    /// As `Engine::follow_with`.
    pub(super) fn follow(&self, changed: &Changed, came: &[FaceId]) {
        let faces = [changed.gone.as_slice(), &changed.back, came].concat();
        faces.iter().for_each(|face| *self.pending.lock().unwrap().entry(*face).or_default() += 1);
        moment("in the gallery");
        self.index.follow(&self.gallery, &faces, &changed.subjects).unwrap();
        let mut pending = self.pending.lock().unwrap();
        faces.iter().for_each(|face| *pending.get_mut(face).unwrap() -= 1);
        pending.retain(|_, count| *count > 0);
    }

    /// What a seed makes of the gallery.
    pub(super) fn happen(&self, rng: &mut ChaCha8Rng) {
        let faces = self.gallery.embedding_ids("tiny").unwrap();
        let some = |rng: &mut ChaCha8Rng| -> Vec<FaceId> {
            let n = rng.random_range(1..=4).min(faces.len());
            (0..n).map(|_| faces[rng.random_range(0..faces.len())]).collect::<HashSet<_>>().into_iter().collect()
        };
        match rng.random_range(0..10) {
            0..=3 => self.enroll(&self.photos(rng, 1..6)),
            _ if faces.is_empty() => {}
            4 | 5 => {
                let who = match rng.random_range(0..4) {
                    0 => Naming::Nobody,
                    _ => Naming::Name(self.name(rng)),
                };
                self.change(&Change::Name { faces: some(rng), who });
            }
            6 => drop(self.change(&Change::RemoveFaces(some(rng)))),
            7 => {
                let subjects = self.gallery.subjects().unwrap();
                if subjects.len() > 1 {
                    let at = rng.random_range(1..subjects.len());
                    self.change(&match rng.random_range(0..2) {
                        0 => Change::Merge { from: vec![subjects[at].id], into: subjects[0].id },
                        _ => Change::RemoveSubject(subjects[at].id),
                    });
                }
            }
            _ => self.undo(),
        }
    }

    pub(super) fn photos(
        &self,
        rng: &mut ChaCha8Rng,
        how_many: std::ops::Range<usize>,
    ) -> Vec<(usize, Embedding, Option<String>)> {
        let n = rng.random_range(how_many);
        let mut photos = BTreeMap::new();
        while photos.len() < n {
            let mut name = (rng.random_range(0..3) > 0).then(|| self.name(rng));
            let embedding = embedding(rng);
            let number = rng.random_range(0..400);
            // Two opposite ones: their mean has no direction.
            if rng.random_range(0..8) == 0 {
                name = Some(format!("Subject of {number}"));
                let opposite = embedding.as_slice().iter().map(|value| -value).collect();
                photos.insert(number + 400, (Embedding::try_from_raw(opposite).unwrap(), name.clone()));
            }
            photos.insert(number, (embedding, name));
        }
        photos.into_iter().map(|(number, (embedding, name))| (number, embedding, name)).collect()
    }

    fn name(&self, rng: &mut ChaCha8Rng) -> String {
        format!("Subject {}", rng.random_range(0..self.people))
    }

    /// The index answers with what the gallery has, but for faces on their way, and with the right scores.
    pub(super) fn check(&self, rng: &mut ChaCha8Rng) {
        let index = self.index.faces();
        let probe = embedding(rng);
        let pending: HashSet<FaceId> = self.pending.lock().unwrap().keys().copied().collect();
        let wanted = self.vectors();
        let params = WIDE;
        let options = SearchOptions { params: Some(&params), ..SearchOptions::default() };
        let hits = index.search_with(std::slice::from_ref(&probe), 10_000, options).unwrap().remove(0);
        let found: HashSet<FaceId> = hits.iter().map(|hit| hit.face).collect();
        assert_eq!(found.len(), hits.len(), "a face stands twice in {hits:?}");
        let outside = |face: &&FaceId| !pending.contains(*face);
        let more: Vec<_> = found.iter().filter(|face| !wanted.contains_key(face)).filter(outside).collect();
        let less: Vec<_> = wanted.keys().filter(|face| !found.contains(face)).filter(outside).collect();
        assert!(more.is_empty() && less.is_empty(), "{}: {more:?} too many, {less:?} missing", index.spec());
        for hit in hits.iter().filter(|hit| !pending.contains(&hit.face)) {
            let score = probe.score(&wanted[&hit.face]);
            assert!((hit.score - score).abs() < 1e-3, "{}: {hit:?} scores {score}", index.spec());
        }
        if pending.is_empty() {
            assert_eq!(index.ntotal(), wanted.len());
            self.check_best(&*index, &probe, &wanted);
        }
    }

    /// The exact reference of the few best.
    fn check_best(&self, index: &dyn FaceIndex, probe: &Embedding, wanted: &BTreeMap<FaceId, Embedding>) {
        let params = WIDE;
        let options = SearchOptions { params: Some(&params), ..SearchOptions::default() };
        let hits = index.search_with(std::slice::from_ref(probe), 5, options).unwrap().remove(0);
        let mut exact: Vec<f32> = wanted.values().map(|embedding| probe.score(embedding)).collect();
        exact.sort_by(|a, b| b.total_cmp(a));
        exact.truncate(5);
        assert_eq!(hits.len(), exact.len());
        let same = hits.iter().zip(&exact).all(|(hit, score)| (hit.score - score).abs() < 1e-3);
        assert!(same, "{hits:?} instead of {exact:?}");
    }

    /// The exact reference: what the gallery has.
    fn vectors(&self) -> BTreeMap<FaceId, Embedding> {
        let ids = self.gallery.embedding_ids("tiny").unwrap();
        let vector = |face: FaceId| (face, self.gallery.embedding(face, "tiny").unwrap().unwrap());
        ids.into_iter().map(vector).collect()
    }

    pub(super) fn build(&self, spec: &str, params: SearchParams) -> Result<(), JobError> {
        self.build_watched(spec, params, &JobControl::default())
    }

    pub(super) fn build_watched(&self, spec: &str, params: SearchParams, control: &JobControl) -> Result<(), JobError> {
        let spec = spec.parse().unwrap();
        let recipe = crate::jobs::live::Recipe::Given(&spec, params);
        crate::jobs::live::build(&self.gallery, &self.index, recipe, control, &|_| {})
    }

    pub(super) fn retrain(&self, control: &JobControl) -> Result<(), JobError> {
        crate::jobs::live::build(&self.gallery, &self.index, crate::jobs::live::Recipe::InUse, control, &|_| {})
    }

    pub(super) fn look_after(&self, share: f64, control: &JobControl) -> Result<(), JobError> {
        crate::jobs::live::look_after(&self.gallery, &self.index, share, control, &|_| {})
    }

    pub(super) fn spec(&self) -> String {
        self.index.faces().spec().to_string()
    }
}

fn start(data: &DataDir, gallery: &Gallery, manifest: &ModelManifest) -> (Arc<LiveIndex>, Vec<Message>) {
    let mut messages = Vec::new();
    let index = LiveIndex::unloaded(data, manifest, true).unwrap();
    index.start(gallery, manifest, &mut messages).unwrap();
    (Arc::new(index), messages)
}

pub(super) fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub(super) fn embedding(rng: &mut ChaCha8Rng) -> Embedding {
    Embedding::try_from_raw((0..D).map(|_| rng.random_range(-1.0..1.0)).collect()).unwrap()
}

fn photo(number: usize, embedding: &Embedding, name: &Option<String>) -> EnrolledPhoto {
    let path = PathBuf::from(format!("/photos/{number}.jpg"));
    let face = EnrolledFace {
        detection: Detection {
            bbox: BBox { x1: 0.0, y1: 0.0, x2: 100.0, y2: 100.0 },
            confidence: 0.9,
            landmarks: Landmarks::default(),
        },
        quality: Quality::default(),
        crop_jpeg: Vec::new(),
        embedding: embedding.clone(),
        subject: name.as_ref().map(|name| FolderName(name.into())),
    };
    EnrolledPhoto {
        content_hash: *blake3::hash(path.as_os_str().as_encoded_bytes()).as_bytes(),
        file: FileStat { bytes: 1000, ..FileStat::default() },
        size: [800, 600],
        taken_at: None,
        issue: None,
        params_digest: "1".to_owned(),
        model: "tiny".to_owned(),
        threshold: 0.5,
        faces: vec![face],
        path,
    }
}
