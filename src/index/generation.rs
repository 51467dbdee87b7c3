//! Published generations of an index.
//!
//! ```text
//! index/<model>/
//!   CURRENT                 "gen-00000007 <BLAKE3 of its manifest>"
//!   gen-00000007/           never changed once it has this name
//!     flat.faiss  ids.bin  manifest.json                     compares with every face, or
//!     index.faiss  ids.bin  order.bin  vectors.bin  …        built to a spec
//!   gen-00000006/           earlier ones, to roll back to and for readers that are still loading them
//!   build-…                 being built
//!   tmp-…                   being written, or left by a process that was killed
//!   publishing              locked while somebody publishes
//! ```

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::builder::Built;
use super::manifest::{
    FLAT_FILE, FORMAT, FileEntry, IDS_FILE, MANIFEST_FILE, Manifest, corrupt, missing_or_io, read_ids, sync_dir,
    sync_file, write_ids, write_synced,
};
use super::sweep::{build_name, generation_name, generation_numbers, number_from_name, sweep, temp_name};
use super::templates::TEMPLATES_DIR;
use super::trained::{NATIVE_FILE, TrainedIndex, VECTORS_FILE};
use super::{FaceIndex, FlatIndex, IndexError};
use serde::{Deserialize, Serialize};

use crate::types::{GenerationInfo, IndexSpec, SearchParams};

const POINTER: &str = "CURRENT";
const POINTER_TEMP: &str = "tmp-CURRENT";
const LOCK: &str = "publishing";
const PARAMS: &str = "params.json";
const PARAMS_TEMP: &str = "tmp-params.json";

/// Files above this many bytes are not read through at every start.
const LARGE: u64 = 1 << 29;

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
    pub spec: IndexSpec,
    /// What searches choose unless they are told otherwise.
    pub params: SearchParams,
    /// Milliseconds since 1970-01-01 UTC.
    pub built_at: i64,
    pub build_secs: f32,
    /// Faces that it was trained on, and the mean squared distance between them and their codes.
    pub train_rows: usize,
    pub ntotal_at_training: usize,
    pub train_error: Option<f64>,
    /// BLAKE3 of the ids and vectors it was built from.
    pub data_digest: String,
    /// Where its files lie.
    pub dir: PathBuf,
    /// BLAKE3 of the manifest, which holds those of the files; hexadecimal.
    pub checksum: String,
}

/// Parameters of searches that were chosen for a generation after it was built.
#[derive(Serialize, Deserialize)]
struct SavedParams {
    generation: u64,
    params: SearchParams,
}

/// What a generation holds.
#[derive(Debug)]
pub enum LoadedIndex {
    Flat(FlatIndex),
    Trained(TrainedIndex),
}

