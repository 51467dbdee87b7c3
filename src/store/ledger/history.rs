//! The batches as they are listed.

use rusqlite::{Connection, Row, params};

use super::batch::{BatchArgs, BatchKind, BatchState, Source};
use crate::store::{Gallery, StoreError};
use crate::types::BatchId;

/// One line of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRecord {
    pub id: BatchId,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    pub actor: String,
    pub source: Source,
    pub kind: BatchKind,
    pub args: BatchArgs,
    pub state: BatchState,
    /// Of an undo or redo: the batch that it turned.
    pub of: Option<BatchId>,
}

impl BatchRecord {
    /// It is a change that can be undone and redone, not a turn of one nor a purge.
    pub fn can_turn(&self) -> bool {
        !matches!(self.kind, BatchKind::Undo | BatchKind::Redo | BatchKind::Purge)
    }
}

const SELECT: &str = "SELECT id, at, actor, source, kind, args, state, of FROM batches";

impl Gallery {
    /// The last `limit` batches before `before`, newest first.
    pub fn history(&self, limit: usize, before: Option<BatchId>) -> Result<Vec<BatchRecord>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))?;
            let before = before.map_or(i64::MAX, |batch| batch.0);
            let mut rows = statement.query(params![before, i64::try_from(limit).unwrap_or(i64::MAX)])?;
            let mut records = Vec::new();
            while let Some(row) = rows.next()? {
                records.push(record_from_row(row)?);
            }
            Ok(records)
        })
    }
}

pub(super) fn batch_record(conn: &Connection, batch: BatchId) -> Result<BatchRecord, StoreError> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query([batch.0])?;
    rows.next()?.map_or(Err(StoreError::NoSuchBatch(batch)), record_from_row)
}

pub(super) fn set_state(conn: &Connection, batch: BatchId, state: BatchState) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE batches SET state = ?2 WHERE id = ?1")?.execute(params![batch.0, state.name()])?;
    Ok(())
}

fn record_from_row(row: &Row<'_>) -> Result<BatchRecord, StoreError> {
    let id: i64 = row.get(0)?;
    let word = |column: usize| row.get::<_, String>(column);
    let unknown = |what: &str, word: &str| StoreError::unexpected(format!("batch {id} has the unknown {what} {word}"));
    let (source, kind, state) = (word(3)?, word(4)?, word(6)?);
    Ok(BatchRecord {
        id: BatchId(id),
        at: row.get(1)?,
        actor: row.get(2)?,
        source: Source::ALL.into_iter().find(|s| s.name() == source).ok_or_else(|| unknown("source", &source))?,
        kind: BatchKind::ALL.into_iter().find(|k| k.name() == kind).ok_or_else(|| unknown("kind", &kind))?,
        args: serde_json::from_str(&word(5)?).unwrap_or_default(),
        state: BatchState::ALL.into_iter().find(|s| s.name() == state).ok_or_else(|| unknown("state", &state))?,
        of: row.get::<_, Option<i64>>(7)?.map(BatchId),
    })
}
