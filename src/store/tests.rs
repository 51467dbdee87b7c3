//! The gallery as its callers use it.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::types::{BBox, Detection, Embedding, FaceId, Landmarks, PhotoId, Quality};

const MODEL: &str = "tiny";

pub(super) fn gallery() -> (tempfile::TempDir, Gallery) {
    let dir = tempfile::tempdir().unwrap();
    let gallery = Gallery::open(&dir.path().join("gallery.sqlite")).unwrap();
    (dir, gallery)
}

fn embedding(seed: u32) -> Embedding {
    Embedding::try_from_raw((0..16).map(|i| ((i * 7 + seed * 13 + 1) as f32).sin()).collect()).unwrap()
}

/// A face whose box begins at (x, 0) and is 100 pixels wide and high.
pub(super) fn face(x: f32, subject: Option<&str>) -> EnrolledFace {
    EnrolledFace {
        detection: Detection {
            bbox: BBox { x1: x, y1: 0.0, x2: x + 100.0, y2: 100.1 },
            confidence: 0.987,
            landmarks: Landmarks([[x + 0.1, 1.5], [x, 2.5], [3.25, 4.0], [5.0, 6.0], [7.0, 1.0 / 3.0]]),
        },
        quality: Quality { score: 0.5, size: 0.1, sharpness: 0.2, pose: 0.3, exposure: 0.4, confidence: 0.987 },
        crop_jpeg: vec![x as u8; 10],
        embedding: embedding(x as u32),
        subject: subject.map(|name| FolderName(name.into())),
    }
}

pub(super) fn photo(path: &str, faces: Vec<EnrolledFace>) -> EnrolledPhoto {
    EnrolledPhoto {
        path: PathBuf::from(path),
        content_hash: *blake3::hash(path.as_bytes()).as_bytes(),
        file: FileStat {
            bytes: u64::from(u32::MAX) + 1,
            mtime_millis: -5,
            ctime_millis: Some(7),
            device: Some(-1),
            inode: Some(12),
        },
        size: [4000, 3000],
        taken_at: Some("2019-07-03T14:05:00".to_owned()),
        issue: None,
        params_digest: "digest".to_owned(),
        model: MODEL.to_owned(),
        threshold: 0.5,
        faces,
    }
}

pub(super) fn commit(gallery: &Gallery, batch: &[EnrolledPhoto]) -> Result<Vec<CommittedPhoto>, StoreError> {
    Ok(gallery.commit(&Run::enrollment("test"), batch)?.0)
}

fn names(gallery: &Gallery, photo: PhotoId) -> Vec<Option<String>> {
    gallery.faces_of_photo(photo).unwrap().into_iter().map(|face| face.subject.map(|subject| subject.name)).collect()
}

#[test]
fn what_is_stored_comes_back() {
    let (_dir, gallery) = gallery();
    let enrolled = photo("/a/b.jpg", vec![face(0.0, None), face(300.0, Some(" Ada  Lovelace "))]);
    let committed = commit(&gallery, std::slice::from_ref(&enrolled)).unwrap().remove(0);
    assert!(committed.removed.is_empty());

    let record = gallery.find_photo_by_path(&enrolled.path).unwrap().unwrap();
    assert_eq!(gallery.photo(committed.photo).unwrap(), record);
    assert_eq!(gallery.photos_by_hash(&enrolled.content_hash).unwrap(), std::slice::from_ref(&record));
    assert_eq!((record.file, record.size), (enrolled.file, [4000, 3000]));
    assert_eq!((&*record.params_digest, &*record.model), ("digest", MODEL));
    assert!(gallery.find_photo_by_path(Path::new("/a/c.jpg")).unwrap().is_none());

    let faces = gallery.faces_of_photo(committed.photo).unwrap();
    assert_eq!(faces.iter().map(|face| face.id).collect::<Vec<_>>(), committed.ids());
    for (stored, given) in faces.iter().zip(&enrolled.faces) {
        assert_eq!((stored.detection, stored.quality), (given.detection, given.quality));
        assert_eq!(
            (&stored.path, &stored.taken_at, stored.photo_size),
            (&enrolled.path, &enrolled.taken_at, [4000, 3000])
        );
        assert_eq!(gallery.crop(stored.id).unwrap().unwrap(), given.crop_jpeg);
        let back = gallery.embedding(stored.id, MODEL).unwrap().unwrap();
        assert!((back.score(&given.embedding) - 1.0).abs() < 1e-6);
    }
    assert_eq!(names(&gallery, committed.photo), [None, Some("Ada Lovelace".to_owned())]);
    assert_eq!(gallery.face_ids().unwrap(), committed.ids());
    assert_eq!(gallery.counts().unwrap(), Counts { photos: 1, faces: 2, subjects: 1, issues: 0 });
}

