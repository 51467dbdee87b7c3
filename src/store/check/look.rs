//! What a check looks with.

use rusqlite::{Connection, Params};

use crate::store::StoreError;

/// Rows between two questions whether to go on.
const TELL_EVERY: u64 = 1000;

/// What is looked at with, beside SQL.
pub struct Look<'a> {
    /// Whether the bytes of a crop are a picture.
    pub is_picture: &'a dyn Fn(&[u8]) -> bool,
    /// Told the rows looked at; false ends the check early.
    pub go_on: &'a mut dyn FnMut(u64) -> bool,
}

impl Look<'_> {
    /// Counts a row; false where the check is to end early.
    pub(super) fn at(&mut self, rows: &mut u64) -> bool {
        *rows += 1;
        !rows.is_multiple_of(TELL_EVERY) || (self.go_on)(*rows)
    }
}

/// The texts that a statement answers with.
pub(super) fn texts(conn: &Connection, sql: &str, values: impl Params) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare(sql)?;
    let texts = statement.query_map(values, |row| row.get(0))?;
    Ok(texts.collect::<Result<_, _>>()?)
}
