//! Loading the generation that is current.

use crate::tell;
use std::fs;

use super::{Generation, IndexStore};
use crate::index::IndexError;
use crate::index::face_index::FaceIndex;
use crate::index::files::{available_memory_kib, checksum_of, corrupt, missing_or_io};
use crate::index::flat::FlatIndex;
use crate::index::id_map::read_ids;
use crate::index::manifest::Manifest;
use crate::index::names::{FLAT_FILE, IDS_FILE, MANIFEST_FILE, NATIVE_FILE, VECTORS_FILE};
use crate::index::trained::TrainedIndex;

/// Files above this many bytes are not read through at every start.
const LARGE: u64 = 1 << 29;

/// How often a load begins again because a publisher took the generation away meanwhile.
const LOAD_ATTEMPTS: usize = 5;

/// What a generation holds.
#[derive(Debug)]
pub enum LoadedIndex {
    Flat(FlatIndex),
    Trained(TrainedIndex),
}

impl IndexStore {
    /// The current generation, verified and loaded; `None` where none was ever published.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`] names the file; [`IndexError::WrongModel`], [`IndexError::WrongGenerationDimension`].
    /// For these [`IndexError::asks_for_rebuild`] is true.
    pub fn load_current(&self, model: &str, d: usize) -> Result<Option<(LoadedIndex, Generation)>, IndexError> {
        let mut attempt = 1;
        loop {
            let Some((name, checksum)) = self.pointer()? else { return Ok(None) };
            match self.load(&name, &checksum, model, d) {
                // While it was read, a publisher may have moved on and swept this one away.
                Err(IndexError::Corrupt { .. })
                    if attempt < LOAD_ATTEMPTS && self.pointer()?.is_some_and(|(now, _)| now != name) =>
                {
                    attempt += 1;
                }
                loaded => return loaded.map(Some),
            }
        }
    }

    fn load(&self, name: &str, pointed: &str, model: &str, d: usize) -> Result<(LoadedIndex, Generation), IndexError> {
        let dir = self.dir.join(name);
        let manifest_path = dir.join(MANIFEST_FILE);
        let text = fs::read(&manifest_path).map_err(|source| missing_or_io(&manifest_path, source))?;
        let checksum = checksum_of(&text);
        if checksum != pointed {
            return Err(corrupt(&manifest_path, "its checksum differs"));
        }
        let manifest = Manifest::parse(&text, &manifest_path)?;
        let record = &manifest.record;
        if manifest.model != model {
            let expected = model.to_owned();
            return Err(IndexError::WrongModel { expected, found: manifest.model, path: dir });
        }
        if record.d != d {
            return Err(IndexError::WrongGenerationDimension { expected: d, found: record.d, path: dir });
        }
        let named = |name: &str| manifest.file(name, &manifest_path);
        let index = if record.spec.is_exact() {
            let ids = read_ids(&named(IDS_FILE)?.verify(&dir)?)?;
            LoadedIndex::Flat(FlatIndex::read(&named(FLAT_FILE)?.verify(&dir)?, d, ids)?)
        } else {
            for file in &manifest.files {
                // Reading gigabytes through would keep the person waiting; they are mapped and never decoded.
                let is_large = file.name.ends_with(VECTORS_FILE) && file.bytes > LARGE;
                if is_large {
                    file.verify_length(&dir)?
                } else {
                    file.verify(&dir)?
                };
            }
            let mapped = is_to_be_mapped(&manifest);
            LoadedIndex::Trained(TrainedIndex::open(&dir, &record.spec, d, record.ntotal, mapped)?)
        };
        let ntotal = match &index {
            LoadedIndex::Flat(flat) => flat.ntotal(),
            LoadedIndex::Trained(trained) => trained.ntotal(),
        };
        if ntotal != record.ntotal {
            return Err(corrupt(&manifest_path, tell!("index-counts-faces", n = record.ntotal)));
        }
        Ok((index, Generation { manifest, dir, checksum }))
    }
}

/// Whether Faiss is to leave the codes in their file: where they would take more than half of what memory is free.
fn is_to_be_mapped(manifest: &Manifest) -> bool {
    let native = manifest.files.iter().find(|file| file.name == NATIVE_FILE).map_or(0, |file| file.bytes);
    native > LARGE && native / 1024 > available_memory_kib() / 2
}
