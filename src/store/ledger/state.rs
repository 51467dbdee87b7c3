//! The identity of a row, whole: what an event keeps before and after, and how it is read and written.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::store::columns::{json_from_list, list_from_json, named_by_from_text};
use crate::store::os_path::{bytes_from_path, path_from_bytes, text_from_path};
use crate::store::{StoreError, now_millis};
use crate::types::{FaceId, Ignored, NamedBy, PhotoId, SubjectId};

/// A kind of row whose identity the ledger keeps.
pub(in crate::store) trait Entity: Clone + PartialEq + Serialize + DeserializeOwned {
    /// How events name it.
    const NAME: &'static str;

    /// What a later change made of the row stays when an earlier one is taken back, which is then not refused.
    const YIELDS: bool = false;

    /// `None` where there is no such row.
    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError>;

    /// Brings the row to this state; makes it where that is possible.
    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError>;

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError>;

    /// Other rows refer to it, so that it cannot go.
    fn is_used(_: &Connection, _: i64) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// Why a face is no longer in the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::store) enum GoneBy {
    /// Taken out; it stays out when its photo is enrolled again.
    Person,
    /// Its photo was enrolled again and it was not found.
    Enrollment,
}

impl GoneBy {
    fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Enrollment => "enrollment",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct FaceState {
    pub subject: Option<SubjectId>,
    /// With no subject: a person said that nobody is to stand here.
    pub named_by: Option<NamedBy>,
    /// Milliseconds since 1970-01-01 UTC.
    pub gone_at: Option<i64>,
    pub gone_by: Option<GoneBy>,
    /// Never together with a subject.
    #[serde(default)]
    pub ignored: Option<Ignored>,
}

impl FaceState {
    pub fn is_gone(&self) -> bool {
        self.gone_at.is_some()
    }

    pub fn is_persons_word(&self) -> bool {
        self.ignored.is_some() || matches!(self.named_by, Some(NamedBy::Person | NamedBy::Group))
    }
}

/// From `subject_id, named_by, gone_at, gone_by, ignored` at `first` and after.
pub(in crate::store) fn face_state_from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<FaceState> {
    let gone_by: Option<String> = row.get(first + 3)?;
    let ignored: Option<String> = row.get(first + 4)?;
    Ok(FaceState {
        subject: row.get::<_, Option<i64>>(first)?.map(SubjectId),
        named_by: named_by_from_text(row.get(first + 1)?),
        gone_at: row.get(first + 2)?,
        gone_by: gone_by.and_then(|text| [GoneBy::Person, GoneBy::Enrollment].into_iter().find(|by| by.name() == text)),
        ignored: ignored.and_then(|text| Ignored::ALL.into_iter().find(|why| why.name() == text)),
    })
}

impl Entity for FaceState {
    const NAME: &'static str = "face";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement =
            conn.prepare_cached("SELECT subject_id, named_by, gone_at, gone_by, ignored FROM all_faces WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| face_state_from_columns(row, 0)).optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        let changed = conn
            .prepare_cached(
                "UPDATE all_faces SET subject_id = ?2, named_by = ?3, gone_at = ?4, gone_by = ?5, ignored = ?6
                 WHERE id = ?1",
            )?
            .execute(params![
                id,
                self.subject.map(|subject| subject.0),
                self.named_by.map(NamedBy::name),
                self.gone_at,
                self.gone_by.map(GoneBy::name),
                self.ignored.map(Ignored::name),
            ])?;
        if changed == 0 { Err(StoreError::NoSuchFace(FaceId(id))) } else { Ok(()) }
    }

    /// A face is more than its identity: it goes by [`FaceState::gone_at`], and for ever by a purge alone.
    fn delete(_: &Connection, id: i64) -> Result<(), StoreError> {
        Err(StoreError::unexpected(format!("an event says that face {id} was not there")))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct PhotoState {
    pub path: StoredPath,
    pub missing_at: Option<i64>,
    pub gone_at: Option<i64>,
}

/// A path in JSON without loss: a text where it is UTF-8, else its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::store) enum StoredPath {
    Text(String),
    Bytes(Vec<u8>),
}

impl StoredPath {
    pub fn new(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(bytes_from_path(path)),
        }
    }

    pub fn path(&self) -> PathBuf {
        match self {
            Self::Text(text) => PathBuf::from(text),
            Self::Bytes(bytes) => path_from_bytes(bytes),
        }
    }
}

impl Entity for PhotoState {
    const NAME: &'static str = "photo";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT path, missing_at, gone_at FROM all_photos WHERE id = ?1")?;
        let state = statement.query_row([id], |row| {
            let path = path_from_bytes(row.get_ref(0)?.as_blob()?);
            Ok(Self { path: StoredPath::new(&path), missing_at: row.get(1)?, gone_at: row.get(2)? })
        });
        Ok(state.optional()?)
    }

