//! Filtered, batched and range searches on real photos, on the command line and through the engine.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use likeness::app::{PeopleCommand, SearchCommand, Shell};
use likeness::jobs::{Engine, Mode, SearchQuery};
use likeness::store::{Change, Gallery, Naming};
use likeness::types::{FaceId, FaceQuery, SubjectId};
use serde_json::Value;
use support::shell::{start, until};
use support::{json_lines, likeness, samples, text, write_small};

/// Eight photos of two people in three folders, named by folder: `Ada` is the one, `Bob` the other, `other` both. Of
/// each folder the first photo says when it was taken.
fn archive(home: &Path) -> PathBuf {
    let album = home.join("album");
    let photos = [
        ("obama.jpg", "Ada/1.jpg", Some("2019:07:03 23:59:58")),
        ("obama.jpg", "Ada/2.jpg", None),
        ("obama.jpg", "Ada/3.jpg", None),
        ("biden.jpg", "Bob/4.jpg", Some("2019:07:04 00:00:01")),
        ("biden.jpg", "Bob/5.jpg", None),
        ("obama.jpg", "other/6.jpg", Some("2020:01:01 12:00:00")),
        ("biden.jpg", "other/7.jpg", None),
        ("obama.jpg", "other/8.jpg", None),
    ];
    for (n, (sample, name, taken_at)) in photos.into_iter().enumerate() {
        let path = album.join(name);
        write_small(sample, 280, n as u16, &path);
        if let Some(taken_at) = taken_at {
            let jpeg = fs::read(&path).unwrap();
            fs::write(&path, with_exif_time(&jpeg, taken_at)).unwrap();
        }
    }
    json_lines(
        likeness(home).args(["enroll", "--subjects-from-folders"]).arg(album.join("Ada")).arg(album.join("Bob")),
    );
    json_lines(likeness(home).arg("enroll").arg(album.join("other")));
    album
}

