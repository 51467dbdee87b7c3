//! What is kept between runs: the data folder and, in it, the gallery, a SQLite database that is the truth.
//!
//! The index can be thrown away and built again from here. Every change of identity (who a face is) is also an
//! event of the [ledger], written in the transaction that made the change.

mod aliases;
mod check;
mod columns;
mod commit;
mod connection;
mod data_dir;
mod embeddings;
mod error;
mod face_query;
mod faces;
mod file;
mod identity;
mod issues;
mod jobs;
mod ledger;
mod os_path;
mod people;
mod photos;
mod place;
mod reembed;
mod removal;
mod same_face;
mod schema;
mod scratch;
mod searches;
mod subjects;
mod system;
mod upgrade;
mod who;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use check::{ExpectedFile, Look};
pub use commit::{CommittedFace, CommittedPhoto, EnrolledFace, EnrolledIssue, EnrolledPhoto, FolderNaming};
pub use data_dir::{DataDir, DataLock};
pub use error::StoreError;
pub use faces::FaceRecord;
pub use identity::Change;
pub use issues::IssueRecord;
pub use jobs::UnfinishedJob;
pub use ledger::{BatchArgs, BatchKind, BatchRecord, BatchState, Changed, Run, Source};
pub use os_path::{bytes_from_path, path_from_bytes};
pub use people::{
    Alarm, AlarmKind, GroupMove, IgnoredFace, NewAlarm, NewSuggestion, Page, PeopleCounts, PeopleFilter, PeopleOrder,
    PeopleQuery, Person, PersonFace, ReviewItem, ReviewKey, ReviewKind, Row as PeopleRow, Suggestion, Target,
    UnknownFace,
};
pub use photos::{FileStat, PhotoRecord};
pub use place::ChangeWatch;
pub use reembed::EmbeddedModel;
pub use removal::{Gone, PendingCounts, Question, Removal, RemovalCounts};
pub use scratch::scratch_folder;
pub use searches::{PastSearch, SEARCHES_KEPT};
pub use subjects::FolderName;
pub use upgrade::Upgrade;
pub use who::Naming;

use place::Place;

/// Idle read connections that are kept for the next reader.
const READERS_KEPT: usize = 4;

/// The enrolled photos, faces, embeddings and subjects of one data folder.
///
/// May be shared between threads: one connection writes, behind a lock; readers have connections of their own and
/// see the last committed state without waiting. Several processes may have the same gallery open; the one that holds
/// [`DataDir::try_lock`] writes, and the others open it with [`Gallery::open_to_read`].
#[derive(Debug)]
pub struct Gallery {
    path: PathBuf,
    /// Before the writer, which is to be closed last and then takes the log in.
    place: RwLock<Arc<Place>>,
    /// Of a gallery that is open for reading only, a connection that cannot write.
    writer: Mutex<Connection>,
    writable: AtomicBool,
    /// Counts what has changed: what this process has written, past searches left out, and what it saw of others.
    version: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub photos: u64,
    pub faces: u64,
    /// All that were ever named, also those without a face at present.
    pub subjects: u64,
    /// Photos that could not be enrolled.
    pub issues: u64,
}

