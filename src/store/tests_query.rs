//! Faces by name, day and folder, and past searches, as their callers use them.

use super::tests::{commit, face, gallery, photo};
use super::*;
use crate::types::{Embedding, FaceId, FaceListing, FaceOrder, FaceQuery, FaceQueryError, SubjectId};

/// A photo at `path`, taken then, of one face with this name.
fn one(path: &str, taken_at: Option<&str>, subject: Option<&str>) -> EnrolledPhoto {
    EnrolledPhoto { taken_at: taken_at.map(str::to_owned), ..photo(path, vec![face(0.0, subject)]) }
}

const NONE: [usize; 0] = [];

/// Seven photos with one face each; returns their faces in order.
fn archive() -> (tempfile::TempDir, Gallery, Vec<FaceId>) {
    let (dir, gallery) = gallery();
    let committed = commit(
        &gallery,
        &[
            one("/a/1.jpg", Some("2019-07-03T00:00:00"), Some("Ada")),
            one("/a/2.jpg", Some("2019-07-03T23:59:59"), None),
            one("/a/b/3.jpg", Some("2019-07-04T00:00:00"), Some("Bob Strauß")),
            one("/a b/4.jpg", None, Some("Ada")),
            one("/ab/5.jpg", Some("2020-01-01T12:00:00"), None),
            one("/a%/6.jpg", Some("2018-12-31T12:00:00"), Some("Cleo")),
            one("/c.jpg", None, None),
        ],
    );
    let faces = committed.unwrap().into_iter().flat_map(|photo| photo.ids()).collect();
    (dir, gallery, faces)
}

/// The numbers, from 1, of the photos whose faces pass.
fn passing(gallery: &Gallery, faces: &[FaceId], query: &FaceQuery) -> Vec<usize> {
    let found = gallery.faces_matching(query).unwrap();
    assert!(found.is_sorted());
    found.iter().map(|id| 1 + faces.iter().position(|face| face == id).unwrap()).collect()
}

/// Whom these names mean; 999 for one that nobody has.
fn people(gallery: &Gallery, names: &[&str]) -> Vec<SubjectId> {
    let find = |name: &&str| gallery.subjects_named(name).unwrap().first().map_or(SubjectId(999), |subject| subject.id);
    names.iter().map(find).collect()
}