#[test]
fn faces_come_in_the_order_asked_for() {
    let (_dir, gallery) = gallery();
    let ids =
        commit(&gallery, &[photo("/a", (0..5).map(|i| face(i as f32 * 200.0, None)).collect())]).unwrap()[0].ids();
    let asked = [ids[3], FaceId(999), ids[0], ids[3]];
    let found: Vec<_> = gallery.faces(&asked).unwrap().into_iter().map(|face| face.id).collect();
    assert_eq!(found, [ids[3], ids[0], ids[3]]);
    assert!(matches!(gallery.face(FaceId(999)), Err(StoreError::NoSuchFace(FaceId(999)))));
    assert_eq!(gallery.crop(FaceId(999)).unwrap(), None);
}

#[test]
fn a_photo_without_faces_is_a_photo() {
    let (_dir, gallery) = gallery();
    let committed = commit(&gallery, &[photo("/empty.jpg", vec![])]).unwrap();
    assert!(committed[0].faces.is_empty());
    assert_eq!(gallery.find_photo_by_path(Path::new("/empty.jpg")).unwrap().unwrap().id, committed[0].photo);
    assert_eq!(gallery.counts().unwrap().photos, 1);
}

#[test]
fn ids_of_removed_faces_are_not_given_again() {
    let (_dir, gallery) = gallery();
    let first = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap();
    commit(&gallery, &[photo("/a", vec![])]).unwrap();
    let third = commit(&gallery, &[photo("/a", vec![face(500.0, None)])]).unwrap();
    assert!(third[0].ids()[0] > first[0].ids()[0]);
    let fourth = commit(&gallery, &[photo("/a", vec![face(0.0, None)])]).unwrap();
    assert_eq!(fourth[0].ids(), first[0].ids(), "but the same face has its own again");
}

#[test]
fn subjects_are_one_whatever_the_case() {
    let (_dir, gallery) = gallery();
    let faces = [face(0.0, Some("Ødegård")), face(300.0, Some("ØDEGÅRD")), face(600.0, Some("   "))];
    let committed = commit(&gallery, &[photo("/a", faces.to_vec())]).unwrap();
    let name = Some("Ødegård".to_owned());
    assert_eq!(names(&gallery, committed[0].photo), [name.clone(), name, None]);
    let subject = gallery.subjects().unwrap().remove(0);
    assert_eq!(gallery.faces_of_subject(subject.id).unwrap(), committed[0].ids()[..2]);
}

