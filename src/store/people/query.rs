//! A person's faces with how odd each is among them, and the faces that are left alone.

use rusqlite::params;

use crate::store::embeddings::{find_model, read_vector, row_id};
use crate::store::{Gallery, StoreError};
use crate::types::{FaceId, Ignored, NamedBy, PhotoId, SubjectId};

/// A piece of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub offset: usize,
    pub limit: usize,
}

impl Page {
    /// From the beginning.
    pub const fn first(limit: usize) -> Self {
        Self { offset: 0, limit }
    }

    pub(super) fn limit_and_offset(self) -> (i64, i64) {
        let number = |n| i64::try_from(n).unwrap_or(i64::MAX);
        (number(self.limit), number(self.offset))
    }
}

/// A face of somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonFace {
    pub face: FaceId,
    pub photo: PhotoId,
    pub named_by: Option<NamedBy>,
    /// 0…1.
    pub quality: f32,
    /// Mean cosine to the other confirmed faces of the person, to all others where none is confirmed; the lower, the odder.
    /// `None` for the only one, and for one without an embedding of the model.
    pub likeness: Option<f32>,
}

/// A face that is left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IgnoredFace {
    pub face: FaceId,
    pub photo: PhotoId,
    pub why: Ignored,
}

impl Gallery {
    /// Every face of somebody, the oddest first, and equal ones in the order of enrollment. Reads the vectors of all of
    /// them: some milliseconds for a thousand.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSubjectId`].
    pub fn faces_by_oddness(&self, subject: SubjectId, model: &str) -> Result<Vec<PersonFace>, StoreError> {
        let mut faces = self.faces_of_person(subject)?;
        let vectors = self.vectors(&faces.iter().map(|face| face.face).collect::<Vec<_>>(), model)?;
        let is_confirmed = |face: &PersonFace| face.named_by == Some(NamedBy::Person);
        let is_any = faces.iter().zip(&vectors).any(|(face, vector)| is_confirmed(face) && vector.is_some());
        let mut sum: Vec<f64> = Vec::new();
        let mut n = 0.0;
        for (_, vector) in faces.iter().zip(&vectors).filter(|(face, _)| is_confirmed(face) || !is_any) {
            let Some(vector) = vector else { continue };
            sum.resize(vector.len(), 0.0);
            sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value));
            n += 1.0;
        }
        for (face, vector) in faces.iter_mut().zip(&vectors) {
            let Some(vector) = vector else { continue };
            let total: f64 = sum.iter().zip(vector).map(|(sum, value)| sum * f64::from(*value)).sum();
            // Its own product with itself is no likeness.
            let own = if is_confirmed(face) || !is_any { 1.0 } else { 0.0 };
            face.likeness = (n - own > 0.0).then(|| ((total - own) / (n - own)) as f32);
        }
        let key = |face: &PersonFace| face.likeness.unwrap_or(f32::INFINITY);
        faces.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.face.cmp(&b.face)));
        Ok(faces)
    }

    /// Every face of somebody in the order of enrollment, without how odd it is.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSubjectId`].
    pub fn faces_of_person(&self, subject: SubjectId) -> Result<Vec<PersonFace>, StoreError> {
        self.read(|conn| {
            if !conn.prepare_cached("SELECT 1 FROM subjects WHERE id = ?1")?.exists([subject.0])? {
                return Err(StoreError::NoSuchSubjectId(subject));
            }
            let mut statement = conn.prepare_cached(
                "SELECT id, photo_id, named_by, quality FROM faces WHERE subject_id = ?1 ORDER BY id",
            )?;
            let faces = statement.query_map([subject.0], |row| {
                Ok(PersonFace {
                    face: FaceId(row.get(0)?),
                    photo: PhotoId(row.get(1)?),
                    named_by: crate::store::columns::named_by_from_text(row.get(2)?),
                    quality: row.get(3)?,
                    likeness: None,
                })
            })?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// The vectors of faces, unit length, in their order; `None` for one that has none of this model, or a damaged one.
    pub fn vectors(&self, faces: &[FaceId], model: &str) -> Result<Vec<Option<Vec<f32>>>, StoreError> {
        self.read(|conn| {
            let Some(model) = find_model(conn, model)? else { return Ok(vec![None; faces.len()]) };
            let mut statement = conn.prepare_cached("SELECT vector FROM embeddings WHERE id = ?1")?;
            let mut vectors = Vec::with_capacity(faces.len());
            for face in faces {
                let mut rows = statement.query([row_id(model.id, face.0)])?;
                let vector = match rows.next()? {
                    None => None,
                    Some(row) => {
                        let mut values = vec![0.0; model.d];
                        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                        let is_whole = read_vector(*face, bytes, &mut values).is_ok();
                        Some(values).filter(|values| is_whole && values.iter().all(|value| value.is_finite()))
                    }
                };
                vectors.push(vector);
            }
            Ok(vectors)
        })
    }

    /// The faces that are left alone, what is no face among them; the latest enrolled first.
    pub fn ignored(&self, page: Page) -> Result<Vec<IgnoredFace>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT f.id, f.photo_id, f.ignored FROM all_faces f JOIN photos p ON p.id = f.photo_id
                 WHERE f.ignored IS NOT NULL AND (f.gone_at IS NULL OR f.ignored = 'not_a_face')
                 ORDER BY f.id DESC LIMIT ?1 OFFSET ?2",
            )?;
            let (limit, offset) = page.limit_and_offset();
            let mut rows = statement.query(params![limit, offset])?;
            let mut faces = Vec::new();
            while let Some(row) = rows.next()? {
                let why: String = row.get(2)?;
                if let Some(why) = Ignored::ALL.into_iter().find(|known| known.name() == why) {
                    faces.push(IgnoredFace { face: FaceId(row.get(0)?), photo: PhotoId(row.get(1)?), why });
                }
            }
            Ok(faces)
        })
    }
}
