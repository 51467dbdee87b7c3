//! Who may write: one process, the one that holds the data folder's lock. Everybody else reads.
//!
//! Reading never takes the lock. What writes to the data folder asks `Engine::ensure_writable` first; below it the
//! gallery and the index store refuse by themselves what a reader has no business with.

use crate::tell;
use crate::types::{Tell, Telling};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::jobs::work::{JobError, Message};
use crate::store::{DataDir, DataLock, Gallery, StoreError, Upgrade};

/// Whether this process may change the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Takes the data folder's lock, waiting a moment for a passing command; fails when another process keeps it.
    Write,
    /// Takes the lock, waiting a moment for a passing command; reads without it where another process keeps it, or the
    /// folder cannot be written, until `Engine::try_to_write` gets it.
    WriteIfFree,
    /// Takes no lock. A gallery that is not there yet is made, one of an older format brought to the present one, and
    /// answered searches are kept, each under the lock for that moment, where it is free.
    Read,
}

/// How an engine is opened.
#[derive(Clone, Copy)]
pub struct OpenOptions<'a> {
    /// `None`: as [`DataDir::resolve`] finds it.
    pub data_dir: Option<&'a Path>,
    /// Folder of the person's settings; `None`: `LIKENESS_CONFIG_DIR`, else the person's configuration folder.
    pub config_dir: Option<&'a Path>,
    pub mode: Mode,
    /// In the place of the model that the settings name.
    pub model: Option<&'a str>,
    /// Told at once, from any thread, what takes long before the engine is open: a change of the gallery's format.
    pub tell: &'a (dyn Fn(Message) + Sync),
}

impl OpenOptions<'_> {
    pub fn new(mode: Mode) -> Self {
        Self { data_dir: None, config_dir: None, mode, model: None, tell: &|_| {} }
    }
}

/// The lock, or the reason why this process only reads.
pub(super) struct Access {
    pub(super) mode: Mode,
    lock: Mutex<Result<DataLock, Telling>>,
}

impl Access {
    pub(super) fn open(
        data: &DataDir,
        mode: Mode,
        tell: &(dyn Fn(Message) + Sync),
    ) -> Result<(Self, Gallery), JobError> {
        let lock = match mode {
            Mode::Read => Err(tell!("engine-only-reads")),
            Mode::Write => Ok(take_lock(data)?),
            Mode::WriteIfFree => take_lock(data).map_err(|error| error.telling()),
        };
        let gallery = match &lock {
            Ok(_) => upgraded(data, tell)?,
            Err(_) => open_to_read(data, tell)?,
        };
        Ok((Self { mode, lock: Mutex::new(lock) }, gallery))
    }

    pub(super) fn is_writable(&self) -> bool {
        self.lock().is_ok()
    }

    /// Lets a command write beside its reading, where nobody else holds the lock. A window that reads does not.
    pub(super) fn write_in_passing(
        &self,
        data: &DataDir,
        write: impl FnOnce(&Gallery) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.mode != Mode::Read {
            return Ok(());
        }
        match data.try_lock() {
            Ok(_lock) => write(&Gallery::open(&data.gallery_path())?),
            Err(StoreError::Locked { .. } | StoreError::ReadOnlyFolder { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Result<DataLock, Telling>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Others that look into a folder with faces and names are told of, and nothing is changed.
pub(super) fn exposure(data: &DataDir) -> Option<Message> {
    data.is_open_to_others().then(|| Message::Warning(tell!("engine-open-to-others", path = data.path())))
}

/// Waits a moment for a command that writes in passing.
fn take_lock(data: &DataDir) -> Result<DataLock, StoreError> {
    const PATIENCE: Duration = Duration::from_secs(3);
    let begun = Instant::now();
    loop {
        match data.try_lock() {
            Err(StoreError::Locked { .. }) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
}

/// A gallery that must be made or changed before it can be read is so by whoever gets the lock.
fn open_to_read(data: &DataDir, tell: &(dyn Fn(Message) + Sync)) -> Result<Gallery, JobError> {
    let path = data.gallery_path();
    match Gallery::open_to_read(&path) {
        Err(StoreError::NoGallery { .. } | StoreError::OlderFormat { .. }) if data.is_writable() => {}
        opened => return Ok(opened?),
    }
    match take_lock(data) {
        Ok(_lock) => drop(upgraded(data, tell)?),
        // Whoever holds it may have made the gallery meanwhile; else this says what is wrong.
        Err(StoreError::Locked { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Gallery::open_to_read(&path)?)
}

/// Opens the gallery to write, and tells of every tenth of a back-up, then of every 100 MB.
fn upgraded(data: &DataDir, tell: &(dyn Fn(Message) + Sync)) -> Result<Gallery, StoreError> {
    let last = AtomicU64::new(u64::MAX);
    Gallery::open_telling(&data.gallery_path(), &|step| {
        let now = match step {
            Upgrade::BackingUp { done, total } => done * 10 / total.max(1),
            // Beyond the tenths, so that the first one differs from them.
            Upgrade::Converting { written, .. } => 100 + written / 100_000_000,
            Upgrade::Converted { .. } => u64::MAX,
        };
        if last.swap(now, Ordering::SeqCst) != now {
            tell(message_from(&step));
        }
    })
}

fn message_from(step: &Upgrade) -> Message {
    match step {
        Upgrade::BackingUp { done, total } => {
            Message::Info(tell!("engine-backing-up", done = done / 1_000_000, total = total.div_ceil(1_000_000)))
        }
        Upgrade::Converting { from, to, written } => {
            Message::Info(tell!("engine-converting", from = *from, to = *to, written = written / 1_000_000))
        }
        Upgrade::Converted { from, to, backup } => {
            Message::Warning(tell!("engine-converted", from = *from, to = *to, path = backup))
        }
    }
}