impl Gallery {
    /// Opens the gallery to write, creates it where there is none, and brings an older format to the present one. For
    /// the one who holds the data folder's lock.
    ///
    /// # Errors
    /// A file that is no database, another program's, from a newer version, or damaged where this shows at once, is
    /// refused and left byte for byte as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_telling(path, &|_| {})
    }

    /// The same, telling how far a change of format is.
    pub fn open_telling(path: &Path, tell: &(dyn Fn(Upgrade) + Sync)) -> Result<Self, StoreError> {
        let writer = connection::open_writer(path, tell).map_err(|e| e.at(path))?;
        Ok(Self::new(path, writer, true, Place::of_writer(path)))
    }

    /// Opens the gallery to read, also from media that cannot be written; nothing is written to the data folder, and
    /// every attempt to is [`StoreError::ReadOnly`].
    ///
    /// # Errors
    /// [`StoreError::NoGallery`]; [`StoreError::OlderFormat`] where the one who writes must change the format first;
    /// [`StoreError::NoRoom`]; else as [`Gallery::open`].
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let place = Place::find(path).map_err(|e| e.at(path))?;
        let reader = connection::open_reader(&place.file, place.reading).map_err(|e| e.at(path))?;
        Ok(Self::new(path, reader, false, place))
    }

    fn new(path: &Path, writer: Connection, writable: bool, place: Place) -> Self {
        Self {
            path: path.to_path_buf(),
            writer: Mutex::new(writer),
            writable: AtomicBool::new(writable),
            place: RwLock::new(Arc::new(place)),
            version: AtomicU64::new(0),
        }
    }

    /// From now on this process writes. The caller has got the data folder's lock.
    ///
    /// # Errors
    /// As [`Gallery::open`]; it can be read on then.
    pub fn become_writer(&self, tell: &(dyn Fn(Upgrade) + Sync)) -> Result<(), StoreError> {
        let writer = connection::open_writer(&self.path, tell).map_err(|e| e.at(&self.path))?;
        *self.lock_writer() = writer;
        *self.place.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Place::of_writer(&self.path));
        self.writable.store(true, Ordering::SeqCst);
        self.note_change();
        Ok(())
    }

    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::SeqCst)
    }

    /// Somebody else has written: what was worked out from the gallery no longer holds.
    pub fn note_change(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Tells from now on when another process has written.
    pub fn watch(&self) -> Result<ChangeWatch, StoreError> {
        let place = self.place();
        let conn = connection::open_reader(&place.file, place.reading);
        conn.and_then(|conn| ChangeWatch::new(conn, &place.file)).map_err(|e| e.at(&self.path))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another number whenever photos, faces or names have changed as far as this process knows, so that what was worked out from them
    /// can be kept until then.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Takes microseconds however large the gallery is.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|conn| {
            let mut counts = Counts::default();
            let mut statement = conn.prepare_cached("SELECT name, n FROM tallies")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let n = columns::u64_from_column(row, 1)?;
                match row.get_ref(0)?.as_str().unwrap_or_default() {
                    "photos" => counts.photos = n,
                    "faces" => counts.faces = n,
                    "subjects" => counts.subjects = n,
                    "issues" => counts.issues = n,
                    _ => {}
                }
            }
            Ok(counts)
        })
    }

    /// Writes the log back into the database file and empties it. Worth doing after bulk loads; a reader that is at
    /// work meanwhile only makes it do less.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.ensure_writable()?;
        let writer = self.lock_writer();
        let blocked = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        match blocked.map_err(|e| StoreError::from(e).at(&self.path)) {
            Ok(false) => {}
            Ok(true) | Err(StoreError::Busy { .. }) => log::debug!("a reader kept the log from being emptied"),
            Err(e) => return Err(e),
        }
        Ok(())
    }

    /// Reads the whole file and lists what is wrong with it; empty where all is well. Seconds per gigabyte.
    pub fn damages(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut found = Vec::new();
            let mut statement = conn.prepare("PRAGMA integrity_check")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                found.push(row.get::<_, String>(0)?);
            }
            found.retain(|line| line != "ok");
            let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                found.push(format!("a row of {} refers to nothing", row.get::<_, String>(0)?));
            }
            Ok(found)
        })
    }

    fn lock_writer(&self) -> MutexGuard<'_, Connection> {
        // A panic in between rolled its transaction back, so the connection is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` in one transaction: all of it is stored, or nothing.
    fn write<T>(&self, f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let value = self.write_aside(f)?;
        self.version.fetch_add(1, Ordering::SeqCst);
        Ok(value)
    }

    /// The same for what leaves photos, faces and names as they are.
    fn write_aside<T>(&self, f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.ensure_writable()?;
        let mut writer = self.lock_writer();
        let run = || {
            let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = f(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        run().map_err(|e: StoreError| e.at(&self.path))
    }

    fn ensure_writable(&self) -> Result<(), StoreError> {
        if self.is_writable() { Ok(()) } else { Err(StoreError::ReadOnly { path: self.path.clone() }) }
    }

    /// Runs `f` on a read connection of its own.
    fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut place = self.place();
        if place.has_changed() {
            place = Arc::new(Place::find(&self.path).map_err(|e| e.at(&self.path))?);
            *self.place.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&place);
            self.note_change();
        }
        let idle = place.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connection::open_reader(&place.file, place.reading).map_err(|e| e.at(&self.path))?,
        };
        let result = f(&conn).map_err(|e| e.at(&self.path));
        let mut readers = place.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_KEPT {
            readers.push(conn);
        }
        result
    }

    fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        if !self.is_writable() {
            place::leave_tidily(&self.lock_writer(), &self.place().file);
        }
    }
}

/// Milliseconds since 1970-01-01 UTC.
fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as i64)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_ledger;
#[cfg(test)]
mod tests_people;
#[cfg(test)]
mod tests_people_turns;
#[cfg(test)]
mod tests_query;
#[cfg(test)]
mod tests_rows;
