//! Groups of faces that nobody named: who is in which, and what binds them.

use std::collections::HashMap;

use rusqlite::{Connection, Row};

use super::pairs::{accept, keep_apart};
use crate::store::columns::{bbox_from_columns, landmarks_from_bytes};
use crate::store::ledger::{
    BatchKind, Changed, Entity, FaceState, GroupState, GroupedState, Head, Ledger, Run, Source, fresh_id,
};
use crate::store::who::{living_face, subject_state};
use crate::store::{Gallery, StoreError, now_millis};
use crate::types::{BBox, FaceId, GroupId, Landmarks, NamedBy, PhotoId, SubjectId};

/// A face that nobody named or ignored, as grouping sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownFace {
    pub id: FaceId,
    pub photo: PhotoId,
    /// Width and height of the upright photo, pixels.
    pub photo_size: [u32; 2],
    pub bbox: BBox,
    pub landmarks: Landmarks,
    /// 0…1.
    pub quality: f32,
    pub group: Option<GroupId>,
}

/// Where a face goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Group(GroupId),
    /// A new group: the same for the same number.
    New(u32),
    Alone,
}

/// A face that changes its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupMove {
    pub face: FaceId,
    pub to: Target,
}

/// Members that a face which leaves a group is kept apart from, at most: any one of them keeps it out of their group.
const APART_FROM: usize = 32;

const UNKNOWN: &str = "f.subject_id IS NULL AND f.ignored IS NULL AND f.gone_at IS NULL";

const SELECT_UNKNOWN: &str =
    "SELECT f.id, f.photo_id, p.width, p.height, f.x1, f.y1, f.x2, f.y2, f.landmarks, f.quality,
        g.group_id
    FROM all_faces f JOIN all_photos p ON p.id = f.photo_id LEFT JOIN grouped g ON g.face_id = f.id";

fn unknown_from_row(row: &Row<'_>) -> rusqlite::Result<UnknownFace> {
    Ok(UnknownFace {
        id: FaceId(row.get(0)?),
        photo: PhotoId(row.get(1)?),
        photo_size: [row.get(2)?, row.get(3)?],
        bbox: bbox_from_columns(row, 4)?,
        landmarks: landmarks_from_bytes(row.get(8)?),
        quality: row.get(9)?,
        group: row.get::<_, Option<i64>>(10)?.map(GroupId),
    })
}

impl Gallery {
    /// Every face that nobody named or ignored, in the order of enrollment.
    pub fn unknown_faces(&self) -> Result<Vec<UnknownFace>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_UNKNOWN} WHERE {UNKNOWN}"))?;
            let faces = statement.query_map([], unknown_from_row)?;
            let mut faces = faces.collect::<Result<Vec<_>, _>>()?;
            faces.sort_unstable_by_key(|face| face.id);
            Ok(faces)
        })
    }

    /// Those of `faces` that nobody named or ignored, in their order.
    pub fn unknown_among(&self, faces: &[FaceId]) -> Result<Vec<UnknownFace>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_UNKNOWN} WHERE f.id = ?1 AND {UNKNOWN}"))?;
            let mut found = Vec::with_capacity(faces.len());
            for face in faces {
                found.extend(statement.query_map([face.0], unknown_from_row)?.next().transpose()?);
            }
            Ok(found)
        })
    }

    /// The faces of a group that nobody named or ignored, in the order of enrollment; empty for one that is not known.
    pub fn faces_of_group(&self, group: GroupId) -> Result<Vec<FaceId>, StoreError> {
        self.read(|conn| members(conn, group))
    }

    /// The pairs of faces that a person said are not one person.
    pub fn kept_apart(&self) -> Result<Vec<(FaceId, FaceId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT face_id, other_face FROM apart ORDER BY id")?;
            let pairs = statement.query_map([], |row| Ok((FaceId(row.get(0)?), FaceId(row.get(1)?))))?;
            Ok(pairs.collect::<Result<_, _>>()?)
        })
    }

    /// Those that a face is kept apart from.
    pub fn apart_from(&self, face: FaceId) -> Result<Vec<FaceId>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT other_face FROM apart WHERE face_id = ?1 UNION SELECT face_id FROM apart WHERE other_face = ?1",
            )?;
            let faces = statement.query_map([face.0], |row| row.get(0).map(FaceId))?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// The pairs of a face and a subject that it is not.
    pub fn rejections(&self) -> Result<Vec<(FaceId, SubjectId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached("SELECT DISTINCT face_id, subject_id FROM rejections ORDER BY face_id, subject_id")?;
            let pairs = statement.query_map([], |row| Ok((FaceId(row.get(0)?), SubjectId(row.get(1)?))))?;
            Ok(pairs.collect::<Result<_, _>>()?)
        })
    }

    /// Those of some faces that have a name, with whose it is, and those that are ignored, with `None`.
    pub fn told_of(&self, faces: &[FaceId]) -> Result<HashMap<FaceId, Option<SubjectId>>, StoreError> {
        self.read(|conn| {
            let mut told = HashMap::new();
            for face in faces {
                let state = FaceState::read(conn, face.0)?.filter(|state| !state.is_gone());
                if let Some(state) = state.filter(|state| state.subject.is_some() || state.ignored.is_some()) {
                    told.insert(*face, state.subject);
                }
            }
            Ok(told)
        })
    }

    /// Moves faces to other groups, as one batch. Faces that went or were named since are passed over, and so are groups that
    /// are no more; groups that nobody is left in go.
    pub fn group_faces(&self, actor: &str, moves: &[GroupMove]) -> Result<Changed, StoreError> {
        let head = Head { actor: actor.to_owned(), source: Source::Rule, kind: BatchKind::Group, of: None };
        self.write(|tx| {
            let mut ledger = Ledger::new(tx, head);
            regroup_faces(&mut ledger, moves)?;
            ledger.finish()
        })
    }

    /// The same for faces that a run of an enrollment brought.
    pub fn group_arrivals(&self, run: &Run, moves: &[GroupMove]) -> Result<Changed, StoreError> {
        let changed = self.write(|tx| {
            let mut ledger = run.begin(tx)?;
            regroup_faces(&mut ledger, moves)?;
            ledger.finish()
        })?;
        run.keep(&changed);
        Ok(changed)
    }
}