#[test]
fn a_photo_is_placed_and_who_stood_there_is_missing() {
    let (_dir, gallery) = gallery();
    let run = Run::enrollment("test");
    let committed = commit(&gallery, &[photo("/a", vec![face(0.0, Some("Ada"))]), photo("/b", vec![])]).unwrap();
    let [a, b] = [committed[0].photo, committed[1].photo];
    let hash = |photo| gallery.photo(photo).unwrap().content_hash;
    gallery.record_issue(Path::new("/c"), "was unreadable").unwrap();
    let file = FileStat { bytes: 9, mtime_millis: 8, ctime_millis: Some(7), device: Some(6), inode: Some(5) };
    let changed = gallery.place_photo(&run, a, &hash(a), Path::new("/c"), &file).unwrap().unwrap();
    assert_eq!(changed.photos, [a]);
    assert!(gallery.find_photo_by_path(Path::new("/a")).unwrap().is_none());
    assert_eq!(gallery.find_photo_by_path(Path::new("/c")).unwrap().unwrap().file, file);
    assert_eq!(gallery.face(committed[0].ids()[0]).unwrap().path, Path::new("/c"));
    assert_eq!(gallery.issues().unwrap(), []);
    assert!(
        gallery.place_photo(&run, a, &hash(a), Path::new("/c"), &file).unwrap().unwrap().photos.is_empty(),
        "onto itself"
    );
    assert_eq!(gallery.place_photo(&run, a, &[7; 32], Path::new("/z"), &file).unwrap(), None, "another content by now");

    // A swap: whoever comes second takes the place that the first has left.
    gallery.place_photo(&run, a, &hash(a), Path::new("/b"), &file).unwrap();
    assert_eq!(gallery.photos_missing(9).unwrap().iter().map(|photo| photo.id).collect::<Vec<_>>(), [b]);
    assert_eq!(gallery.pending_counts().unwrap().missing, 1);
    gallery.place_photo(&run, b, &hash(b), Path::new("/c"), &file).unwrap();
    assert_eq!(gallery.photos_missing(9).unwrap(), []);
    let places = gallery.places_under(Path::new("/")).unwrap();
    assert_eq!(places, [(a, PathBuf::from("/b"), Some(6)), (b, PathBuf::from("/c"), Some(6))]);
    assert_eq!(gallery.place_photo(&run, PhotoId(99), &[7; 32], Path::new("/z"), &file).unwrap(), None);

    gallery.mark_missing(&run, &[a]).unwrap();
    assert!(gallery.find_photo_by_path(Path::new("/b")).unwrap().is_none());
    assert!(gallery.face(committed[0].ids()[0]).unwrap().missing_at.is_some());
    let counts = gallery.removal_counts(&Removal::Missing).unwrap();
    assert_eq!(counts, RemovalCounts { photos: 1, faces: 1, named: 1 });
    assert_eq!(gallery.history(1, None).unwrap()[0].args.moved, 3);
}

#[test]
fn copies_are_found_by_their_hash() {
    let (_dir, gallery) = gallery();
    let copy = EnrolledPhoto { path: "/copy".into(), ..photo("/a", vec![]) };
    let hash = copy.content_hash;
    commit(&gallery, &[photo("/a", vec![]), copy, photo("/other", vec![])]).unwrap();
    let paths: Vec<_> = gallery.photos_by_hash(&hash).unwrap().into_iter().map(|photo| photo.path).collect();
    assert_eq!(paths, [Path::new("/a"), Path::new("/copy")]);
    assert!(gallery.photos_by_hash(&[7; 32]).unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_utf8_is_stored_and_found() {
    use std::os::unix::ffi::OsStrExt;
    let (_dir, gallery) = gallery();
    let path = Path::new(std::ffi::OsStr::from_bytes(b"/photos/caf\xe9.jpg"));
    let id = commit(&gallery, &[EnrolledPhoto { path: path.into(), ..photo("", vec![face(0.0, None)]) }]).unwrap()[0]
        .ids()[0];
    assert_eq!(gallery.find_photo_by_path(path).unwrap().unwrap().path, path);
    assert_eq!(gallery.face(id).unwrap().path, path);
    gallery.record_issue(path, "unreadable").unwrap();
    assert_eq!(gallery.issues().unwrap()[0].path, path);
}

#[test]
fn a_photo_comes_with_its_issue_in_one_transaction_and_goes_with_it() {
    let (_dir, gallery) = gallery();
    let issue = EnrolledIssue { kind: "partly-read".to_owned(), reason: "a page".into(), request: None };
    let told = EnrolledPhoto { issue: Some(issue), ..photo("/a", vec![face(0.0, None)]) };
    let refused = EnrolledPhoto { model: " ".to_owned(), ..photo("/b", vec![]) };
    assert!(commit(&gallery, &[told.clone(), refused]).is_err());
    assert_eq!(gallery.issues().unwrap(), []);
    let id = commit(&gallery, std::slice::from_ref(&told)).unwrap()[0].photo;
    let issue = gallery.issue(Path::new("/a")).unwrap().unwrap();
    assert_eq!((&*issue.kind, issue.reason), ("partly-read", "a page".into()));
    assert_eq!(gallery.issue(Path::new("/b")).unwrap(), None);

    let removal = Change::RemovePhotos(vec![id]);
    assert_eq!(gallery.change("test", &removal).unwrap().cleared, [PathBuf::from("/a")]);
    assert_eq!(gallery.counts().unwrap().issues, 0);
    // Taken out on its way here, it leaves nothing behind.
    commit(&gallery, &[told]).unwrap();
    assert_eq!((gallery.counts().unwrap().photos, gallery.issues().unwrap()), (0, vec![]));
    gallery.undo("test", None).unwrap();
    assert_eq!(gallery.photo(id).unwrap().params_digest, "", "it is to be enrolled anew");
}

#[test]
fn issues_are_replaced_and_cleared_by_enrolling() {
    let (_dir, gallery) = gallery();
    gallery.record_issue(Path::new("/a"), "first").unwrap();
    gallery.record_issue_of_kind(Path::new("/a"), "decode", "second").unwrap();
    gallery.record_issue(Path::new("/b"), "other").unwrap();
    assert_eq!(gallery.counts().unwrap().issues, 2);
    let issues = gallery.issues().unwrap();
    let a = issues.iter().find(|issue| issue.path == Path::new("/a")).unwrap();
    assert_eq!((a.reason.clone(), &*a.kind), ("second".into(), "decode"));
    commit(&gallery, &[photo("/a", vec![])]).unwrap();
    gallery.clear_issue(Path::new("/nowhere")).unwrap();
    assert_eq!(gallery.issues().unwrap().len(), 1);
    gallery.clear_issue(Path::new("/b")).unwrap();
    assert_eq!(gallery.counts().unwrap().issues, 0);
}

#[test]
fn jobs_without_an_end_are_found() {
    let (_dir, gallery) = gallery();
    let [a, b] = ["one", "two"].map(|request| gallery.begin_job("enroll", request).unwrap());
    gallery.end_job(a, "completed").unwrap();
    let open = gallery.unfinished_jobs().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].id, &*open[0].kind, &*open[0].request_json), (b, "enroll", "two"));
    assert!(matches!(gallery.end_job(a, "again"), Err(StoreError::NoSuchJob(_))));
}

