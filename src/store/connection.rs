//! How connections to the gallery are opened.
//!
//! WAL, so that readers never wait for the writer. `synchronous` is FULL: every commit reaches the disk before
//! `commit` returns. `kill -9` alone would be survived with NORMAL too; a power cut, however, could then roll the
//! gallery back to before faces that a published index generation already holds, and their ids would be given to
//! other faces. One fsync per batch is nothing beside the seconds that a batch takes to detect and embed.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{StoreError, schema};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// The one connection that writes. Creates and migrates the file where that is needed.
///
/// Until the file is known to be a sound gallery of a known format it is only read: a foreign, newer or corrupt file
/// stays byte for byte as it was.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    check_header(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
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
    schema::migrate(&mut conn)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(conn)
}

/// A connection that reads; the writer has checked the file before.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384;")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Looks at the first bytes before SQLite does. A missing or empty file is a gallery still to be made.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let mut head = Vec::with_capacity(HEADER.len());
    match File::open(path) {
        Ok(file) => file.take(HEADER.len() as u64).read_to_end(&mut head).map_err(|source| StoreError::Io {
            action: "read the gallery",
            path: path.to_path_buf(),
            source,
        })?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(StoreError::Io { action: "open the gallery", path: path.to_path_buf(), source }),
    };
    if head.is_empty() || head == HEADER {
        return Ok(());
    }
    Err(StoreError::NotADatabase { path: path.to_path_buf() })
}
