//! `likeness check`: everything that can be off is damaged by hand, found, and put right where that can be done.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use likeness::jobs::{Engine, Mode};
use likeness::store::{Change, Naming};
use likeness::types::FaceId;
use rusqlite::Connection;
use serde_json::Value;
use support::snapshot::snapshot;
use support::{json_lines, likeness, parse_lines, text, write_small};

/// Four photos of two people who are named after their folders.
fn archive(home: &Path) -> PathBuf {
    let (data, album) = (home.join("data"), home.join("album"));
    for (at, (sample, name)) in
        [("obama.jpg", "Ada"), ("obama2.jpg", "Ada"), ("biden.jpg", "Bob"), ("biden.jpg", "Bob")].iter().enumerate()
    {
        write_small(sample, 260, at as u16, &album.join(format!("{name}/{at}.jpg")));
    }
    json_lines(likeness(&data).args(["enroll", "--subjects-from-folders"]).arg(&album));
    data
}

struct Checked {
    ok: bool,
    kinds: Vec<String>,
    summary: Value,
    lines: Vec<Value>,
}

fn check(data: &Path, flags: &[&str]) -> Checked {
    let output = likeness(data).args(["check", "--json"]).args(flags).output().unwrap();
    let lines: Vec<Value> = parse_lines(&output)
        .into_iter()
        .filter(|line| line["type"].as_str().is_some_and(|t| t.starts_with("check")))
        .collect();
    let summary = lines.last().unwrap_or_else(|| panic!("{}", text(&output.stderr))).clone();
    assert_eq!(summary["type"], "check");
    let kinds = summary["by_kind"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(summary["ok"].as_bool().unwrap(), output.status.success());
    assert!(output.status.code() == Some(0) || output.status.code() == Some(1));
    Checked { ok: output.status.success(), kinds, summary, lines }
}

#[track_caller]
fn assert_clean(data: &Path) {
    let checked = check(data, &["--files"]);
    assert!(checked.ok, "{:?}", checked.lines);
}

fn sql(data: &Path, statements: &str) {
    let conn = Connection::open(data.join("gallery.sqlite")).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF;").unwrap();
    conn.execute_batch(statements).unwrap();
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
}

#[test]
fn every_damage_of_the_gallery_is_found_and_put_right_where_it_can_be() {
    let home = tempfile::tempdir().unwrap();
    let sound = archive(home.path());
    assert_clean(&sound);
    let cases: &[(&str, bool, &str)] = &[
        ("tally", true, "UPDATE tallies SET n = n + 3 WHERE name = 'faces'"),
        ("tally", true, "DELETE FROM tallies WHERE name = 'photos'"),
        ("orphan_crop", true, "INSERT INTO crops SELECT 99999, jpeg FROM crops LIMIT 1"),
        (
            "orphan_embedding",
            true,
            "INSERT INTO embeddings SELECT (model_id << 40) | 99999, 99999, model_id, vector FROM embeddings LIMIT 1",
        ),
        ("orphan_question", true, "INSERT INTO questions VALUES (99999, 1, 1, 0, 0)"),
        ("orphan_alias", true, "INSERT INTO aliases (name_key, subject_id) VALUES ('x', 99999)"),
        ("name_key", true, "UPDATE subjects SET name_key = 'x' WHERE name = 'Ada'"),
        ("broken_vector", true, "UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE face_id = 1"),
        ("broken_vector", true, "UPDATE embeddings SET vector = substr(vector, 5) WHERE face_id = 1"),
        (
            "broken_vector",
            true,
            "UPDATE embeddings SET vector = CAST(x'0000c07f' || substr(vector, 5) AS BLOB) WHERE face_id = 1",
        ),
        (
            "database",
            true,
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'IS NOT NULL', 'IS NULL') WHERE name = 'photos_by_day'",
        ),
        (
            "index_content",
            true,
            "UPDATE embeddings SET vector = (SELECT e.vector FROM embeddings e WHERE e.face_id = 4) WHERE face_id = 1",
        ),
        ("broken_crop", false, "UPDATE crops SET jpeg = x'ffd8ff' WHERE face_id = 1"),
        ("missing_crop", false, "DELETE FROM crops WHERE face_id = 1"),
        ("ledger", false, "UPDATE all_faces SET subject_id = NULL WHERE id = 1"),
        ("ledger", false, "UPDATE subjects SET note = 'nobody said so' WHERE name = 'Ada'"),
        ("ledger", false, "UPDATE batches SET state = 'half'"),
        ("ledger", false, "UPDATE events SET after = '{' WHERE id = 1"),
        ("reference", false, "UPDATE all_faces SET subject_id = 777 WHERE id = 1"),
        ("reference", false, "DELETE FROM all_photos WHERE id = 1"),
        ("face_without_photo", false, "UPDATE all_photos SET gone_at = 1 WHERE id = 1"),
    ];
    for (at, (kind, can_be_repaired, damage)) in cases.iter().enumerate() {
        let data = home.path().join(format!("case-{at}"));
        copy_all(&sound, &data);
        sql(&data, damage);
        let before = snapshot(&data);
        let checked = check(&data, &[]);
        assert!(!checked.ok, "case {at}, {kind}: nothing was found");
        assert!(checked.kinds.iter().any(|found| found == kind), "case {at}, {kind}: {:?}", checked.lines);
        assert_eq!(snapshot(&data), before, "case {at}, {kind}: a check writes nothing");
        let repaired = check(&data, &["--repair"]);
        if *can_be_repaired {
            assert!(repaired.ok, "case {at}, {kind}: {:?}", repaired.lines);
            assert!(repaired.summary["repaired"].as_u64().unwrap() > 0);
            assert_clean(&data);
        } else {
            assert!(repaired.kinds.iter().any(|found| found == kind), "case {at}, {kind}: {:?}", repaired.lines);
        }
        fs::remove_dir_all(&data).unwrap();
    }
}