/// The folder of one model's generations. Whoever holds the data folder's lock writes here, and nobody else.
#[derive(Clone, Debug)]
pub struct IndexStore {
    dir: PathBuf,
    writable: Arc<AtomicBool>,
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
        let store = Self::open_to_read(dir);
        store.allow_writing()?;
        Ok(store)
    }

    /// Nothing is written there, and the folder need not exist: every attempt is [`IndexError::ReadOnly`].
    pub fn open_to_read(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), writable: Arc::default() }
    }

    /// For who opened it to read and has got the data folder's lock.
    pub fn allow_writing(&self) -> Result<(), IndexError> {
        fs::create_dir_all(&self.dir).map_err(IndexError::io("create the index folder", &self.dir))?;
        self.writable.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn ensure_writable(&self) -> Result<(), IndexError> {
        if self.writable.load(Ordering::SeqCst) { Ok(()) } else { Err(IndexError::ReadOnly { path: self.dir.clone() }) }
    }

    /// Number of the generation that is current on the disk, whichever is loaded.
    pub fn current_number(&self) -> Option<u64> {
        self.pointer().ok().flatten().and_then(|(name, _)| number_from_name(&name))
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
        self.locked(|| self.publish_observed(index, model, |_| Ok(())))
    }

    /// Makes what [`super::build`] made in a folder of [`Self::begin_build`] the current generation.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub fn publish_built(&self, built: &Built, model: &str, params: SearchParams) -> Result<Generation, IndexError> {
        self.locked(|| {
            let number = generation_numbers(&self.dir)?.last().map_or(1, |last| last + 1);
            let mut names = file_names(&built.dir, "")?;
            names.extend(file_names(&built.dir.join(TEMPLATES_DIR), &format!("{TEMPLATES_DIR}/"))?);
            let files = names.iter().map(|name| FileEntry::from_file(&built.dir.join(name), name));
            let manifest = Manifest {
                format: FORMAT,
                number,
                model: model.to_owned(),
                index_spec: built.spec.clone(),
                params,
                metric: "inner_product".to_owned(),
                d: built.d,
                ntotal: built.ntotal,
                built_at: now_millis(),
                build_secs: built.build_secs,
                train_rows: built.train_rows,
                ntotal_at_training: built.ntotal_at_training,
                train_error: built.train_error,
                data_digest: built.data_digest.clone(),
                files: files.collect::<Result<_, _>>()?,
            };
            self.put_in_place(&built.dir, manifest, &mut |_| Ok(()))
        })
    }

    /// An empty folder to build in, beside the generations. Deleted by [`Self::sweep`] if nothing comes of it.
    pub fn begin_build(&self) -> Result<PathBuf, IndexError> {
        self.ensure_writable()?;
        static BUILDS: AtomicU64 = AtomicU64::new(1);
        let dir = self.dir.join(build_name(BUILDS.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&dir).map_err(IndexError::io("create the index folder", &dir))?;
        Ok(dir)
    }

    fn locked<T>(&self, publish: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
        self.ensure_writable()?;
        let lock = self.try_lock()?.ok_or_else(|| IndexError::Busy { path: self.dir.clone() })?;
        let published = publish();
        // After a failure this clears away what was begun; what it cannot clear is for the next time.
        let swept = self.sweep_locked(false);
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

        let index_path = temp.join(FLAT_FILE);
        let ids = index.write(&index_path)?;
        sync_file(&index_path)?;
        after(Step::IndexWritten)?;
        write_ids(&temp.join(IDS_FILE), &ids)?;
        after(Step::IdsWritten)?;

        let files = [FLAT_FILE, IDS_FILE].map(|name| FileEntry::from_file(&temp.join(name), name));
        let manifest = Manifest {
            format: FORMAT,
            number,
            model: model.to_owned(),
            index_spec: IndexSpec::FLAT,
            params: SearchParams::default(),
            metric: "inner_product".to_owned(),
            d: index.d(),
            ntotal: ids.len(),
            built_at: now_millis(),
            build_secs: 0.0,
            train_rows: 0,
            ntotal_at_training: 0,
            train_error: None,
            data_digest: String::new(),
            files: files.into_iter().collect::<Result<_, _>>()?,
        };
        self.put_in_place(&temp, manifest, &mut after)
    }

    /// Writes the manifest into a folder with all other files, gives the folder its name and points to it.
    fn put_in_place(
        &self,
        temp: &Path,
        manifest: Manifest,
        after: &mut dyn FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<Generation, IndexError> {
        let text = serde_json::to_string_pretty(&manifest)
            .map_err(|e| IndexError::io("write the index's manifest", temp)(e.into()))?;
        write_synced(&temp.join(MANIFEST_FILE), text.as_bytes())?;
        sync_dir(temp)?;
        after(Step::ManifestWritten)?;

        let name = generation_name(manifest.number);
        self.ensure_writable()?;
        let place = self.dir.join(&name);
        fs::rename(temp, &place).map_err(IndexError::io("put the index in its place", &place))?;
        sync_dir(&self.dir)?;
        after(Step::Renamed)?;

        let checksum = checksum_of(text.as_bytes());
        self.point_to(&name, &checksum, after)?;
        Ok(generation_from_manifest(manifest, checksum, place))
    }

    fn point_to(
        &self,
        name: &str,
        checksum: &str,
        after: &mut dyn FnMut(Step) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let pointer_temp = self.dir.join(POINTER_TEMP);
        write_synced(&pointer_temp, format!("{name} {checksum}\n").as_bytes())?;
        after(Step::PointerWritten)?;
        let pointer = self.dir.join(POINTER);
        fs::rename(&pointer_temp, &pointer).map_err(IndexError::io("point to the new index", &pointer))?;
        sync_dir(&self.dir)?;
        after(Step::PointerReplaced)
    }

    /// Makes an earlier generation the current one again. Its files are read through first.
    ///
    /// # Errors
    /// [`IndexError::NoGeneration`]; [`IndexError::Corrupt`], and then nothing changes.
    pub fn roll_back(&self, number: u64) -> Result<(), IndexError> {
        self.locked(|| {
            let name = generation_name(number);
            let (manifest, checksum) = self.read_manifest(&name).map_err(|e| match e {
                IndexError::Corrupt { .. } if !self.dir.join(&name).exists() => IndexError::NoGeneration(number),
                other => other,
            })?;
            for file in &manifest.files {
                file.verify(&self.dir.join(&name))?;
            }
            self.point_to(&name, &checksum, &mut |_| Ok(()))
        })
    }

    /// Remembers the parameters of searches for a generation, over the next start.
    pub fn save_params(&self, number: u64, params: &SearchParams) -> Result<(), IndexError> {
        self.ensure_writable()?;
        let path = self.dir.join(PARAMS);
        let text = serde_json::to_vec(&SavedParams { generation: number, params: *params })
            .map_err(|e| IndexError::io("write the search parameters", &path)(e.into()))?;
        let temp = self.dir.join(PARAMS_TEMP);
        write_synced(&temp, &text)?;
        fs::rename(&temp, &path).map_err(IndexError::io("write the search parameters", &path))
    }

    /// What [`Self::save_params`] was told last, if it was for this generation.
    pub fn load_params(&self, number: u64) -> Option<SearchParams> {
        let text = fs::read(self.dir.join(PARAMS)).ok()?;
        let saved: SavedParams = serde_json::from_slice(&text).ok()?;
        (saved.generation == number).then_some(saved.params)
    }

    /// Every generation, newest first. With `verify` all files are read through.
    pub fn generations(&self, verify: bool) -> Result<Vec<GenerationInfo>, IndexError> {
        let current = self.pointer().ok().flatten().map(|(name, _)| name);
        let mut infos = Vec::new();
        for number in generation_numbers(&self.dir)?.into_iter().rev() {
            let name = generation_name(number);
            let dir = self.dir.join(&name);
            let is_current = current.as_ref() == Some(&name);
            infos.push(match self.read_manifest(&name) {
                Ok((manifest, _)) => {
                    let check = |file: &FileEntry| if verify { file.verify(&dir) } else { file.verify_length(&dir) };
                    let problem = manifest.files.iter().find_map(|file| check(file).err());
                    GenerationInfo {
                        number,
                        spec: manifest.index_spec,
                        params: manifest.params,
                        ntotal: manifest.ntotal,
                        built_at: manifest.built_at,
                        build_secs: manifest.build_secs,
                        disk_bytes: manifest.files.iter().map(|file| file.bytes).sum(),
                        data_digest: manifest.data_digest,
                        is_current,
                        problem: problem.map(|error| error.to_string()),
                    }
                }
                Err(error) => GenerationInfo {
                    number,
                    spec: IndexSpec::FLAT,
                    params: SearchParams::default(),
                    ntotal: 0,
                    built_at: 0,
                    build_secs: 0.0,
                    disk_bytes: 0,
                    data_digest: String::new(),
                    is_current,
                    problem: Some(error.to_string()),
                },
            });
        }
        Ok(infos)
    }

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
        let manifest = parse_manifest(&text, &manifest_path)?;
        if manifest.model != model {
            let expected = model.to_owned();
            return Err(IndexError::WrongModel { expected, found: manifest.model, path: dir });
        }
        if manifest.d != d {
            return Err(IndexError::WrongGenerationDimension { expected: d, found: manifest.d, path: dir });
        }
        let named = |name: &str| {
            let entry = manifest.files.iter().find(|entry| entry.name == name);
            entry.ok_or_else(|| corrupt(&manifest_path, format!("it does not name {name}")))
        };
        let index = if manifest.index_spec.is_exact() {
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
            let spec = &manifest.index_spec;
            LoadedIndex::Trained(TrainedIndex::open(&dir, spec, d, manifest.ntotal, is_to_be_mapped(&manifest))?)
        };
        let ntotal = match &index {
            LoadedIndex::Flat(flat) => flat.ntotal(),
            LoadedIndex::Trained(trained) => trained.ntotal(),
        };
        if ntotal != manifest.ntotal {
            return Err(corrupt(&manifest_path, format!("it counts {} faces", manifest.ntotal)));
        }
        Ok((index, generation_from_manifest(manifest, checksum, dir)))
    }

    /// The manifest of a generation, and its checksum.
    pub(super) fn read_manifest(&self, name: &str) -> Result<(Manifest, String), IndexError> {
        let path = self.dir.join(name).join(MANIFEST_FILE);
        let text = fs::read(&path).map_err(|source| missing_or_io(&path, source))?;
        Ok((parse_manifest(&text, &path)?, checksum_of(&text)))
    }

    /// Throws a damaged generation away; where it is the current one, or `None` is given, none is current then and the
    /// index is built from the gallery at the next start.
    pub fn discard(&self, number: Option<u64>) -> Result<(), IndexError> {
        self.locked(|| {
            if number.is_none() || self.current_number().is_none_or(|current| Some(current) == number) {
                let pointer = self.dir.join(POINTER);
                match fs::remove_file(&pointer) {
                    Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                        return Err(IndexError::io("discard the index", &pointer)(e));
                    }
                    _ => sync_dir(&self.dir)?,
                }
            }
            let Some(number) = number else { return Ok(()) };
            let dir = self.dir.join(generation_name(number));
            match fs::remove_dir_all(&dir) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(IndexError::io("discard the index", &dir)(e)),
                _ => Ok(()),
            }
        })
    }

    /// Clears away what a killed publish or build left. Does nothing while somebody publishes; the caller sees to it
    /// that nobody builds.
    pub fn sweep(&self) -> Result<(), IndexError> {
        self.ensure_writable()?;
        match self.try_lock()? {
            Some(_lock) => self.sweep_locked(true),
            None => Ok(()),
        }
    }

    fn sweep_locked(&self, builds: bool) -> Result<(), IndexError> {
        let current = match self.pointer() {
            Ok(pointer) => pointer.and_then(|(name, _)| number_from_name(&name)),
            // With no telling which generation is wanted, none is deleted.
            Err(_) => return Ok(()),
        };
        sweep(&self.dir, current, builds)
    }

    /// Name of the current generation and checksum of its manifest.
    pub(super) fn pointer(&self) -> Result<Option<(String, String)>, IndexError> {
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

impl Generation {
    /// How it was built, for what is added to it.
    pub fn built(&self) -> Built {
        Built {
            dir: self.dir.clone(),
            spec: self.spec.clone(),
            d: self.d,
            ntotal: self.ntotal,
            build_secs: self.build_secs,
            train_rows: self.train_rows,
            ntotal_at_training: self.ntotal_at_training,
            train_error: self.train_error,
            data_digest: self.data_digest.clone(),
        }
    }
}

fn generation_from_manifest(manifest: Manifest, checksum: String, dir: PathBuf) -> Generation {
    Generation {
        number: manifest.number,
        model: manifest.model,
        d: manifest.d,
        ntotal: manifest.ntotal,
        spec: manifest.index_spec,
        params: manifest.params,
        built_at: manifest.built_at,
        build_secs: manifest.build_secs,
        train_rows: manifest.train_rows,
        ntotal_at_training: manifest.ntotal_at_training,
        train_error: manifest.train_error,
        data_digest: manifest.data_digest,
        dir,
        checksum,
    }
}

/// Names of the files in a folder, with `prefix` before each; none where there is no such folder.
fn file_names(dir: &Path, prefix: &str) -> Result<Vec<String>, IndexError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(IndexError::io("list the index folder", dir)(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(IndexError::io("list the index folder", dir))?;
        if entry.path().is_file() {
            names.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether Faiss is to leave the codes in their file: where they would take more than half of what memory is free.
fn is_to_be_mapped(manifest: &Manifest) -> bool {
    let native = manifest.files.iter().find(|file| file.name == NATIVE_FILE).map_or(0, |file| file.bytes);
    native > LARGE && native / 1024 > available_memory_kib() / 2
}

/// Memory that can be had without swapping, KiB; `u64::MAX` where the system does not tell.
pub(super) fn available_memory_kib() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(u64::MAX)
}

fn checksum_of(text: &[u8]) -> String {
    blake3::hash(text).to_hex().to_string()
}

fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as i64)
}

#[cfg(test)]
mod tests;
