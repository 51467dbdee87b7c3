//! Undo and redo: the events of a batch, turned round.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::history::{batch_record, set_state};
use super::{
    AliasState, ApartState, BatchKind, BatchRecord, BatchState, Changed, Entity, FaceState, GroupState, GroupedState,
    Head, Ledger, Note, PhotoState, QuestionState, RejectionState, SettledState, Source, SubjectState, put,
};
use crate::store::{Gallery, StoreError};
use crate::types::BatchId;

/// One row's change, in the direction in which it is to be made now.
struct Turn {
    entity: String,
    id: i64,
    from: Option<Value>,
    to: Option<Value>,
}

impl Gallery {
    /// Takes back what a batch changed: the one given, or the latest one of a person that is not undone yet. The record
    /// is then as it was before, but for what others changed elsewhere meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NothingToUndo`]; [`StoreError::NoSuchBatch`]; [`StoreError::Purged`]; [`StoreError::UndoConflict`]
    /// where a later change built on this one. Nothing is changed then.
    pub fn undo(&self, actor: &str, batch: Option<BatchId>) -> Result<(BatchRecord, Changed), StoreError> {
        self.write(|tx| {
            let id = match batch {
                Some(batch) => batch,
                None => latest(tx)?.ok_or(StoreError::NothingToUndo)?,
            };
            let record = batch_record(tx, id)?;
            match record.state {
                BatchState::Done if record.can_turn() => {}
                BatchState::Purged => return Err(StoreError::Purged(id)),
                _ => return Err(StoreError::NothingToUndo),
            }
            let changed = turn_batch(tx, actor, &record, BatchKind::Undo)?;
            Ok((BatchRecord { state: BatchState::Undone, ..record }, changed))
        })
    }

    /// Does again what was undone last.
    ///
    /// # Errors
    /// [`StoreError::NothingToRedo`]; else as [`Gallery::undo`].
    pub fn redo(&self, actor: &str) -> Result<(BatchRecord, Changed), StoreError> {
        self.write(|tx| {
            let id = last_undone(tx)?.ok_or(StoreError::NothingToRedo)?;
            let record = batch_record(tx, id)?;
            let changed = turn_batch(tx, actor, &record, BatchKind::Redo)?;
            Ok((BatchRecord { state: BatchState::Done, ..record }, changed))
        })
    }

    /// What [`Gallery::undo`] without a batch and [`Gallery::redo`] would turn.
    pub fn undoable(&self) -> Result<[Option<BatchRecord>; 2], StoreError> {
        self.read(|conn| {
            let record = |id: Option<BatchId>| id.map(|id| batch_record(conn, id)).transpose();
            Ok([record(latest(conn)?)?, record(last_undone(conn)?)?])
        })
    }
}

fn latest(conn: &Connection) -> Result<Option<BatchId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM batches WHERE state = 'done' AND source = 'person' AND kind NOT IN ('undo', 'redo', 'purge')
         ORDER BY id DESC LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0).map(BatchId)).optional()?)
}

fn last_undone(conn: &Connection) -> Result<Option<BatchId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT b.id FROM batches b JOIN batches u ON u.of = b.id AND u.kind = 'undo'
         WHERE b.state = 'undone' ORDER BY u.id DESC LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0).map(BatchId)).optional()?)
}

fn turn_batch(conn: &Connection, actor: &str, record: &BatchRecord, kind: BatchKind) -> Result<Changed, StoreError> {
    let head = Head { actor: actor.to_owned(), source: Source::Person, kind, of: Some(record.id) };
    let mut ledger = Ledger::new(conn, head);
    ledger.batch()?;
    let backwards = kind == BatchKind::Undo;
    let order = if backwards { "DESC" } else { "ASC" };
    let sql = format!("SELECT entity, entity_id, before, after FROM events WHERE batch = ?1 ORDER BY id {order}");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([record.id.0])?;
    while let Some(row) = rows.next()? {
        let value = |column| -> Result<Option<Value>, StoreError> {
            let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            text.map(serde_json::from_str).transpose().map_err(|e| damaged(record.id, &e))
        };
        let (before, after) = (value(2)?, value(3)?);
        let (from, to) = if backwards { (after, before) } else { (before, after) };
        let turn = Turn { entity: row.get(0)?, id: row.get(1)?, from, to };
        match turn.entity.as_str() {
            FaceState::NAME => make::<FaceState>(&mut ledger, record.id, &turn)?,
            PhotoState::NAME => make::<PhotoState>(&mut ledger, record.id, &turn)?,
            SubjectState::NAME => make::<SubjectState>(&mut ledger, record.id, &turn)?,
            AliasState::NAME => make::<AliasState>(&mut ledger, record.id, &turn)?,
            QuestionState::NAME => make::<QuestionState>(&mut ledger, record.id, &turn)?,
            GroupState::NAME => make::<GroupState>(&mut ledger, record.id, &turn)?,
            GroupedState::NAME => make::<GroupedState>(&mut ledger, record.id, &turn)?,
            RejectionState::NAME => make::<RejectionState>(&mut ledger, record.id, &turn)?,
            ApartState::NAME => make::<ApartState>(&mut ledger, record.id, &turn)?,
            SettledState::NAME => make::<SettledState>(&mut ledger, record.id, &turn)?,
            other => return Err(StoreError::unexpected(format!("batch {} tells of a {other}", record.id))),
        }
    }
    refuse_faces_of_gone_photos(&ledger, record.id)?;
    set_state(conn, record.id, if backwards { BatchState::Undone } else { BatchState::Done })?;
    ledger.finish()
}