#[test]
fn embeddings_stream_in_face_order_per_model() {
    let (_dir, gallery) = gallery();
    let ids: Vec<_> = (0..50)
        .flat_map(|i| commit(&gallery, &[photo(&format!("/{i}"), vec![face(i as f32, None)])]).unwrap()[0].ids())
        .collect();
    let other = EnrolledPhoto { model: "other".to_owned(), ..photo("/other", vec![face(0.0, None)]) };
    commit(&gallery, &[other]).unwrap();
    let mut seen = Vec::new();
    let walk = gallery.for_each_embedding(MODEL, |id, values| {
        assert_eq!(values.len(), 16);
        seen.push(id);
        Ok::<(), StoreError>(())
    });
    walk.unwrap();
    assert_eq!(seen, ids);
    assert_eq!(gallery.embedding_ids(MODEL).unwrap(), ids);
    assert_eq!(gallery.embedding_ids("unknown").unwrap(), []);
    assert_eq!(gallery.embedding(ids[0], "other").unwrap(), None);

    let mut n = 0;
    let stopped = gallery.for_each_embedding(MODEL, |id, _| {
        n += 1;
        if n == 3 { Err(StoreError::NoSuchFace(id)) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(StoreError::NoSuchFace(id)) if id == ids[2]));
    assert_eq!(n, 3);
}

#[test]
fn a_batch_with_a_bad_photo_is_not_stored_at_all() {
    let (_dir, gallery) = gallery();
    commit(&gallery, &[photo("/first", vec![face(0.0, None)])]).unwrap();
    let mut short = face(0.0, None);
    short.embedding = Embedding::try_from_raw(vec![1.0; 3]).unwrap();
    let refusal = commit(&gallery, &[photo("/a", vec![face(0.0, Some("Ada"))]), photo("/b", vec![short])]).unwrap_err();
    assert!(matches!(refusal, StoreError::WrongDimension { expected: 16, got: 3, .. }), "{refusal}");
    let mut crooked = face(0.0, None);
    crooked.detection.landmarks.0[2][1] = f32::NAN;
    let refusal = commit(&gallery, &[photo("/a", vec![]), photo("/b", vec![crooked])]).unwrap_err();
    assert!(matches!(&refusal, StoreError::NotFinite { path } if path == Path::new("/b")), "{refusal}");
    let nameless = EnrolledPhoto { model: " ".to_owned(), ..photo("/c", vec![]) };
    assert!(matches!(commit(&gallery, &[nameless]), Err(StoreError::EmptyModelName)));
    assert_eq!(gallery.counts().unwrap(), Counts { photos: 1, faces: 1, subjects: 0, issues: 0 });
    assert_eq!(gallery.history(10, None).unwrap(), []);
}

#[test]
fn a_full_disk_is_named_and_loses_only_the_batch() {
    let (_dir, gallery) = gallery();
    commit(&gallery, &[photo("/kept", vec![face(0.0, None)])]).unwrap();
    let pages: i64 = gallery.lock_writer().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |n: i64| {
        let _: i64 =
            gallery.lock_writer().pragma_update_and_check(None, "max_page_count", n, |row| row.get(0)).unwrap();
    };
    limit(pages + 4);
    let batch: Vec<_> = (0..200).map(|i| photo(&format!("/{i}"), vec![face(0.0, Some("Ada"))])).collect();
    let refusal = commit(&gallery, &batch).unwrap_err();
    assert!(matches!(&refusal, StoreError::DiskFull { path } if path == gallery.path()), "{refusal}");
    assert_eq!(gallery.counts().unwrap(), Counts { photos: 1, faces: 1, subjects: 0, issues: 0 });
    limit(1_000_000);
    commit(&gallery, &batch).unwrap();
    assert_eq!(gallery.counts().unwrap().photos, 201);
    assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
}

#[test]
fn files_that_are_no_sound_gallery_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let sound = dir.path().join("sound.sqlite");
    commit(&Gallery::open(&sound).unwrap(), &[photo("/a", vec![face(0.0, None)])]).unwrap();
    let sound = fs::read(&sound).unwrap();
    let foreign = dir.path().join("foreign.sqlite");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE notes (a)").unwrap();
    let newer = dir.path().join("newer.sqlite");
    fs::write(&newer, &sound).unwrap();
    let conn = Connection::open(&newer).unwrap();
    conn.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    let mut scrambled = sound.clone();
    scrambled[100..200].fill(0xa5);
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("text", b"dear diary, today I ".repeat(50), "not a gallery"),
        ("short", b"SQLite".to_vec(), "not a gallery"),
        ("foreign", fs::read(&foreign).unwrap(), "another program"),
        ("newer", fs::read(&newer).unwrap(), "newer Likeness (format 99"),
        ("cut", sound[..sound.len() / 2 / 4096 * 4096].to_vec(), "damaged"),
        ("scrambled", scrambled, "damaged"),
    ];
    for (name, content, expected) in cases {
        let path = dir.path().join(name);
        fs::write(&path, &content).unwrap();
        let refusal = Gallery::open(&path).unwrap_err().to_string();
        assert!(refusal.contains(expected) && refusal.ends_with(&*path.to_string_lossy()), "{name}: {refusal}");
        assert!(fs::read(&path).unwrap() == content, "{name} was changed");
    }
}

