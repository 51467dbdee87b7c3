//! The gallery's format and how older ones become the present one.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StoreError;
use crate::types::name_key;

type Then = fn(&Transaction<'_>) -> Result<(), StoreError>;

/// The step from one format to the next.
#[derive(Clone, Copy)]
struct Migration {
    sql: &'static str,
    /// What SQL alone cannot do, after it.
    then: Option<Then>,
}

/// `MIGRATIONS[n]` turns format n into format n + 1. A new format is one more entry at the end; files that were once
/// released are never edited.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("schema/v1.sql"), then: None },
    Migration { sql: include_str!("schema/v2.sql"), then: None },
    Migration { sql: include_str!("schema/v3.sql"), then: Some(fold_names) },
    Migration { sql: include_str!("schema/v4.sql"), then: None },
];

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

/// Brings the file to the latest format in one transaction: all of it or nothing, whenever the process dies.
///
/// Tables that others refer to may be built anew: references are not enforced meanwhile, and looked at before the end.
/// What SQLite sorts goes to files on disk, into its folder for temporary files.
///
/// # Errors
/// The disk is full, the file is damaged, or rows would refer to nothing that referred to something before.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    migrate_with(conn, MIGRATIONS)
}

fn migrate_with(conn: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    let latest = migrations.len() as i64;
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version >= latest {
        return Ok(());
    }
    let enforced: bool = conn.pragma_query_value(None, "foreign_keys", |row| row.get(0))?;
    // SQLite does not listen to these within a transaction.
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE;")?;
    let migrated = migrate_in_transaction(conn, migrations);
    conn.execute_batch("PRAGMA temp_store = DEFAULT;")?;
    conn.pragma_update(None, "foreign_keys", enforced)?;
    migrated
}

fn migrate_in_transaction(conn: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    let latest = migrations.len() as i64;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let dangling = if version > 0 { dangling_rows(&tx)?.len() } else { 0 };
    for migration in migrations.iter().skip(usize::try_from(version).unwrap_or(0)) {
        tx.execute_batch(migration.sql)?;
        if let Some(then) = migration.then {
            then(&tx)?;
        }
    }
    if version < latest {
        if let Some(table) = dangling_rows(&tx)?.get(dangling) {
            return Err(StoreError::unexpected(format!("in its new format a row of {table} would refer to nothing")));
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", latest)?;
    }
    tx.commit()?;
    Ok(())
}

/// Format 3 compares names by another key, so that two that were one stay so, and two of one key become two of one name.
fn fold_names(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let mut statement = tx.prepare("SELECT id, name FROM subjects")?;
    let names = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for name in names.collect::<Result<Vec<_>, _>>()? {
        tx.execute("UPDATE subjects SET name_key = ?2 WHERE id = ?1", (name.0, name_key(&name.1)))?;
    }
    Ok(())
}

/// The table of each row that refers to a row that is not there.
fn dangling_rows(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let tables = statement.query_map([], |row| row.get(0))?;
    Ok(tables.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn sql(sql: &'static str) -> Migration {
        Migration { sql, then: None }
    }

    #[test]
    fn a_later_format_is_one_more_entry() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        fn fill(tx: &Transaction<'_>) -> Result<(), StoreError> {
            tx.execute("INSERT INTO cameras VALUES ('Leica')", [])?;
            Ok(())
        }
        let later = Migration { sql: "CREATE TABLE cameras (name TEXT);", then: Some(fill) };
        migrate_with(&mut conn, &[MIGRATIONS, &[later]].concat()).unwrap();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, latest_version() + 1);
        let camera: String = conn.query_row("SELECT name FROM cameras", [], |row| row.get(0)).unwrap();
        assert_eq!(camera, "Leica");
        assert!(matches!(check_version(&conn), Err(StoreError::NewerVersion { found, .. }) if found == version));
    }

    #[test]
    fn a_failing_migration_leaves_nothing_behind() {
        fn fail(_: &Transaction<'_>) -> Result<(), StoreError> {
            Err(StoreError::unexpected("on purpose"))
        }
        for broken in [
            sql("CREATE TABLE half (a); CREATE TABLE half (a);"),
            Migration { sql: "CREATE TABLE half (a);", then: Some(fail) },
        ] {
            let mut conn = Connection::open_in_memory().unwrap();
            assert!(migrate_with(&mut conn, &[MIGRATIONS, &[broken]].concat()).is_err());
            assert_eq!(check_version(&conn).unwrap(), 0);
        }
    }

    #[test]
    fn a_table_that_others_refer_to_can_be_built_anew() {
        let mut conn = Connection::open_in_memory().unwrap();
        let first = sql("CREATE TABLE parents (id INTEGER PRIMARY KEY);
                         CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents (id) ON DELETE CASCADE);");
        let anew = sql("CREATE TABLE later (id INTEGER PRIMARY KEY, name TEXT);
                        INSERT INTO later (id) SELECT id FROM parents;
                        DROP TABLE parents;
                        ALTER TABLE later RENAME TO parents;");
        migrate_with(&mut conn, &[first]).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1);",
        )
        .unwrap();
        migrate_with(&mut conn, &[first, anew]).unwrap();
        let children: i64 = conn.query_row("SELECT count(*) FROM children", [], |row| row.get(0)).unwrap();
        assert_eq!(children, 1, "dropping the old table took nothing along");
        assert!(conn.execute("INSERT INTO children VALUES (9)", []).is_err(), "references are enforced again");
        let losing = sql("DELETE FROM parents;");
        let refused = migrate_with(&mut conn, &[first, anew, losing]).unwrap_err();
        assert!(refused.to_string().contains("children"), "{refused}");
        let parents: i64 = conn.query_row("SELECT count(*) FROM parents", [], |row| row.get(0)).unwrap();
        assert_eq!(parents, 1);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE notes (a); PRAGMA user_version = 1;").unwrap();
        assert!(matches!(check_version(&conn), Err(StoreError::ForeignDatabase { .. })));
    }
}
