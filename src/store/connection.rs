//! How connections to the gallery are opened.
//!
//! WAL, so that readers never wait for the writer. `synchronous` is FULL: every commit reaches the disk before
//! `commit` returns. `kill -9` alone would be survived with NORMAL too; a power cut, however, could then roll the
//! gallery back to before faces that a published index generation already holds, and their ids would be given to
//! other faces. One fsync per batch is nothing beside the seconds that a batch takes to detect and embed.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::file::{check_header, create_private};
use super::upgrade::{self, Upgrade};
use super::{StoreError, schema};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Beside writers, in a folder that can be written: SQLite makes its log and the log's index where they are missing.
    Shared,
    /// In a folder that only others may write to, through the log that they keep there.
    Guest,
    /// Nobody writes and there is no log: read-only media.
    Still,
}

/// The one connection that writes. Creates the file where it is missing, readable by its owner alone, and brings an
/// older format to the present one, after a back-up.
///
/// Until the file is known to be a sound gallery of a known format it is only read: a foreign, newer or corrupt file
/// stays byte for byte as it was.
pub(super) fn open_writer(path: &Path, tell: &(dyn Fn(Upgrade) + Sync)) -> Result<Connection, StoreError> {
    open_and_upgrade(path, |conn| upgrade::upgrade(conn, path, tell))
}

/// The same for a copy of a gallery, of which no back-up is made.
pub(super) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    open_and_upgrade(path, schema::migrate)
}

fn open_and_upgrade(
    path: &Path,
    upgrade: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
) -> Result<Connection, StoreError> {
    check_header(path)?;
    create_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    // Closing the connection of a file that is refused must not write its WAL back.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    schema::check_version(&conn)?;
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        log::warn!("the gallery's file system has no write-ahead log (mode {mode}); reading waits for writing");
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
    )?;
    upgrade(&mut conn)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(conn)
}

/// A connection that reads and cannot write.
pub(super) fn open_reader(path: &Path, reading: Reading) -> Result<Connection, StoreError> {
    let conn = match reading {
        Reading::Shared => {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags)?
        }
        Reading::Guest => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags)?
        }
        Reading::Still => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(immutable_uri(path), flags)?
        }
    };
    // Closing a reader leaves the log to whoever writes.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384;")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// SQLite neither locks such a file nor looks for a log beside it.
fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}