#[test]
fn damaged_index_files_are_found_without_being_used_and_built_again() {
    let home = tempfile::tempdir().unwrap();
    let sound = archive(home.path());
    json_lines(likeness(&sound).args(["index", "build", "IVF2,Flat"]));
    assert_clean(&sound);
    let model = fs::read_dir(sound.join("index")).unwrap().next().unwrap().unwrap().file_name();
    let files: Vec<PathBuf> = walkdir::WalkDir::new(sound.join("index"))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != "publishing")
        .map(|entry| entry.path().strip_prefix(&sound).unwrap().to_path_buf())
        .collect();
    // What an earlier generation says of itself is vouched for by nothing; its files are by what it says.
    let is_earlier = |file: &PathBuf| file.ends_with("gen-00000001/manifest.json");
    let files: Vec<PathBuf> = files.into_iter().filter(|file| !is_earlier(file)).collect();
    assert!(files.len() > 6, "{files:?}");
    for (at, file) in files.iter().enumerate() {
        let data = home.path().join(format!("case-{at}"));
        copy_all(&sound, &data);
        let mut bytes = fs::read(data.join(file)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(data.join(file), bytes).unwrap();
        let before = snapshot(&data);
        let checked = check(&data, &[]);
        assert_eq!(checked.kinds, ["index_file"], "{}: {:?}", file.display(), checked.lines);
        assert_eq!(snapshot(&data), before);
        let repaired = check(&data, &["--repair"]);
        assert!(repaired.ok, "{}: {:?}", file.display(), repaired.lines);
        let status = json_lines(likeness(&data).arg("status")).pop().unwrap();
        assert_eq!(status["indexed"], 4);
        fs::remove_dir_all(&data).unwrap();
    }
    // The spec of the one in use is kept.
    let data = home.path().join("trained");
    copy_all(&sound, &data);
    let current = fs::read_to_string(data.join("index").join(&model).join("CURRENT")).unwrap();
    let generation = current.split(' ').next().unwrap();
    fs::remove_file(data.join("index").join(&model).join(generation).join("index.faiss")).unwrap();
    assert!(check(&data, &["--repair"]).ok);
    let engine = Engine::open(Some(&data), Mode::Read, None).unwrap();
    assert_eq!(engine.index_overview().spec.to_string(), "IVF2,Flat");
}

#[test]
fn files_that_are_gone_or_changed_and_broken_settings_are_listed() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let album = home.path().join("album");
    fs::remove_file(album.join("Ada/0.jpg")).unwrap();
    let mut changed = fs::read(album.join("Bob/2.jpg")).unwrap();
    changed.push(0);
    fs::write(album.join("Bob/2.jpg"), changed).unwrap();
    fs::write(data.join("settings.json"), "{").unwrap();
    assert_eq!(check(&data, &[]).kinds, ["missing_file", "settings"]);
    let all = check(&data, &["--files"]);
    assert_eq!(all.kinds, ["changed_file", "missing_file", "settings"]);
    let missing = all.lines.iter().find(|line| line["kind"] == "missing_file").unwrap();
    assert_eq!(missing["type"], "check_finding");
    assert!(missing["text"].as_str().unwrap().ends_with("Ada/0.jpg"), "{missing}");
    assert_eq!(missing["can_be_repaired"], false);
}

#[test]
fn whatever_a_person_does_leaves_nothing_off() {
    let home = tempfile::tempdir().unwrap();
    let data = archive(home.path());
    let engine = Engine::open(Some(&data), Mode::Write, None).unwrap();
    let faces = engine.gallery().face_ids().unwrap();
    let subjects: Vec<_> = engine.gallery().subjects().unwrap().iter().map(|subject| subject.id).collect();
    let photo = |face: FaceId| engine.gallery().face(face).unwrap().photo;
    let named = |name: &str| Change::Name { faces: faces[..2].to_vec(), who: Naming::New(name.into()) };
    engine.change(&named("Cy")).unwrap();
    engine.change(&named("René")).unwrap();
    engine.undo(None).unwrap();
    assert_clean(&data);
    engine.redo().unwrap();
    engine.undo(None).unwrap();
    engine.change(&Change::Merge { from: vec![subjects[0]], into: subjects[1] }).unwrap();
    let removed = photo(faces[2]);
    engine.change(&Change::RemovePhotos(vec![removed])).unwrap();
    engine.change(&Change::RemoveFaces(vec![faces[3]])).unwrap();
    assert_clean(&data);
    engine.undo(None).unwrap();
    engine.undo(None).unwrap();
    assert_clean(&data);
    engine.change(&Change::RemoveSubject(subjects[1])).unwrap();
    engine.change(&Change::RemoveFaces(vec![faces[0]])).unwrap();
    engine.purge(|_| true).unwrap();
    assert_clean(&data);
    drop(engine);
    assert_clean(&data);
}

#[test]
fn no_gallery_is_no_clean_one_and_repair_needs_the_lock() {
    let home = tempfile::tempdir().unwrap();
    let output = likeness(home.path()).arg("check").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no gallery"), "{}", text(&output.stderr));
    assert!(!home.path().join("gallery.sqlite").exists());

    let data = archive(home.path());
    sql(&data, "UPDATE tallies SET n = 0");
    let holder = Engine::open(Some(&data), Mode::Write, None).unwrap();
    assert!(!check(&data, &[]).ok, "looking needs no lock");
    let output = likeness(&data).args(["check", "--repair"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is working on this data folder"), "{}", text(&output.stderr));
    drop(holder);
    assert!(check(&data, &["--repair"]).ok);
}

fn copy_all(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().filter_map(Result::ok) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
