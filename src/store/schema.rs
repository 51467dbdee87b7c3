//! The gallery's format and how older ones become the present one.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// `MIGRATIONS[n]` turns format n into format n + 1. A new format is one more file at the end; files that were once
/// released are never edited.
const MIGRATIONS: &[&str] = &[include_str!("schema/v1.sql"), include_str!("schema/v2.sql")];

/// Stands in the file's header and tells a gallery from another program's database: "LkNs".
const APPLICATION_ID: i64 = i32::from_be_bytes(*b"LkNs") as i64;

pub(super) fn latest_version() -> i64 {
    MIGRATIONS.len() as i64
}

/// Format of the file, 0 for a new one, found by reading alone.
///
/// # Errors
/// [`StoreError::ForeignDatabase`], [`StoreError::NewerVersion`], and what SQLite finds wrong with the file.
pub(super) fn check_version(conn: &Connection) -> Result<i64, StoreError> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = version == 0 && application == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(StoreError::ForeignDatabase { path: Default::default() });
    }
    if version > latest_version() {
        let known = latest_version();
        return Err(StoreError::NewerVersion { path: Default::default(), found: version, known });
    }
    if version < 0 || (version == 0 && !is_new) {
        return Err(StoreError::unexpected(format!("its format says {version}")));
    }
    Ok(version)
}

/// Brings the file to the latest format in one transaction: all of it or nothing.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    migrate_with(conn, MIGRATIONS)
}

fn migrate_with(conn: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let latest = migrations.len() as i64;
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version >= latest {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for sql in migrations.iter().skip(usize::try_from(version).unwrap_or(0)) {
        tx.execute_batch(sql)?;
    }
    if version < latest {
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", latest)?;
    }
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_format_is_one_more_entry() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        let later = [MIGRATIONS, &["ALTER TABLE photos ADD COLUMN camera TEXT;"]].concat();
        migrate_with(&mut conn, &later).unwrap();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, latest_version() + 1);
        conn.prepare("SELECT camera FROM photos").unwrap();
        assert!(matches!(check_version(&conn), Err(StoreError::NewerVersion { found, .. }) if found == version));
    }

    #[test]
    fn a_failing_migration_leaves_nothing_behind() {
        let mut conn = Connection::open_in_memory().unwrap();
        let broken = [MIGRATIONS, &["CREATE TABLE half (a); CREATE TABLE half (a);"]].concat();
        assert!(migrate_with(&mut conn, &broken).is_err());
        assert_eq!(check_version(&conn).unwrap(), 0);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE notes (a); PRAGMA user_version = 1;").unwrap();
        assert!(matches!(check_version(&conn), Err(StoreError::ForeignDatabase { .. })));
    }
}
