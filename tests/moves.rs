//! Files are renamed, swapped, replaced, linked and deleted between enrollments; names stay with the content that they
//! were given to.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use likeness::jobs::{Engine, EnrollRequest, JobContext, JobControl, Mode, SearchQuery, build_index, enroll};
use likeness::store::{Change, Naming, Removal};
use likeness::types::{DetectorParams, FaceId, IndexSpec, JobId, NamedBy, SearchParams};
use support::archive::Archive;
use support::write_small;

impl Archive {
    /// Portraits of two people in turn, each with a content of its own and a name given by a person: `a.jpg` is "a".
    fn with_portraits(names: &[&str]) -> Self {
        let archive = Self::new();
        for (at, name) in names.iter().enumerate() {
            archive.portrait(&format!("{name}.jpg"), at as u16);
        }
        archive.enroll();
        for name in names {
            let face = archive.face(&format!("{name}.jpg")).unwrap();
            archive.name(face, Some(name));
        }
        archive
    }

    fn portrait(&self, path: &str, variant: u16) {
        let person = ["obama.jpg", "biden.jpg"][usize::from(variant) % 2];
        write_small(person, 240, variant, &self.root.join(path));
    }

    /// Two people on one photo, the first one large.
    fn pair(&self, path: &str) {
        let open = |name: &str| image::open(support::samples().join(name)).unwrap();
        let mut both = image::RgbImage::from_pixel(900, 500, image::Rgb([90, 90, 90]));
        let large = open("obama.jpg").resize(450, 500, image::imageops::FilterType::Triangle).to_rgb8();
        let small = open("biden.jpg").resize(220, 250, image::imageops::FilterType::Triangle).to_rgb8();
        image::imageops::replace(&mut both, &large, 200, 0);
        image::imageops::replace(&mut both, &small, 670, 240);
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        both.save(self.path(path)).unwrap();
    }

    fn name(&self, face: FaceId, name: Option<&str>) {
        let who = name.map_or(Naming::Nobody, |name| Naming::New(name.to_owned()));
        self.engine.change(&Change::Name { faces: vec![face], who }).unwrap();
    }

    /// The one face of the photo that is enrolled under this path.
    fn face(&self, path: &str) -> Option<FaceId> {
        let photo = self.photo(path)?;
        self.engine.gallery().faces_of_photo(photo.id).unwrap().first().map(|face| face.id)
    }

    fn named(&self, path: &str) -> Option<String> {
        let face = self.face(path)?;
        self.engine.gallery().face(face).unwrap().subject.map(|subject| subject.name)
    }

    /// Every file's name, and the name that its face has.
    #[track_caller]
    fn expect(&self, expected: &[(&str, Option<&str>)]) {
        for (path, name) in expected {
            assert_eq!(self.named(path).as_deref(), *name, "{path}");
        }
        let gallery = self.engine.gallery();
        let missing = gallery.photos_missing(99).unwrap().len();
        assert_eq!(gallery.counts().unwrap().photos as usize, expected.len() + missing);
        assert_eq!(gallery.issues().unwrap(), []);
        assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
        // Each face is found by its own vector, under its own id.
        for face in gallery.face_ids().unwrap() {
            let embedding = self.engine.embedding_of(face).unwrap();
            let query = SearchQuery { embedding, exclude: None, k: 1, threshold: 0.999, filter: None, range: false };
            assert_eq!(self.engine.search(&query).unwrap().candidates.len(), 1);
        }
        assert_eq!(self.engine.ntotal() as u64, gallery.counts().unwrap().faces);
    }
}

#[test]
fn renumbered_portraits_keep_their_names() {
    let archive = Archive::with_portraits(&["1", "2", "3", "4", "5"]);
    let ids: Vec<_> = ["1", "2", "3", "4", "5"].map(|name| archive.face(&format!("{name}.jpg")).unwrap()).to_vec();
    // A new first portrait pushes all others on by one.
    for n in (1..=5).rev() {
        archive.rename(&format!("{n}.jpg"), &format!("{}.jpg", n + 1));
    }
    archive.portrait("1.jpg", 40);
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.moved, summary.issues), (1, 5, 0));
    archive.expect(&[
        ("1.jpg", None),
        ("2.jpg", Some("1")),
        ("3.jpg", Some("2")),
        ("4.jpg", Some("3")),
        ("5.jpg", Some("4")),
        ("6.jpg", Some("5")),
    ]);
    let now: Vec<_> = (2..=6).map(|n| archive.face(&format!("{n}.jpg")).unwrap()).collect();
    assert_eq!(now, ids, "the same faces");
    assert_eq!(archive.enroll().skipped, 6);
}

