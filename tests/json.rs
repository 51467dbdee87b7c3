//! What `--json` prints: every line is of a type that `likeness --schema` knows, paths keep their bytes, errors are lines
//! too, and nothing is called done that could not be told.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use support::schema::{SCHEMA, types};
use support::{json_lines, likeness, parse_lines, samples, text, write_album, write_small};

/// Runs a command to its end, well or not, holds every line against the schema and notes its type.
fn run(home: &Path, line: &[&str], seen: &mut BTreeSet<String>) -> Vec<Value> {
    let output = likeness(home).arg("--json").args(line).output().unwrap();
    let lines = parse_lines(&output);
    let failed = lines.last().is_some_and(|line| line["type"] == "error");
    assert_eq!(output.status.success(), !failed, "{line:?}: {lines:?}\n{}", text(&output.stderr));
    seen.extend(lines.iter().map(|line| line["type"].as_str().unwrap().to_owned()));
    lines
}

#[test]
fn every_line_of_a_small_gallery_is_of_a_type_that_the_schema_tells() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (&*dir.path().join("data"), dir.path().join("album"));
    write_album(&album, 8);
    fs::write(album.join("broken.jpg"), b"no photo").unwrap();
    fs::write(album.join("raw.cr2"), b"passed over").unwrap();
    let probe = samples().join("obama.jpg");
    let (album, probe) = (album.to_str().unwrap(), probe.to_str().unwrap());
    let vectors = dir.path().join("made-up.npy");
    let work_dir = dir.path().join("bench");
    let seen = &mut BTreeSet::new();
    let mut say = |line: &[&str]| run(home, line, seen);

    say(&["enroll", album]);
    say(&["detect", probe]);
    say(&["embed", probe]);
    say(&["search", probe, "--unnamed", "--folder", album]);
    say(&["status"]);
    let faces = say(&["faces"]);
    let face = |at: usize| faces[at]["face"].to_string();
    let photo = |at: usize| faces[at]["photo"].as_str().unwrap().to_owned();
    say(&["people", "list", "--filter", "groups"]);
    say(&["people", "group"]);
    say(&["faces", "assign", &face(0), "--as", "Eve"]);
    say(&["people", "group"]);
    say(&["people", "suggest"]);
    say(&["faces", "ignore", &face(0), "--why", "statue"]);
    say(&["people", "list", "--filter", "ignored"]);
    say(&["people", "regroup", "Eve"]);
    let everybody: Vec<String> = (0..8).map(face).collect();
    let all: Vec<&str> = everybody.iter().map(String::as_str).collect();
    say(&[&["name", "--as", "Eve"], &all[..]].concat());
    say(&["people", "group"]);
    say(&["people", "alarms"]);
    say(&["people", "show", "Eve"]);
    let (ada, bob): (Vec<_>, Vec<_>) = (0..8).map(face).partition(|face| face.parse::<u64>().unwrap() % 2 == 0);
    let named = |who: &'static str, faces: &[String]| {
        let mut line = vec!["name".to_owned(), "--as".to_owned(), who.to_owned()];
        line.extend_from_slice(faces);
        line
    };
    for (who, faces) in [("Ada", &ada), ("Bob", &bob)] {
        let line = named(who, faces);
        say(&line.iter().map(String::as_str).collect::<Vec<_>>());
    }
    say(&["regions", "export", "all", "--sidecars"]);
    say(&["regions", "export", "all"]);
    let sidecar = Path::new(album).join("photo-000.jpg.xmp");
    let other = fs::read_to_string(&sidecar).unwrap().replace("Ada", "Grace").replace("Bob", "Grace");
    fs::write(&sidecar, other).unwrap();
    say(&["people"]);
    say(&["describe", "Bob", "--external-id", "7", "--note", "tall"]);
    say(&["history"]);
    say(&["undo"]);
    say(&["redo"]);
    fs::copy(Path::new(album).join("photo-002.jpg"), Path::new(album).join("photo-003.jpg")).unwrap();
    say(&["enroll", album]);
    say(&["questions"]);
    say(&["regions", "import", "all", "--dry-run"]);
    say(&["check"]);
    for line in ["models list", "models verify", "index list", "index presets", "index build ivf-flat", "index advise"]
    {
        say(&line.split(' ').collect::<Vec<_>>());
    }
    say(&["models", "verify", "no-such-model"]);
    say(&["tune", "--specs", "IVF4096,Flat", "--nq", "4", "--k", "2"]);
    say(&["tune", "--specs", "Flat", "--nq", "4", "--k", "2"]);
    say(&["tune", "--goal-recall", "0.5", "--nq", "4", "--k", "2"]);
    say(&["eval", "missed", "--nprobe", "1"]);
    say(&["eval", "leave-one-out"]);
    say(&["synth", "--n", "1000", "--mated", "2", "--out", vectors.to_str().unwrap()]);
    let bench = ["bench", "search", "--n", "1000", "--mated", "2", "--nonmated", "2", "--specs", "Flat", "--work-dir"];
    say(&[&bench[..], &[work_dir.to_str().unwrap()]].concat());
    say(&["remove", "photo", &photo(0)]);
    say(&["remove", "photo", &photo(0), "--yes"]);
    say(&["restore"]);
    say(&["purge", "--yes"]);
    fs::remove_file(photo(1)).unwrap();
    say(&["enroll", album]);
    say(&["missing"]);
    say(&["search", probe]);
    let screen = dir.path().join("status.png");
    say(&["screenshot", "enroll", "--out", screen.to_str().unwrap()]);

    // These take training, labelled pairs, a second model, a damaged gallery or a face without a name under a region;
    // `train_cli`, `evaluate`, `change_model`, `check` and `regions` hold them against the schema.
    let elsewhere = [
        "groups",
        "train_step",
        "trained",
        "verification",
        "identification",
        "model_in_use",
        "model_removed",
        "model_speed",
        "check_finding",
        "region_name",
    ];
    let unseen: Vec<String> = types().into_iter().filter(|kind| !seen.contains(kind)).collect();
    let unexpected: Vec<&String> = unseen.iter().filter(|kind| !elsewhere.contains(&kind.as_str())).collect();
    assert!(unexpected.is_empty(), "never printed: {unexpected:?}");
}

