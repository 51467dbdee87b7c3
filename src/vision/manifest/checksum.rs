//! SHA-256 of weights files, streamed, and remembered while the file stays as it is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// What has to stay the same for a remembered hash to hold.
#[derive(Clone, PartialEq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn from_metadata(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

static KNOWN: Mutex<Option<HashMap<PathBuf, (Stamp, String)>>> = Mutex::new(None);

/// Hash of the file at `path`, 64 lower-case hexadecimal digits. Read once for each size and time of change.
pub(super) fn remembered_hash_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let stamp = Stamp::from_metadata(&file.metadata()?);
    if stamp.modified.is_some() {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, hash)) = known.as_ref().and_then(|k| k.get(path)).filter(|(s, _)| *s == stamp) {
            return Ok(hash.clone());
        }
    }
    let hash = copy_hashing(&mut file, &mut io::sink())?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(path.to_owned(), (stamp, hash.clone()));
    Ok(hash)
}

/// Hash of the file as it is on disk now.
pub(super) fn hash_of_file(path: &Path) -> io::Result<String> {
    copy_hashing(&mut File::open(path)?, &mut io::sink())
}

/// Copies everything and returns the hash of what went through.
pub(super) fn copy_hashing(from: &mut impl Read, to: &mut impl io::Write) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n])?;
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard_and_follows_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, example B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(remembered_hash_of_file(&path).unwrap(), expected);
        assert_eq!(remembered_hash_of_file(&path).unwrap(), expected);
        std::fs::write(&path, "abcd").unwrap();
        assert_ne!(remembered_hash_of_file(&path).unwrap(), expected);
        assert!(remembered_hash_of_file(&folder.path().join("none")).is_err());
    }
}
