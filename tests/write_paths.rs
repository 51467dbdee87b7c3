//! Every source that writes to the data folder, and what keeps a process from writing that holds no lock. A new one is
//! listed here with its guard, or does not pass.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

use std::collections::BTreeMap;
use std::path::Path;

/// Calls that change a file system.
const WRITES: [&str; 18] = [
    "write_whole(",
    "write_synced(",
    "put_in_place(",
    "Part::create(",
    "DeletedOnDrop::new(",
    "fs::write(",
    "fs::copy(",
    "fs::rename(",
    "fs::remove_file(",
    "fs::remove_dir(",
    "fs::remove_dir_all(",
    "fs::create_dir(",
    "fs::create_dir_all(",
    "fs::set_permissions(",
    "fs::hard_link(",
    "File::create(",
    "OpenOptions::new()",
    "DirBuilder::new()",
];

/// Layers that know the data folder.
const FOLDERS: [&str; 6] = ["src/files", "src/store", "src/index", "src/vision/manifest", "src/jobs", "src/app"];

const STORE: &str = "IndexStore::ensure_writable";
const JOB: &str = "Engine::ensure_writable at the job's begin";
const LEAF: &str = "knows no data folder: called by those below";
const EXPORT: &str = "not the data folder: the person named the file";

const GUARDED: &[(&str, &str)] = &[
    ("src/files/deleted.rs", LEAF),
    ("src/files/part.rs", LEAF),
    ("src/files/synced.rs", LEAF),
    ("src/files/rights.rs", EXPORT),
    ("src/store/data_dir.rs", "makes the folder where it is missing, and the lock's own file, by who takes the lock"),
    ("src/store/file.rs", "open_writer, by who holds the lock; readers are query_only"),
    ("src/store/upgrade.rs", "within open_writer"),
    ("src/store/place.rs", "not the data folder: a copy in a temporary folder"),
    ("src/store/scratch.rs", "not the data folder: temporary folders"),
    ("src/index/generation/mod.rs", STORE),
    ("src/index/flat.rs", "called by generation/publish.rs: IndexStore::ensure_writable"),
    ("src/index/generation/notes.rs", STORE),
    ("src/index/generation/publish.rs", STORE),
    ("src/index/cleanup.rs", STORE),
    ("src/index/files.rs", "called by generation and build.rs, which writes into a folder of begin_build"),
    ("src/index/id_map.rs", "called by generation and build.rs, which writes into a folder of begin_build"),
    ("src/index/build.rs", "written into a folder of begin_build, or of work_dir"),
    ("src/index/raw.rs", "written into a folder of begin_build, or of work_dir"),
    ("src/index/exact_store.rs", "written into a folder of begin_build, or of work_dir"),
    ("src/index/templates.rs", "written into a folder of begin_build, or of work_dir"),
    ("src/vision/manifest/import.rs", "jobs/models/import.rs: Engine::ensure_writable"),
    ("src/vision/manifest/registry.rs", "jobs/models/remove.rs: Engine::ensure_writable"),
    ("src/jobs/scratch.rs", "Engine::work_dir asks Engine::ensure_writable; clear_left_over by who holds the lock"),
    ("src/jobs/enroll/journal.rs", JOB),
    ("src/jobs/models/remove.rs", JOB),
    ("src/jobs/models/speed.rs", "keep: Engine::ensure_writable"),
    ("src/jobs/people/neighbours.rs", JOB),
    (
        "src/jobs/settings.rs",
        "Engine::save_settings: the gallery's file by who holds the lock; the person's is elsewhere",
    ),
    ("src/jobs/tuning/runs.rs", "save asks Engine::ensure_writable"),
    ("src/jobs/tuning/building.rs", "written into work_dir, which is a temporary folder for readers"),
    ("src/jobs/tuning/bench.rs", EXPORT),
    ("src/jobs/synth.rs", EXPORT),
    ("src/jobs/regions/export.rs", "not the data folder: sidecars beside photos, where the person asked for them"),
    (
        "src/jobs/train/mod.rs",
        "a run's own folder, which the lock does not guard: windows watch runs of other processes",
    ),
    ("src/jobs/train/model.rs", "a run's own folder"),
    ("src/jobs/train/prepare.rs", "a run's own folder"),
];

/// Sources with the first line that writes, without tests.
fn writers() -> BTreeMap<String, usize> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for folder in FOLDERS {
        for entry in walkdir::WalkDir::new(root.join(folder)).into_iter().filter_map(Result::ok) {
            let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if !path.ends_with(".rs") || path.ends_with("tests.rs") || path.contains("/tests") {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            if let Some(line) = code.iter().position(|line| WRITES.iter().any(|call| line.contains(call))) {
                found.insert(path, line + 1);
            }
        }
    }
    found
}

#[test]
fn whatever_writes_to_the_data_folder_asks_first() {
    let found = writers();
    assert!(found.len() > 15, "the sources were not found");
    let unlisted: Vec<_> = found.keys().filter(|path| !GUARDED.iter().any(|(guarded, _)| guarded == path)).collect();
    assert!(
        unlisted.is_empty(),
        "these write files: make sure that a process without the lock does not get there, and list them: {unlisted:?}"
    );
    let idle: Vec<_> = GUARDED.iter().filter(|(path, _)| !found.contains_key(*path)).collect();
    assert!(idle.is_empty(), "these no longer write: {idle:?}");
}
