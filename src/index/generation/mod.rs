//! Published generations of an index.
//!
//! ```text
//! index/<model>/
//!   CURRENT                 "gen-00000007 <BLAKE3 of its manifest>"
//!   gen-00000007/           never changed once it has this name
//!     flat.faiss  ids.bin  manifest.json                     compares with every face, or
//!     index.faiss  ids.bin  order.bin  vectors.bin  …        built to a spec
//!   gen-00000006/           earlier ones, to roll back to and for readers that are still loading them
//!   params.json             parameters chosen for each generation, and what is to be built again
//!   build-…                 being built
//!   tmp-…                   being written, or left by a process that was killed
//!   publishing              locked while somebody publishes
//! ```

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::IndexError;
use super::cleanup::clean_up;
use super::files::{corrupt, sync_dir};
use super::manifest::Manifest;
use super::moment::moment;
use super::names::{MANIFEST_FILE, generation_name, number_from_name};
use super::record::Built;

mod list;
mod load;
mod notes;
mod publish;

pub use load::LoadedIndex;
pub use notes::Owed;

const POINTER: &str = "CURRENT";
const LOCK: &str = "publishing";

/// So long a publisher waits for another process, which then is one that clears away in passing.
const PATIENCE: Duration = Duration::from_secs(2);

/// A published index.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    pub manifest: Manifest,
    /// Where its files lie.
    pub dir: PathBuf,
    /// BLAKE3 of the manifest, which holds those of the files; hexadecimal.
    pub checksum: String,
}

impl Generation {
    /// How it was built, for what is added to it.
    pub fn built(&self) -> Built {
        Built { dir: self.dir.clone(), record: self.manifest.record.clone() }
    }
}

/// The folder of one model's generations. Whoever holds the data folder's lock writes here, and nobody else.
#[derive(Clone, Debug)]
pub struct IndexStore {
    dir: PathBuf,
    writable: Arc<AtomicBool>,
    /// Held from reading the notes to writing them.
    noting: Arc<Mutex<()>>,
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
        Self { dir: dir.to_path_buf(), writable: Arc::default(), noting: Arc::default() }
    }

    /// For who opened it to read and has got the data folder's lock.
    pub fn allow_writing(&self) -> Result<(), IndexError> {
        fs::create_dir_all(&self.dir).map_err(IndexError::io("create the index folder", &self.dir))?;
        self.writable.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Whether this process may write here.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::SeqCst)
    }

    pub(super) fn ensure_writable(&self) -> Result<(), IndexError> {
        if self.is_writable() { Ok(()) } else { Err(IndexError::ReadOnly { path: self.dir.clone() }) }
    }

    /// Number of the generation that is current on the disk, whichever is loaded.
    pub fn current_number(&self) -> Option<u64> {
        self.pointer().ok().flatten().and_then(|(name, _)| number_from_name(&name))
    }

    /// The same with the checksum of its manifest, by which two of one number are told apart.
    pub fn current_checksum(&self) -> Option<String> {
        self.pointer().ok().flatten().map(|(_, checksum)| checksum)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn locked<T>(&self, publish: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
        self.ensure_writable()?;
        let lock = self.wait_for_lock()?;
        let published = publish();
        // After a failure this clears away what was begun; what it cannot clear is for the next time.
        let cleaned = self.clean_up_locked(false);
        drop(lock);
        if let Err(e) = cleaned {
            log::warn!("old indexes were not cleared away: {e}");
        }
        published
    }

    /// The manifest of a generation, and its checksum.
    pub(super) fn read_manifest(&self, name: &str) -> Result<(Manifest, String), IndexError> {
        Manifest::read(&self.dir.join(name).join(MANIFEST_FILE))
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
    pub fn clean_up(&self) -> Result<(), IndexError> {
        self.ensure_writable()?;
        match self.try_lock()? {
            Some(_lock) => self.clean_up_locked(true),
            None => Ok(()),
        }
    }

    fn clean_up_locked(&self, builds: bool) -> Result<(), IndexError> {
        let current = match self.pointer() {
            Ok(pointer) => pointer.and_then(|(name, _)| number_from_name(&name)),
            // With no telling which generation is wanted, none is deleted.
            Err(_) => return Ok(()),
        };
        clean_up(&self.dir, current, builds)
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

    fn wait_for_lock(&self) -> Result<File, IndexError> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = self.try_lock()? {
                return Ok(lock);
            }
            if begun.elapsed() > PATIENCE {
                return Err(IndexError::Busy { path: self.dir.clone() });
            }
            if !moment("another publishes") {
                std::thread::sleep(Duration::from_millis(20));
            }
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

#[cfg(test)]
mod tests;