/// A face cannot come back while its photo is taken out: the photo comes back first.
fn refuse_faces_of_gone_photos(ledger: &Ledger<'_>, batch: BatchId) -> Result<(), StoreError> {
    let mut statement = ledger.conn.prepare_cached(
        "SELECT p.id FROM all_faces f JOIN all_photos p ON p.id = f.photo_id WHERE f.id = ?1 AND p.gone_at IS NOT NULL",
    )?;
    for (face, _) in ledger.living.iter().filter(|(_, [_, is_living])| *is_living) {
        if let Some(photo) = statement.query_row([face.0], |row| row.get(0)).optional()? {
            let turn = Turn { entity: PhotoState::NAME.to_owned(), id: photo, from: None, to: None };
            return Err(conflict(ledger.conn, batch, &turn)?);
        }
    }
    Ok(())
}

/// Makes one turn: every field that the event changed must still be as it left it; the others may have moved on.
fn make<E: Entity>(ledger: &mut Ledger<'_>, batch: BatchId, turn: &Turn) -> Result<(), StoreError>
where
    for<'a> Ledger<'a>: Note<E>,
{
    let conflict = || conflict(ledger.conn, batch, turn);
    let current = E::read(ledger.conn, turn.id)?;
    let state_json = |state: &E| serde_json::to_value(state).map_err(|e| damaged(batch, &e));
    let after: Option<E> = match (&turn.from, &turn.to) {
        (Some(Value::Object(from)), Some(Value::Object(to))) => {
            let Some(current) = &current else { return if E::YIELDS { Ok(()) } else { Err(conflict()?) } };
            let mut value = state_json(current)?;
            for (field, wanted) in to {
                let (left, now) = (from.get(field).unwrap_or(&Value::Null), &mut value[field.as_str()]);
                if left == wanted {
                    continue;
                }
                if now != left {
                    return if E::YIELDS { Ok(()) } else { Err(conflict()?) };
                }
                *now = wanted.clone();
            }
            Some(serde_json::from_value(value).map_err(|e| damaged(batch, &e))?)
        }
        // Who has faces by another's word stays, and is there already when the change is made again.
        (Some(_), None) if E::is_used(ledger.conn, turn.id)? => return Ok(()),
        (None, Some(_)) if current.is_some() && E::is_used(ledger.conn, turn.id)? => return Ok(()),
        (None, Some(to)) if current.is_none() => {
            Some(serde_json::from_value(to.clone()).map_err(|e| damaged(batch, &e))?)
        }
        // An event of an older format lacks the fields that came since.
        (Some(from), None) if current.is_some() && current == serde_json::from_value(from.clone()).ok() => None,
        // Groups move on by themselves: where they have, they stay.
        _ if E::YIELDS => return Ok(()),
        _ => return Err(conflict()?),
    };
    if current != after {
        put(ledger.conn, turn.id, after.as_ref())?;
        ledger.note(turn.id, current.as_ref(), after.as_ref());
    }
    Ok(())
}

/// The refusal, with the later batch that stands in the way.
fn conflict(conn: &Connection, batch: BatchId, turn: &Turn) -> Result<StoreError, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT max(e.batch) FROM events e JOIN batches b ON b.id = e.batch
         WHERE e.entity = ?1 AND e.entity_id = ?2 AND b.state = 'done' AND e.batch <> ?3",
    )?;
    let by: Option<i64> = statement.query_row(params![turn.entity, turn.id, batch.0], |row| row.get(0))?;
    Ok(StoreError::UndoConflict { batch, entity: turn.entity.clone(), id: turn.id, by: by.map(BatchId) })
}

fn damaged(batch: BatchId, error: &serde_json::Error) -> StoreError {
    StoreError::unexpected(format!("an event of batch {batch} cannot be read: {error}"))
}
