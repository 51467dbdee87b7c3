//! Taking out for a while and for ever, and the questions that are open.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::columns::{subject_from_columns, u64_from_column};
use super::face_query::in_folder;
use super::faces::FaceRecord;
use super::ledger::Run;
use super::os_path::path_from_bytes;
use super::{Gallery, StoreError};
use crate::types::{FaceId, PhotoId, SubjectId, SubjectName};

/// What is to be taken out of the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    Faces(Vec<FaceId>),
    Photos(Vec<PhotoId>),
    /// The photos in this folder and below it.
    Folder(PathBuf),
    /// Everything of a person: the faces that have its name. Other faces on their photos stay.
    FacesOf(SubjectId),
    /// The photos whose files are gone.
    Missing,
}

/// What a removal takes out, or a purge deletes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovalCounts {
    pub photos: u64,
    pub faces: u64,
    /// Faces among them that have a name.
    pub named: u64,
}

/// A face or a photo that was taken out and can be brought back.
#[derive(Clone, Debug, PartialEq)]
pub struct Gone {
    pub photo: PhotoId,
    pub path: PathBuf,
    /// Of a photo that went as a whole `None`.
    pub face: Option<FaceId>,
    pub subject: Option<SubjectName>,
    /// Milliseconds since 1970-01-01 UTC.
    pub gone_at: i64,
}

/// A new face on the place of one that had a name: "is this still …?"
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub face: FaceRecord,
    /// A tombstone, whose picture is still there.
    pub old_face: FaceId,
    pub subject: SubjectName,
    pub at: i64,
}

/// What waits for a person's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PendingCounts {
    /// Photos, and faces of photos that are there, that persons have taken out.
    pub gone: u64,
    /// Photos whose file is gone.
    pub missing: u64,
    /// Questions whether a face is still somebody's.
    pub questions: u64,
}

const OPEN_QUESTIONS: &str = "FROM questions q JOIN faces f ON f.id = q.face_id JOIN subjects s ON s.id = q.subject_id
    WHERE q.answered = 0 AND f.subject_id IS NULL AND f.named_by IS NULL";

impl Gallery {
    /// The photos that a removal takes out whole, and the faces that it takes out alone.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSubjectId`].
    pub fn to_remove(&self, removal: &Removal) -> Result<(Vec<PhotoId>, Vec<FaceId>), StoreError> {
        match removal {
            Removal::Faces(faces) => Ok((Vec::new(), faces.clone())),
            Removal::Photos(photos) => Ok((photos.clone(), Vec::new())),
            Removal::FacesOf(subject) => {
                self.subject(*subject)?;
                Ok((Vec::new(), self.faces_of_subject(*subject)?))
            }
            Removal::Folder(folder) => {
                let mut values = Vec::new();
                let sql = format!("SELECT p.id FROM photos p WHERE {} ORDER BY p.id", in_folder(folder, &mut values));
                let photos = self.read(|conn| photo_ids(conn, &sql, rusqlite::params_from_iter(values)))?;
                Ok((photos, Vec::new()))
            }
            Removal::Missing => {
                let sql = "SELECT id FROM photos WHERE missing_at IS NOT NULL ORDER BY id";
                Ok((self.read(|conn| photo_ids(conn, sql, []))?, Vec::new()))
            }
        }
    }

    /// How much that would be.
    ///
    /// # Errors
    /// As [`Gallery::to_remove`].
    pub fn removal_counts(&self, removal: &Removal) -> Result<RemovalCounts, StoreError> {
        let (photos, faces) = self.to_remove(removal)?;
        self.read(|conn| {
            let mut counts = RemovalCounts { photos: photos.len() as u64, ..RemovalCounts::default() };
            let mut of = |sql: &str, id: i64| -> Result<(), StoreError> {
                let mut statement = conn.prepare_cached(sql)?;
                let (n, named) =
                    statement.query_row([id], |row| Ok((u64_from_column(row, 0)?, u64_from_column(row, 1)?)))?;
                (counts.faces, counts.named) = (counts.faces + n, counts.named + named);
                Ok(())
            };
            for photo in &photos {
                of("SELECT count(*), count(subject_id) FROM faces WHERE photo_id = ?1", photo.0)?;
            }
            for face in &faces {
                of("SELECT count(*), count(subject_id) FROM faces WHERE id = ?1", face.0)?;
            }
            Ok(counts)
        })
    }

