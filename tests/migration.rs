//! `kill -9` at any moment of a change of the gallery's format, and a disk with no room for it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use likeness::store::Gallery;
use rusqlite::Connection;
use support::snapshot::with_read_only;
use support::text;

const CHILD_GALLERY: &str = "LIKENESS_TEST_MIGRATED_GALLERY";
const PHOTOS: i64 = 20_000;
const ROUNDS: u32 = 14;

/// The stored gallery of format 1 with so many more photos and faces that its change of format takes a while.
fn large(dir: &Path) -> PathBuf {
    let path = dir.join("gallery.sqlite");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gallery_v1.sqlite"), &path).unwrap();
    let conn = Connection::open(&path).unwrap();
    let fill = format!(
        "BEGIN;
         WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < {PHOTOS} + 99)
         INSERT INTO photos SELECT i, CAST('/many/' || i || '.jpg' AS BLOB), '/many/' || i || '.jpg', randomblob(32), 1, 1,
             800, 600, NULL, '1', 'crash', 0 FROM n;
         INSERT INTO faces SELECT id, id, 0, 0, 9, 9, 0.9, zeroblob(40), 0, 0, 0, 0, 0, 0, NULL FROM photos WHERE id >= 100;
         INSERT INTO crops SELECT id, randomblob(900) FROM faces WHERE id >= 100;
         COMMIT;"
    );
    conn.execute_batch(&fill).unwrap();
    path
}

fn format_of(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    let damages: Vec<String> = conn
        .prepare("PRAGMA integrity_check")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(damages, ["ok"]);
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// The process that is killed: this test, run again by the next one.
#[test]
fn migration_child() {
    if let Some(path) = std::env::var_os(CHILD_GALLERY) {
        Gallery::open(Path::new(&path)).unwrap();
    }
}

fn child(path: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migration_child", "--test-threads=1"])
        .env(CHILD_GALLERY, path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_kill_leaves_the_old_format_or_the_new_one_and_a_whole_back_up() {
    let home = tempfile::tempdir().unwrap();
    let old = large(home.path());
    let copy_to = |name: &str| {
        let dir = home.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        let path = dir.join("gallery.sqlite");
        std::fs::copy(&old, &path).unwrap();
        path
    };
    let whole = copy_to("whole");
    let begun = Instant::now();
    assert!(child(&whole).wait().unwrap().success());
    let takes = begun.elapsed();
    let latest = format_of(&whole);
    assert!(latest > 1);

    let (mut old_ones, mut new_ones) = (0, 0);
    for round in 0..ROUNDS {
        let path = copy_to(&format!("round-{round}"));
        let mut child = child(&path);
        std::thread::sleep(takes * round / (ROUNDS - 2) + Duration::from_millis(3));
        // It may have ended by itself in the last rounds.
        let _ = child.kill();
        child.wait().unwrap();
        let found = format_of(&path);
        assert!(found == 1 || found == latest, "round {round}: format {found}");
        if found == 1 {
            old_ones += 1
        } else {
            new_ones += 1
        }

        let gallery = Gallery::open(&path).unwrap();
        assert_eq!(gallery.counts().unwrap().photos as i64, PHOTOS + 3, "round {round}");
        assert_eq!(gallery.damages().unwrap(), Vec::<String>::new(), "round {round}");
        drop(gallery);
        let mut beside: Vec<_> = std::fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        beside.sort();
        assert_eq!(beside, ["gallery.sqlite", "gallery.sqlite.v1.backup"], "round {round}");
        assert_eq!(format_of(&path.with_file_name("gallery.sqlite.v1.backup")), 1);
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
    println!("{old_ones} of the old format, {new_ones} of the new one; it takes {takes:?}");
    assert!(old_ones > 0 && new_ones > 0, "{old_ones} and {new_ones}: the kills hit one side alone");
}

#[test]
fn a_disk_without_room_is_told_and_nothing_is_changed() {
    let home = tempfile::tempdir().unwrap();
    let old = large(home.path());
    let bytes = std::fs::metadata(&old).unwrap().len();
    let small = home.path().join("small");
    std::fs::create_dir(&small).unwrap();
    // A disk of the gallery's size and a bit more; the mount for reading is only what shows whether mounting is allowed.
    let script = format!(
        "mount -t tmpfs -o size={size} none '{small}' && cp '{old}' '{small}/gallery.sqlite' &&
         '{program}' --data-dir '{small}' status; echo \"exit $?\"; cmp '{old}' '{small}/gallery.sqlite' && ls '{small}'",
        size = bytes + bytes / 2,
        small = small.display(),
        old = old.display(),
        program = env!("CARGO_BIN_EXE_likeness"),
    );
    let reading = home.path().join("reading");
    std::fs::create_dir(&reading).unwrap();
    let Some(mut command) = with_read_only(&reading, &format!("{{ {script}; }}")) else { return };
    let output = command.env("LIKENESS_CONFIG_DIR", support::config_dir()).output().unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.contains("exit 1"), "{out}\n{err}");
    assert!(err.contains("MB of free space") && err.contains("nothing was changed"), "{err}");
    assert!(!out.contains("backup") && !out.contains("differ"), "{out}");
}
