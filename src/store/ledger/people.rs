//! What a person says about faces beside names, and the groups of those that nobody named, as the ledger keeps them.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::Ledger;
use super::state::Entity;
use crate::store::StoreError;
use crate::store::columns::{json_from_list, list_from_json};
use crate::types::{FaceId, GroupId, SubjectId};

/// A group, under its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct GroupState {
    /// Milliseconds since 1970-01-01 UTC.
    pub founded_at: i64,
}

impl Entity for GroupState {
    const NAME: &'static str = "group";
    const YIELDS: bool = true;

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT founded_at FROM groups WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| Ok(Self { founded_at: row.get(0)? })).optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO groups (id, founded_at) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET founded_at = excluded.founded_at",
        )?
        .execute(params![id, self.founded_at])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM groups WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    fn is_used(conn: &Connection, id: i64) -> Result<bool, StoreError> {
        Ok(conn.prepare_cached("SELECT 1 FROM grouped WHERE group_id = ?1")?.exists([id])?)
    }
}

/// In which group a face is, under the face's id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct GroupedState {
    pub group: GroupId,
}

impl Entity for GroupedState {
    const NAME: &'static str = "grouped";
    const YIELDS: bool = true;

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT group_id FROM grouped WHERE face_id = ?1")?;
        Ok(statement.query_row([id], |row| Ok(Self { group: GroupId(row.get(0)?) })).optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO grouped (face_id, group_id) VALUES (?1, ?2)
             ON CONFLICT (face_id) DO UPDATE SET group_id = excluded.group_id",
        )?
        .execute(params![id, self.group.0])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM grouped WHERE face_id = ?1")?.execute([id])?;
        Ok(())
    }
}

/// A face is not a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct RejectionState {
    pub face: FaceId,
    pub subject: SubjectId,
}

impl Entity for RejectionState {
    const NAME: &'static str = "rejection";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT face_id, subject_id FROM rejections WHERE id = ?1")?;
        let state =
            statement.query_row([id], |row| Ok(Self { face: FaceId(row.get(0)?), subject: SubjectId(row.get(1)?) }));
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO rejections (id, face_id, subject_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET face_id = excluded.face_id, subject_id = excluded.subject_id",
        )?
        .execute(params![id, self.face.0, self.subject.0])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM rejections WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

/// Two faces are not one person; `face` is the lesser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct ApartState {
    pub face: FaceId,
    pub other: FaceId,
}

impl Entity for ApartState {
    const NAME: &'static str = "apart";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT face_id, other_face FROM apart WHERE id = ?1")?;
        let state = statement.query_row([id], |row| Ok(Self { face: FaceId(row.get(0)?), other: FaceId(row.get(1)?) }));
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO apart (id, face_id, other_face) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET face_id = excluded.face_id, other_face = excluded.other_face",
        )?
        .execute(params![id, self.face.0, self.other.0])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM apart WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

/// An alarm that was found to be none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct SettledState {
    pub subject: SubjectId,
    /// See [`crate::store::AlarmKind::name`].
    pub kind: String,
    pub faces: Vec<FaceId>,
}

impl Entity for SettledState {
    const NAME: &'static str = "settled";

    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached("SELECT subject_id, kind, faces FROM settled WHERE id = ?1")?;
        let state = statement.query_row([id], |row| {
            let faces = list_from_json(row.get_ref(2)?.as_str()?);
            Ok(Self { subject: SubjectId(row.get(0)?), kind: row.get(1)?, faces })
        });
        Ok(state.optional()?)
    }

    fn write(&self, conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached(
            "INSERT INTO settled (id, subject_id, kind, faces) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET subject_id = excluded.subject_id, kind = excluded.kind,
                 faces = excluded.faces",
        )?
        .execute(params![id, self.subject.0, self.kind, json_from_list(&self.faces)?])?;
        Ok(())
    }

    fn delete(conn: &Connection, id: i64) -> Result<(), StoreError> {
        conn.prepare_cached("DELETE FROM settled WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

/// These change no name; who keeps a picture of groups and suggestions reads them again.
macro_rules! noted_as_people {
    ($($state:ty),*) => {
        $(impl super::Note<$state> for Ledger<'_> {
            fn note(&mut self, _: i64, before: Option<&$state>, after: Option<&$state>) {
                self.people_changed = true;
                let args = &mut self.args;
                let count = match <$state as Entity>::NAME {
                    GroupedState::NAME => &mut args.grouped,
                    RejectionState::NAME | ApartState::NAME if before.is_none() => &mut args.rejected,
                    _ => return,
                };
                *count += u64::from(after.is_some() || before.is_some());
            }
        })*
    };
}

noted_as_people!(GroupState, GroupedState, RejectionState, ApartState, SettledState);
