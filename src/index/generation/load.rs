//! Loading a generation: the current one, or the one that is to stand in for it.

use crate::tell;
use std::fs;

use super::{Generation, IndexStore, POINTER};
use crate::index::IndexError;
use crate::index::face_index::FaceIndex;
use crate::index::files::{available_memory_kib, checksum_of, corrupt, missing_or_io};
use crate::index::flat::FlatIndex;
use crate::index::id_map::read_ids;
use crate::index::manifest::Manifest;
use crate::index::names::{
    FLAT_FILE, IDS_FILE, MANIFEST_FILE, NATIVE_FILE, VECTORS_FILE, generation_name, generation_numbers,
    number_from_name,
};
use crate::index::record::Built;
use crate::index::trained::TrainedIndex;
use crate::index::watch::{BuildWatch, Unwatched, ticking};
use crate::types::{IndexSpec, SearchParams};

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
            match self.load(&name, Some(&checksum), model, d, false, &Unwatched) {
                // While it was read, a publisher may have moved on and swept this one away.
                Err(IndexError::Corrupt { .. })
                    if attempt < LOAD_ATTEMPTS
                        && self.pointer()?.is_some_and(|now| now != (name.clone(), checksum.clone())) =>
                {
                    attempt += 1;
                }
                loaded => return loaded.map(Some),
            }
        }
    }

    /// Any generation, all of its files read through.
    ///
    /// # Errors
    /// As [`Self::load_current`]; [`IndexError::NoGeneration`]; [`IndexError::Interrupted`].
    pub fn load_generation(
        &self,
        number: u64,
        model: &str,
        d: usize,
        watch: &dyn BuildWatch,
    ) -> Result<(LoadedIndex, Generation), IndexError> {
        let name = generation_name(number);
        if !self.dir.join(&name).exists() {
            return Err(IndexError::NoGeneration(number));
        }
        let note = self.notes().generations.into_iter().find(|note| note.generation == number);
        self.load(&name, note.and_then(|note| note.checksum).as_deref(), model, d, true, watch)
    }

    /// What was built in a folder of [`Self::begin_build`] and is not published yet.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`] for what the disk did not keep.
    pub fn open_built(&self, built: &Built) -> Result<TrainedIndex, IndexError> {
        let native = fs::metadata(built.dir.join(NATIVE_FILE)).map_or(0, |file| file.len());
        built.open(is_to_be_mapped(native))
    }

    /// Generations that may stand in for a damaged current one, the likeliest first: where the pointer itself is damaged the
    /// one that was made current last, then the newest.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn stand_ins(&self) -> Result<Vec<u64>, IndexError> {
        let mut numbers = generation_numbers(&self.dir)?;
        numbers.reverse();
        match self.current_number() {
            Some(damaged) => numbers.retain(|number| *number != damaged),
            None => {
                let last = self.notes().current;
                numbers.sort_by_key(|number| Some(*number) != last);
            }
        }
        Ok(numbers)
    }

    /// The damage where generations lie here and nothing says which of them is current.
    pub fn headless(&self) -> Option<IndexError> {
        let pointer = self.dir.join(POINTER);
        let is_headless = !pointer.exists() && generation_numbers(&self.dir).is_ok_and(|numbers| !numbers.is_empty());
        is_headless.then(|| corrupt(&pointer, "it is missing"))
    }

    /// The recipe of the generation that was current last, from its manifest or, where that is damaged too, from what was
    /// noted beside it; with the parameters chosen for it. `None` where neither can be read.
    pub fn last_choice(&self) -> Option<(IndexSpec, SearchParams)> {
        let number = self.pointed_number()?;
        let note = self.notes().generations.into_iter().find(|note| note.generation == number);
        let manifest = self.read_manifest(&generation_name(number)).ok().map(|(manifest, _)| manifest);
        let (spec, params) = match (&note, manifest) {
            (_, Some(manifest)) => (manifest.record.spec, manifest.params),
            (Some(note), None) => (note.spec.clone()?, note.params),
            (None, None) => return None,
        };
        Some((spec, note.map_or(params, |note| note.params)))
    }

    /// What the pointer names; where it cannot be read, what was noted last.
    fn pointed_number(&self) -> Option<u64> {
        let pointed = self.pointer().ok().flatten().and_then(|(name, _)| number_from_name(&name));
        pointed.or_else(|| self.notes().current)
    }

    fn load(
        &self,
        name: &str,
        pointed: Option<&str>,
        model: &str,
        d: usize,
        verify: bool,
        watch: &dyn BuildWatch,
    ) -> Result<(LoadedIndex, Generation), IndexError> {
        let dir = self.dir.join(name);
        let manifest_path = dir.join(MANIFEST_FILE);
        let read = || fs::read(&manifest_path).map_err(|source| missing_or_io(&manifest_path, source));
        let text = read()?;
        let checksum = checksum_of(&text);
        if pointed.is_some_and(|pointed| checksum != pointed) {
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
        let mut tick = ticking(watch, "Verifying the index", manifest.disk_bytes(), record.ntotal);
        for file in &manifest.files {
            // Reading gigabytes through would keep the person waiting; they are mapped and never decoded.
            if !verify && file.name.ends_with(VECTORS_FILE) && file.bytes > LARGE {
                file.verify_length(&dir)?;
            } else {
                file.verify(&dir, &mut tick)?;
            }
        }
        let bytes_of = |name| manifest.files.iter().find(|file| file.name == name).map_or(0, |file| file.bytes);
        let named = |name: &str| manifest.file(name, &manifest_path).map(|file| dir.join(&file.name));
        let index = if record.spec.is_exact() {
            let ids = read_ids(&named(IDS_FILE)?)?;
            LoadedIndex::Flat(FlatIndex::read(&named(FLAT_FILE)?, d, ids)?)
        } else {
            let mapped = is_to_be_mapped(bytes_of(NATIVE_FILE));
            LoadedIndex::Trained(TrainedIndex::open(&dir, &record.spec, d, record.ntotal, mapped)?)
        };
        let ntotal = match &index {
            LoadedIndex::Flat(flat) => flat.ntotal(),
            LoadedIndex::Trained(trained) => trained.ntotal(),
        };
        if ntotal != record.ntotal {
            return Err(corrupt(&manifest_path, tell!("index-counts-faces", n = record.ntotal)));
        }
        // Whoever put another generation under this name meanwhile has not mixed its files with these.
        if checksum_of(&read()?) != checksum {
            return Err(corrupt(&manifest_path, "it was replaced while it was read"));
        }
        Ok((index, Generation { manifest, dir, checksum }))
    }
}

/// Whether Faiss is to leave codes of so many bytes in their file: where they would take more than half of what memory is
/// free.
fn is_to_be_mapped(native: u64) -> bool {
    native > LARGE && native / 1024 > available_memory_kib() / 2
}