#[test]
fn damage_inside_is_reported_when_it_is_met() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    let batch: Vec<_> = (0..300).map(|i| photo(&format!("/{i}"), vec![face(0.0, None)])).collect();
    commit(&Gallery::open(&path).unwrap(), &batch).unwrap();
    let mut content = fs::read(&path).unwrap();
    let n = content.len();
    content[n * 3 / 4 / 4096 * 4096..][..4096 * 20].fill(0xa5);
    fs::write(&path, &content).unwrap();
    let gallery = Gallery::open(&path).unwrap();
    let damages = gallery.damages();
    assert!(!matches!(&damages, Ok(found) if found.is_empty()), "{damages:?}");
}

#[test]
fn an_empty_file_becomes_a_gallery_and_a_folder_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    fs::write(&path, "").unwrap();
    assert_eq!(Gallery::open(&path).unwrap().counts().unwrap(), Counts::default());
    let refusal = Gallery::open(dir.path()).unwrap_err().to_string();
    assert!(refusal.contains(&*dir.path().to_string_lossy()), "{refusal}");
    let refusal = Gallery::open(&dir.path().join("no/such/folder.sqlite")).unwrap_err().to_string();
    assert!(refusal.contains("folder.sqlite"), "{refusal}");
}

#[test]
fn two_galleries_of_one_file_see_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gallery.sqlite");
    let [a, b] = [(); 2].map(|()| Gallery::open(&path).unwrap());
    let id = commit(&a, &[photo("/a", vec![face(0.0, None)])]).unwrap()[0].ids()[0];
    b.name_face("test", id, Some("Ada")).unwrap();
    assert_eq!(a.face(id).unwrap().subject.unwrap().name, "Ada");
    a.checkpoint().unwrap();
    drop(a);
    assert_eq!(b.face_ids().unwrap(), [id]);
}

