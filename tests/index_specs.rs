//! Indexes of every kind against the exact reference.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::sync::atomic::AtomicBool;

use likeness::index::{
    BuildWatch, Built, FaceFilter, FaceIndex, Hit, IndexError, IndexStore, LoadedIndex, RawVectors, ReferenceIndex,
    SearchOptions, Templates, TieredIndex, TrainedIndex, build_with_templates, extend, search_range,
};
use likeness::types::{Embedding, FaceId, IndexSpec, SearchParams, SubjectId};
use likeness::vectors::synth::{Synth, SynthSpec};

/// Every kind of index, small enough for a few thousand vectors of d 64.
const SPECS: [&str; 16] = [
    "IVF32,Flat",
    "HNSW16,Flat",
    "HNSW30(40),SQ8",
    "IVF32,PQ16",
    "IVF32,PQ16,Refine(f16)",
    "IVF32,PQ32x4fs,Refine(f16)",
    "PCA32,IVF32,PQ16x4fsr,Refine(f16)",
    "OPQ16_32,IVF32,PQ16,Refine(f32)",
    "PQ32x4fs,Refine(f32)",
    "IVF32,SQ8,Refine(f16)",
    "IVF32,SQfp16",
    "IVF32,RaBitQ,Refine(f16)",
    "PCA32,HNSW16,SQfp16,Refine(f16)",
    "LSH256,Flat,Refine(f16)",
    "LSH256,IVF32,Flat",
    "Templates,IVF32,SQ8,Refine(f16)",
];

/// Parameters that look nearly everywhere.
const WIDE: SearchParams = SearchParams {
    nprobe: 32,
    ef_search: 200,
    refine_factor: 20,
    lsh_candidates: 800,
    lsh_radius: None,
    templates: 30,
};

struct Calm(AtomicBool);

