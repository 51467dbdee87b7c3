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

fn names(home: &Path) -> Vec<Option<String>> {
    let faces = run(home, &["faces"]);
    faces.iter().map(|face| face["subject"]["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn people_are_named_merged_told_apart_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join("album"));
    for (at, sample) in ["obama.jpg", "obama2.jpg", "biden.jpg"].iter().enumerate() {
        write_small(sample, 260, at as u16, &album.join(format!("{at}.jpg")));
    }
    let home = home.as_path();
    run(home, &["enroll", album.to_str().unwrap()]);
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
