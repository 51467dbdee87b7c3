//! Who faces are.
//!
//! A subject whose last face is taken away stays: its name is known, events speak of it, and the next face given
//! that name belongs to it again.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::events::{self, NewEvent};
use super::{EventKind, Gallery, StoreError, now_millis, u64_from_column};
use crate::types::{FaceId, SubjectId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectRecord {
    pub id: SubjectId,
    /// As it was first written.
    pub name: String,
    /// How many faces have it.
    pub faces: u64,
}

/// A subject as faces refer to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SubjectRef {
    pub id: SubjectId,
    pub name: String,
}

impl SubjectRef {
    pub fn json(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

/// The name without outer white space and with single spaces inside; line breaks and other control characters
/// (folder names may hold them) count as white space. `None` where nothing is left.
pub(super) fn name_from_text(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// Names with the same key are one subject. Upper case first, then lower: this makes "ß" equal "SS" and both lower
/// sigmas one, which lower-casing alone does not.
pub(super) fn key_from_name(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

/// `name` comes from [`name_from_text`]. A new subject is an event.
pub(super) fn find_or_create(conn: &Connection, name: &str) -> Result<SubjectRef, StoreError> {
    let key = key_from_name(name);
    let found = conn
        .prepare_cached("SELECT id, name FROM subjects WHERE name_key = ?1")?
        .query_row([&key], |row| Ok(SubjectRef { id: SubjectId(row.get(0)?), name: row.get(1)? }))
        .optional()?;
    if let Some(subject) = found {
        return Ok(subject);
    }
    let id = conn
        .prepare_cached("INSERT INTO subjects (name, name_key, created_at) VALUES (?1, ?2, ?3)")?
        .insert(params![name, key, now_millis()])?;
    let subject = SubjectRef { id: SubjectId(id), name: name.to_owned() };
    events::record(
        conn,
        NewEvent {
            kind: EventKind::SubjectCreated,
            face: None,
            subject: Some(subject.id),
            before: None,
            after: Some(json!({ "name": subject.name })),
        },
    )?;
    Ok(subject)
}

/// The event that a face got `after` in the place of `before`.
pub(super) fn record_naming(
    conn: &Connection,
    face: FaceId,
    before: Option<&SubjectRef>,
    after: Option<&SubjectRef>,
) -> Result<(), StoreError> {
    let state = |subject: Option<&SubjectRef>| Some(json!({ "subject": subject.map(SubjectRef::json) }));
    events::record(
        conn,
        NewEvent {
            kind: EventKind::FaceNamed,
            face: Some(face),
            subject: after.or(before).map(|subject| subject.id),
            before: state(before),
            after: state(after),
        },
    )
}

impl Gallery {
    /// Every face that has a subject, with it, in the order of the subjects.
    pub fn labels(&self) -> Result<Vec<(FaceId, SubjectId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, subject_id FROM faces INDEXED BY faces_by_subject WHERE subject_id IS NOT NULL
                 ORDER BY subject_id, id",
            )?;
            let labels = statement.query_map([], |row| Ok((FaceId(row.get(0)?), SubjectId(row.get(1)?))))?;
            Ok(labels.collect::<Result<_, _>>()?)
        })
    }

    /// Says who a face is; `None` takes its subject away. A name not yet known becomes a subject; names that differ
    /// by case or white space alone are one. Saying what is already so changes nothing and is no event.
    ///
    /// # Errors
    /// [`StoreError::EmptySubjectName`], [`StoreError::NoSuchFace`].
    pub fn name_face(&self, face: FaceId, subject: Option<&str>) -> Result<(), StoreError> {
        let name = subject.map(|text| name_from_text(text).ok_or(StoreError::EmptySubjectName)).transpose()?;
        self.write(|tx| {
            let before = subject_of_face(tx, face)?;
            let after = name.map(|name| find_or_create(tx, &name)).transpose()?;
            if before == after {
                return Ok(());
            }
            tx.prepare_cached("UPDATE faces SET subject_id = ?2 WHERE id = ?1")?
                .execute(params![face.0, after.as_ref().map(|subject| subject.id.0)])?;
            record_naming(tx, face, before.as_ref(), after.as_ref())
        })
    }

    /// In the order of their names.
    pub fn subjects(&self) -> Result<Vec<SubjectRecord>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, name, (SELECT count(*) FROM faces WHERE subject_id = subjects.id)
                 FROM subjects ORDER BY name_key",
            )?;
            let subjects = statement.query_map([], |row| {
                Ok(SubjectRecord { id: SubjectId(row.get(0)?), name: row.get(1)?, faces: u64_from_column(row, 2)? })
            })?;
            Ok(subjects.collect::<Result<_, _>>()?)
        })
    }

    /// Every name that was ever given, in the order of the alphabet; quicker than [`Gallery::subjects`], which counts.
    pub fn subject_names(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT name FROM subjects ORDER BY name_key")?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// In the order of enrollment; empty for a subject that is not known.
    pub fn faces_of_subject(&self, subject: SubjectId) -> Result<Vec<FaceId>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id FROM faces WHERE subject_id = ?1 ORDER BY id")?;
            let faces = statement.query_map([subject.0], |row| row.get(0).map(FaceId))?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }
}

fn subject_of_face(conn: &Connection, face: FaceId) -> Result<Option<SubjectRef>, StoreError> {
    let found = conn
        .prepare_cached(
            "SELECT subjects.id, subjects.name FROM faces LEFT JOIN subjects ON subjects.id = faces.subject_id
             WHERE faces.id = ?1",
        )?
        .query_row([face.0], |row| subject_from_columns(row, 0))
        .optional()?;
    found.ok_or(StoreError::NoSuchFace(face))
}

/// From an id and a name that an outer join may have left NULL, at columns `first` and `first + 1`.
pub(super) fn subject_from_columns(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Option<SubjectRef>> {
    match row.get::<_, Option<i64>>(first)? {
        Some(id) => Ok(Some(SubjectRef { id: SubjectId(id), name: row.get(first + 1)? })),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        assert_eq!(name_from_text("  Ada \n\t Lovelace\u{7}"), Some("Ada Lovelace".to_owned()));
        assert_eq!(name_from_text(" \u{a0}\n"), None);
    }

    #[test]
    fn keys_fold_case_in_any_script() {
        for (a, b) in [("Strauß", "STRAUSS"), ("ΣΊΣΥΦΟΣ", "Σίσυφος"), ("Ødegård", "ØDEGÅRD"), ("Иван", "иван")]
        {
            assert_eq!(key_from_name(a), key_from_name(b), "{a} {b}");
        }
        assert_ne!(key_from_name("Ada"), key_from_name("Adam"));
    }
}
