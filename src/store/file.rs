//! The gallery's file, before SQLite looks at it.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::StoreError;

const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// The log beside a gallery.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// An empty file that its owner alone can read, where there is none: SQLite gives its log the same rights.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::Io { action: "create the gallery", path: path.to_path_buf(), source }),
    }
}

/// Looks at the first bytes before SQLite does. A missing or empty file is a gallery still to be made: false.
pub(super) fn check_header(path: &Path) -> Result<bool, StoreError> {
    let mut head = Vec::with_capacity(HEADER.len());
    match File::open(path) {
        Ok(file) => file.take(HEADER.len() as u64).read_to_end(&mut head).map_err(|source| StoreError::Io {
            action: "read the gallery",
            path: path.to_path_buf(),
            source,
        })?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(StoreError::Io { action: "open the gallery", path: path.to_path_buf(), source }),
    };
    if head.is_empty() || head == HEADER {
        return Ok(!head.is_empty());
    }
    Err(StoreError::NotADatabase { path: path.to_path_buf() })
}
