//! SHA-256 of weights files, streamed, and remembered while the file stays as it is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
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

/// The hash of some files as they were when they had these stamps.
struct Remembered {
    stamps: Vec<Stamp>,
    hash: String,
}

static KNOWN: Mutex<Option<HashMap<Vec<PathBuf>, Remembered>>> = Mutex::new(None);

/// Hash of the files at `paths`, one behind the other, 64 lower-case hexadecimal digits. Read once for each size and
/// time of change.
///
/// # Errors
/// The file that cannot be read, and why.
pub(super) fn remembered_hash_of_files(paths: &[PathBuf]) -> Result<String, (PathBuf, io::Error)> {
    let stamp = |path: &PathBuf| match std::fs::metadata(path) {
        Ok(metadata) => Ok(Stamp::from_metadata(&metadata)),
        Err(e) => Err((path.clone(), e)),
    };
    let stamps = paths.iter().map(stamp).collect::<Result<Vec<_>, _>>()?;
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if stamps.iter().all(|s| s.modified.is_some())
        && let Some(found) = known.as_ref().and_then(|k| k.get(paths)).filter(|found| found.stamps == stamps)
    {
        return Ok(found.hash.clone());
    }
    drop(known);
    let hash = hash_of_files(paths)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(paths.to_vec(), Remembered { stamps, hash: hash.clone() });
    Ok(hash)
}

/// Hash of the files as they are on disk now, one behind the other.
///
/// # Errors
/// The file that cannot be read, and why.
pub(super) fn hash_of_files(paths: &[PathBuf]) -> Result<String, (PathBuf, io::Error)> {
    let mut hasher = Hasher::default();
    for path in paths {
        let hash = File::open(path).and_then(|mut file| hasher.copy(&mut file, &mut io::sink()));
        hash.map_err(|e| (path.clone(), e))?;
    }
    Ok(hasher.into_text())
}

/// A hash in the making.
#[derive(Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    /// Copies everything and takes in what went through.
    pub(super) fn copy(&mut self, from: &mut impl Read, to: &mut impl io::Write) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = match from.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            self.0.update(&buffer[..n]);
            to.write_all(&buffer[..n])?;
        }
    }

    /// 64 lower-case hexadecimal digits.
    pub(super) fn into_text(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard_and_follows_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        let one = || remembered_hash_of_files(std::slice::from_ref(&path));
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, example B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(one().unwrap(), expected);
        assert_eq!(one().unwrap(), expected);
        std::fs::write(&path, "abcd").unwrap();
        assert_ne!(one().unwrap(), expected);
        // Two files count as one.
        let parts = ["a", "bc"].map(|text| folder.path().join(text));
        parts.iter().for_each(|part| std::fs::write(part, part.file_name().unwrap().as_encoded_bytes()).unwrap());
        assert_eq!(hash_of_files(&parts).unwrap(), expected);
        assert_eq!(remembered_hash_of_files(&parts).unwrap(), expected);
        let missing = folder.path().join("none");
        assert_eq!(remembered_hash_of_files(&[path, missing.clone()]).unwrap_err().0, missing);
    }
}
