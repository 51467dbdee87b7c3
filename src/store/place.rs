//! Where and how a gallery is read that this process does not write to.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::connection::{Reading, open_copy, open_reader};
use super::file::{check_header, log_of};
use super::{StoreError, schema, scratch, system};
use crate::files::{DeletedOnDrop, folder_of};

/// The file that readers open.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) reading: Reading,
    /// Connections waiting for the next reader.
    pub(super) idle: Mutex<Vec<Connection>>,
    /// Of a file that nobody is expected to write, so that it shows if somebody does.
    stamp: Option<Stamp>,
    _copy: Option<TempCopy>,
}

/// Changes when somebody writes the file.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    device_and_inode: (u64, u64),
    bytes: u64,
    changed: (i64, i64),
    log_bytes: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self {
            device_and_inode: (file.dev(), file.ino()),
            bytes: file.len(),
            changed: (file.mtime(), file.mtime_nsec()),
            log_bytes: bytes_of(&log_of(path)),
        })
    }
}

impl Place {
    /// Where this process writes, too.
    pub(super) fn of_writer(path: &Path) -> Self {
        Self::new(path, Reading::Shared, None)
    }

    fn new(path: &Path, reading: Reading, copy: Option<TempCopy>) -> Self {
        let file = copy.as_ref().map_or_else(|| path.to_path_buf(), |copy| copy.file.clone());
        let stamp = (reading == Reading::Still).then(|| Stamp::of(path)).flatten();
        Self { file, reading, idle: Mutex::default(), stamp, _copy: copy }
    }

    /// Looks how the gallery at `path` can be read, without writing beside it.
    ///
    /// In a folder that can be written, through SQLite's log as usual. Elsewhere through a log that another user keeps
    /// there; without any, as a file that does not change. A log that nobody keeps – media that were taken out before
    /// the gallery was closed – and an older format are read from a temporary copy, because both need writing.
    ///
    /// # Errors
    /// [`StoreError::NoGallery`]; [`StoreError::OlderFormat`] in a folder that can be written, where the one who holds
    /// the folder's lock brings it to the present format; [`StoreError::NoRoom`] for a copy; what is wrong with the file.
    pub(super) fn find(path: &Path) -> Result<Self, StoreError> {
        if !check_header(path)? {
            return Err(StoreError::NoGallery { path: path.to_path_buf() });
        }
        let latest = schema::latest_version();
        if system::is_writable(folder_of(path)) {
            return match format_of(path, Reading::Shared)? {
                0 => Err(StoreError::NoGallery { path: path.to_path_buf() }),
                found if found < latest => Err(StoreError::OlderFormat { path: path.to_path_buf(), found, latest }),
                _ => Ok(Self::new(path, Reading::Shared, None)),
            };
        }
        let has_log = bytes_of(&log_of(path)) > 0;
        let reading = if has_log { Reading::Guest } else { Reading::Still };
        match format_of(path, reading) {
            Ok(0) => Err(StoreError::NoGallery { path: path.to_path_buf() }),
            Ok(found) if found == latest => Ok(Self::new(path, reading, None)),
            Err(error @ (StoreError::ForeignDatabase { .. } | StoreError::NewerVersion { .. })) => Err(error),
            Err(error) if !has_log => Err(error),
            // An older format, or a log without its index.
            Ok(_) | Err(_) => Ok(Self::new(path, Reading::Shared, Some(TempCopy::of(path)?))),
        }
    }

    /// Somebody has written where nobody was expected to: what is read must be looked for anew.
    pub(super) fn has_changed(&self) -> bool {
        self.stamp.is_some() && Stamp::of(&self.file) != self.stamp
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        idle.iter().for_each(|conn| leave_tidily(conn, &self.file));
    }
}

/// A log that is empty goes with its last reader; one that holds what a killed process stored is the next writer's.
pub(super) fn leave_tidily(conn: &Connection, file: &Path) {
    if bytes_of(&log_of(file)) == 0
        && let Err(error) = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
    {
        log::debug!("{error}: {}", file.display());
    }
}