impl BuildWatch for Calm {
    fn checkpoint(&self) -> Result<(), IndexError> {
        if self.0.load(std::sync::atomic::Ordering::Relaxed) { Err(IndexError::Interrupted) } else { Ok(()) }
    }
    fn interrupt(&self) -> &AtomicBool {
        &self.0
    }
    fn progress(&self, _: &'static str, _: usize, _: usize) {}
}

fn calm() -> Calm {
    Calm(AtomicBool::new(false))
}

struct Faces {
    ids: Vec<FaceId>,
    embeddings: Vec<Embedding>,
    labels: Vec<(FaceId, SubjectId)>,
    probes: Vec<Embedding>,
}

/// `n` face-like vectors with ids far above 2³², in no order, a subject for each person.
fn faces(n: usize, d: usize) -> Faces {
    let mut synth = Synth::new(SynthSpec::edgeface_like(n as u64, d, 1)).unwrap();
    let (mut values, mut persons) = (Vec::new(), Vec::new());
    synth.next_chunk(n, &mut values, &mut persons);
    let probes = synth.mated_probes(40).vectors;
    let ids: Vec<FaceId> = (0..n as i64).map(|i| FaceId((1 << 34) + (i * 7919) % 100_003)).collect();
    let rows = values.chunks_exact(d);
    let labels = ids.iter().zip(&persons).map(|(id, person)| (*id, SubjectId(*person as i64 + 1))).collect();
    Faces {
        embeddings: rows.map(|row| Embedding::try_from_raw(row.to_vec()).unwrap()).collect(),
        ids,
        labels,
        probes: probes.chunks_exact(d).map(|x| Embedding::try_from_raw(x.to_vec()).unwrap()).collect(),
    }
}

fn raw(dir: &std::path::Path, faces: &Faces, range: std::ops::Range<usize>) -> RawVectors {
    RawVectors::create(&dir.join("raw"), faces.embeddings[0].d(), |push| {
        range.clone().try_for_each(|at| push(faces.ids[at], faces.embeddings[at].as_slice()))
    })
    .unwrap()
}

fn loaded(dir: &std::path::Path, faces: &Faces, spec: &str, range: std::ops::Range<usize>) -> (TieredIndex, Built) {
    let raw = raw(dir, faces, range);
    let spec: IndexSpec = spec.parse().unwrap();
    let place = dir.join("index");
    std::fs::create_dir_all(&place).unwrap();
    let built = build_with_templates(&raw, &faces.labels, &spec, &place, 1, &calm()).unwrap();
    (tiered(&built, faces), built)
}

fn tiered(built: &Built, faces: &Faces) -> TieredIndex {
    let trained = built.open(false).unwrap();
    let templates = built.record.spec.templates.then(|| open_templates(built, &trained, faces));
    TieredIndex::from_trained(trained, templates, WIDE).unwrap()
}

fn open_templates(built: &Built, trained: &TrainedIndex, faces: &Faces) -> Templates {
    Templates::open(&built.dir.join("templates"), trained, &faces.labels).unwrap()
}

fn exact(faces: &Faces, range: std::ops::Range<usize>) -> ReferenceIndex {
    let index = ReferenceIndex::new(faces.embeddings[0].d()).unwrap();
    index.add(&faces.ids[range.clone()], &faces.embeddings[range]).unwrap();
    index
}

/// Share of the true `k` that were found, over all probes; also that hits are sound.
fn recall(index: &TieredIndex, truth: &ReferenceIndex, faces: &Faces, k: usize, filter: Option<&FaceFilter>) -> f64 {
    let options = SearchOptions { filter, ..SearchOptions::default() };
    let found = index.search_with(&faces.probes, k, options).unwrap();
    let wanted = truth.search_with(&faces.probes, k, options).unwrap();
    let mut right = 0;
    for ((found, wanted), probe) in found.iter().zip(&wanted).zip(&faces.probes) {
        assert_eq!(found.len(), wanted.len(), "as many as there are");
        assert_sound(found);
        let alone = index.search_with(std::slice::from_ref(probe), k, options).unwrap();
        assert_eq!(alone[0].len(), found.len());
        right += found.iter().filter(|hit| wanted.iter().any(|other| other.face == hit.face)).count();
    }
    right as f64 / wanted.iter().map(Vec::len).sum::<usize>() as f64
}

fn assert_sound(hits: &[Hit]) {
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let mut ids: Vec<_> = hits.iter().map(|hit| hit.face).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), hits.len(), "every face once");
}

/// Faces that are left out are no answers, take no place of others, and make no search look farther.
fn leaves_out(index: &TieredIndex, truth: &ReferenceIndex, faces: &Faces, spec: &str, bound: f64) {
    let nearest = truth.search_batch(&faces.probes, 12).unwrap();
    // From none to twelve, so that lists differ within a batch; one of them is no face of the index.
    let out = |(at, hits): (usize, &Vec<Hit>)| -> Vec<FaceId> {
        hits.iter().map(|hit| hit.face).take(at % 13).chain([FaceId(1)]).collect()
    };
    let exclude: Vec<Vec<FaceId>> = nearest.iter().enumerate().map(out).collect();
    let options = SearchOptions { exclude: &exclude, ..SearchOptions::default() };
    let found = index.search_with(&faces.probes, 10, options).unwrap();
    let wanted = truth.search_with(&faces.probes, 10, options).unwrap();
    let mut right = 0;
    for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        assert_sound(found);
        assert_eq!(found.len(), 10, "{spec}");
        assert!(found.iter().all(|hit| !exclude[at].contains(&hit.face)), "{spec}");
        assert!(wanted.iter().all(|hit| !exclude[at].contains(&hit.face)));
        right += found.iter().filter(|hit| wanted.iter().any(|other| other.face == hit.face)).count();
        let alone = SearchOptions { exclude: &exclude[at..=at], ..options };
        let alone = index.search_with(&faces.probes[at..=at], 10, alone).unwrap();
        assert_eq!(alone[0].len(), 10, "{spec}");
    }
    assert!(right as f64 >= bound * 400.0, "{spec}: {right} of 400 with faces left out");
    let mismatch = SearchOptions { exclude: &exclude[..3], ..options };
    assert!(matches!(index.search_with(&faces.probes, 10, mismatch), Err(IndexError::ExcludeMismatch { .. })));
}

