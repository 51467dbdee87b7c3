use rusqlite::{Connection, params};
use serde_json::Value;

use super::{Gallery, StoreError, now_millis};
use crate::types::{FaceId, SubjectId};

/// What happened to an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A subject came to be. `after`: its name.
    SubjectCreated,
    /// A face was given a subject, another one, or none. `before` and `after`: its subject.
    FaceNamed,
    /// Its photo was enrolled again; the face at the same place took the subject over. `before` and `after`: face,
    /// box and subject. The event's face is the new one.
    FaceReplaced,
    /// Its photo was enrolled again and no face is at its place now. `before`: face, box and subject.
    FaceRemoved,
}

impl EventKind {
    const ALL: [Self; 4] = [Self::SubjectCreated, Self::FaceNamed, Self::FaceReplaced, Self::FaceRemoved];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::SubjectCreated => "subject_created",
            Self::FaceNamed => "face_named",
            Self::FaceReplaced => "face_replaced",
            Self::FaceRemoved => "face_removed",
        }
    }
}

/// One change of identity, with what is needed to take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    pub id: i64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    pub kind: EventKind,
    pub face: Option<FaceId>,
    pub subject: Option<SubjectId>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub(super) struct NewEvent {
    pub kind: EventKind,
    pub face: Option<FaceId>,
    pub subject: Option<SubjectId>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Call it in the transaction that makes the change.
pub(super) fn record(conn: &Connection, event: NewEvent) -> Result<(), StoreError> {
    let [before, after] = [event.before, event.after].map(|json| json.map(|value| value.to_string()));
    conn.prepare_cached(
        "INSERT INTO events (at, kind, face_id, subject_id, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        now_millis(),
        event.kind.name(),
        event.face.map(|face| face.0),
        event.subject.map(|subject| subject.0),
        before,
        after
    ])?;
    Ok(())
}

impl Gallery {
    /// The last `limit` changes of identity, newest first.
    pub fn events(&self, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, at, kind, face_id, subject_id, before, after FROM events ORDER BY id DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                let kind: String = row.get(2)?;
                events.push(EventRecord {
                    id,
                    at: row.get(1)?,
                    kind: EventKind::ALL
                        .into_iter()
                        .find(|known| known.name() == kind)
                        .ok_or_else(|| StoreError::unexpected(format!("event {id} is of unknown kind {kind}")))?,
                    face: row.get::<_, Option<i64>>(3)?.map(FaceId),
                    subject: row.get::<_, Option<i64>>(4)?.map(SubjectId),
                    before: json_from_text(id, row.get(5)?)?,
                    after: json_from_text(id, row.get(6)?)?,
                });
            }
            Ok(events)
        })
    }
}

fn json_from_text(event: i64, text: Option<String>) -> Result<Option<Value>, StoreError> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|e| StoreError::unexpected(format!("event {event} holds no JSON: {e}")))
}