/// The format, found by reading the file itself.
fn format_of(path: &Path, reading: Reading) -> Result<i64, StoreError> {
    let found = open_reader(path, reading).and_then(|conn| {
        let found = schema::check_version(&conn);
        leave_tidily(&conn, path);
        found
    });
    found.map_err(|error| error.at(path))
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// A copy of a gallery in a temporary folder of its own, in the present format. Gone with its value.
#[derive(Debug)]
struct TempCopy {
    file: PathBuf,
    _folder: DeletedOnDrop,
}

impl TempCopy {
    fn of(path: &Path) -> Result<Self, StoreError> {
        let temp = std::env::temp_dir();
        let bytes = bytes_of(path) + bytes_of(&log_of(path));
        let free = system::free_space(&temp).unwrap_or(u64::MAX);
        if free < bytes + bytes / 2 {
            return Err(StoreError::NoRoom {
                purpose: "a gallery on read-only media that was not closed, or that has an older format, is read from a \
                          temporary copy, which",
                needed_mb: (bytes + bytes / 2).div_ceil(1_000_000),
                free_mb: free / 1_000_000,
                path: temp,
            });
        }
        let folder = scratch::new_folder().map_err(|source| StoreError::Io {
            action: "make a temporary folder",
            path: temp,
            source,
        })?;
        let io = |source| StoreError::Io { action: "copy the gallery", path: folder.clone(), source };
        let copy = Self { file: folder.join("gallery.sqlite"), _folder: DeletedOnDrop::new(&folder) };
        for (from, to) in [(path.to_path_buf(), copy.file.clone()), (log_of(path), log_of(&copy.file))] {
            if from.exists() {
                fs::copy(&from, &to).map_err(io)?;
                fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).map_err(io)?;
            }
        }
        // Takes the log in and brings the copy to the present format.
        drop(open_copy(&copy.file).map_err(|error| error.at(path))?);
        Ok(copy)
    }
}

/// Tells when somebody else has written.
#[derive(Debug)]
pub struct ChangeWatch {
    conn: Connection,
    file: PathBuf,
    seen: i64,
}

impl Drop for ChangeWatch {
    fn drop(&mut self) {
        leave_tidily(&self.conn, &self.file);
    }
}

impl ChangeWatch {
    pub(super) fn new(conn: Connection, file: &Path) -> Result<Self, StoreError> {
        let seen = data_version(&conn)?;
        Ok(Self { conn, file: file.to_path_buf(), seen })
    }

    /// Whether another connection, of any process, has committed since the last call. Microseconds.
    pub fn has_changed(&mut self) -> Result<bool, StoreError> {
        let now = data_version(&self.conn)?;
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }
}

fn data_version(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Gallery;

    #[test]
    fn a_still_file_is_read_under_any_name_and_shows_that_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a?b=c&d#e %41 é.sqlite");
        let gallery = Gallery::open(&path).unwrap();
        gallery.record_issue(Path::new("/a"), "one").unwrap();
        drop(gallery);
        let names = || fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(names(), 1);
        let place = Place::new(&path, Reading::Still, None);
        let conn = open_reader(&place.file, place.reading).unwrap();
        let issues: i64 = conn.query_row("SELECT count(*) FROM issues", [], |row| row.get(0)).unwrap();
        assert_eq!((issues, names()), (1, 1), "no log is made");
        assert!(conn.execute("DELETE FROM issues", []).is_err());
        assert!(!place.has_changed());
        Gallery::open(&path).unwrap().record_issue(Path::new("/b"), "two").unwrap();
        assert!(place.has_changed());
    }

    #[test]
    fn an_older_format_is_left_to_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gallery.sqlite");
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gallery_v1.sqlite"), &path).unwrap();
        let before = fs::read(&path).unwrap();
        let refused = Gallery::open_to_read(&path).unwrap_err();
        assert!(matches!(refused, StoreError::OlderFormat { found: 1, .. }), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), before);
        let none = Gallery::open_to_read(&dir.path().join("none.sqlite")).unwrap_err();
        assert!(matches!(none, StoreError::NoGallery { .. }), "{none}");
    }
}