#[test]
fn a_walk_with_faces_left_out_is_no_broader() {
    let faces = faces(3000, 64);
    let truth = exact(&faces, 0..3000);
    let dir = tempfile::tempdir().unwrap();
    let (index, _) = loaded(dir.path(), &faces, "HNSW16,Flat", 0..3000);
    let nearest = truth.search_batch(&faces.probes, 200).unwrap();
    let exclude: Vec<Vec<FaceId>> = nearest.iter().map(|hits| hits.iter().map(|hit| hit.face).collect()).collect();
    let options = SearchOptions { exclude: &exclude, ..SearchOptions::default() };
    let wanted = truth.search_with(&faces.probes, 10, options).unwrap();
    let right = |ef_search| {
        index.set_params(SearchParams { ef_search, ..WIDE });
        let found = index.search_with(&faces.probes, 10, options).unwrap();
        let both = found.iter().zip(&wanted);
        both.map(|(a, b)| a.iter().filter(|hit| b.iter().any(|other| other.face == hit.face)).count()).sum::<usize>()
    };
    // With room asked for the faces left out, every breadth below 210 gave one and the same answer.
    let (narrow, broad) = (right(10), right(200));
    assert!(narrow < broad, "{narrow} {broad}");
}

#[test]
fn codes_answer_with_cosines_and_a_build_without_vectors_is_built_again() {
    let faces = faces(2000, 64);
    for spec in ["PCA16,Flat", "PCA16,HNSW16,Flat", "IVF16,PQ8", "OPQ8_32,PQ8x4fs", "IVF16,SQ8", "IVF16,RaBitQ"] {
        let dir = tempfile::tempdir().unwrap();
        let (index, built) = loaded(dir.path(), &faces, spec, 0..2000);
        for (hits, probe) in index.search_batch(&faces.probes, 20).unwrap().iter().zip(&faces.probes) {
            assert_sound(hits);
            for hit in hits {
                let at = faces.ids.iter().position(|id| *id == hit.face).unwrap();
                let cosine = faces.embeddings[at].score(probe);
                assert!((hit.score - cosine).abs() < 1e-3, "{spec}: {} for {cosine}", hit.score);
            }
        }
        std::fs::remove_file(built.dir.join("vectors.bin")).unwrap();
        assert!(built.open(false).unwrap_err().asks_for_rebuild(), "{spec}");
    }
}

/// Recall is bounded by what the codes let through, which are exact or refined.
fn has_exact_scores(spec: &str) -> bool {
    spec.contains("Refine") || spec.ends_with(",Flat")
}