#[test]
fn readers_and_a_writer_work_side_by_side() {
    let (_dir, gallery) = gallery();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while gallery.counts().unwrap().photos < 400 {
                    // The batches are of 20 photos with two faces each: a reader sees whole ones.
                    let faces = gallery.embedding_ids(MODEL).unwrap().len();
                    assert_eq!(faces % 40, 0);
                }
            });
        }
        for batch in 0..20 {
            let photos: Vec<_> = (0..20)
                .map(|i| photo(&format!("/{batch}/{i}"), vec![face(0.0, None), face(500.0, Some("Ada"))]))
                .collect();
            commit(&gallery, &photos).unwrap();
        }
    });
    gallery.checkpoint().unwrap();
    assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
}

/// What is asked per photo, per crop or per search must not read a whole table.
#[test]
fn queries_of_the_hot_paths_use_an_index() {
    let (_dir, gallery) = gallery();
    let writer = gallery.lock_writer();
    for sql in [
        "SELECT * FROM photos WHERE path = x'00' AND missing_at IS NULL",
        "SELECT id FROM all_faces WHERE subject_id = 1",
        "SELECT 1 FROM events WHERE entity = 'face' AND entity_id = 1",
        "SELECT entity FROM events WHERE batch = 1 ORDER BY id",
        "SELECT min(id) FROM batches WHERE state = 'undone'",
        "SELECT * FROM photos WHERE content_hash = x'00' ORDER BY id",
        "SELECT * FROM faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = f.subject_id
         WHERE f.photo_id = 1 ORDER BY f.id",
        "SELECT * FROM faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = f.subject_id WHERE f.id = 1",
        "SELECT jpeg FROM crops WHERE face_id = 1",
        "SELECT face_id, vector FROM embeddings WHERE id >= 1 AND id < 2 ORDER BY id",
        "SELECT id FROM subjects WHERE name_key = ''",
        "SELECT id FROM faces WHERE subject_id = 1 ORDER BY id",
        "SELECT id FROM jobs WHERE ended_at IS NULL ORDER BY id",
        "DELETE FROM embeddings WHERE face_id = 1",
        "DELETE FROM issues WHERE path = x'00'",
    ] {
        let mut statement = writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        for line in plan.map(Result::unwrap) {
            let is_full = line.starts_with("SCAN") && !line.contains("USING INDEX jobs_unfinished");
            assert!(!is_full && !line.contains("TEMP B-TREE"), "{sql}: {line}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is enrolled and redone in whatever order, counts, lists and the file agree.
    #[test]
    fn counts_and_lists_agree(
        steps in proptest::collection::vec((0usize..6, proptest::collection::vec(0usize..4, 0..4)), 1..25)
    ) {
        let (_dir, gallery) = gallery();
        let mut expected = std::collections::HashMap::new();
        for (path, faces) in steps {
            let faces: Vec<_> = faces.iter().enumerate().map(|(i, &who)| {
                face(i as f32 * 200.0, ["Ada", "ada", "Bob"].get(who).copied())
            }).collect();
            expected.insert(path, faces.len());
            commit(&gallery, &[photo(&format!("/{path}"), faces)]).unwrap();
        }
        let counts = gallery.counts().unwrap();
        prop_assert_eq!(counts.photos as usize, expected.len());
        prop_assert_eq!(counts.faces as usize, expected.values().sum::<usize>());
        prop_assert_eq!(gallery.embedding_ids(MODEL).unwrap(), gallery.face_ids().unwrap());
        prop_assert_eq!(gallery.subjects().unwrap().len() as u64, counts.subjects);
        prop_assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
    }
}
