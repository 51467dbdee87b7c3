//! Who is who from the command line: naming, people, history, taking out, bringing back.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::Path;

use serde_json::Value;
use support::{json_lines, likeness, text, write_small};

fn run(home: &Path, line: &[&str]) -> Vec<Value> {
    let mut lines = json_lines(likeness(home).args(line));
    lines.retain(|line| line["type"] != "progress");
    lines
}

/// The command's refusal.
fn refused(home: &Path, line: &[&str]) -> String {
    let output = likeness(home).args(line).output().unwrap();
    assert!(!output.status.success(), "{}", text(&output.stdout));
    text(&output.stderr)
}

/// Three photos, one after the other, so that their faces are numbered in that order.
fn enroll_three(home: &Path, album: &Path) {
    for (at, sample) in ["obama.jpg", "obama2.jpg", "biden.jpg"].iter().enumerate() {
        let photo = album.join(format!("{at}.jpg"));
        write_small(sample, 260, at as u16, &photo);
        run(home, &["enroll", photo.to_str().unwrap()]);
    }
}

fn names(home: &Path) -> Vec<Option<String>> {
    let faces = run(home, &["faces"]);
    faces.iter().map(|face| face["subject"]["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn people_are_named_merged_told_apart_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join("album"));
    let home = home.as_path();
    enroll_three(home, &album);
    let ids: Vec<String> = run(home, &["faces"]).iter().map(|face| face["face"].to_string()).collect();
    let [a, b, c] = [0, 1, 2].map(|at| ids[at].as_str());

    let changed = run(home, &["name", a, b, "--as", "Ren\u{e9}"]);
    assert_eq!((&changed[0]["type"], &changed[0]["named"]), (&"change".into(), &2.into()));
    run(home, &["name", c, "--new", "RENE\u{301}"]);
    assert!(refused(home, &["name", a, "--as", "rené"]).contains("several people"));
    run(home, &["describe", "#2", "--name", "Joe", "--external-id", "46"]);
    let people = run(home, &["people"]);
    assert_eq!(
        (&people[0]["name"], &people[0]["external_id"], &people[0]["faces"]),
        (&"Joe".into(), &"46".into(), &1.into())
    );
    assert_eq!(run(home, &["faces", "--person", "joe"]).len(), 1);

    run(home, &["merge", "Joe", "--into", "#1"]);
    assert_eq!(names(home), vec![Some("René".to_owned()); 3]);
    let words: Vec<Value> = run(home, &["history", "--limit", "2"]).iter().map(|line| line["words"].clone()).collect();
    assert_eq!(words, ["merged Joe into René (1 face)", "renamed RENE\u{301} to Joe"]);
    for _ in 0..3 {
        run(home, &["undo"]);
    }
    assert_eq!(names(home), [Some("René".to_owned()), Some("René".to_owned()), None]);
    run(home, &["redo"]);
    assert_eq!(names(home)[2].as_deref(), Some("RENE\u{301}"));
    run(home, &["name", c, "--nobody"]);
    assert!(refused(home, &["redo"]).contains("nothing to redo"));

    // Counts first; nothing happens without a yes.
    let said = likeness(home).args(["remove", "folder", album.to_str().unwrap()]).output().unwrap();
    assert!(text(&said.stdout).contains("takes out 3 photos with 3 faces, 2 of them named"), "{}", text(&said.stdout));
    assert!(!said.status.success());
    assert_eq!(names(home).len(), 3);
    run(home, &["remove", "photo", album.join("0.jpg").to_str().unwrap(), "--yes"]);
    run(home, &["remove", "face", c, "--yes"]);
    assert_eq!(run(home, &["faces"]).len(), 1);
    let gone = run(home, &["restore"]);
    assert_eq!(gone.len(), 2, "{gone:?}");
    run(home, &["restore", "--face", c]);
    assert_eq!(run(home, &["faces"]).len(), 2);
    assert_eq!(run(home, &["purge", "--yes"])[0]["faces"], 1);
    assert_eq!(run(home, &["restore"]).len(), 0);
    run(home, &["remove", "person", "#1", "--yes"]);
    assert_eq!(names(home), [None, None]);
    run(home, &["undo"]);
    assert_eq!(names(home)[0].as_deref(), Some("René"));

    std::fs::remove_file(album.join("1.jpg")).unwrap();
    run(home, &["enroll", album.to_str().unwrap()]);
    assert_eq!(run(home, &["missing"]).len(), 1);
    run(home, &["remove", "missing", "--yes"]);
    assert_eq!(run(home, &["missing"]).len(), 0);
    assert_eq!(run(home, &["check"]).last().unwrap()["ok"], true);
}

#[test]
fn changes_are_undone_by_number_and_people_are_found_by_number() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join("album"));
    let home = home.as_path();
    enroll_three(home, &album);
    let ids: Vec<String> = run(home, &["faces"]).iter().map(|face| face["face"].to_string()).collect();
    let named: Vec<String> =
        ids.iter().map(|id| run(home, &["name", id, "--new", "Ada"])[0]["batch"].to_string()).collect();

    // One of the three of one name, by its number alone.
    let people = run(home, &["people"]);
    assert_eq!(people.iter().map(|person| person["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Ada"; 3]);
    let second = format!("#{}", people[1]["id"]);
    let probe = album.join("0.jpg");
    let candidates = |person: &str| -> Vec<String> {
        let lines = run(home, &["search", probe.to_str().unwrap(), "--subject", person]);
        let found = lines.iter().filter_map(|line| line["candidates"].as_array()).flatten();
        found.map(|candidate| candidate["face"].to_string()).collect()
    };
    assert_eq!(candidates(&second), [ids[1].clone()]);
    let told = refused(home, &["search", probe.to_str().unwrap(), "--subject", "Ada"]);
    assert!(told.contains("several people are named Ada") && told.contains(&format!("{second} Ada, 1 face")), "{told}");
    assert!(refused(home, &["search", probe.to_str().unwrap(), "--subject", "#99"]).contains("#99"));

    // The first change, not the latest; and not twice.
    let undone = run(home, &["undo", "--batch", &named[0]]);
    assert!(undone.iter().any(|line| line["type"] == "change" || line["words"].is_string()), "{undone:?}");
    assert_eq!(names(home), [None, Some("Ada".to_owned()), Some("Ada".to_owned())]);
    refused(home, &["undo", "--batch", &named[0]]);
    assert!(refused(home, &["undo", "--batch", "999"]).contains("no change 999"));
    run(home, &["redo"]);
    assert_eq!(names(home), vec![Some("Ada".to_owned()); 3]);
}

#[test]
fn a_portrait_that_was_replaced_is_asked_about_and_the_answer_binds() {
    for (answer, expected) in [("yes", Some("Ada")), ("no", None)] {
        let dir = tempfile::tempdir().unwrap();
        let (home, album) = (dir.path().join("data"), dir.path().join("album"));
        write_small("biden.jpg", 260, 1, &album.join("portrait.jpg"));
        let home = home.as_path();
        run(home, &["enroll", album.to_str().unwrap()]);
        let face = run(home, &["faces"])[0]["face"].to_string();
        run(home, &["name", &face, "--as", "Ada"]);
        write_small("obama.jpg", 260, 2, &album.join("portrait.jpg"));
        run(home, &["enroll", album.to_str().unwrap()]);
        assert_eq!(names(home), [None], "another face is nobody until a person says so");
        let questions = run(home, &["questions"]);
        assert_eq!((questions.len(), &questions[0]["subject"]["name"]), (1, &"Ada".into()), "{questions:?}");
        let asked = questions[0]["face"].to_string();
        assert_ne!(asked, face);
        assert_eq!(run(home, &["status"])[0]["questions"], 1);
        run(home, &["answer", &asked, answer]);
        assert_eq!(names(home)[0].as_deref(), expected);
        assert_eq!(run(home, &["questions"]).len(), 0);
        assert!(refused(home, &["answer", &asked, answer]).contains("nothing is asked"));
        run(home, &["undo"]);
        assert_eq!((names(home)[0].as_deref(), run(home, &["questions"]).len()), (None, 1));
    }
}

/// The groups of faces without a name: each with its number and how many faces it has.
fn groups(home: &Path) -> Vec<(String, u64)> {
    let groups = run(home, &["people", "list", "--filter", "groups"]);
    groups.iter().map(|group| (group["group"].to_string(), group["faces"].as_u64().unwrap())).collect()
}

#[test]
fn groups_become_people_and_everything_said_of_them_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join("album"));
    let home = home.as_path();
    enroll_three(home, &album);
    let ids: Vec<String> = run(home, &["faces"]).iter().map(|face| face["face"].to_string()).collect();
    let [a, b, c] = [0, 1, 2].map(|at| ids[at].as_str());
    // Grouped as they came: the two of one man, and the other alone.
    let found = groups(home);
    assert_eq!(found.iter().map(|(_, faces)| *faces).collect::<Vec<_>>(), [2]);
    let grouped = run(home, &["people", "group"]);
    assert_eq!(
        (&grouped[0]["moved"], &grouped[0]["batch"], &grouped[0]["groups"]),
        (&0.into(), &Value::Null, &1.into())
    );
    assert_eq!(groups(home), found, "its number stays");

    let named = run(home, &["people", "name", "--group", &found[0].0, "--as", "Barack"]);
    assert_eq!(named[0]["words"], "named 2 faces Barack");
    assert!(groups(home).is_empty());
    // Another photo of him is offered, with the face that it resembles, until it is rejected.
    write_small("obama.jpg", 200, 9, &album.join("9.jpg"));
    run(home, &["enroll", album.join("9.jpg").to_str().unwrap()]);
    let offered = run(home, &["people", "suggest", "Barack"]);
    assert_eq!((offered.len(), &offered[0]["subject"]["name"]), (1, &"Barack".into()));
    assert!([a, b].contains(&&*offered[0]["nearest_face"].to_string()));
    let new = offered[0]["face"].to_string();
    run(home, &["faces", "reject", &new, "--person", "Barack"]);
    assert!(run(home, &["people", "suggest"]).is_empty());
    run(home, &["people", "group"]);
    assert!(run(home, &["people", "suggest"]).is_empty(), "also when it is worked out anew");
    run(home, &["undo"]);
    assert_eq!(run(home, &["people", "suggest"]).len(), 1);

    // Somebody else under his name is split off, and set aside.
    run(home, &["faces", "assign", c, "--as", "Barack"]);
    let faces = run(home, &["people", "show", "Barack"]);
    assert_eq!((faces.len(), &faces[0]["confirmed"], faces[1]["face"].to_string().as_str()), (4, &1.into(), a.min(b)));
    run(home, &["people", "split", "Barack", "--faces", c, "--as", "Joe", "--new"]);
    assert_eq!(names(home).iter().filter(|name| name.as_deref() == Some("Joe")).count(), 1);
    run(home, &["faces", "ignore", c, "--why", "poster"]);
    let ignored = run(home, &["people", "list", "--filter", "ignored"]);
    assert_eq!((ignored.len(), &ignored[0]["why"]), (1, &"poster".into()));
    run(home, &["faces", "notice", c]);
    assert!(run(home, &["people", "list", "--filter", "ignored"]).is_empty());
    assert!(refused(home, &["people", "split", "Barack", "--faces", c]).contains("is not one of person"));
    assert!(refused(home, &["people", "ignore", &found[0].0]).contains("no group"));
    for _ in 0..5 {
        run(home, &["undo"]);
    }
    assert_eq!(groups(home), [(found[0].0.clone(), 2)]);
    assert!(run(home, &["people"]).is_empty());
    run(home, &["check"]);
}