#[test]
fn every_kind_finds_filters_forgets_and_grows() {
    let faces = faces(3000, 64);
    let truth = exact(&faces, 0..3000);
    for spec in SPECS {
        let dir = tempfile::tempdir().unwrap();
        let (index, built) = loaded(dir.path(), &faces, spec, 0..2600);
        index.add(&faces.ids[2600..], &faces.embeddings[2600..]).unwrap();
        assert_eq!((index.ntotal(), index.tail().ntotal()), (3000, 400), "{spec}");
        let bound = if has_exact_scores(spec) { 0.95 } else { 0.5 };
        let all = recall(&index, &truth, &faces, 10, None);
        assert!(all >= bound, "{spec}: recall {all}");
        {
            for (hits, probe) in index.search_batch(&faces.probes, 5).unwrap().iter().zip(&faces.probes) {
                for hit in hits {
                    let at = faces.ids.iter().position(|id| *id == hit.face).unwrap();
                    assert!((hit.score - faces.embeddings[at].score(probe)).abs() < 2e-3, "{spec}");
                }
            }
        }
        leaves_out(&index, &truth, &faces, spec, bound);

        // More than there are: everything, once.
        let everything = index.search(&faces.probes[0], 5000).unwrap();
        assert_eq!(everything.len(), 3000, "{spec}");

        // A filter keeps k results, rare or common, also beside the tail.
        for (every, k) in [(100, 10), (2, 10)] {
            let filter = FaceFilter::new(faces.ids.iter().step_by(every).copied().collect());
            let within = recall(&index, &truth, &faces, k, Some(&filter));
            assert!(within >= bound, "{spec}: recall {within} with a filter of one in {every}");
            let options = SearchOptions { filter: Some(&filter), ..SearchOptions::default() };
            let hits = index.search_with(&faces.probes[..1], k, options).unwrap();
            assert!(hits[0].iter().all(|hit| filter.contains(hit.face)));
        }

        // What is removed is not found again, and k results come all the same.
        let gone: Vec<FaceId> = truth.search(&faces.probes[3], 30).unwrap().iter().map(|hit| hit.face).collect();
        index.remove(&gone).unwrap();
        let left = index.search(&faces.probes[3], 10).unwrap();
        assert_eq!(left.len(), 10, "{spec}");
        assert!(left.iter().all(|hit| !gone.contains(&hit.face)), "{spec}");
        assert_eq!(index.ntotal(), 2970, "{spec}");
        assert!(gone.iter().all(|face| !index.contains(*face)));

        // The tail taken in: nothing is trained, nothing lost.
        let place = dir.path().join("extended");
        std::fs::create_dir(&place).unwrap();
        let later = raw(dir.path(), &faces, 2600..3000);
        let grown = extend(index.trained().unwrap(), &built, &later, &faces.labels, &place, 1, &calm()).unwrap();
        assert_eq!((grown.record.ntotal, grown.record.ntotal_at_training), (3000, 2600));
        let grown = tiered(&grown, &faces);
        let all = recall(&grown, &truth, &faces, 10, None);
        assert!(all >= bound, "{spec}: recall {all} after growing");
    }
}

#[test]
fn the_lists_looked_into_are_those_of_the_search() {
    let faces = faces(3000, 64);
    let truth = exact(&faces, 0..3000);
    for spec in ["PCA32,IVF32,PQ16x4fsr,Refine(f16)", "IVF32,PQ32x4fs,Refine(f16)", "IVF32,SQ8,Refine(f16)"] {
        let dir = tempfile::tempdir().unwrap();
        let (index, _) = loaded(dir.path(), &faces, spec, 0..3000);
        let mut recalls = Vec::new();
        for nprobe in [32, 2, 8, 32] {
            index.set_params(SearchParams { nprobe, ..WIDE });
            recalls.push(recall(&index, &truth, &faces, 10, None));
        }
        assert!(recalls[0] > 0.95 && recalls[0] == recalls[3], "{spec}: {recalls:?}");
        assert!(recalls[1] < recalls[2] && recalls[2] < recalls[0], "{spec}: {recalls:?}");
    }
}

#[test]
fn a_range_holds_all_that_score_as_high() {
    let faces = faces(2000, 64);
    let dir = tempfile::tempdir().unwrap();
    let truth = exact(&faces, 0..2000);
    for spec in ["IVF16,Flat", "HNSW16,Flat", "LSH256,Flat"] {
        let (index, _) = loaded(dir.path(), &faces, spec, 0..2000);
        for probe in &faces.probes[..10] {
            for threshold in [0.9, 0.3, -1.0] {
                let above = |index: &dyn FaceIndex| {
                    search_range(index, &[(probe, threshold)], 10_000, SearchOptions::default()).unwrap().remove(0)
                };
                let (found, wanted) = (above(&index), above(&truth));
                assert!(found.iter().all(|hit| hit.score >= threshold));
                assert!(found.len() as f64 >= 0.95 * wanted.len() as f64, "{spec}: {} {}", found.len(), wanted.len());
                if threshold == -1.0 {
                    assert_eq!(found.len(), 2000);
                }
            }
        }
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    }
}

