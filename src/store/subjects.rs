//! Who there is: subjects and their names.
//!
//! A subject whose last face is taken away stays: its name is known, events speak of it, and the next face given
//! that name belongs to it again.

use std::ffi::OsString;

use rusqlite::{Connection, Row, params};

use super::columns::u64_from_column;
use super::ledger::{AliasState, Ledger, SubjectState, fresh_id};
use super::os_path::bytes_from_path;
use super::{Gallery, StoreError, now_millis};
use crate::types::{FaceId, SubjectId, SubjectRecord, name_key, tidy_name};

/// The name of the folder that a photo lies in, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FolderName(pub OsString);

/// A name as it is stored, and what it is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub text: String,
    pub key: String,
}

impl Name {
    /// `None` where nothing is left of the text.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = Some(tidy_name(text)).filter(|text| !text.is_empty())?;
        let key = name_key(&text);
        Some(Self { text, key })
    }

    /// A folder's name that is not UTF-8 is written with `\xFC` and the like in the place of the bytes that are none, and
    /// compared by its bytes alone, so that no two folders merge.
    pub fn from_folder(folder: &FolderName) -> Option<Self> {
        if let Some(text) = folder.0.to_str() {
            return Self::from_text(text);
        }
        let bytes = bytes_from_path(folder.0.as_ref());
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02X}"));
            }
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self { text: Self::from_text(&text)?.text, key: format!("{BYTES_KEY}{hex}") })
    }
}

/// What the key of a name begins with that is no text. No text's key does: names hold no control characters.
pub(super) const BYTES_KEY: &str = "\u{1}bytes:";

/// What a name leads to.
pub(super) enum Found {
    One(SubjectId),
    Nobody,
    /// Several are so named, and none alone is spelt so.
    Several,
}

pub(super) fn find_by_name(conn: &Connection, name: &Name) -> Result<Found, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, name FROM subjects WHERE name_key = ?1 ORDER BY id")?;
    let found = statement.query_map([&name.key], |row| Ok((SubjectId(row.get(0)?), row.get::<_, String>(1)?)))?;
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    let spelt: Vec<_> = found.iter().filter(|(_, spelling)| *spelling == name.text).collect();
    Ok(match (found.as_slice(), spelt.as_slice()) {
        ([], _) => Found::Nobody,
        ([(id, _)], _) | (_, [(id, _)]) => Found::One(*id),
        _ => Found::Several,
    })
}

/// Whom a folder of this name means: the subject so named, else the one that was so named once.
pub(super) fn find_by_folder(conn: &Connection, name: &Name) -> Result<Found, StoreError> {
    match find_by_name(conn, name)? {
        Found::Nobody => {
            let mut statement = conn.prepare_cached(
                "SELECT DISTINCT a.subject_id FROM aliases a JOIN subjects s ON s.id = a.subject_id WHERE a.name_key = ?1",
            )?;
            let found: Vec<SubjectId> =
                statement.query_map([&name.key], |row| row.get(0).map(SubjectId))?.collect::<Result<_, _>>()?;
            Ok(match found.as_slice() {
                [] => Found::Nobody,
                [id] => Found::One(*id),
                _ => Found::Several,
            })
        }
        found => Ok(found),
    }
}

pub(super) fn create(ledger: &mut Ledger<'_>, name: &Name) -> Result<SubjectId, StoreError> {
    let id = fresh_id(ledger.conn, "subjects")?;
    let state = SubjectState {
        name: name.text.clone(),
        key: name.key.clone(),
        external_id: None,
        note: None,
        created_at: now_millis(),
        cover: None,
        tags: Vec::new(),
    };
    ledger.set(id, Some(state))?;
    Ok(SubjectId(id))
}

/// Folders of this name mean the subject from now on, where no subject has the name.
pub(super) fn remember_alias(ledger: &mut Ledger<'_>, key: &str, subject: SubjectId) -> Result<(), StoreError> {
    let known = ledger
        .conn
        .prepare_cached("SELECT 1 FROM aliases WHERE name_key = ?1 AND subject_id = ?2")?
        .exists(params![key, subject.0])?;
    if !known {
        let id = fresh_id(ledger.conn, "aliases")?;
        ledger.set(id, Some(AliasState { key: key.to_owned(), subject }))?;
    }
    Ok(())
}