/// What others rely on changes only where somebody sees it: after a change that is meant, write the schema anew with
/// `likeness --schema > docs/json.schema.json`.
#[test]
fn the_schema_is_the_one_on_record_and_every_type_is_described() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let recorded: Value = serde_json::from_slice(&fs::read(docs.join("json.schema.json")).unwrap()).unwrap();
    assert_eq!(*SCHEMA, recorded, "`likeness --schema` differs from docs/json.schema.json");
    let described = fs::read_to_string(docs.join("json.md")).unwrap();
    let undescribed: Vec<String> =
        types().into_iter().filter(|kind| !described.contains(&format!("| `{kind}` |"))).collect();
    assert!(undescribed.is_empty(), "docs/json.md does not name {undescribed:?}");
}

#[test]
fn errors_are_lines_and_tell_the_status() {
    let home = tempfile::tempdir().unwrap();
    for (line, status, words) in [
        (&["search", "/no/such/photo.jpg"][..], 1, "/no/such/photo.jpg"),
        (&["undo", "--batch", "99"], 1, "99"),
        (&["enroll"], 1, "nothing to do"),
        (&["serach"], 2, "serach"),
        (&["search"], 2, "PHOTO"),
    ] {
        let output = likeness(home.path()).arg("--json").args(line).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{line:?}");
        let told = parse_lines(&output);
        let last = told.last().unwrap();
        assert_eq!((&last["type"], &last["exit"]), (&"error".into(), &status.into()), "{line:?}");
        assert!(last["error"].as_str().unwrap().contains(words), "{last}");
        assert!(text(&output.stderr).contains(words), "people are told as well: {}", text(&output.stderr));
    }
    // Without the flag standard output stays what it was.
    let output = likeness(home.path()).arg("enroll").output().unwrap();
    assert!(output.stdout.is_empty());
}