#[test]
fn an_index_left_in_its_file_answers_as_one_in_memory() {
    let faces = faces(3000, 64);
    for spec in ["IVF32,Flat", "IVF32,PQ16,Refine(f16)", "PCA32,HNSW16,SQfp16,Refine(f16)", "PQ32x4fs,Refine(f32)"] {
        let dir = tempfile::tempdir().unwrap();
        let (in_memory, built) = loaded(dir.path(), &faces, spec, 0..3000);
        let mapped = TieredIndex::from_trained(built.open(true).unwrap(), None, WIDE).unwrap();
        for probe in &faces.probes {
            assert_eq!(mapped.search(probe, 10).unwrap(), in_memory.search(probe, 10).unwrap(), "{spec}");
        }
        assert!(mapped.ram_bytes() < in_memory.ram_bytes(), "{spec}");
    }
}

#[test]
fn odd_galleries_and_probes_give_answers_or_errors() {
    let faces = faces(400, 64);
    let dir = tempfile::tempdir().unwrap();
    let one = raw(dir.path(), &faces, 0..1);
    let place = dir.path().join("a");
    std::fs::create_dir(&place).unwrap();
    let build = |raw: &RawVectors, spec: &str| {
        build_with_templates(raw, &faces.labels, &spec.parse().unwrap(), &place, 1, &calm())
    };
    assert!(matches!(build(&one, "IVF32,Flat"), Err(IndexError::TooFewToTrain { needed: 32, found: 1, .. })));
    assert!(matches!(build(&one, "PCA65,HNSW16,Flat"), Err(IndexError::Spec(_))));
    let built = build(&one, "HNSW16,Flat").unwrap();
    let index = TieredIndex::from_trained(built.open(false).unwrap(), None, WIDE).unwrap();
    assert_eq!(index.search(&faces.probes[0], 10).unwrap().len(), 1, "one vector");
    drop(one);
    let none = raw(dir.path(), &faces, 0..0);
    let place = dir.path().join("b");
    std::fs::create_dir(&place).unwrap();
    for spec in ["HNSW16,Flat", "LSH64,Flat", "IVF4,Flat"] {
        let spec: IndexSpec = spec.parse().unwrap();
        assert!(
            build_with_templates(&none, &faces.labels, &spec, &place, 1, &calm()).is_err() || spec.nlist().is_none(),
            "nothing to train on"
        );
    }
    drop(none);
    let short = Embedding::try_from_raw(vec![1.0; 63]).unwrap();
    assert!(matches!(index.search(&short, 1), Err(IndexError::WrongDimension { expected: 64, got: 63 })));
    let double = index.add(&[faces.ids[0]], &[faces.embeddings[0].clone()]);
    assert!(matches!(double, Err(IndexError::DuplicateId(_))), "also when it is in the trained part");
}

#[test]
fn duplicate_vectors_are_all_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut faces = faces(600, 64);
    for at in 0..50 {
        faces.embeddings[at] = faces.embeddings[0].clone();
    }
    for spec in ["IVF8,Flat", "IVF8,PQ16,Refine(f16)", "HNSW16,Flat", "LSH128,Flat"] {
        let (index, _) = loaded(dir.path(), &faces, spec, 0..600);
        let hits = index.search(&faces.embeddings[0], 50).unwrap();
        assert_sound(&hits);
        assert!(hits.iter().all(|hit| hit.score > 0.99), "{spec}");
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    }
}

#[test]
fn a_stopped_build_says_so() {
    let faces = faces(2000, 64);
    let dir = tempfile::tempdir().unwrap();
    let raw = raw(dir.path(), &faces, 0..2000);
    let stop = Calm(AtomicBool::new(true));
    for spec in ["IVF32,Flat", "HNSW16,Flat", "LSH64,Flat"] {
        let place = dir.path().join(spec);
        std::fs::create_dir(&place).unwrap();
        let stopped = build_with_templates(&raw, &faces.labels, &spec.parse().unwrap(), &place, 1, &stop);
        assert!(matches!(stopped, Err(IndexError::Interrupted)), "{spec}");
    }
}