/// The JPEG with an EXIF block that holds nothing but the time of exposure.
fn with_exif_time(jpeg: &[u8], time: &str) -> Vec<u8> {
    let mut tiff = Vec::from(*b"II*\0\x08\0\0\0");
    // One entry that leads to the EXIF directory at 26, and no next directory.
    tiff.extend([1, 0, 0x69, 0x87, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0]);
    // One entry, DateTimeOriginal, 20 characters at 44.
    tiff.extend([1, 0, 0x03, 0x90, 2, 0, 20, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(time.as_bytes());
    tiff.push(0);
    let length = (2 + 6 + tiff.len()) as u16;
    [&jpeg[..2], &[0xff, 0xe1], &length.to_be_bytes(), b"Exif\0\0", &tiff, &jpeg[2..]].concat()
}

fn search(home: &Path, photos: &[&str], flags: &[&str]) -> Vec<Value> {
    let mut command = likeness(home);
    command.arg("search").args(photos.iter().map(|photo| samples().join(photo))).args(flags);
    json_lines(&mut command)
}

/// The names of the candidates' files, in the order of the alphabet.
fn names(found: &Value) -> Vec<String> {
    let mut names: Vec<String> = found["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| {
            Path::new(candidate["photo"].as_str().unwrap()).file_stem().unwrap().to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn filters_leave_exactly_the_faces_asked_for_and_never_fewer_than_k() {
    let home = tempfile::tempdir().unwrap();
    let album = archive(home.path());
    let found = |flags: &[&str]| search(home.path(), &["obama.jpg"], flags).remove(0);
    let all = found(&["--k", "100"]);
    assert_eq!(names(&all), ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!((&all["filter"], &all["faces_passing"], &all["cut_at"]), (&Value::Null, &Value::Null, &Value::Null));

    // Bob's faces score lowest against this probe: a filter after the search would leave none of the two best.
    let bob = found(&["--k", "2", "--subject", "  BOB "]);
    assert_eq!(names(&bob), ["4", "5"]);
    assert_eq!((&bob["filter"]["subjects"][0], &bob["faces_passing"]), (&Value::from(2), &Value::from(2)));
    assert_eq!(bob["candidates"][0]["rank"], 1);
    assert_eq!(names(&found(&["--subject", "Ada", "--subject", "bob"])), ["1", "2", "3", "4", "5"]);
    assert_eq!(names(&found(&["--unnamed"])), ["6", "7", "8"]);
    assert_eq!(names(&found(&["--named"])), ["1", "2", "3", "4", "5"]);
    assert_eq!(names(&found(&["--unnamed", "--subject", "Bob"])), ["4", "5", "6", "7", "8"]);

    assert_eq!(names(&found(&["--from", "2019-07-03", "--to", "2019-07-03"])), ["1"]);
    assert_eq!(names(&found(&["--from", "2019-07-04"])), ["4", "6"]);
    assert_eq!(names(&found(&["--to", "2019-12-31"])), ["1", "4"]);
    let folder = album.join("other");
    let folder = folder.to_str().unwrap();
    assert_eq!(names(&found(&["--folder", folder])), ["6", "7", "8"]);
    assert_eq!(names(&found(&["--folder", folder, "--from", "2020-01-01"])), ["6"]);
    let nothing = found(&["--folder", folder, "--subject", "Ada"]);
    assert_eq!((names(&nothing).len(), &nothing["faces_passing"]), (0, &Value::from(0)));
    // A folder by a way around and through a link.
    assert_eq!(names(&found(&["--folder", &format!("{folder}/../Ada/")])), ["1", "2", "3"]);
    #[cfg(unix)]
    {
        let link = home.path().join("link");
        std::os::unix::fs::symlink(album.join("Bob"), &link).unwrap();
        assert_eq!(names(&found(&["--folder", link.to_str().unwrap()])), ["4", "5"]);
    }
}

#[test]
fn a_range_holds_all_above_the_threshold_and_batches_answer_as_single_searches_do() {
    let home = tempfile::tempdir().unwrap();
    archive(home.path());
    let photos = ["obama.jpg", "biden.jpg", "obama2.jpg"];
    let together = search(home.path(), &photos, &["--k", "3"]);
    assert_eq!(together.len(), photos.len());
    for (photo, batched) in photos.iter().zip(&together) {
        let single = search(home.path(), &[photo], &["--k", "3"]).remove(0);
        let scores = |found: &Value| -> Vec<f64> {
            found["candidates"].as_array().unwrap().iter().map(|c| c["score"].as_f64().unwrap()).collect()
        };
        assert!(batched["probe"].as_str().unwrap().ends_with(photo));
        assert_eq!(scores(&single).len(), 3);
        for (a, b) in scores(&single).iter().zip(scores(batched)) {
            assert!((a - b).abs() < 1e-5, "{photo}: {a} and {b}");
        }
    }

    // The model's threshold parts the two people; k does not count.
    let found = search(home.path(), &photos[..2], &["--range"]);
    assert_eq!(names(&found[0]), ["1", "2", "3", "6", "8"]);
    assert_eq!(names(&found[1]), ["4", "5", "7"]);
    assert_eq!(found[0]["cut_at"], Value::Null);
    let found = search(home.path(), &photos[..2], &["--range", "--threshold", "-1", "--unnamed"]);
    assert_eq!((names(&found[0]).len(), names(&found[1]).len()), (3, 3));
    assert!(
        search(home.path(), &photos[..1], &["--range", "--threshold", "1"])[0]["candidates"] == serde_json::json!([])
    );
}

#[test]
fn mistakes_in_a_filter_are_told() {
    let home = tempfile::tempdir().unwrap();
    let album = archive(home.path());
    let fails_with = |flags: &[&str], words: &str| {
        let mut command = likeness(home.path());
        let output = command.arg("search").arg(samples().join("obama.jpg")).args(flags).output().unwrap();
        let told = text(&output.stderr);
        assert!(!output.status.success() && told.contains(words) && !told.contains("panicked"), "{flags:?}: {told}");
    };
    fails_with(&["--subject", "Nobody"], "nobody in the gallery is named Nobody");
    fails_with(&["--subject", " "], "name of a subject is empty");
    fails_with(&["--from", "3.7.2019"], "3.7.2019");
    fails_with(&["--to", "2019-02-30"], "2019-02-30");
    fails_with(&["--from", "2020-01-02", "--to", "2020-01-01"], "after");
    fails_with(&["--folder", home.path().join("models").to_str().unwrap()], "no enrolled photo");
    fails_with(&["--folder", album.join("A").to_str().unwrap()], "no enrolled photo");
    fails_with(&["--range", "--k", "5"], "--k");

    // A bad photo among good ones is listed and ends nothing; alone it fails the run.
    let bad = home.path().join("bad.jpg");
    fs::write(&bad, b"nothing").unwrap();
    let mut command = likeness(home.path());
    let lines = json_lines(command.arg("search").arg(&bad).arg(samples().join("obama.jpg")));
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["issue"].is_string() && lines[1]["candidates"].is_array(), "{lines:?}");
    assert!(!likeness(home.path()).arg("search").arg(&bad).output().unwrap().status.success());
}

#[test]
fn searches_are_kept_as_probes() {
    let home = tempfile::tempdir().unwrap();
    archive(home.path());
    let status = json_lines(likeness(home.path()).arg("status")).remove(0);
    let model = status["model"].as_str().unwrap();
    let kept = || Gallery::open(&home.path().join("gallery.sqlite")).unwrap().past_searches(model, 100).unwrap();
    assert!(kept().is_empty());
    search(home.path(), &["obama.jpg", "biden.jpg"], &["--k", "3"]);
    let past = kept();
    assert_eq!(past.len(), 2);
    assert!(past[0].score(&past[1]) < 0.99, "they are of two people");
    // The same face again is no other probe; a gallery that somebody else writes to is left alone.
    search(home.path(), &["biden.jpg"], &["--range"]);
    assert_eq!(kept().len(), 2);
    let holder = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    search(home.path(), &["obama2.jpg"], &[]);
    assert_eq!(kept().len(), 2);
    drop(holder);
    search(home.path(), &["obama2.jpg"], &[]);
    assert_eq!(kept().len(), 3);
}

fn found(shell: &Shell) -> Vec<FaceId> {
    shell.state().search.candidates.ready().map(|list| list.iter().map(|c| c.face).collect()).unwrap_or_default()
}

#[test]
fn the_filter_follows_names_that_are_given_meanwhile() {
    let home = tempfile::tempdir().unwrap();
    archive(home.path());
    let engine = Engine::open(Some(home.path()), Mode::Write, None).unwrap();
    let faces = engine.gallery().face_ids().unwrap();
    let query = SearchQuery {
        embedding: engine.embedding_of(faces[0]).unwrap(),
        exclude: Some(faces[0]),
        k: 100,
        threshold: -1.0,
        filter: Some(FaceQuery { unnamed: true, ..FaceQuery::default() }),
        range: false,
    };
    let count = || {
        let result = engine.search(&query).unwrap();
        assert_eq!(result.passing, Some(result.candidates.len()));
        result.candidates.len()
    };
    assert_eq!((count(), count()), (3, 3));
    let name = |who| engine.change(&Change::Name { faces: vec![faces[7]], who }).unwrap();
    name(Naming::Name("Ada".to_owned()));
    assert_eq!(count(), 2);
    name(Naming::Nobody);
    assert_eq!(count(), 3);
    // One batch of probes with filters of their own, in their order.
    let none = FaceQuery { subjects: vec![SubjectId(999)], ..FaceQuery::default() };
    let batch = [
        query.clone(),
        SearchQuery { filter: None, ..query.clone() },
        SearchQuery { filter: Some(none), range: true, ..query.clone() },
    ];
    let results = engine.search_batch(&batch).unwrap();
    let counts: Vec<_> = results.iter().map(|result| (result.candidates.len(), result.passing)).collect();
    assert_eq!(counts, [(3, Some(3)), (7, None), (0, Some(0))]);
    assert!(engine.search_batch(&[]).unwrap().is_empty());
}

#[test]
fn the_window_searches_by_its_filter_and_keeps_what_was_searched() {
    let home = tempfile::tempdir().unwrap();
    archive(home.path());
    let mut shell = start(home.path());
    until(&mut shell, "the names are read", |shell| shell.state().subjects.len() == 2);
    let names: Vec<&str> = shell.state().subjects.iter().map(|subject| &*subject.name).collect();
    assert_eq!(names, ["Ada", "Bob"]);
    shell.dispatch(SearchCommand::SetThreshold(-1.0));
    shell.dispatch(SearchCommand::File(samples().join("obama.jpg")));
    until(&mut shell, "candidates are here", |shell| found(shell).len() == 8);
    let bob = FaceQuery { subjects: vec![shell.state().subjects[1].id], ..FaceQuery::default() };
    shell.dispatch(SearchCommand::SetFilter(bob));
    until(&mut shell, "the filter holds", |shell| found(shell).len() == 2);
    assert_eq!(shell.state().search.passing, Some(2));
    // A candidate that gets another name leaves the list.
    let face = found(&shell)[0];
    shell.dispatch(PeopleCommand::Name { faces: vec![face], who: likeness::app::Naming::Name("Cleo".into()) });
    until(&mut shell, "it has left", |shell| found(shell).len() == 1);
    until(&mut shell, "the name is known", |shell| shell.state().subjects.len() == 3);
    shell.dispatch(SearchCommand::SetFilter(FaceQuery::default()));
    shell.dispatch(SearchCommand::SetK(1));
    until(&mut shell, "k holds", |shell| found(shell).len() == 1 && shell.state().search.passing.is_none());
    shell.dispatch(SearchCommand::SetRange(true));
    until(&mut shell, "all are listed", |shell| found(shell).len() == 8);
    let model = json_lines(likeness(home.path()).arg("status")).remove(0)["model"].as_str().unwrap().to_owned();
    drop(shell);
    let past = Gallery::open(&home.path().join("gallery.sqlite")).unwrap().past_searches(&model, 100).unwrap();
    assert_eq!(past.len(), 1, "one face was searched, however often");
}