#[cfg(target_os = "linux")] // elsewhere file names are text
#[test]
fn paths_that_are_not_text_survive() {
    use base64::Engine as _;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join(OsStr::from_bytes(b"M\xfcller")));
    let (good, bad) = (album.join(OsStr::from_bytes(b"\xf6.jpg")), album.join(OsStr::from_bytes(b"\xff.jpg")));
    write_small("obama.jpg", 260, 1, &good);
    fs::write(&bad, b"no photo").unwrap();
    let bytes = |line: &Value, key: &str| {
        let text = line[format!("{key}_base64")].as_str().unwrap_or_else(|| panic!("no bytes of {key} in {line}"));
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    };
    let enrolled = json_lines(likeness(&home).arg("enroll").arg(&album));
    let issue = enrolled.iter().find(|line| line["type"] == "issue").unwrap();
    assert_eq!(bytes(issue, "photo"), bad.as_os_str().as_bytes());
    let face = json_lines(likeness(&home).arg("faces").arg("--folder").arg(&album)).remove(0);
    assert_eq!(bytes(&face, "photo"), good.as_os_str().as_bytes());
    assert!(face["photo"].as_str().unwrap().contains('\u{fffd}'));
    let search = json_lines(likeness(&home).arg("search").arg(&good).arg("--folder").arg(&album)).remove(0);
    assert_eq!(bytes(&search, "probe"), good.as_os_str().as_bytes());
    assert_eq!(bytes(&search["candidates"][0], "photo"), good.as_os_str().as_bytes());
    assert_eq!(bytes(&search["filter"], "folder"), album.as_os_str().as_bytes());
    assert_eq!(search["candidates"][0]["is_probe_photo"], true);
    let detected = json_lines(likeness(&home).arg("detect").arg(&good).arg(&bad));
    assert_eq!(bytes(&detected[0], "photo"), good.as_os_str().as_bytes());
    assert_eq!(bytes(&detected[1], "photo"), bad.as_os_str().as_bytes());
    let vectors = album.join("v.npy");
    let synth = json_lines(likeness(&home).args(["synth", "--n", "1000", "--out"]).arg(&vectors)).pop().unwrap();
    assert_eq!(bytes(&synth["files"][0], "file"), vectors.as_os_str().as_bytes());
    let strange = dir.path().join(OsStr::from_bytes(b"data\xfe"));
    let status = json_lines(likeness(&strange).arg("status"));
    assert_eq!(bytes(&status[0], "data_dir"), strange.as_os_str().as_bytes());
    fs::remove_file(&good).unwrap();
    json_lines(likeness(&home).arg("enroll").arg(&album));
    let missing = json_lines(likeness(&home).arg("missing")).remove(0);
    assert_eq!(bytes(&missing, "photo"), good.as_os_str().as_bytes());
}

#[cfg(target_os = "linux")] // has /dev/full
#[test]
fn a_full_disk_under_the_output_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (dir.path().join("data"), dir.path().join("album"));
    write_album(&album, 2);
    json_lines(likeness(&home).arg("enroll").arg(&album));
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for line in
        [&["status"][..], &["faces"], &["status", "--json"], &["--schema"], &["people", "--help"], &["--version"]]
    {
        let mut command = likeness(&home);
        if line == ["--schema"] {
            command = std::process::Command::new(env!("CARGO_BIN_EXE_likeness"));
        }
        let output = command.args(line).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
    }
    let output = likeness(&home).arg("status").stdout(full()).output().unwrap();
    assert!(text(&output.stderr).contains("the disk is full"), "{}", text(&output.stderr));
    // Where standard error is full, the work is done all the same.
    let output = likeness(&home).arg("status").stderr(full()).output().unwrap();
    assert!(output.status.success() && text(&output.stdout).contains("2 photos"), "{}", text(&output.stdout));
}

