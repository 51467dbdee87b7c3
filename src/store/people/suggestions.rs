//! Whom faces without a name resemble: worked out by jobs, and read in the light of what holds now.

use rusqlite::{Connection, Row, params};

use super::Page;
use crate::store::columns::subject_from_columns;
use crate::store::embeddings::find_model;
use crate::store::{Gallery, StoreError};
use crate::types::{FaceId, GroupId, Ignored, SubjectId, SubjectName};

/// What a job found: the nearest face of somebody who has a name, or that is ignored. Rejected people are among them: they
/// do not show, and do again when that is taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewSuggestion {
    pub face: FaceId,
    pub nearest: FaceId,
    /// Cosine between the two.
    pub score: f32,
}

/// Who a face may be, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub face: FaceId,
    /// `None`: the nearest face is ignored, and this one may be left alone, too.
    pub subject: Option<SubjectName>,
    pub ignored: Option<Ignored>,
    /// Cosine to the nearest face that has the name, by the model that the suggestion is by.
    pub score: f32,
    pub nearest: FaceId,
}

/// Faces `f` with a suggestion `s` that holds, one each: the nearest face `n` still has a name or is ignored, nobody has said
/// that it is not so, and there is no better one of which the same is true.
pub(super) const HOLDING: &str = "suggestions s
    JOIN all_faces f ON f.id = s.face_id AND f.subject_id IS NULL AND f.ignored IS NULL AND f.gone_at IS NULL
    JOIN all_faces n ON n.id = s.nearest_face AND n.gone_at IS NULL AND (n.subject_id IS NOT NULL OR n.ignored IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM rejections r WHERE r.face_id = f.id AND r.subject_id = n.subject_id)
        AND NOT EXISTS (SELECT 1 FROM suggestions b JOIN all_faces m ON m.id = b.nearest_face
            WHERE b.face_id = s.face_id AND (b.score, -b.nearest_face) > (s.score, -s.nearest_face) AND m.gone_at IS NULL
                AND (m.subject_id IS NOT NULL OR m.ignored IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM rejections r WHERE r.face_id = b.face_id AND r.subject_id = m.subject_id))";

const COLUMNS: &str = "s.face_id, s.nearest_face, s.score, p.id, p.name, n.ignored";

fn suggestion_from_row(row: &Row<'_>) -> rusqlite::Result<Suggestion> {
    let ignored: Option<String> = row.get(5)?;
    Ok(Suggestion {
        face: FaceId(row.get(0)?),
        nearest: FaceId(row.get(1)?),
        score: row.get::<_, f64>(2)? as f32,
        subject: subject_from_columns(row, 3)?,
        ignored: ignored.and_then(|text| Ignored::ALL.into_iter().find(|why| why.name() == text)),
    })
}

impl Gallery {
    /// Puts these in the place of the suggestions for `faces`, or without such a list of all.
    pub fn put_suggestions(
        &self,
        model: &str,
        faces: Option<&[FaceId]>,
        found: &[NewSuggestion],
    ) -> Result<(), StoreError> {
        self.write(|tx| {
            let Some(model) = find_model(tx, model)? else { return Ok(()) };
            match faces {
                None => {
                    tx.execute("DELETE FROM suggestions", [])?;
                }
                Some(faces) => {
                    let mut statement = tx.prepare_cached("DELETE FROM suggestions WHERE face_id = ?1")?;
                    for face in faces {
                        statement.execute([face.0])?;
                    }
                }
            }
            let mut statement = tx.prepare_cached(
                "INSERT OR REPLACE INTO suggestions (face_id, nearest_face, score, model_id) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for NewSuggestion { face, nearest, score } in found {
                statement.execute(params![face.0, nearest.0, f64::from(*score), model.id])?;
            }
            Ok(())
        })
    }

    /// The suggestions that hold, of one subject or of all, the best first.
    pub fn suggestions(&self, subject: Option<SubjectId>, page: Page) -> Result<Vec<Suggestion>, StoreError> {
        self.read(|conn| {
            let of = if subject.is_some() { "WHERE n.subject_id = ?1" } else { "WHERE ?1 IS NULL" };
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM {HOLDING} LEFT JOIN subjects p ON p.id = n.subject_id {of}
                 ORDER BY s.score DESC, s.face_id LIMIT ?2 OFFSET ?3"
            ))?;
            let (limit, offset) = page.limit_and_offset();
            let found = statement.query_map(params![subject.map(|s| s.0), limit, offset], suggestion_from_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// The suggestion for a face, where there is one that holds.
    pub fn suggestion_for(&self, face: FaceId) -> Result<Option<Suggestion>, StoreError> {
        self.read(|conn| of_face(conn, face))
    }
}

impl Gallery {
    /// The best suggestion for any face of a group.
    pub fn suggestion_for_group(&self, group: GroupId) -> Result<Option<Suggestion>, StoreError> {
        self.read(|conn| of_group(conn, group.0))
    }
}

pub(super) fn of_face(conn: &Connection, face: FaceId) -> Result<Option<Suggestion>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {HOLDING} LEFT JOIN subjects p ON p.id = n.subject_id WHERE s.face_id = ?1"
    ))?;
    let found = statement.query_map([face.0], suggestion_from_row)?.next().transpose()?;
    Ok(found)
}

/// The best one for any face of a group.
pub(super) fn of_group(conn: &Connection, group: i64) -> Result<Option<Suggestion>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM grouped g CROSS JOIN {HOLDING} AND g.face_id = s.face_id
         LEFT JOIN subjects p ON p.id = n.subject_id
         WHERE g.group_id = ?1 ORDER BY s.score DESC, s.face_id LIMIT 1"
    ))?;
    let found = statement.query_map([group], suggestion_from_row)?.next().transpose()?;
    Ok(found)
}