pub(super) fn aliases_of(conn: &Connection, subject: SubjectId) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, name_key FROM aliases WHERE subject_id = ?1 ORDER BY id")?;
    let aliases = statement.query_map([subject.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(aliases.collect::<Result<_, _>>()?)
}

const SELECT: &str = "SELECT id, name, external_id, note, (SELECT count(*) FROM faces WHERE subject_id = subjects.id)
    FROM subjects";

fn record_from_row(row: &Row<'_>) -> rusqlite::Result<SubjectRecord> {
    Ok(SubjectRecord {
        id: SubjectId(row.get(0)?),
        name: row.get(1)?,
        external_id: row.get(2)?,
        note: row.get(3)?,
        faces: u64_from_column(row, 4)?,
    })
}

fn named(conn: &Connection, name: &Name) -> Result<Vec<SubjectRecord>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE name_key = ?1 ORDER BY id"))?;
    let subjects = statement.query_map([&name.key], record_from_row)?;
    Ok(subjects.collect::<Result<_, _>>()?)
}

/// The refusal of a name that several people have.
pub(super) fn ambiguous(conn: &Connection, name: Name) -> StoreError {
    match named(conn, &name) {
        Ok(people) => StoreError::AmbiguousName { name: name.text, people },
        Err(error) => error,
    }
}

impl Gallery {
    /// Every face that has a subject, with it, in the order of the subjects.
    pub fn labels(&self) -> Result<Vec<(FaceId, SubjectId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, subject_id FROM all_faces INDEXED BY faces_by_subject
                 WHERE subject_id IS NOT NULL AND gone_at IS NULL ORDER BY subject_id, id",
            )?;
            let labels = statement.query_map([], |row| Ok((FaceId(row.get(0)?), SubjectId(row.get(1)?))))?;
            Ok(labels.collect::<Result<_, _>>()?)
        })
    }

    /// In the order of their names, and of their ids where they have the same.
    pub fn subjects(&self) -> Result<Vec<SubjectRecord>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} ORDER BY name_key, id"))?;
            let subjects = statement.query_map([], record_from_row)?;
            Ok(subjects.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// [`StoreError::NoSuchSubjectId`].
    pub fn subject(&self, subject: SubjectId) -> Result<SubjectRecord, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
            let mut rows = statement.query([subject.0])?;
            let row = rows.next()?.ok_or(StoreError::NoSuchSubjectId(subject))?;
            Ok(record_from_row(row)?)
        })
    }

    /// Everybody of this name; names that differ by case, white space or the encoding of accents alone are one.
    ///
    /// # Errors
    /// [`StoreError::EmptySubjectName`].
    pub fn subjects_named(&self, name: &str) -> Result<Vec<SubjectRecord>, StoreError> {
        let name = Name::from_text(name).ok_or(StoreError::EmptySubjectName)?;
        self.read(|conn| named(conn, &name))
    }

    /// The one person whom a name means: the only one of the name, or the only one who is spelt so.
    ///
    /// # Errors
    /// [`StoreError::EmptySubjectName`], [`StoreError::NoSuchSubject`], [`StoreError::AmbiguousName`].
    pub fn subject_by_name(&self, name: &str) -> Result<SubjectRecord, StoreError> {
        let name = Name::from_text(name).ok_or(StoreError::EmptySubjectName)?;
        let found = self.read(|conn| match find_by_name(conn, &name)? {
            Found::One(subject) => Ok(subject),
            Found::Nobody => Err(StoreError::NoSuchSubject(name.text.clone())),
            Found::Several => Err(ambiguous(conn, name.clone())),
        })?;
        self.subject(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_that_are_no_text_neither_merge_nor_lose_bytes() {
        use std::os::unix::ffi::OsStringExt;
        let name = |bytes: &[u8]| Name::from_folder(&FolderName(OsString::from_vec(bytes.to_vec()))).unwrap();
        let (u, o) = (name(b"M\xfcller"), name(b"M\xf6ller"));
        assert_eq!((u.text.as_str(), o.text.as_str()), ("M\\xFCller", "M\\xF6ller"));
        assert_ne!(u.key, o.key);
        assert_ne!(u.key, name(b"M\\xFCller").key, "a folder that is really called so is another one");
        assert_eq!(name("Müller".as_bytes()).key, name_key("MÜLLER"));
    }
}
