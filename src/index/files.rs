//! Files of an index: read, mapped, hashed, written through to the disk.

#![allow(
    unsafe_code,
    reason = "maps files of a generation, which nobody changes once it is published; floats as bytes"
)]

use crate::tell;
use crate::types::Telling;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use memmap2::Mmap;

use super::IndexError;
use crate::files;

pub(super) use crate::files::DeletedOnDrop;

pub(super) fn corrupt(path: &Path, detail: impl Into<Telling>) -> IndexError {
    IndexError::Corrupt { path: path.to_path_buf(), detail: detail.into() }
}

/// Bytes read or written before it is asked whether to go on.
const AT_ONCE: usize = 4 << 20;

/// Told of so many more bytes; an error of it ends the work.
pub(super) type Tick<'a> = &'a mut dyn FnMut(u64) -> Result<(), IndexError>;

/// BLAKE3, hexadecimal, and length.
pub(super) fn hash_file(path: &Path, tick: Tick<'_>) -> Result<(String, u64), IndexError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(|source| missing_or_io(path, source))?;
    for_each_piece(&mut file, path, &mut |piece| {
        hasher.update(piece);
        tick(piece.len() as u64)
    })?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}

/// Copies what is left of `from`, which lies at `path`.
pub(super) fn copy_ticking(
    from: &mut File,
    path: &Path,
    to: &mut dyn Write,
    to_path: &Path,
    tick: Tick<'_>,
) -> Result<(), IndexError> {
    for_each_piece(from, path, &mut |piece| {
        to.write_all(piece).map_err(IndexError::io("write the index", to_path))?;
        tick(piece.len() as u64)
    })
}

fn for_each_piece(
    file: &mut File,
    path: &Path,
    f: &mut dyn FnMut(&[u8]) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    let mut piece = vec![0; AT_ONCE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => f(&piece[..read])?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(IndexError::io("read the index", path)(error)),
        }
    }
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

/// Where a file or folder has been synced.
pub(super) fn note_synced(_path: &Path) {
    #[cfg(test)]
    synced::note(_path);
}

/// Waits until the file's content is on the disk.
pub(super) fn sync_file(path: &Path) -> Result<(), IndexError> {
    files::sync_file(path).map_err(IndexError::io("write the index", path))?;
    note_synced(path);
    Ok(())
}

/// Waits until the folder's entries are on the disk.
pub(super) fn sync_dir(path: &Path) -> Result<(), IndexError> {
    files::sync_folder(path).map_err(IndexError::io("write the index folder", path))?;
    note_synced(path);
    Ok(())
}

pub(super) fn write_synced(path: &Path, content: &[u8]) -> Result<(), IndexError> {
    files::write_synced(path, content).map_err(IndexError::io("write the index", path))?;
    note_synced(path);
    Ok(())
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

/// The plain bytes of floats.
pub(super) fn bytes_of(values: &[f32]) -> &[u8] {
    // SAFETY: any float is four plain bytes.
    unsafe { values.align_to::<u8>().1 }
}

/// What this thread has brought to the disk, for tests.
#[cfg(test)]
pub(super) mod synced {
    use std::cell::RefCell;
    use std::path::{Path, PathBuf};

    thread_local! {
        static PATHS: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
    }

    pub fn note(path: &Path) {
        PATHS.with_borrow_mut(|paths| paths.push(path.to_path_buf()));
    }

    pub fn take() -> Vec<PathBuf> {
        PATHS.take()
    }
}
