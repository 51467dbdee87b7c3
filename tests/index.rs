//! Faiss against the exact reference, through the interface that the program uses.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::collections::HashMap;

use likeness::index::{FaceIndex, FlatIndex, Hit, IndexError, ReferenceIndex};
use likeness::types::{Embedding, FaceId};
use proptest::prelude::*;

/// Largest difference between two ways to sum the products of unit vectors in f32, for d up to 600.
const SCORE_TOLERANCE: f32 = 1e-5;

fn embedding(values: impl IntoIterator<Item = f32>) -> Embedding {
    Embedding::try_from_raw(values.into_iter().collect()).unwrap()
}

/// Values that repeat themselves depending on `seed`, so that duplicates and ties happen.
fn embedding_of(seed: u64, d: usize) -> Embedding {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    embedding((0..d).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5 + 1e-3
    }))
}

fn both(d: usize) -> [Box<dyn FaceIndex>; 2] {
    [Box::new(FlatIndex::new(d).unwrap()), Box::new(ReferenceIndex::new(d).unwrap())]
}

/// Same scores at every rank, and every face has the score that it must have. Which of several faces that tie for
/// the last place is there may differ.
fn assert_same(flat: &[Hit], exact: &[Hit], score_of: impl Fn(FaceId) -> f32) {
    assert_eq!(flat.len(), exact.len());
    for (a, b) in flat.iter().zip(exact) {
        assert!((a.score - b.score).abs() <= SCORE_TOLERANCE, "{a:?} {b:?}");
        assert!((a.score - score_of(a.face)).abs() <= SCORE_TOLERANCE, "{a:?}");
    }
    assert!(
        flat.windows(2).all(
            |pair| pair[0].score > pair[1].score || (pair[0].score == pair[1].score && pair[0].face < pair[1].face)
        )
    );
    let Some(last) = exact.last() else { return };
    let above = |hits: &[Hit]| {
        let mut faces: Vec<_> =
            hits.iter().filter(|hit| hit.score > last.score + 2.0 * SCORE_TOLERANCE).map(|hit| hit.face).collect();
        faces.sort();
        faces
    };
    assert_eq!(above(flat), above(exact));
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<(i64, u64)>),
    Remove(Vec<i64>),
    Search(Vec<u64>, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    // Few seeds and few ids: duplicates of both are the rule.
    prop_oneof![
        proptest::collection::vec((0i64..200, 0u64..60), 0..40).prop_map(Step::Add),
        proptest::collection::vec(0i64..220, 0..30).prop_map(Step::Remove),
        (proptest::collection::vec(0u64..80, 0..25), 0usize..150).prop_map(|(probes, k)| Step::Search(probes, k)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn faiss_agrees_with_the_reference(
        d in prop_oneof![1usize..40, Just(128), Just(512)],
        steps in proptest::collection::vec(any_step(), 1..20),
    ) {
        let indexes = both(d);
        let mut held: HashMap<i64, u64> = HashMap::new();
        for step in steps {
            match step {
                Step::Add(faces) => {
                    let ids: Vec<_> = faces.iter().map(|&(id, _)| FaceId(id)).collect();
                    let embeddings: Vec<_> = faces.iter().map(|&(_, seed)| embedding_of(seed, d)).collect();
                    let mut sorted: Vec<_> = faces.iter().map(|&(id, _)| id).collect();
                    sorted.sort();
                    sorted.dedup();
                    let is_fine = sorted.len() == faces.len() && sorted.iter().all(|id| !held.contains_key(id));
                    for index in &indexes {
                        match index.add(&ids, &embeddings) {
                            Ok(()) => prop_assert!(is_fine),
                            Err(e) => {
                                prop_assert!(matches!(e, IndexError::DuplicateId(_)), "{}", e);
                                prop_assert!(!is_fine);
                            }
                        }
                    }
                    if is_fine {
                        held.extend(faces);
                    }
                }
                Step::Remove(ids) => {
                    let faces: Vec<_> = ids.iter().copied().map(FaceId).collect();
                    indexes.iter().for_each(|index| index.remove(&faces).unwrap());
                    held.retain(|id, _| !ids.contains(id));
                }
                Step::Search(seeds, k) => {
                    let probes: Vec<_> = seeds.iter().map(|&seed| embedding_of(seed, d)).collect();
                    let [flat, exact] = indexes.each_ref().map(|index| index.search_batch(&probes, k).unwrap());
                    prop_assert_eq!(flat.len(), probes.len());
                    for ((flat, exact), probe) in flat.iter().zip(&exact).zip(&probes) {
                        prop_assert_eq!(flat.len(), k.min(held.len()));
                        assert_same(flat, exact, |face| probe.score(&embedding_of(held[&face.0], d)));
                    }
                    if let Some(probe) = probes.first() {
                        assert_same(&indexes[0].search(probe, k).unwrap(), &exact[0], |face| {
                            probe.score(&embedding_of(held[&face.0], d))
                        });
                    }
                }
            }
            for index in &indexes {
                prop_assert_eq!(index.ntotal(), held.len());
                let mut ids: Vec<_> = index.ids().into_iter().map(|id| id.0).collect();
                ids.sort();
                let mut expected: Vec<_> = held.keys().copied().collect();
                expected.sort();
                prop_assert_eq!(&ids, &expected);
                prop_assert!((0..220).all(|id| index.contains(FaceId(id)) == held.contains_key(&id)));
            }
        }
    }
}

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    for index in both(3) {
        let good = embedding([1.0, 0.0, 0.0]);
        let short = embedding([1.0, 0.0]);
        index.add(&[FaceId(1)], std::slice::from_ref(&good)).unwrap();
        let add = |ids: &[i64], embeddings: &[Embedding]| {
            index.add(&ids.iter().copied().map(FaceId).collect::<Vec<_>>(), embeddings).unwrap_err()
        };
        assert!(matches!(
            add(&[2, 3], std::slice::from_ref(&good)),
            IndexError::LengthMismatch { ids: 2, embeddings: 1 }
        ));
        assert!(matches!(
            add(&[2, 3], &[good.clone(), short.clone()]),
            IndexError::WrongDimension { expected: 3, got: 2 }
        ));
        assert!(matches!(add(&[2, 1], &[good.clone(), good.clone()]), IndexError::DuplicateId(FaceId(1))));
        assert!(matches!(add(&[2, 2], &[good.clone(), good.clone()]), IndexError::DuplicateId(FaceId(2))));
        assert!(matches!(add(&[-1], std::slice::from_ref(&good)), IndexError::NegativeId(FaceId(-1))));
        assert!(matches!(index.search(&short, 1), Err(IndexError::WrongDimension { expected: 3, got: 2 })));
        assert_eq!(index.ids(), [FaceId(1)]);
        assert_eq!(index.search(&good, usize::MAX).unwrap(), [Hit { face: FaceId(1), score: 1.0 }]);
    }
}

#[test]
fn an_empty_index_finds_nothing() {
    for index in both(4) {
        let probe = embedding([1.0, 2.0, 3.0, 4.0]);
        assert_eq!(index.search(&probe, 5).unwrap(), []);
        assert_eq!(index.search_batch(&[], 5).unwrap(), Vec::<Vec<Hit>>::new());
        index.add(&[], &[]).unwrap();
        index.remove(&[FaceId(1)]).unwrap();
        assert_eq!(index.ntotal(), 0);
    }
}

#[test]
fn equal_faces_come_in_the_order_of_their_ids() {
    for index in both(8) {
        let same = embedding_of(1, 8);
        let ids: Vec<_> = [5, 900, 3, 77, 4].map(FaceId).to_vec();
        index.add(&ids, &vec![same.clone(); 5]).unwrap();
        let found: Vec<_> = index.search(&same, 9).unwrap().iter().map(|hit| hit.face.0).collect();
        assert_eq!(found, [3, 4, 5, 77, 900]);
    }
}

#[test]
fn many_threads_search_while_faces_are_added_and_removed() {
    let index = FlatIndex::new(32).unwrap();
    index.add(&[FaceId(0)], &[embedding_of(0, 32)]).unwrap();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let probe = embedding_of(0, 32);
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    let hits = index.search(&probe, 10).unwrap();
                    assert_eq!(hits[0].face, FaceId(0));
                    assert!((hits[0].score - 1.0).abs() < SCORE_TOLERANCE);
                }
            });
        }
        for round in 0..200i64 {
            let ids: Vec<_> = (1..=50).map(|i| FaceId(round * 50 + i)).collect();
            let embeddings: Vec<_> = ids.iter().map(|id| embedding_of(id.0 as u64 + 1, 32)).collect();
            index.add(&ids, &embeddings).unwrap();
            index.remove(&ids[..25]).unwrap();
        }
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(index.ntotal(), 1 + 200 * 25);
}