#[test]
fn a_list_is_sorted_and_filtered_as_asked() {
    let (_dir, gallery, faces) = archive();
    let listed = |query: FaceQuery, order, is_turned| -> Vec<usize> {
        let listed = gallery.face_list(&FaceListing { query, order, is_turned }).unwrap();
        listed.iter().map(|id| 1 + faces.iter().position(|face| face == id).unwrap()).collect()
    };
    let all = FaceQuery::default;
    assert_eq!(listed(all(), FaceOrder::Newest, false), [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(listed(all(), FaceOrder::Newest, true), [1, 2, 3, 4, 5, 6, 7]);
    // Photos without a day stand at the end either way, the newest first.
    assert_eq!(listed(all(), FaceOrder::Day, false), [5, 3, 2, 1, 6, 7, 4]);
    assert_eq!(listed(all(), FaceOrder::Day, true), [6, 1, 2, 3, 5, 7, 4]);
    assert_eq!(listed(all(), FaceOrder::Folder, false), [4, 6, 1, 2, 3, 5, 7]);
    let unnamed = FaceQuery { unnamed: true, ..all() };
    assert_eq!(listed(unnamed.clone(), FaceOrder::Day, false), [5, 2, 7]);
    let bad = FaceQuery { taken_from: Some("2019-02-30".into()), ..all() };
    assert!(gallery.face_list(&FaceListing { query: bad, ..FaceListing::default() }).is_err());
}

#[test]
fn faces_are_found_and_sorted_by_quality() {
    let (_dir, gallery) = gallery();
    let of_quality = |path: &str, score: f32| {
        let mut face = face(0.0, None);
        face.quality.score = score;
        photo(path, vec![face])
    };
    let photos = [of_quality("/1", 0.7), of_quality("/2", 0.2), of_quality("/3", 0.71), of_quality("/4", 0.2)];
    let faces: Vec<FaceId> = commit(&gallery, &photos).unwrap().into_iter().flat_map(|photo| photo.ids()).collect();
    let by_quality = FaceListing { order: FaceOrder::Quality, ..FaceListing::default() };
    assert_eq!(gallery.face_list(&by_quality).unwrap(), [faces[3], faces[1], faces[0], faces[2]]);
    let between = |from, to| FaceQuery { quality_from: from, quality_to: to, ..FaceQuery::default() };
    assert_eq!(passing(&gallery, &faces, &between(Some(70), None)), [1, 3]);
    assert_eq!(passing(&gallery, &faces, &between(None, Some(70))), [1, 2, 4]);
    assert_eq!(passing(&gallery, &faces, &between(Some(20), Some(20))), [2, 4]);
}

#[test]
fn faces_are_found_by_name() {
    let (_dir, gallery, faces) = archive();
    let named = |subjects: &[&str], named, unnamed| {
        passing(
            &gallery,
            &faces,
            &FaceQuery { subjects: people(&gallery, subjects), named, unnamed, ..FaceQuery::default() },
        )
    };
    assert_eq!(named(&[], false, false), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(named(&["ADA"], false, false), [1, 4]);
    assert_eq!(named(&["  bob   STRAUSS ", "cleo"], false, false), [3, 6]);
    assert_eq!(named(&["Nobody"], false, false), NONE);
    assert_eq!(named(&[], false, true), [2, 5, 7]);
    assert_eq!(named(&["Cleo"], false, true), [2, 5, 6, 7]);
    assert_eq!(named(&[], true, false), [1, 3, 4, 6]);
    gallery.name_face("test", faces[1], Some("ada")).unwrap();
    gallery.name_face("test", faces[0], None).unwrap();
    assert_eq!(named(&["Ada"], false, false), [2, 4]);
    assert_eq!(named(&[], false, true), [1, 5, 7]);
}

#[test]
fn days_are_inclusive_and_photos_without_one_are_left_out() {
    let (_dir, gallery, faces) = archive();
    let taken = |from: Option<&str>, to: Option<&str>| {
        let [taken_from, taken_to] = [from, to].map(|day| day.map(str::to_owned));
        passing(&gallery, &faces, &FaceQuery { taken_from, taken_to, ..FaceQuery::default() })
    };
    assert_eq!(taken(Some("2019-07-03"), Some("2019-07-03")), [1, 2]);
    assert_eq!(taken(Some("2019-07-04"), None), [3, 5]);
    assert_eq!(taken(None, Some("2019-07-03")), [1, 2, 6]);
    assert_eq!(taken(Some("2021-01-01"), None), NONE);
}

#[test]
fn folders_are_compared_by_their_names_and_not_as_patterns() {
    let (_dir, gallery, faces) = archive();
    let below =
        |folder: &str| passing(&gallery, &faces, &FaceQuery { folder: Some(folder.into()), ..FaceQuery::default() });
    assert_eq!(below("/a"), [1, 2, 3]);
    assert_eq!(below("/a/"), [1, 2, 3]);
    assert_eq!(below("/a/b"), [3]);
    assert_eq!(below("/a%"), [6]);
    assert_eq!(below("/a b"), [4]);
    assert_eq!(below("/"), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(below("/A"), NONE);
    assert_eq!(below("/c.jpg"), NONE, "a photo is no folder");
}

#[test]
fn all_that_is_asked_for_must_be_met() {
    let (_dir, gallery, faces) = archive();
    let query = FaceQuery {
        subjects: people(&gallery, &["Ada", "Bob Strauß"]),
        unnamed: true,
        taken_from: Some("2019-07-03".to_owned()),
        taken_to: Some("2019-07-03".to_owned()),
        folder: Some("/a".into()),
        ..FaceQuery::default()
    };
    assert_eq!(passing(&gallery, &faces, &query), [1, 2]);
    assert_eq!(passing(&gallery, &faces, &FaceQuery { unnamed: false, ..query }), [1]);
}

#[test]
fn mistakes_are_told_from_filters_that_leave_nothing() {
    let (_dir, gallery, _) = archive();
    let check = |query: &FaceQuery| gallery.check_query(query);
    let ada = FaceQuery { subjects: people(&gallery, &[" ada"]), folder: Some("/ab".into()), ..FaceQuery::default() };
    check(&ada).unwrap();
    assert_eq!(gallery.faces_matching(&ada).unwrap(), []);
    let nobody = FaceQuery { subjects: people(&gallery, &["Ada", "Nobody "]), ..FaceQuery::default() };
    assert!(matches!(check(&nobody), Err(StoreError::NoSuchSubjectId(SubjectId(999)))));
    assert!(matches!(gallery.subjects_named("\n"), Err(StoreError::EmptySubjectName)));
    let nowhere = FaceQuery { folder: Some("/a/c".into()), ..FaceQuery::default() };
    assert!(matches!(check(&nowhere), Err(StoreError::NoPhotoInFolder(folder)) if folder == Path::new("/a/c")));
    let bad = FaceQuery { taken_from: Some("3.7.2019".to_owned()), ..FaceQuery::default() };
    for refusal in [check(&bad).unwrap_err(), gallery.faces_matching(&bad).unwrap_err()] {
        assert!(matches!(refusal, StoreError::FaceQuery(FaceQueryError::BadDate(_))), "{refusal}");
    }
}

/// A filter is worked out while somebody waits for a search.
#[test]
fn no_filter_reads_all_photos_or_all_faces() {
    let (_dir, gallery, _) = archive();
    let some = |text: &str| Some(text.to_owned());
    let queries = [
        FaceQuery { subjects: people(&gallery, &["Ada"]), ..FaceQuery::default() },
        FaceQuery { unnamed: true, ..FaceQuery::default() },
        FaceQuery { named: true, ..FaceQuery::default() },
        FaceQuery { taken_from: some("2019-01-01"), taken_to: some("2019-12-31"), ..FaceQuery::default() },
        FaceQuery { folder: Some("/a".into()), ..FaceQuery::default() },
        FaceQuery { folder: Some("/a".into()), unnamed: true, ..FaceQuery::default() },
    ];
    let writer = gallery.lock_writer();
    for query in queries {
        let (sql, values) = face_query::select(&query);
        let mut statement = writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan = statement.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        for line in plan.map(Result::unwrap) {
            // The index of the faces asked for holds nothing else, and the list of names was given.
            let is_whole = line.starts_with("SCAN") && !line.contains("USING COVERING INDEX faces_");
            assert!(!is_whole || line.contains("json_each"), "{query:?}: {line}");
        }
    }
}

#[test]
fn the_version_changes_with_faces_and_names_alone() {
    let (_dir, gallery, faces) = archive();
    let before = gallery.version();
    gallery.record_searches(&[past("tiny", 1)]).unwrap();
    gallery.faces_matching(&FaceQuery::default()).unwrap();
    assert_eq!(gallery.version(), before);
    gallery.name_face("test", faces[0], Some("Dora")).unwrap();
    let named = gallery.version();
    assert_ne!(named, before);
    let photo = gallery.face(faces[0]).unwrap().photo;
    let hash = gallery.photo(photo).unwrap().content_hash;
    gallery.place_photo(&Run::enrollment("test"), photo, &hash, Path::new("/moved.jpg"), &FileStat::default()).unwrap();
    assert_ne!(gallery.version(), named);
}

fn past(model: &str, seed: usize) -> PastSearch {
    let embedding = Embedding::try_from_raw((0..4).map(|i| ((seed * 7 + i) as f32).sin()).collect()).unwrap();
    PastSearch { model: model.to_owned(), embedding, k: 20, threshold: 0.3, candidates: seed, search_millis: 0.5 }
}

#[test]
fn past_searches_come_back_newest_first() {
    let (_dir, gallery) = gallery();
    gallery.record_searches(&[past("tiny", 1), past("other", 2), past("tiny", 3)]).unwrap();
    gallery.record_searches(&[]).unwrap();
    let found = gallery.past_searches("tiny", 10).unwrap();
    assert_eq!(found.len(), 2);
    assert!((found[0].score(&past("tiny", 3).embedding) - 1.0).abs() < 1e-6);
    assert!((found[1].score(&past("tiny", 1).embedding) - 1.0).abs() < 1e-6);
    assert_eq!(gallery.past_searches("tiny", 1).unwrap(), found[..1]);
    assert_eq!(gallery.past_searches("none", 9).unwrap(), []);
}

#[test]
fn a_face_searched_again_at_once_is_one_search() {
    let (_dir, gallery) = gallery();
    for candidates in 0..5 {
        gallery.record_searches(&[PastSearch { candidates, ..past("tiny", 1) }]).unwrap();
    }
    assert_eq!(gallery.past_searches("tiny", 10).unwrap().len(), 1);
    let kept: i64 = gallery.lock_writer().query_row("SELECT candidates FROM searches", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 4);
    gallery.record_searches(&[past("tiny", 2), past("tiny", 1), past("other", 1)]).unwrap();
    assert_eq!(gallery.past_searches("tiny", 10).unwrap().len(), 3);
}

#[test]
fn only_the_latest_searches_are_kept() {
    let (_dir, gallery) = gallery();
    let searches: Vec<PastSearch> = (0..SEARCHES_KEPT + 10).map(|seed| past("tiny", seed)).collect();
    for batch in searches.chunks(700) {
        gallery.record_searches(batch).unwrap();
    }
    let found = gallery.past_searches("tiny", usize::MAX).unwrap();
    assert_eq!(found.len(), SEARCHES_KEPT);
    assert!((found[SEARCHES_KEPT - 1].score(&past("tiny", 10).embedding) - 1.0).abs() < 1e-6);
    gallery.record_searches(&searches).unwrap();
    assert_eq!(gallery.past_searches("tiny", usize::MAX).unwrap().len(), SEARCHES_KEPT);
}
