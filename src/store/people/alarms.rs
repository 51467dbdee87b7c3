//! What is odd about a subject: found by jobs, shown until it is put right or found to be none.

use rusqlite::params;

use super::Page;
use crate::store::columns::{json_from_list, list_from_json};
use crate::store::{Gallery, StoreError};
use crate::types::{FaceId, PhotoId, SubjectId, SubjectName};

/// What is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// Its faces fall into two sets that do not resemble each other.
    Modes,
    /// It stands twice on one photo.
    Twice,
}

impl AlarmKind {
    pub const ALL: [Self; 2] = [Self::Modes, Self::Twice];

    /// How it stands in the gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Modes => "modes",
            Self::Twice => "twice",
        }
    }
}

/// What a job found about a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlarm {
    pub kind: AlarmKind,
    /// Mean cosine between `faces` and the subject's others, −1…1.
    pub score: f32,
    /// On which it stands twice.
    pub photo: Option<PhotoId>,
    /// To be split off.
    pub faces: Vec<FaceId>,
}

/// The same with whom it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    pub subject: SubjectName,
    pub kind: AlarmKind,
    pub score: f32,
    pub photo: Option<PhotoId>,
    /// To be split off: those that are still the subject's.
    pub split: Vec<FaceId>,
}

/// Alarms `a` that hold: one of the faces is still the subject's, and nobody has found it to be none.
pub(super) const HOLDING: &str =
    "alarms a WHERE EXISTS (SELECT 1 FROM json_each(a.faces) j JOIN faces f ON f.id = j.value
        WHERE f.subject_id = a.subject_id)
    AND NOT EXISTS (SELECT 1 FROM settled t WHERE t.subject_id = a.subject_id AND t.kind = a.kind AND NOT EXISTS (
        SELECT 1 FROM json_each(a.faces) j JOIN faces f ON f.id = j.value
        WHERE f.subject_id = a.subject_id AND f.id NOT IN (SELECT k.value FROM json_each(t.faces) k)))";

impl Gallery {
    /// The alarms that hold, of one subject or of all: those that are surest to be two people first.
    pub fn alarms(&self, subject: Option<SubjectId>, page: Page) -> Result<Vec<Alarm>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                &format!(
                    "SELECT p.id, p.name, a.kind, a.score, a.photo_id,
                     (SELECT json_group_array(f.id) FROM json_each(a.faces) j JOIN faces f ON f.id = j.value
                      WHERE f.subject_id = a.subject_id)
                 FROM {HOLDING} AND (?1 IS NULL OR a.subject_id = ?1)
                 ORDER BY a.score, a.id LIMIT ?2 OFFSET ?3"
                )
                .replacen("FROM alarms a", "FROM alarms a JOIN subjects p ON p.id = a.subject_id", 1),
            )?;
            let (limit, offset) = page.limit_and_offset();
            let mut rows = statement.query(params![subject.map(|s| s.0), limit, offset])?;
            let mut alarms = Vec::new();
            while let Some(row) = rows.next()? {
                let kind: String = row.get(2)?;
                let Some(kind) = AlarmKind::ALL.into_iter().find(|known| known.name() == kind) else { continue };
                alarms.push(Alarm {
                    subject: SubjectName { id: SubjectId(row.get(0)?), name: row.get(1)? },
                    kind,
                    score: row.get::<_, f64>(3)? as f32,
                    photo: row.get::<_, Option<i64>>(4)?.map(PhotoId),
                    split: list_from_json(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?),
                });
            }
            Ok(alarms)
        })
    }

    /// Of which faces the alarms of each subject were worked out, as [`Gallery::put_alarms`] was told.
    pub fn alarmed(&self) -> Result<Vec<(SubjectId, String)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT subject_id, digest FROM alarmed ORDER BY subject_id")?;
            let known = statement.query_map([], |row| Ok((SubjectId(row.get(0)?), row.get(1)?)))?;
            Ok(known.collect::<Result<_, _>>()?)
        })
    }

    /// Puts these in the place of a subject's alarms; one most of whose faces were found to be no alarm before is left out.
    pub fn put_alarms(&self, subject: SubjectId, digest: &str, found: &[NewAlarm]) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.prepare_cached("DELETE FROM alarms WHERE subject_id = ?1")?.execute([subject.0])?;
            tx.prepare_cached("INSERT OR REPLACE INTO alarmed (subject_id, digest) VALUES (?1, ?2)")?
                .execute(params![subject.0, digest])?;
            let mut statement = tx.prepare_cached("SELECT kind, faces FROM settled WHERE subject_id = ?1")?;
            let settled = statement.query_map([subject.0], |row| {
                Ok((row.get::<_, String>(0)?, list_from_json::<FaceId>(row.get_ref(1)?.as_str()?)))
            })?;
            let settled: Vec<(String, Vec<FaceId>)> = settled.collect::<Result<_, _>>()?;
            for alarm in found {
                let mut faces = alarm.faces.clone();
                faces.sort_unstable();
                let is_settled = settled.iter().any(|(kind, known)| {
                    let both = faces.iter().filter(|face| known.contains(face)).count();
                    // The very same one is kept: it is hidden, and comes back when that is undone.
                    kind == alarm.kind.name() && *known != faces && both * 2 > faces.len()
                });
                if !is_settled {
                    tx.prepare_cached(
                        "INSERT INTO alarms (subject_id, kind, score, photo_id, faces) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![
                        subject.0,
                        alarm.kind.name(),
                        f64::from(alarm.score),
                        alarm.photo.map(|photo| photo.0),
                        json_from_list(&faces)?
                    ])?;
                }
            }
            Ok(())
        })
    }

    /// Forgets alarms of subjects that are no more.
    pub fn forget_alarms_of_none(&self) -> Result<(), StoreError> {
        self.write_aside(|tx| {
            tx.execute("DELETE FROM alarms WHERE subject_id NOT IN (SELECT id FROM subjects)", [])?;
            tx.execute("DELETE FROM alarmed WHERE subject_id NOT IN (SELECT id FROM subjects)", [])?;
            Ok(())
        })
    }
}