    /// Where another photo has the path by now, this one comes as missing.
    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        let path = self.path.path();
        let bytes = bytes_from_path(&path);
        let is_taken = self.gone_at.is_none()
            && self.missing_at.is_none()
            && conn
                .prepare_cached(
                    "SELECT 1 FROM all_photos WHERE path = ?1 AND missing_at IS NULL AND gone_at IS NULL AND id <> ?2",
                )?
                .exists(params![bytes, id])?;
        let missing_at = if is_taken { Some(now_millis()) } else { self.missing_at };
        let changed = conn
            .prepare_cached(
                "UPDATE all_photos SET path = ?2, path_text = ?3, missing_at = ?4, gone_at = ?5 WHERE id = ?1",
            )?
            .execute(params![id, bytes, text_from_path(&path), missing_at, self.gone_at])?;
        if changed == 0 { Err(StoreError::NoSuchPhoto(PhotoId(id))) } else { Ok(()) }
    }

    fn delete(_: &Connection, id: i64) -> Result<(), StoreError> {
        Err(StoreError::unexpected(format!("an event says that photo {id} was not there")))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct SubjectState {
    pub name: String,
    pub key: String,
    pub external_id: Option<String>,
    pub note: Option<String>,
    pub created_at: i64,
    /// The face that stands for the subject, chosen by a person.
    #[serde(default)]
    pub cover: Option<FaceId>,
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Entity for SubjectState {
    const NAME: &'static str = "subject";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached(
            "SELECT name, name_key, external_id, note, created_at, cover_face, tags FROM subjects WHERE id = ?1",
        )?;
        let state = statement.query_row([id], |row| {
            Ok(Self {
                name: row.get(0)?,
                key: row.get(1)?,
                external_id: row.get(2)?,
                note: row.get(3)?,
                created_at: row.get(4)?,
                cover: row.get::<_, Option<i64>>(5)?.map(FaceId),
                tags: list_from_json(row.get_ref(6)?.as_str()?),
            })
        });
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO subjects (id, name, name_key, external_id, note, created_at, cover_face, tags)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
                 external_id = excluded.external_id, note = excluded.note, created_at = excluded.created_at,
                 cover_face = excluded.cover_face, tags = excluded.tags",
        )?
        .execute(params![
            id,
            self.name,
            self.key,
            self.external_id,
            self.note,
            self.created_at,
            self.cover.map(|face| face.0),
            json_from_list(&self.tags)?,
        ])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM subjects WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    fn is_used(conn: &Connection, id: i64) -> Result<bool, StoreError> {
        let mut statement = conn.prepare_cached(
            "SELECT 1 FROM all_faces WHERE subject_id = ?1 UNION ALL SELECT 1 FROM questions WHERE subject_id = ?1
             UNION ALL SELECT 1 FROM aliases WHERE subject_id = ?1
             UNION ALL SELECT 1 FROM rejections WHERE subject_id = ?1 LIMIT 1",
        )?;
        Ok(statement.exists([id])?)
    }
}

/// A name that a subject had, which folders may still go by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct AliasState {
    pub key: String,
    pub subject: SubjectId,
}

impl Entity for AliasState {
    const NAME: &'static str = "alias";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT name_key, subject_id FROM aliases WHERE id = ?1")?;
        let state = statement.query_row([id], |row| Ok(Self { key: row.get(0)?, subject: SubjectId(row.get(1)?) }));
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO aliases (id, name_key, subject_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, subject_id = excluded.subject_id",
        )?
        .execute(params![id, self.key, self.subject.0])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM aliases WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

/// "Is this still …?", under the id of the new face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct QuestionState {
    pub old_face: FaceId,
    pub subject: SubjectId,
    pub at: i64,
    pub answered: bool,
}

impl Entity for QuestionState {
    const NAME: &'static str = "question";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement =
            conn.prepare_cached("SELECT old_face, subject_id, at, answered FROM questions WHERE face_id = ?1")?;
        let state = statement.query_row([id], |row| {
            Ok(Self {
                old_face: FaceId(row.get(0)?),
                subject: SubjectId(row.get(1)?),
                at: row.get(2)?,
                answered: row.get(3)?,
            })
        });
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO questions (face_id, old_face, subject_id, at, answered) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (face_id) DO UPDATE SET old_face = excluded.old_face, subject_id = excluded.subject_id,
                 at = excluded.at, answered = excluded.answered",
        )?
        .execute(params![id, self.old_face.0, self.subject.0, self.at, self.answered])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM questions WHERE face_id = ?1")?.execute([id])?;
        Ok(())
    }
}
