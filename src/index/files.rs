//! Files of an index: read, mapped, hashed, written through to the disk.

#![allow(unsafe_code, reason = "maps files of a generation, which nobody changes once it is published")]

use crate::tell;
use crate::types::Telling;
use std::fs::{self, File};
use std::path::Path;

use memmap2::Mmap;

use super::IndexError;
use crate::files;

pub(super) use crate::files::DeletedOnDrop;

pub(super) fn corrupt(path: &Path, detail: impl Into<Telling>) -> IndexError {
    IndexError::Corrupt { path: path.to_path_buf(), detail: detail.into() }
}

/// BLAKE3, hexadecimal, and length.
pub(super) fn hash_file(path: &Path) -> Result<(String, u64), IndexError> {
    let file = File::open(path).map_err(|source| missing_or_io(path, source))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(IndexError::io("read the index", path))?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}

/// A file that the manifest or the pointer names and that is not there is damage, not trouble with the disk.
pub(super) fn missing_or_io(path: &Path, source: std::io::Error) -> IndexError {
    match source.kind() {
        std::io::ErrorKind::NotFound => corrupt(path, "it is missing"),
        _ => IndexError::io("read the index", path)(source),
    }
}

/// BLAKE3, hexadecimal.
pub(super) fn checksum_of(text: &[u8]) -> String {
    blake3::hash(text).to_hex().to_string()
}

/// Maps a file of known length; `None` for an empty one.
pub(super) fn map_file(path: &Path, expected_bytes: u64) -> Result<Option<Mmap>, IndexError> {
    let file = File::open(path).map_err(|source| missing_or_io(path, source))?;
    let bytes = file.metadata().map_err(IndexError::io("read the index", path))?.len();
    if bytes != expected_bytes {
        return Err(corrupt(path, tell!("index-file-bytes", found = bytes, expected = expected_bytes)));
    }
    if bytes == 0 {
        return Ok(None);
    }
    // SAFETY: published files are never changed; who truncates them behind our back ends the program, as with any map.
    let map = unsafe { Mmap::map(&file) };
    Ok(Some(map.map_err(IndexError::io("map the index", path))?))
}

/// Waits until the file's content is on the disk.
pub(super) fn sync_file(path: &Path) -> Result<(), IndexError> {
    files::sync_file(path).map_err(IndexError::io("write the index", path))
}

/// Waits until the folder's entries are on the disk.
pub(super) fn sync_dir(path: &Path) -> Result<(), IndexError> {
    files::sync_folder(path).map_err(IndexError::io("write the index folder", path))
}

pub(super) fn write_synced(path: &Path, content: &[u8]) -> Result<(), IndexError> {
    files::write_synced(path, content).map_err(IndexError::io("write the index", path))
}

/// Names of what lies in a folder. Those that are no UTF-8 are not ours; a folder that nobody made yet has none.
pub(super) fn entry_names(dir: &Path) -> Result<Vec<String>, IndexError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(IndexError::io("list the index folder", dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(IndexError::io("list the index folder", dir))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

/// Memory that can be had without swapping, KiB; `u64::MAX` where the system does not tell.
pub(super) fn available_memory_kib() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(u64::MAX)
}