fn regroup_faces(ledger: &mut Ledger<'_>, moves: &[GroupMove]) -> Result<(), StoreError> {
    let mut founded: HashMap<u32, GroupId> = HashMap::new();
    let mut left = Vec::new();
    for GroupMove { face, to } in moves {
        let is_unknown = |state: FaceState| state.subject.is_none() && state.ignored.is_none() && !state.is_gone();
        if !FaceState::read(ledger.conn, face.0)?.is_some_and(is_unknown) {
            continue;
        }
        let group = match to {
            Target::Alone => None,
            Target::Group(group) if GroupState::read(ledger.conn, group.0)?.is_none() => continue,
            Target::Group(group) => Some(*group),
            Target::New(number) => Some(match founded.get(number) {
                Some(group) => *group,
                None => *founded.entry(*number).or_insert(found(ledger)?),
            }),
        };
        left.extend(GroupedState::read(ledger.conn, face.0)?.map(|grouped| grouped.group));
        ledger.set(face.0, group.map(|group| GroupedState { group }))?;
    }
    close_empty(ledger, left)
}

fn found(ledger: &mut Ledger<'_>) -> Result<GroupId, StoreError> {
    let id = fresh_id(ledger.conn, "groups")?;
    ledger.set(id, Some(GroupState { founded_at: now_millis() }))?;
    Ok(GroupId(id))
}

fn close_empty(ledger: &mut Ledger<'_>, mut groups: Vec<GroupId>) -> Result<(), StoreError> {
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        if !GroupState::is_used(ledger.conn, group.0)? {
            ledger.set::<GroupState>(group.0, None)?;
        }
    }
    Ok(())
}

/// Those of a group that nobody named or ignored.
pub(super) fn members(conn: &Connection, group: GroupId) -> Result<Vec<FaceId>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT f.id FROM grouped g JOIN all_faces f ON f.id = g.face_id WHERE g.group_id = ?1 AND {UNKNOWN} ORDER BY f.id"
    ))?;
    let faces = statement.query_map([group.0], |row| row.get(0).map(FaceId))?;
    Ok(faces.collect::<Result<_, _>>()?)
}

/// The same, of a group that there is.
///
/// # Errors
/// [`StoreError::NoSuchGroup`].
pub(in crate::store) fn members_to_name(conn: &Connection, group: GroupId) -> Result<Vec<FaceId>, StoreError> {
    let faces = members(conn, group)?;
    if faces.is_empty() { Err(StoreError::NoSuchGroup(group)) } else { Ok(faces) }
}

/// Faces do not belong to the group that they are in: they stand alone, and never come to those again whom they leave.
pub(in crate::store) fn leave_group(ledger: &mut Ledger<'_>, faces: &[FaceId]) -> Result<(), StoreError> {
    let mut left = Vec::new();
    for face in faces {
        living_face(ledger.conn, *face)?;
        let grouped = GroupedState::read(ledger.conn, face.0)?.ok_or(StoreError::NotInGroup(*face))?;
        left.push(grouped.group);
    }
    for (face, group) in faces.iter().zip(&left) {
        let stay: Vec<FaceId> =
            members(ledger.conn, *group)?.into_iter().filter(|other| !faces.contains(other)).collect();
        // Spread over the group, so that not only its first faces keep them out.
        let step = stay.len().div_ceil(APART_FROM).max(1);
        for other in stay.into_iter().step_by(step) {
            keep_apart(ledger, *face, other)?;
        }
        ledger.set::<GroupedState>(face.0, None)?;
    }
    close_empty(ledger, left)
}

/// Faces of a subject lose the name; each list of them is a group then, and who is alone in its list stands alone.
pub(in crate::store) fn regroup(
    ledger: &mut Ledger<'_>,
    subject: SubjectId,
    leave: &[Vec<FaceId>],
) -> Result<(), StoreError> {
    ledger.args.name = Some(subject_state(ledger.conn, subject)?.name);
    for face in leave.iter().flatten() {
        if living_face(ledger.conn, *face)?.subject != Some(subject) {
            return Err(StoreError::NotOfSubject { face: *face, subject });
        }
    }
    let mut left = Vec::new();
    for faces in leave.iter().filter(|faces| !faces.is_empty()) {
        let group = if faces.len() > 1 { Some(found(ledger)?) } else { None };
        for face in faces {
            accept(ledger, *face, None, NamedBy::Person)?;
            left.extend(GroupedState::read(ledger.conn, face.0)?.map(|grouped| grouped.group));
            ledger.set(face.0, group.map(|group| GroupedState { group }))?;
        }
    }
    close_empty(ledger, left)
}
