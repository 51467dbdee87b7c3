//! The files of a generation and their checksums.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::IndexError;
use crate::types::{FaceId, IndexSpec, SearchParams};

/// 2 came with specs other than Flat.
pub(super) const FORMAT: u32 = 2;
pub(super) const FLAT_FILE: &str = "flat.faiss";
pub(super) const IDS_FILE: &str = "ids.bin";
pub(super) const MANIFEST_FILE: &str = "manifest.json";

/// Says what a generation is. Its own checksum stands in the pointer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    pub number: u64,
    pub model: String,
    /// How it was built.
    pub index_spec: IndexSpec,
    /// What searches choose unless they are told otherwise.
    #[serde(default)]
    pub params: SearchParams,
    /// "inner_product".
    pub metric: String,
    pub d: usize,
    pub ntotal: usize,
    /// Milliseconds since 1970-01-01 UTC.
    pub built_at: i64,
    /// Training, adding and writing.
    #[serde(default)]
    pub build_secs: f32,
    /// Faces that lists and quantisers were trained on: evenly spread over all.
    #[serde(default)]
    pub train_rows: usize,
    /// Faces there were at that time; others have been added since.
    #[serde(default)]
    pub ntotal_at_training: usize,
    /// Mean squared distance between the training set and its codes.
    #[serde(default)]
    pub train_error: Option<f64>,
    /// BLAKE3 of the ids and vectors it was built from; empty for Flat, whose files are just these.
    #[serde(default)]
    pub data_digest: String,
    pub files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub name: String,
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
}

impl FileEntry {
    /// Of a file as it lies on the disk.
    pub fn from_file(path: &Path, name: &str) -> Result<Self, IndexError> {
        let (hash, bytes) = hash_file(path)?;
        Ok(Self { name: name.to_owned(), bytes, blake3: hash })
    }

    /// Looks at the length alone; damage within shows in [`FileEntry::verify`].
    pub fn verify_length(&self, dir: &Path) -> Result<PathBuf, IndexError> {
        let path = dir.join(&self.name);
        let bytes = fs::metadata(&path).map_err(|source| missing_or_io(&path, source))?.len();
        match bytes == self.bytes {
            true => Ok(path),
            false => Err(corrupt(&path, format!("it has {bytes} bytes, not {}", self.bytes))),
        }
    }

    /// Reads the file through and compares; the file is `name` in `dir`.
    pub fn verify(&self, dir: &Path) -> Result<PathBuf, IndexError> {
        let path = dir.join(&self.name);
        let (hash, bytes) = hash_file(&path)?;
        if bytes != self.bytes {
            return Err(corrupt(&path, format!("it has {bytes} bytes, not {}", self.bytes)));
        }
        if hash != self.blake3 {
            return Err(corrupt(&path, "its checksum differs"));
        }
        Ok(path)
    }
}

pub(super) fn corrupt(path: &Path, detail: impl Into<String>) -> IndexError {
    IndexError::Corrupt { path: path.to_path_buf(), detail: detail.into() }
}

fn hash_file(path: &Path) -> Result<(String, u64), IndexError> {
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

/// Little-endian i64, one per row.
pub(super) fn write_ids(path: &Path, ids: &[FaceId]) -> Result<(), IndexError> {
    let write = || {
        let mut writer = BufWriter::new(File::create(path)?);
        for id in ids {
            writer.write_all(&id.0.to_le_bytes())?;
        }
        writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    write().map_err(IndexError::io("write the index", path))
}

pub(super) fn read_ids(path: &Path) -> Result<Vec<FaceId>, IndexError> {
    let bytes = fs::read(path).map_err(|source| missing_or_io(path, source))?;
    let (chunks, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(corrupt(path, "its length is no multiple of 8"));
    }
    Ok(chunks.iter().map(|chunk| FaceId(i64::from_le_bytes(*chunk))).collect())
}

/// Waits until the file's content is on the disk.
pub(super) fn sync_file(path: &Path) -> Result<(), IndexError> {
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.sync_all())
        .map_err(IndexError::io("write the index", path))
}

/// Waits until the folder's entries are on the disk. Only Unix has (and needs) this.
pub(super) fn sync_dir(path: &Path) -> Result<(), IndexError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|dir| dir.sync_all());
        synced.map_err(IndexError::io("write the index folder", path))?;
    }
    Ok(())
}

pub(super) fn write_synced(path: &Path, content: &[u8]) -> Result<(), IndexError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(IndexError::io("write the index", path))
}
