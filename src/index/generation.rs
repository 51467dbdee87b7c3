//! Published generations of an index.
//!
//! ```text
//! index/<model>/
//!   CURRENT                 "gen-00000007 <BLAKE3 of its manifest>"
//!   gen-00000007/           never changed once it has this name
//!     flat.faiss  ids.bin  manifest.json
//!   gen-00000006/           the one before, for readers that are still loading it
//!   tmp-…                   being written, or left by a process that was killed
//!   publishing              locked while somebody publishes
//! ```

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::manifest::{
    FORMAT, FileEntry, IDS_FILE, INDEX_FILE, MANIFEST_FILE, Manifest, corrupt, missing_or_io, read_ids, sync_dir,
    sync_file, write_ids, write_synced,
};
use super::sweep::{generation_name, generation_numbers, number_from_name, sweep, temp_name};
use super::{FaceIndex, FlatIndex, IndexError};

const POINTER: &str = "CURRENT";
const POINTER_TEMP: &str = "tmp-CURRENT";
const LOCK: &str = "publishing";

/// How often a load begins again because a publisher took the generation away meanwhile.
const LOAD_ATTEMPTS: usize = 5;

/// A published index, as its manifest tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// From 1, rising.
    pub number: u64,
    pub model: String,
    pub d: usize,
    pub ntotal: usize,
    /// Milliseconds since 1970-01-01 UTC.
    pub built_at: i64,
    /// BLAKE3 of the manifest, which holds those of the files; hexadecimal.
    pub checksum: String,
}

/// The folder of one model's generations.
#[derive(Clone, Debug)]
pub struct IndexStore {
    dir: PathBuf,
}

/// Where a publish stands; a process may be killed after each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    FolderMade,
    IndexWritten,
    IdsWritten,
    ManifestWritten,
    Renamed,
    PointerWritten,
    PointerReplaced,
}

impl IndexStore {
    /// Creates the folder where it is missing. Nothing is read or deleted yet.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        fs::create_dir_all(dir).map_err(IndexError::io("create the index folder", dir))?;
        Ok(Self { dir: dir.to_path_buf() })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the index as a new generation and makes it the current one. Readers see the old one or the new one,
    /// whole; a process killed at any moment leaves the old one or the new one. Searches of `index` go on meanwhile.
    ///
    /// # Errors
    /// [`IndexError::Busy`] while another publishes; [`IndexError::DiskFull`]; then the old one stays current.
    pub fn publish(&self, index: &FlatIndex, model: &str) -> Result<Generation, IndexError> {
        let lock = self.try_lock()?.ok_or_else(|| IndexError::Busy { path: self.dir.clone() })?;
        let published = self.publish_observed(index, model, |_| Ok(()));
        // After a failure this clears away what was begun; what it cannot clear is for the next time.
        let swept = self.sweep_locked();
        drop(lock);
        if let Err(e) = swept {
            log::warn!("old indexes were not cleared away: {e}");
        }
        published
    }

