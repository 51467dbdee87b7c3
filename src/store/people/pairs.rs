//! Whom a face is, is not, and is kept apart from: one row of the record each.

use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::ledger::{ApartState, FaceState, Ledger, RejectionState, fresh_id};
use crate::types::{FaceId, NamedBy, SubjectId};

pub(in crate::store) fn not_subject(
    ledger: &mut Ledger<'_>,
    face: FaceId,
    subject: SubjectId,
) -> Result<(), StoreError> {
    if pairs(ledger.conn, face, subject)?.is_empty() {
        let id = fresh_id(ledger.conn, "rejections")?;
        ledger.set(id, Some(RejectionState { face, subject }))?;
    }
    Ok(())
}

/// A face is a subject after all: it is not ignored, nor rejected by it. `named_by` says how well it was looked at.
pub(in crate::store) fn accept(
    ledger: &mut Ledger<'_>,
    face: FaceId,
    subject: Option<SubjectId>,
    named_by: NamedBy,
) -> Result<(), StoreError> {
    ledger.change(face.0, |state: &mut FaceState| {
        // Who looked at it alone has said more than who names its group.
        let is_said = named_by == NamedBy::Group && state.subject == subject && state.is_persons_word();
        let by = if is_said { state.named_by } else { Some(named_by) };
        (state.subject, state.named_by, state.ignored) = (subject, by, None);
    })?;
    let Some(subject) = subject else { return Ok(()) };
    for id in pairs(ledger.conn, face, subject)? {
        ledger.set::<RejectionState>(id, None)?;
    }
    Ok(())
}

pub(super) fn pairs(conn: &Connection, face: FaceId, subject: SubjectId) -> Result<Vec<i64>, StoreError> {
    ids(conn, "SELECT id FROM rejections WHERE face_id = ?1 AND subject_id = ?2 ORDER BY id", [face.0, subject.0])
}

pub(super) fn ids<P: rusqlite::Params>(conn: &Connection, sql: &str, values: P) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map(values, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

pub(super) fn keep_apart(ledger: &mut Ledger<'_>, a: FaceId, b: FaceId) -> Result<(), StoreError> {
    let (face, other) = (a.min(b), a.max(b));
    let is_known = ledger
        .conn
        .prepare_cached("SELECT 1 FROM apart WHERE face_id = ?1 AND other_face = ?2")?
        .exists([face.0, other.0])?;
    if face != other && !is_known {
        let id = fresh_id(ledger.conn, "apart")?;
        ledger.set(id, Some(ApartState { face, other }))?;
    }
    Ok(())
}