#[test]
fn subjects_change_and_templates_follow() {
    let mut faces = faces(2000, 64);
    let dir = tempfile::tempdir().unwrap();
    let spec = "Templates,IVF16,Flat,Refine(f32)";
    let (index, built) = loaded(dir.path(), &faces, spec, 0..2000);
    let narrow = SearchParams { nprobe: 1, templates: 1, ..WIDE };
    index.set_params(narrow);
    // A face is given to a new subject of its own: it is still found, by that subject's template.
    let moved = faces.ids[100];
    let (_, before) = faces.labels[100];
    let newcomer = SubjectId(1 << 40);
    faces.labels[100].1 = newcomer;
    let members =
        |subject| faces.labels.iter().filter(|(_, s)| *s == subject).map(|(face, _)| *face).collect::<Vec<_>>();
    index.set_subject(before, &members(before)).unwrap();
    index.set_subject(newcomer, &members(newcomer)).unwrap();
    assert_eq!(index.search(&faces.embeddings[100], 1).unwrap()[0].face, moved);
    // The same after the next start, where the changes come from the labels.
    let trained = built.open(false).unwrap();
    let templates = Templates::open(&built.dir.join("templates"), &trained, &faces.labels).unwrap();
    let again = TieredIndex::from_trained(trained, Some(templates), narrow).unwrap();
    assert_eq!(again.search(&faces.embeddings[100], 1).unwrap()[0].face, moved);
    // A face that loses its subject is found among those that have none.
    faces.labels.remove(100);
    index.set_subject(newcomer, &[]).unwrap();
    assert_eq!(index.search(&faces.embeddings[100], 1).unwrap()[0].face, moved);
}

#[test]
fn generations_are_published_listed_rolled_back_and_checked() {
    let faces = faces(1500, 64);
    let dir = tempfile::tempdir().unwrap();
    let store = IndexStore::open(&dir.path().join("store")).unwrap();
    let raw = raw(dir.path(), &faces, 0..1500);
    for spec in ["IVF16,Flat", "Templates,IVF16,SQ8,Refine(f16)"] {
        let place = store.begin_build().unwrap();
        let built = build_with_templates(&raw, &faces.labels, &spec.parse().unwrap(), &place, 1, &calm()).unwrap();
        store.publish_built(&built, "model", WIDE, &calm()).unwrap();
    }
    let (index, generation) = store.load_current("model", 64).unwrap().unwrap();
    assert!(matches!(&index, LoadedIndex::Trained(trained) if trained.ntotal() == 1500));
    assert_eq!(
        (generation.manifest.number, generation.manifest.record.spec.templates, generation.manifest.params),
        (2, true, WIDE)
    );
    assert_eq!(generation.manifest.record.data_digest, raw.digest());
    let listed = store.generations(true).unwrap();
    assert_eq!(listed.iter().map(|g| (g.number, g.is_current)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    assert!(listed.iter().all(|g| g.problem.is_none() && g.disk_bytes > 0));

    let roll_back = |number| store.point_back(&store.load_generation(number, "model", 64, &calm())?.1);
    roll_back(1).unwrap();
    let (_, generation) = store.load_current("model", 64).unwrap().unwrap();
    assert_eq!((generation.manifest.number, generation.manifest.record.spec.to_string()), (1, "IVF16,Flat".to_owned()));
    assert!(matches!(roll_back(7), Err(IndexError::NoGeneration(7))));
    assert!(store.load_current("other", 64).unwrap_err().asks_for_rebuild(), "another model's");

    // A damaged one is named and not rolled back to; every file matters.
    let damaged = dir.path().join("store/gen-00000002");
    for name in ["index.faiss", "ids.bin", "order.bin", "vectors.bin", "templates/members.bin"] {
        let path = damaged.join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut broken = whole.clone();
        broken[whole.len() / 2] ^= 1;
        std::fs::write(&path, broken).unwrap();
        assert!(matches!(roll_back(2), Err(IndexError::Corrupt { .. })), "{name}");
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(store.generations(false).unwrap()[0].problem.is_some(), "{name}");
        std::fs::write(&path, whole).unwrap();
    }
    roll_back(2).unwrap();
    std::fs::write(damaged.join("index.faiss"), b"not an index").unwrap();
    assert!(store.load_current("model", 64).unwrap_err().asks_for_rebuild());
}