/// Runs with a reader that goes away after `lines`, and says how the command ended and what it said to people.
fn read_and_leave(home: &Path, line: &[&str], lines: usize) -> (Option<i32>, String) {
    use std::io::{BufRead, BufReader, Read};
    let mut command = likeness(home);
    let mut child = command.args(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::with_capacity(1, child.stdout.take().unwrap());
    for _ in 0..lines {
        reader.read_line(&mut String::new()).unwrap();
    }
    drop(reader);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[test]
fn a_reader_that_goes_away_in_the_middle_of_work_interrupts_it() {
    let dir = tempfile::tempdir().unwrap();
    let (home, album) = (&*dir.path().join("data"), dir.path().join("album"));
    write_album(&album, 300);
    let (code, said) = read_and_leave(home, &["enroll", album.to_str().unwrap(), "--json"], 1);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("standard output takes no more"), "{said}");
    let done = json_lines(likeness(home).arg("status"))[0]["photos"].as_u64().unwrap();
    assert!(done < 300, "{done} photos were enrolled for nobody");
    // As after SIGTERM, the next start goes on with it.
    let rest = json_lines(likeness(home).arg("enroll")).pop().unwrap();
    assert_eq!(rest["photos"].as_u64().unwrap() + done, 300, "{rest}");

    // A listing that nobody reads to its end is none the worse for it.
    for line in [&["faces"][..], &["faces", "--json"], &["people"], &["history", "--json"]] {
        assert_eq!(read_and_leave(home, line, 0), (Some(0), String::new()), "{line:?}");
    }
    assert_eq!(read_and_leave(home, &["faces"], 1), (Some(0), String::new()));
    // A change is none that nobody hears of.
    let (code, said) = read_and_leave(home, &["name", "1", "--as", "Ada"], 0);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn texts_are_right_for_none_one_and_two() {
    for n in 0..3u16 {
        let dir = tempfile::tempdir().unwrap();
        let (home, album) = (dir.path().join("data"), dir.path().join("album"));
        fs::create_dir(&album).unwrap();
        write_album(&album, n);
        let said = |line: &[&str]| text(&likeness(&home).args(line).output().unwrap().stdout);
        let words =
            ["0 photo% enrolled with 0 face%", "1 photo enrolled with 1 face ", "2 photos enrolled with 2 faces"];
        let expected = words[usize::from(n)].replace('%', "s");
        let enrolled = said(&["enroll", album.to_str().unwrap()]);
        assert!(enrolled.starts_with(&expected), "{enrolled}");
        let status = said(&["status"]);
        let expected =
            ["0 photos, 0 faces, 0 subjects", "1 photo, 1 face, 0 subjects", "2 photos, 2 faces, 0 subjects"];
        assert!(status.contains(expected[usize::from(n)]), "{status}");
        let index = said(&["index", "list"]);
        assert!(index.contains(["over 0 faces", "over 1 face ", "over 2 faces"][usize::from(n)]), "{index}");
        let check = said(&["check"]);
        assert!(
            check.starts_with(["0 photos, 0 faces", "1 photo, 1 face:", "2 photos, 2 faces"][usize::from(n)]),
            "{check}"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let one = text(&likeness(dir.path()).arg("detect").arg(samples().join("biden.jpg")).output().unwrap().stdout);
    assert!(one.contains(": 1 face\n"), "{one}");
}

#[test]
fn the_check_of_lines_refuses_what_the_schema_does_not_say() {
    let line = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let holds = |line: Value| std::panic::catch_unwind(|| support::schema::check_line(&line)).is_ok();
    assert!(holds(line(r#"{"type":"purged","photos":1,"faces":2,"named":0}"#)));
    assert!(holds(line(r#"{"type":"issue","photo":"/a","issue":"unreadable"}"#)));
    for wrong in [
        r#"{"photos":1,"faces":2,"named":0}"#,
        r#"{"type":"purge","photos":1,"faces":2,"named":0}"#,
        r#"{"type":"purged","photos":1,"faces":2}"#,
        r#"{"type":"purged","photos":"1","faces":2,"named":0}"#,
        r#"{"type":"purged","photos":-1,"faces":2,"named":0}"#,
        r#"{"type":"purged","photos":1,"faces":2,"named":0,"more":1}"#,
        r#"{"type":"issue","photo":"/a","issue":"unreadable","probe":"/a"}"#,
        r#"{"type":"question","face":1,"old_face":2,"subject":{"id":1,"name":"Ada","age":7},"photo":"/a"}"#,
    ] {
        assert!(!holds(line(wrong)), "{wrong}");
    }
}