    fn publish_observed(
        &self,
        index: &FlatIndex,
        model: &str,
        mut after: impl FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<Generation, IndexError> {
        let number = generation_numbers(&self.dir)?.last().map_or(1, |last| last + 1);
        let temp = self.dir.join(temp_name(number));
        fs::create_dir(&temp).map_err(IndexError::io("create the index folder", &temp))?;
        after(Step::FolderMade)?;

        let index_path = temp.join(INDEX_FILE);
        let ids = index.write(&index_path)?;
        sync_file(&index_path)?;
        after(Step::IndexWritten)?;
        write_ids(&temp.join(IDS_FILE), &ids)?;
        after(Step::IdsWritten)?;

        let files = [INDEX_FILE, IDS_FILE].map(|name| FileEntry::from_file(&temp.join(name), name));
        let manifest = Manifest {
            format: FORMAT,
            number,
            model: model.to_owned(),
            index_spec: "Flat".to_owned(),
            metric: "inner_product".to_owned(),
            d: index.d(),
            ntotal: ids.len(),
            built_at: now_millis(),
            files: files.into_iter().collect::<Result<_, _>>()?,
        };
        let text = serde_json::to_string_pretty(&manifest)
            .map_err(|e| IndexError::io("write the index's manifest", &temp)(e.into()))?;
        write_synced(&temp.join(MANIFEST_FILE), text.as_bytes())?;
        sync_dir(&temp)?;
        after(Step::ManifestWritten)?;

        let name = generation_name(number);
        let place = self.dir.join(&name);
        fs::rename(&temp, &place).map_err(IndexError::io("put the index in its place", &place))?;
        sync_dir(&self.dir)?;
        after(Step::Renamed)?;

        let checksum = blake3::hash(text.as_bytes()).to_hex().to_string();
        let pointer_temp = self.dir.join(POINTER_TEMP);
        write_synced(&pointer_temp, format!("{name} {checksum}\n").as_bytes())?;
        after(Step::PointerWritten)?;
        let pointer = self.dir.join(POINTER);
        fs::rename(&pointer_temp, &pointer).map_err(IndexError::io("point to the new index", &pointer))?;
        sync_dir(&self.dir)?;
        after(Step::PointerReplaced)?;
        Ok(generation_from_manifest(manifest, checksum))
    }

    /// The current generation, verified and loaded; `None` where none was ever published.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`] names the file; [`IndexError::WrongModel`], [`IndexError::WrongGenerationDimension`].
    /// For these [`IndexError::asks_for_rebuild`] is true.
    pub fn load_current(&self, model: &str, d: usize) -> Result<Option<(FlatIndex, Generation)>, IndexError> {
        let mut attempt = 1;
        loop {
            let Some((name, checksum)) = self.pointer()? else { return Ok(None) };
            match self.load(&name, checksum, model, d) {
                // While it was read, a publisher may have moved on by two generations and swept this one away.
                Err(IndexError::Corrupt { .. })
                    if attempt < LOAD_ATTEMPTS && self.pointer()?.is_some_and(|(now, _)| now != name) =>
                {
                    attempt += 1;
                }
                loaded => return loaded.map(Some),
            }
        }
    }

    fn load(&self, name: &str, checksum: String, model: &str, d: usize) -> Result<(FlatIndex, Generation), IndexError> {
        let dir = self.dir.join(name);
        let manifest_path = dir.join(MANIFEST_FILE);
        let text = fs::read(&manifest_path).map_err(|source| missing_or_io(&manifest_path, source))?;
        if blake3::hash(&text).to_hex().as_str() != checksum {
            return Err(corrupt(&manifest_path, "its checksum differs"));
        }
        let manifest = parse_manifest(&text, &manifest_path)?;
        if manifest.model != model {
            let expected = model.to_owned();
            return Err(IndexError::WrongModel { expected, found: manifest.model, path: dir });
        }
        if manifest.d != d {
            return Err(IndexError::WrongGenerationDimension { expected: d, found: manifest.d, path: dir });
        }
        let verified = |name: &str| {
            let entry = manifest.files.iter().find(|entry| entry.name == name);
            entry.ok_or_else(|| corrupt(&manifest_path, format!("it does not name {name}")))?.verify(&dir)
        };
        let ids = read_ids(&verified(IDS_FILE)?)?;
        let index = FlatIndex::read(&verified(INDEX_FILE)?, d, ids)?;
        if index.ntotal() != manifest.ntotal {
            return Err(corrupt(&manifest_path, format!("it counts {} faces", manifest.ntotal)));
        }
        Ok((index, generation_from_manifest(manifest, checksum)))
    }

    /// Clears away what a killed publish left. Does nothing while somebody publishes.
    pub fn sweep(&self) -> Result<(), IndexError> {
        match self.try_lock()? {
            Some(_lock) => self.sweep_locked(),
            None => Ok(()),
        }
    }

    fn sweep_locked(&self) -> Result<(), IndexError> {
        let current = match self.pointer() {
            Ok(pointer) => pointer.and_then(|(name, _)| number_from_name(&name)),
            // With no telling which generation is wanted, none is deleted.
            Err(_) => return Ok(()),
        };
        sweep(&self.dir, current)
    }

    /// Name of the current generation and checksum of its manifest.
    fn pointer(&self) -> Result<Option<(String, String)>, IndexError> {
        let path = self.dir.join(POINTER);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => return Err(corrupt(&path, "it is no text")),
            Err(e) => return Err(IndexError::io("read the pointer to the index", &path)(e)),
        };
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            [name, checksum] if number_from_name(name).is_some() => Ok(Some((name.to_owned(), checksum.to_owned()))),
            _ => Err(corrupt(&path, "it names no generation")),
        }
    }

    /// `None` while another process or thread holds it.
    fn try_lock(&self) -> Result<Option<File>, IndexError> {
        let path = self.dir.join(LOCK);
        let opened = File::options().write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(IndexError::io("open the publishing lock", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(IndexError::io("take the publishing lock", &path)(source)),
        }
    }
}

/// The format is looked at first: a newer one may have other fields.
fn parse_manifest(text: &[u8], path: &Path) -> Result<Manifest, IndexError> {
    let no_manifest = |e: serde_json::Error| corrupt(path, format!("it is no manifest: {e}"));
    let json: serde_json::Value = serde_json::from_slice(text).map_err(no_manifest)?;
    let format = json.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if format > u64::from(FORMAT) {
        return Err(IndexError::NewerFormat { found: format as u32, path: path.to_path_buf() });
    }
    serde_json::from_value(json).map_err(no_manifest)
}

fn generation_from_manifest(manifest: Manifest, checksum: String) -> Generation {
    Generation {
        number: manifest.number,
        model: manifest.model,
        d: manifest.d,
        ntotal: manifest.ntotal,
        built_at: manifest.built_at,
        checksum,
    }
}

fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as i64)
}

#[cfg(test)]
mod tests;