    /// The lengths of [`Gallery::gone`], [`Gallery::photos_missing`] and [`Gallery::questions`], without reading them.
    pub fn pending_counts(&self) -> Result<PendingCounts, StoreError> {
        self.read(|conn| {
            let count = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| u64_from_column(row, 0));
            Ok(PendingCounts {
                gone: count(
                    "SELECT (SELECT count(*) FROM all_photos WHERE gone_at IS NOT NULL)
                          + (SELECT count(*) FROM all_faces f JOIN photos p ON p.id = f.photo_id
                             WHERE f.gone_at IS NOT NULL AND f.gone_by = 'person')",
                )?,
                missing: count("SELECT count(*) FROM photos WHERE missing_at IS NOT NULL")?,
                questions: count(&format!("SELECT count(*) {OPEN_QUESTIONS}"))?,
            })
        })
    }

    /// What persons have taken out, the latest first, at most `limit`.
    pub fn gone(&self, limit: usize) -> Result<Vec<Gone>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT p.id, p.path, NULL, NULL, NULL, p.gone_at FROM all_photos p WHERE p.gone_at IS NOT NULL
                 UNION ALL
                 SELECT p.id, p.path, f.id, s.id, s.name, f.gone_at
                 FROM all_faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = f.subject_id
                 WHERE f.gone_at IS NOT NULL AND f.gone_by = 'person'
                 ORDER BY 6 DESC, 1, 3 LIMIT ?1",
            )?;
            let gone = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(Gone {
                    photo: PhotoId(row.get(0)?),
                    path: path_from_bytes(row.get_ref(1)?.as_blob()?),
                    face: row.get::<_, Option<i64>>(2)?.map(FaceId),
                    subject: subject_from_columns(row, 3)?,
                    gone_at: row.get(5)?,
                })
            })?;
            Ok(gone.collect::<Result<_, _>>()?)
        })
    }

    /// The tombstones that there are: what a purge deletes.
    pub fn purge_counts(&self) -> Result<RemovalCounts, StoreError> {
        self.read(|conn| {
            let count = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| u64_from_column(row, 0));
            Ok(RemovalCounts {
                photos: count("SELECT count(*) FROM all_photos WHERE gone_at IS NOT NULL")?,
                faces: count("SELECT count(*) FROM all_faces WHERE gone_at IS NOT NULL")?,
                named: count("SELECT count(subject_id) FROM all_faces WHERE gone_at IS NOT NULL")?,
            })
        })
    }

    /// Deletes at most `limit` tombstones for ever, their pictures and vectors with them; returns how many faces and
    /// photos went, none when all is done. What they were part of can no longer be undone.
    pub fn purge(&self, run: &Run, limit: usize) -> Result<RemovalCounts, StoreError> {
        let (counts, changed) = self.write(|tx| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let ids = |sql: &str| -> Result<Vec<i64>, StoreError> {
                let mut statement = tx.prepare_cached(sql)?;
                let ids = statement.query_map([limit], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            };
            let faces = ids("SELECT id FROM all_faces WHERE gone_at IS NOT NULL ORDER BY gone_at, id LIMIT ?1")?;
            let mut counts = RemovalCounts { faces: faces.len() as u64, ..RemovalCounts::default() };
            for face in &faces {
                let mut statement = tx.prepare_cached("SELECT count(subject_id) FROM all_faces WHERE id = ?1")?;
                counts.named += statement.query_row([face], |row| u64_from_column(row, 0))?;
                close(tx, "face", *face)?;
                let mut asked = tx.prepare_cached(
                    "SELECT face_id FROM questions WHERE face_id = ?1
                     UNION SELECT face_id FROM questions WHERE old_face = ?1",
                )?;
                let asked: Vec<i64> = asked.query_map([face], |row| row.get(0))?.collect::<Result<_, _>>()?;
                for question in asked {
                    close(tx, "question", question)?;
                    tx.prepare_cached("DELETE FROM questions WHERE face_id = ?1")?.execute([question])?;
                }
                super::people::purge_face(tx, *face, |entity, id| close(tx, entity, id))?;
                tx.prepare_cached("DELETE FROM all_faces WHERE id = ?1")?.execute([face])?;
            }
            let gone_photos = "SELECT id FROM all_photos WHERE gone_at IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM faces WHERE photo_id = all_photos.id) ORDER BY gone_at, id LIMIT ?1";
            if faces.is_empty() {
                // Last, so that none of their faces is left: all of those are tombstones.
                for photo in ids(gone_photos)? {
                    close(tx, "photo", photo)?;
                    tx.prepare_cached("DELETE FROM all_photos WHERE id = ?1")?.execute([photo])?;
                    counts.photos += 1;
                }
            }
            let mut ledger = run.begin(tx)?;
            if counts != RemovalCounts::default() {
                ledger.batch()?;
                ledger.args.faces_gone += counts.faces;
                ledger.args.photos_gone += counts.photos;
            }
            Ok((counts, ledger.finish()?))
        })?;
        run.keep(&changed);
        Ok(counts)
    }

    /// The questions that nobody has answered yet, oldest first.
    pub fn questions(&self) -> Result<Vec<Question>, StoreError> {
        let open: Vec<(FaceId, FaceId, SubjectName, i64)> = self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!(
                "SELECT q.face_id, q.old_face, s.id, s.name, q.at {OPEN_QUESTIONS} ORDER BY q.at, q.face_id",
            ))?;
            let open = statement.query_map([], |row| {
                let subject = SubjectName { id: SubjectId(row.get(2)?), name: row.get(3)? };
                Ok((FaceId(row.get(0)?), FaceId(row.get(1)?), subject, row.get(4)?))
            })?;
            Ok(open.collect::<Result<_, _>>()?)
        })?;
        let mut questions = Vec::with_capacity(open.len());
        for (face, old_face, subject, at) in open {
            // One that went since asks nothing.
            questions.extend(self.faces(&[face])?.pop().map(|face| Question { face, old_face, subject, at }));
        }
        Ok(questions)
    }
}

fn photo_ids(conn: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<PhotoId>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let photos = statement.query_map(values, |row| row.get(0).map(PhotoId))?;
    Ok(photos.collect::<Result<_, _>>()?)
}

/// Batches that tell of this row can no longer be turned.
fn close(conn: &Connection, entity: &str, id: i64) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE batches SET state = 'purged' WHERE id IN (SELECT batch FROM events WHERE entity = ?1 AND entity_id = ?2)",
    )?
    .execute(params![entity, id])?;
    Ok(())
}