/// More photos than go into one batch: what is found out of a file is not to be undone by a commit in between.
#[test]
fn a_long_row_of_renumbered_portraits_keeps_its_names() {
    let names: Vec<String> = (100..170).map(|n| n.to_string()).collect();
    let archive = Archive::with_portraits(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for n in (100..170).rev() {
        archive.rename(&format!("{n}.jpg"), &format!("{}.jpg", n + 1));
    }
    archive.portrait("100.jpg", 900);
    let summary = archive.enroll();
    assert_eq!((summary.photos, summary.moved, summary.issues), (1, 70, 0));
    for n in 100..170 {
        assert_eq!(archive.named(&format!("{}.jpg", n + 1)), Some(n.to_string()));
    }
    assert_eq!(archive.named("100.jpg"), None);
}

#[test]
fn a_bystander_does_not_become_whom_the_folder_names() {
    let mut archive = Archive::new();
    archive.folders = true;
    archive.pair("Ada/1.jpg");
    archive.enroll();
    let photo = archive.engine.gallery().find_photo_by_path(&archive.path("Ada/1.jpg")).unwrap().unwrap();
    let faces = archive.engine.gallery().faces_of_photo(photo.id).unwrap();
    assert_eq!(faces.len(), 2);
    let ada = faces.iter().find(|face| face.subject.is_some()).unwrap().id;
    archive.engine.change(&Change::RemoveFaces(vec![ada])).unwrap();
    archive.enroll();
    assert_eq!(archive.named("Ada/1.jpg"), None);
}

#[test]
fn two_files_that_are_swapped_keep_their_names() {
    let archive = Archive::with_portraits(&["a", "b"]);
    archive.rename("a.jpg", "t");
    archive.rename("b.jpg", "a.jpg");
    archive.rename("t", "b.jpg");
    assert_eq!(archive.enroll().moved, 2);
    archive.expect(&[("a.jpg", Some("b")), ("b.jpg", Some("a"))]);
}

#[test]
fn a_cycle_of_three_keeps_its_names() {
    let archive = Archive::with_portraits(&["a", "b", "c"]);
    archive.rename("a.jpg", "t");
    archive.rename("c.jpg", "a.jpg");
    archive.rename("b.jpg", "c.jpg");
    archive.rename("t", "b.jpg");
    assert_eq!(archive.enroll().moved, 3);
    archive.expect(&[("a.jpg", Some("c")), ("b.jpg", Some("a")), ("c.jpg", Some("b"))]);
}

#[test]
fn renames_and_other_parameters_at_once_keep_the_names() {
    let archive = Archive::with_portraits(&["a", "b"]);
    archive.rename("b.jpg", "c.jpg");
    archive.rename("a.jpg", "b.jpg");
    let request = EnrollRequest {
        is_retry: false,
        sources: vec![archive.root.clone()],
        subjects_from_folders: false,
        detector: DetectorParams { min_face_size: 30.0, ..DetectorParams::default() },
    };
    let context = JobContext::new(JobId(1), JobControl::default(), Arc::new(|_, _| {}));
    let summary = enroll(&archive.engine, &request, &context).unwrap();
    assert_eq!((summary.photos, summary.moved), (2, 2));
    archive.expect(&[("b.jpg", Some("a")), ("c.jpg", Some("b"))]);
}

#[test]
fn a_file_moved_over_another_leaves_that_one_missing() {
    let archive = Archive::with_portraits(&["a", "b"]);
    let lost = archive.face("b.jpg").unwrap();
    let kept = fs::read(archive.path("b.jpg")).unwrap();
    archive.rename("a.jpg", "b.jpg");
    let summary = archive.enroll();
    assert_eq!((summary.moved, summary.issues), (1, 0));
    archive.expect(&[("b.jpg", Some("a"))]);
    let missing = archive.engine.gallery().photos_missing(9).unwrap();
    assert_eq!(missing.len(), 1);
    assert!(archive.engine.gallery().face(lost).unwrap().missing_at.is_some(), "listed, and still searchable");
    // Its content turns up somewhere else.
    fs::write(archive.path("found.jpg"), kept).unwrap();
    archive.enroll();
    archive.expect(&[("b.jpg", Some("a")), ("found.jpg", Some("b"))]);
    assert_eq!(archive.face("found.jpg"), Some(lost));
}

#[test]
fn a_copy_over_another_person_asks_and_gives_nobody_the_name() {
    let archive = Archive::with_portraits(&["a", "b"]);
    let b = archive.face("b.jpg").unwrap();
    fs::copy(archive.path("a.jpg"), archive.path("b.jpg")).unwrap();
    archive.enroll();
    archive.expect(&[("a.jpg", Some("a")), ("b.jpg", None)]);
    let questions = archive.engine.gallery().questions().unwrap();
    assert_eq!(questions.len(), 1);
    assert_eq!((questions[0].old_face, &*questions[0].subject.name), (b, "b"));
}

#[test]
fn a_photo_edited_in_place_keeps_the_face() {
    let archive = Archive::with_portraits(&["a"]);
    let face = archive.face("a.jpg").unwrap();
    write_small("obama.jpg", 236, 9, &archive.path("a.jpg"));
    assert_eq!(archive.enroll().photos, 1);
    archive.expect(&[("a.jpg", Some("a"))]);
    assert_eq!(archive.face("a.jpg"), Some(face));
}

#[test]
fn a_trained_index_forgets_the_old_vector_of_a_face_that_was_enrolled_again() {
    let mut archive = Archive::with_portraits(&["a", "b", "c", "d", "e", "f"]);
    let control = JobControl::default();
    let spec: IndexSpec = "IVF2,Flat".parse().unwrap();
    build_index(&archive.engine, &spec, SearchParams::default(), &control, &|_| {}).unwrap();
    let face = archive.face("a.jpg").unwrap();
    write_small("obama.jpg", 236, 9, &archive.path("a.jpg"));
    let before = archive.engine.embedding_of(face).unwrap();
    archive.enroll();
    let after = archive.engine.embedding_of(face).unwrap();
    assert!(before.score(&after) < 0.9999, "the pixels are others");
    let expected: Vec<(String, Option<&str>)> =
        ["a", "b", "c", "d", "e", "f"].map(|name| (format!("{name}.jpg"), Some(name))).to_vec();
    let expected: Vec<(&str, Option<&str>)> = expected.iter().map(|(path, name)| (path.as_str(), *name)).collect();
    archive.expect(&expected);
    // The generation on the disk has the old vector; the next start takes the new one.
    let data = archive.engine.data_dir().to_path_buf();
    drop(std::mem::replace(&mut archive.engine, Engine::open(Some(&data.join("other")), Mode::Write, None).unwrap()));
    archive.engine = Engine::open(Some(&data), Mode::Write, None).unwrap();
    assert_eq!(archive.engine.index_overview().spec, spec);
    archive.expect(&expected);
    let query = SearchQuery { embedding: after, exclude: None, k: 1, threshold: -1.0, filter: None, range: false };
    let best = archive.engine.search(&query).unwrap().candidates.remove(0);
    assert_eq!(best.face, face);
    assert!(best.score > 0.9999, "{}", best.score);
}

#[test]
fn a_rename_by_case_alone_is_a_rename() {
    let archive = Archive::with_portraits(&["a", "b"]);
    archive.rename("a.jpg", "A.JPG");
    assert_eq!(archive.enroll().moved, 1);
    archive.expect(&[("A.JPG", Some("a")), ("b.jpg", Some("b"))]);
}

#[test]
fn a_change_of_the_files_time_or_rights_alone_reads_it_once() {
    use std::os::unix::fs::PermissionsExt;
    let archive = Archive::with_portraits(&["a"]);
    fs::set_permissions(archive.path("a.jpg"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(archive.enroll().skipped, 1);
    let record = archive.engine.gallery().find_photo_by_path(&archive.path("a.jpg")).unwrap().unwrap();
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(archive.path("a.jpg")).unwrap();
    assert_eq!(record.file.ctime_millis, Some(metadata.ctime() * 1000 + metadata.ctime_nsec() / 1_000_000));
    archive.expect(&[("a.jpg", Some("a"))]);
}

#[test]
fn an_edit_that_leaves_length_and_time_alone_is_seen() {
    let archive = Archive::with_portraits(&["a"]);
    let path = archive.path("a.jpg");
    let (time, length) = (fs::metadata(&path).unwrap().modified().unwrap(), fs::metadata(&path).unwrap().len());
    let mut bytes = fs::read(&path).unwrap();
    let n = bytes.len();
    bytes[n - 2..].copy_from_slice(&77_u16.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
    assert_eq!(archive.enroll().photos, 1);
    archive.expect(&[("a.jpg", Some("a"))]);
}

#[test]
fn files_that_are_gone_are_missing_and_come_back() {
    let archive = Archive::with_portraits(&["a", "b"]);
    let kept = fs::read(archive.path("b.jpg")).unwrap();
    fs::remove_file(archive.path("b.jpg")).unwrap();
    assert_eq!(archive.enroll().missing, 1);
    assert_eq!(archive.enroll().missing, 0, "told once");
    archive.expect(&[("a.jpg", Some("a"))]);
    let embedding = archive.engine.embedding_of(archive.face("a.jpg").unwrap()).unwrap();
    let query = SearchQuery { embedding, exclude: None, k: 9, threshold: -1.0, filter: None, range: false };
    let marks: Vec<bool> = archive.engine.search(&query).unwrap().candidates.iter().map(|c| c.missing).collect();
    assert_eq!(marks, [false, true]);
    fs::write(archive.path("b.jpg"), kept).unwrap();
    archive.enroll();
    archive.expect(&[("a.jpg", Some("a")), ("b.jpg", Some("b"))]);

    // Taken out together.
    fs::remove_file(archive.path("a.jpg")).unwrap();
    archive.enroll();
    let (photos, _) = archive.engine.gallery().to_remove(&Removal::Missing).unwrap();
    archive.engine.change(&Change::RemovePhotos(photos)).unwrap();
    archive.expect(&[("b.jpg", Some("b"))]);
}

#[test]
fn what_was_taken_out_stays_out_unless_it_is_named_outright() {
    let archive = Archive::with_portraits(&["a", "b"]);
    let photo = archive.engine.gallery().find_photo_by_path(&archive.path("a.jpg")).unwrap().unwrap().id;
    archive.engine.change(&Change::RemovePhotos(vec![photo])).unwrap();
    assert_eq!(archive.enroll().removed, 1);
    archive.rename("a.jpg", "renamed.jpg");
    let summary = archive.enroll();
    assert_eq!((summary.removed, summary.photos), (1, 0));
    archive.expect(&[("b.jpg", Some("b"))]);
    archive.enroll_these(&[archive.path("renamed.jpg")]);
    archive.expect(&[("b.jpg", Some("b")), ("renamed.jpg", Some("a"))]);
}

#[test]
fn what_was_taken_out_and_is_as_it_was_is_not_read_again() {
    let archive = Archive::with_portraits(&["a"]);
    let photo = archive.engine.gallery().find_photo_by_path(&archive.path("a.jpg")).unwrap().unwrap().id;
    archive.engine.change(&Change::RemovePhotos(vec![photo])).unwrap();
    // A content that is not the file's: whoever reads the file takes it for a new photo.
    let gallery = archive.engine.data_dir().join("gallery.sqlite");
    let changed = rusqlite::Connection::open(gallery).unwrap();
    assert_eq!(changed.execute("UPDATE all_photos SET content_hash = zeroblob(32)", []).unwrap(), 1);
    let summary = archive.enroll();
    assert_eq!((summary.removed, summary.photos), (1, 0));
    // Touched, it is read.
    let file = fs::File::options().append(true).open(archive.path("a.jpg")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let summary = archive.enroll();
    assert_eq!((summary.removed, summary.photos), (0, 1));
}

#[test]
fn a_photo_follows_the_folder_it_is_moved_to_where_a_folder_had_spoken() {
    let mut archive = Archive::new();
    archive.folders = true;
    archive.portrait("Ada/1.jpg", 1);
    archive.portrait("Ada/2.jpg", 2);
    archive.portrait("unsorted/3.jpg", 3);
    archive.enroll();
    archive.name(archive.face("Ada/2.jpg").unwrap(), Some("Countess"));
    archive.name(archive.face("unsorted/3.jpg").unwrap(), None);
    archive.rename("Ada/1.jpg", "Bob/1.jpg");
    archive.rename("Ada/2.jpg", "Bob/2.jpg");
    archive.rename("unsorted/3.jpg", "Bob/3.jpg");
    archive.enroll();
    archive.expect(&[("Bob/1.jpg", Some("Bob")), ("Bob/2.jpg", Some("Countess")), ("Bob/3.jpg", None)]);
    let by = archive.engine.gallery().face(archive.face("Bob/1.jpg").unwrap()).unwrap().named_by;
    assert_eq!(by, Some(NamedBy::Folder));
}

#[test]
fn folders_whose_names_are_no_text_name_two_people() {
    let mut archive = Archive::new();
    archive.folders = true;
    for (folder, variant) in [(b"M\xfcller".as_slice(), 1), (b"M\xf6ller", 2)] {
        write_small("biden.jpg", 240, variant, &archive.root.join(OsStr::from_bytes(folder)).join("1.jpg"));
    }
    archive.enroll();
    let subjects = archive.engine.gallery().subjects().unwrap();
    let names: Vec<_> = subjects.iter().map(|subject| (&*subject.name, subject.faces)).collect();
    assert_eq!(names, [("M\\xF6ller", 1), ("M\\xFCller", 1)]);
}

#[test]
fn a_photo_behind_two_names_is_enrolled_once() {
    let archive = Archive::with_portraits(&["a"]);
    fs::hard_link(archive.path("a.jpg"), archive.path("again.jpg")).unwrap();
    symlink(archive.path("a.jpg"), archive.path("link.jpg")).unwrap();
    archive.enroll();
    assert_eq!(archive.engine.gallery().counts().unwrap().photos, 1);
    assert_eq!(archive.engine.gallery().counts().unwrap().faces, 1);
}
