//! Folders among the system's temporary ones, for what must be written where the data folder is not to be written to:
//! open to their owner alone, and taken away by a later process where one was killed.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const PREFIX: &str = "likeness-tmp-";

/// An empty folder. Fails rather than use one that somebody else has put there.
pub(super) fn new_folder() -> io::Result<PathBuf> {
    let temp = std::env::temp_dir();
    clear_left_over(&temp);
    let mut number = 0;
    loop {
        let folder = temp.join(format!("{PREFIX}{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
            created => return created.map(|()| folder),
        }
    }
}

/// This process's own, made when it is first asked for.
///
/// # Errors
/// The system's temporary folder cannot be written.
pub fn scratch_folder() -> io::Result<PathBuf> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = FOLDER.get() {
        return Ok(folder.clone());
    }
    let folder = new_folder()?;
    Ok(FOLDER.get_or_init(|| folder).clone())
}

/// Deletes folders of processes that are no more.
fn clear_left_over(temp: &Path) {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let owner = |name: OsString| {
        let name = name.into_string().ok()?;
        name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok()
    };
    for entry in fs::read_dir(temp).into_iter().flatten().flatten() {
        if let Some(pid) = owner(entry.file_name())
            && !Path::new(&format!("/proc/{pid}")).exists()
            // Another user's is not ours to delete, and stays.
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            log::debug!("{error}: {}", entry.path().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn folders_are_the_owners_alone_and_go_when_their_process_is_gone() {
        let [a, b] = [(); 2].map(|()| new_folder().unwrap());
        assert_ne!(a, b);
        assert_eq!(fs::metadata(&a).unwrap().permissions().mode() & 0o777, 0o700);
        // No process has this number: it is above the greatest that Linux gives.
        let left = std::env::temp_dir().join(format!("{PREFIX}4194305-0"));
        fs::create_dir_all(left.join("within")).unwrap();
        let c = new_folder().unwrap();
        assert!(!left.exists() && a.exists());
        [a, b, c].iter().for_each(|folder| fs::remove_dir(folder).unwrap());
    }
}
