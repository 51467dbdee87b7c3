//! What a generation says of itself, and the checksums of its files.

use crate::tell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::IndexError;
use super::files::{Tick, checksum_of, corrupt, hash_file, missing_or_io};
use super::record::BuildRecord;
use crate::types::SearchParams;

/// 2 came with specs other than Flat.
pub(super) const FORMAT: u32 = 2;

/// Says what a generation is. Its own checksum stands in the pointer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub(super) format: u32,
    /// From 1, rising.
    pub number: u64,
    pub model: String,
    /// What searches choose unless they are told otherwise.
    #[serde(default)]
    pub params: SearchParams,
    /// "inner_product".
    pub(super) metric: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub built_at: i64,
    /// Its fields stand beside the others.
    #[serde(flatten)]
    pub record: BuildRecord,
    pub(super) files: Vec<FileEntry>,
}

impl Manifest {
    /// Of a generation that is written now.
    pub(super) fn new(
        number: u64,
        model: &str,
        params: SearchParams,
        record: BuildRecord,
        files: Vec<FileEntry>,
    ) -> Self {
        Self {
            format: FORMAT,
            number,
            model: model.to_owned(),
            params,
            metric: "inner_product".to_owned(),
            built_at: now_millis(),
            record,
            files,
        }
    }

    /// In the place of one that cannot be read.
    pub(super) fn unread(number: u64) -> Self {
        let nothing = Self::new(number, "", SearchParams::default(), BuildRecord::of_flat(0, 0), Vec::new());
        Self { built_at: 0, ..nothing }
    }

    /// Reads a manifest; returns its checksum, too.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`], [`IndexError::NewerFormat`].
    pub(super) fn read(path: &Path) -> Result<(Self, String), IndexError> {
        let text = fs::read(path).map_err(|source| missing_or_io(path, source))?;
        Ok((Self::parse(&text, path)?, checksum_of(&text)))
    }

    /// The format is looked at first: a newer one may have other fields.
    pub(super) fn parse(text: &[u8], path: &Path) -> Result<Self, IndexError> {
        let no_manifest = |e: serde_json::Error| corrupt(path, tell!("index-no-manifest", detail = e.to_string()));
        let json: serde_json::Value = serde_json::from_slice(text).map_err(no_manifest)?;
        let format = json.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if format > u64::from(FORMAT) {
            return Err(IndexError::NewerFormat { found: format as u32, path: path.to_path_buf() });
        }
        serde_json::from_value(json).map_err(no_manifest)
    }

    /// The entry of a file that must be among them; `path` is the manifest's own.
    pub(super) fn file(&self, name: &str, path: &Path) -> Result<&FileEntry, IndexError> {
        let entry = self.files.iter().find(|entry| entry.name == name);
        entry.ok_or_else(|| corrupt(path, tell!("index-manifest-lacks", name = name)))
    }

    /// Bytes of all files.
    pub(super) fn disk_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as i64)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Within the generation's folder, with / between parts.
    pub name: String,
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
}

impl FileEntry {
    /// Of a file as it lies on the disk.
    pub fn from_file(path: &Path, name: &str, tick: Tick<'_>) -> Result<Self, IndexError> {
        let (hash, bytes) = hash_file(path, tick)?;
        Ok(Self { name: name.to_owned(), bytes, blake3: hash })
    }

    /// Looks at the length alone; damage within shows in [`FileEntry::verify`].
    pub fn verify_length(&self, dir: &Path) -> Result<PathBuf, IndexError> {
        let path = dir.join(&self.name);
        let bytes = fs::metadata(&path).map_err(|source| missing_or_io(&path, source))?.len();
        match bytes == self.bytes {
            true => Ok(path),
            false => Err(corrupt(&path, tell!("index-file-bytes", found = bytes, expected = self.bytes))),
        }
    }

    /// Reads the file through and compares; the file is `name` in `dir`.
    pub fn verify(&self, dir: &Path, tick: Tick<'_>) -> Result<PathBuf, IndexError> {
        let path = dir.join(&self.name);
        let (hash, bytes) = hash_file(&path, tick)?;
        if bytes != self.bytes {
            return Err(corrupt(&path, tell!("index-file-bytes", found = bytes, expected = self.bytes)));
        }
        if hash != self.blake3 {
            return Err(corrupt(&path, "its checksum differs"));
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 0.1 wrote: for a spec, and for a flat index before there were specs.
    #[test]
    fn manifests_of_earlier_versions_are_read_and_written_alike() {
        let text = r#"{"format": 2, "number": 7, "model": "mobilefacenet", "index_spec": "IVF16,SQ8,Refine(f16)",
            "params": {"nprobe": 4, "ef_search": 64, "refine_factor": 8, "lsh_candidates": 1000, "lsh_radius": null,
            "templates": 10}, "metric": "inner_product", "d": 192, "ntotal": 900, "built_at": 1764201600000,
            "build_secs": 0.125, "train_rows": 512, "ntotal_at_training": 800, "train_error": 0.0312,
            "data_digest": "ab12", "files": [{"name": "index.faiss", "bytes": 12, "blake3": "cd34"}]}"#;
        let manifest = Manifest::parse(text.as_bytes(), Path::new("manifest.json")).unwrap();
        let record = &manifest.record;
        assert_eq!((manifest.number, record.spec.to_string().as_str()), (7, "IVF16,SQ8,Refine(f16)"));
        assert_eq!((record.d, record.ntotal, record.train_rows, record.ntotal_at_training), (192, 900, 512, 800));
        assert_eq!((record.build_secs, record.train_error, record.data_digest.as_str()), (0.125, Some(0.0312), "ab12"));
        assert_eq!((manifest.params.nprobe, manifest.disk_bytes()), (4, 12));
        let expected: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&manifest).unwrap(), expected);

        let text = r#"{"format": 1, "number": 1, "model": "m", "index_spec": "Flat", "metric": "inner_product", "d": 8,
            "ntotal": 3, "built_at": 5, "files": []}"#;
        let manifest = Manifest::parse(text.as_bytes(), Path::new("manifest.json")).unwrap();
        assert_eq!(manifest.record, BuildRecord::of_flat(8, 3));
    }
}
