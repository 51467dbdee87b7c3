//! What lies in a folder, so that a test can tell that nothing was written there.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Content and time of change of every file. The index of SQLite's log is left out: it is memory that readers share.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (blake3::Hash, i64)> {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file() && !entry.path().to_string_lossy().ends_with("-shm"));
    files
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap();
            let changed = entry.metadata().unwrap();
            let nanos = changed.mtime() * 1_000_000_000 + changed.mtime_nsec();
            (entry.path().to_path_buf(), (blake3::hash(&bytes), nanos))
        })
        .collect()
}

/// Files and folders that others than their owner have any right to.
pub fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let open = all.filter(|entry| entry.metadata().unwrap().permissions().mode() & 0o077 != 0);
    open.map(|entry| entry.path().to_path_buf()).collect()
}

/// A script that runs with `folder` mounted for reading only, and nobody else sees that; `None` where this system lets
/// this user mount nothing.
pub fn with_read_only(folder: &Path, script: &str) -> Option<std::process::Command> {
    // Who this is shows in the owner of what is made.
    let made = tempfile::tempdir().unwrap();
    let is_root = std::fs::metadata(made.path()).unwrap().uid() == 0;
    let namespace: &[&str] = if is_root { &["-m"] } else { &["-r", "-m"] };
    let mount = format!("mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}'", folder.display());
    let unshare = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(namespace).args(["sh", "-c", script]).env_remove("LIKENESS_DATA_DIR").env_remove("RUST_LOG");
        command
    };
    let may = unshare(&format!("{mount} && ! touch '{}/x' 2>/dev/null", folder.display())).output();
    if !may.is_ok_and(|output| output.status.success()) {
        println!("passed over: this system lets this user mount nothing");
        return None;
    }
    Some(unshare(&format!("{mount} && {script}")))
}
