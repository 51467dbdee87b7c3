//! The vectors an index is built from, in one memory-mapped file.

#![allow(unsafe_code, reason = "maps a file that only this build knows")]

use crate::tell;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::IndexError;
use super::exact_store::{Precision, StoreWriter};
use super::face_index::FaceIndex;
use super::files::{DeletedOnDrop, bytes_of, corrupt, map_file};
use super::flat::FlatIndex;
use super::watch::BuildWatch;
use crate::types::{Embedding, FaceId};

/// Vectors with their faces, as of one moment. The file is deleted with this.
#[derive(Debug)]
pub struct RawVectors {
    map: Option<Mmap>,
    /// Bytes before the first value.
    offset: usize,
    d: usize,
    ids: Vec<FaceId>,
    digest: String,
    /// The file, where it is ours to delete.
    _owned: Option<DeletedOnDrop>,
}

impl RawVectors {
    /// Writes what is handed to the callback to a file at `path`.
    ///
    /// # Errors
    /// What the callback says; [`IndexError::WrongDimension`]; a full disk.
    pub fn create<E: From<IndexError>>(
        path: &Path,
        d: usize,
        fill: impl FnOnce(&mut dyn FnMut(FaceId, &[f32]) -> Result<(), IndexError>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut writer = StoreWriter::create(path, Precision::F32)?;
        let guard = DeletedOnDrop::new(path);
        let (mut ids, mut hasher) = (Vec::new(), blake3::Hasher::new());
        fill(&mut |id, values| {
            if values.len() != d {
                return Err(IndexError::WrongDimension { expected: d, got: values.len() });
            }
            ids.push(id);
            hasher.update(&id.0.to_le_bytes());
            hasher.update(bytes_of(values));
            writer.write(values)
        })?;
        writer.finish()?;
        let map = map_file(path, (ids.len() * d * 4) as u64)?;
        let digest = hasher.finalize().to_hex().to_string();
        Ok(Self { map, offset: 0, d, ids, digest, _owned: Some(guard) })
    }

    /// Rows of a file that others keep: `n` × d values from `offset` on. Faces are numbered from 0.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`] for a file that is too short.
    pub fn map(path: &Path, offset: usize, n: usize, d: usize) -> Result<Self, IndexError> {
        let open = || {
            let file = File::open(path)?;
            // SAFETY: a file of the user's that is read for as long as this lives; changing it meanwhile changes rows.
            unsafe { Mmap::map(&file) }
        };
        let map = open().map_err(IndexError::io("read the vectors", path))?;
        if map.len() < offset + n * d * 4 || !offset.is_multiple_of(4) {
            return Err(corrupt(path, tell!("index-too-short", n = n, d = d)));
        }
        let digest = blake3::hash(&map[offset..offset + n * d * 4]).to_hex().to_string();
        Ok(Self { map: Some(map), offset, d, ids: (0..n as i64).map(FaceId).collect(), digest, _owned: None })
    }

    pub fn d(&self) -> usize {
        self.d
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub fn ids(&self) -> &[FaceId] {
        &self.ids
    }

    pub fn rows_by_face(&self) -> HashMap<FaceId, usize> {
        self.ids.iter().enumerate().map(|(row, face)| (*face, row)).collect()
    }

    /// BLAKE3 of ids and values, hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A flat index of all vectors.
    ///
    /// # Errors
    /// [`IndexError::Interrupted`]; a vector without a direction.
    pub fn to_flat(&self, watch: &dyn BuildWatch) -> Result<FlatIndex, IndexError> {
        const CHUNK: usize = 4096;
        let flat = FlatIndex::new(self.d)?;
        for (number, ids) in self.ids.chunks(CHUNK).enumerate() {
            watch.checkpoint()?;
            watch.progress("Adding", number * CHUNK, self.len());
            let rows = self.values()[number * CHUNK * self.d..].chunks_exact(self.d).take(ids.len());
            let embeddings: Result<Vec<_>, _> = rows.map(|row| Embedding::try_from_raw(row.to_vec())).collect();
            flat.add(ids, &embeddings.map_err(|error| IndexError::Faiss(error.to_string()))?)?;
        }
        Ok(flat)
    }

    /// All values, row-major.
    pub fn values(&self) -> &[f32] {
        let bytes = self.map.as_deref().and_then(|map| map.get(self.offset..)).unwrap_or_default();
        // SAFETY: f32 takes any bits; maps begin at a page and the offset is a multiple of 4.
        let values = unsafe { bytes.align_to::<f32>().1 };
        &values[..(self.ids.len() * self.d).min(values.len())]
    }

    pub fn row(&self, at: usize) -> &[f32] {
        &self.values()[at * self.d..(at + 1) * self.d]
    }
}
