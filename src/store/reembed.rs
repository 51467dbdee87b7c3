//! What a change of the model needs: faces that a model has not seen, vectors that come later than their faces, and
//! vectors that nobody wants any more.

use std::ops::ControlFlow;

use rusqlite::params;

use super::columns::u64_from_column;
use super::embeddings::{bytes_from_embedding, find_model, model_for, row_id};
use super::{Gallery, StoreError, upgrade};
use crate::types::{Embedding, FaceId, PhotoId};

/// A model that has vectors in the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedModel {
    pub name: String,
    pub d: usize,
    /// Faces that have a vector of it.
    pub faces: u64,
}

impl Gallery {
    /// Faces without a vector of this model, photo by photo.
    pub fn faces_without_embedding(&self, model: &str) -> Result<Vec<(PhotoId, FaceId)>, StoreError> {
        self.read(|conn| {
            // No row has the id 0, so a model that is not known has no vectors.
            let model = find_model(conn, model)?.map_or(0, |model| model.id);
            let mut statement = conn.prepare_cached(
                "SELECT f.photo_id, f.id FROM all_faces f INDEXED BY faces_by_photo
                 WHERE f.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM embeddings e INDEXED BY embeddings_by_face
                                   WHERE e.face_id = f.id AND e.model_id = ?1)
                 ORDER BY f.photo_id, f.id",
            )?;
            let faces = statement.query_map([model], |row| Ok((PhotoId(row.get(0)?), FaceId(row.get(1)?))))?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// Stores vectors of faces that are enrolled, in one transaction: all of them, or none. A face that has gone since
    /// and one that has a vector of this model are passed over. Returns how many were stored.
    ///
    /// # Errors
    /// [`StoreError::WrongDimension`], [`StoreError::DiskFull`], [`StoreError::EmptyModelName`].
    pub fn add_embeddings(&self, model: &str, embeddings: &[(FaceId, Embedding)]) -> Result<usize, StoreError> {
        if model.trim().is_empty() {
            return Err(StoreError::EmptyModelName);
        }
        self.write_aside(|tx| {
            let mut stored = 0;
            for (face, embedding) in embeddings {
                let model = model_for(tx, model, embedding.d())?;
                let mut statement = tx.prepare_cached(
                    "INSERT INTO embeddings (id, face_id, model_id, vector)
                     SELECT ?1, f.id, ?3, ?4 FROM faces f WHERE f.id = ?2
                     ON CONFLICT DO NOTHING",
                )?;
                let id = row_id(model.id, face.0);
                stored += statement.execute(params![id, face.0, model.id, bytes_from_embedding(embedding)])?;
            }
            Ok(stored)
        })
    }

    /// Every model that has or had vectors here, in the order in which they came.
    pub fn embedded_models(&self) -> Result<Vec<EmbeddedModel>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                // The index by face is a tenth of the table.
                "SELECT m.name, m.d, n.faces FROM models m JOIN
                     (SELECT model_id, count(*) AS faces FROM embeddings INDEXED BY embeddings_by_face
                      GROUP BY model_id) n ON n.model_id = m.id
                 ORDER BY m.id",
            )?;
            let models = statement.query_map([], |row| {
                Ok(EmbeddedModel {
                    name: row.get(0)?,
                    d: row.get::<_, u32>(1)? as usize,
                    faces: u64_from_column(row, 2)?,
                })
            })?;
            Ok(models.collect::<Result<_, _>>()?)
        })
    }

    /// Names of the models that have vectors here, in the order in which they came. Counts nothing, so it is quick.
    pub fn models_with_embeddings(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id, name FROM models ORDER BY id")?;
            let models: Vec<(i64, String)> =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            let mut holds =
                conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM embeddings WHERE id >= ?1 AND id < ?2)")?;
            let mut names = Vec::new();
            for (id, name) in models {
                if holds.query_row([row_id(id, 0), row_id(id + 1, 0)], |row| row.get(0))? {
                    names.push(name);
                }
            }
            Ok(names)
        })
    }

    /// Takes away at most `limit` vectors of a model; returns how many. After the last one the model is forgotten, and
    /// another one of its name may have another `d`.
    pub fn delete_embeddings(&self, model: &str, limit: usize) -> Result<usize, StoreError> {
        self.write_aside(|tx| {
            let Some(model) = find_model(tx, model)? else { return Ok(0) };
            let gone = tx
                .prepare_cached(
                    "DELETE FROM embeddings WHERE id IN
                         (SELECT id FROM embeddings WHERE id >= ?1 AND id < ?2 LIMIT ?3)",
                )?
                .execute(params![row_id(model.id, 0), row_id(model.id + 1, 0), limit as i64])?;
            if gone < limit {
                tx.prepare_cached("DELETE FROM models WHERE id = ?1")?.execute([model.id])?;
            }
            Ok(gone)
        })
    }

    /// The photos that were enrolled by `before` and whose faces all have a vector of `model` count as enrolled by
    /// `after` with that model: enrolling them again finds nothing to do. Photos with an issue of the kind
    /// `unless_issue` are left out. Returns how many there were.
    pub fn restate_photos(
        &self,
        before: &str,
        after: &str,
        model: &str,
        unless_issue: &str,
    ) -> Result<usize, StoreError> {
        self.write(|tx| {
            let id = find_model(tx, model)?.map_or(0, |model| model.id);
            let mut statement = tx.prepare_cached(
                "UPDATE all_photos SET params_digest = ?2, model = ?3
                 WHERE params_digest = ?1
                   AND NOT EXISTS (SELECT 1 FROM faces f WHERE f.photo_id = all_photos.id AND NOT EXISTS
                       (SELECT 1 FROM embeddings e WHERE e.face_id = f.id AND e.model_id = ?4))
                   AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.path = all_photos.path AND i.kind = ?5)",
            )?;
            Ok(statement.execute(params![before, after, model, id, unless_issue])?)
        })
    }

    /// Every digest of parameters that photos were enrolled by, with its model.
    pub fn params_digests(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT DISTINCT params_digest, model FROM photos")?;
            let digests = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(digests.collect::<Result<_, _>>()?)
        })
    }

    /// What jobs of this kind were asked for, each once, the latest first.
    pub fn past_requests(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT request FROM jobs WHERE kind = ?1 GROUP BY request ORDER BY max(id) DESC")?;
            let requests = statement.query_map([kind], |row| row.get(0))?;
            Ok(requests.collect::<Result<_, _>>()?)
        })
    }

    /// Gives the space of what was deleted back to the disk. Rewrites the file: seconds a gigabyte, during which
    /// nothing can be stored, and twice the free space that the gallery then takes, for a temporary file beside it and
    /// for the log. `tell` hears of bytes written and of the most that will be, and may end it; the file is then as it was.
    ///
    /// # Errors
    /// [`StoreError::NoRoom`], before anything is written; interrupted.
    pub fn compact(&self, tell: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync)) -> Result<(), StoreError> {
        self.ensure_writable()?;
        upgrade::compact(&self.lock_writer(), &self.path, tell).map_err(|e| e.at(&self.path))?;
        self.checkpoint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{commit, face, gallery, photo};

    /// Photos with two faces each, by the model "tiny".
    fn gallery_with(photos: &[&str]) -> (tempfile::TempDir, Gallery) {
        let (dir, gallery) = gallery();
        let batch: Vec<_> = photos.iter().map(|path| photo(path, vec![face(0.0, None), face(300.0, None)])).collect();
        commit(&gallery, &batch).unwrap();
        (dir, gallery)
    }

    /// The unit vector of length `d` along one axis.
    fn unit(d: usize, axis: usize) -> Embedding {
        Embedding::try_from_raw((0..d).map(|i| f32::from(u8::from(i == axis))).collect()).unwrap()
    }

    #[test]
    fn vectors_of_a_second_model_come_and_go_beside_those_of_the_first() {
        let (_dir, gallery) = gallery_with(&["a.jpg", "b.jpg"]);
        let faces = gallery.face_ids().unwrap();
        assert_eq!(gallery.faces_without_embedding("tiny").unwrap(), []);
        let missing = gallery.faces_without_embedding("next").unwrap();
        assert_eq!(missing.iter().map(|(_, face)| *face).collect::<Vec<_>>(), faces);
        let version = gallery.version();
        let gone = FaceId(9_999);
        let batch = [(faces[0], unit(5, 0)), (gone, unit(5, 1)), (faces[2], unit(5, 2))];
        assert_eq!(gallery.add_embeddings("next", &batch).unwrap(), 2, "a face that is gone gets none");
        assert_eq!(gallery.add_embeddings("next", &batch).unwrap(), 0, "what is there stays");
        assert_eq!(gallery.version(), version, "filters stay good");
        let wrong = gallery.add_embeddings("next", &[(faces[1], unit(6, 0))]).unwrap_err();
        assert!(matches!(wrong, StoreError::WrongDimension { expected: 5, got: 6, .. }), "{wrong}");
        let missing = gallery.faces_without_embedding("next").unwrap();
        assert_eq!(missing.iter().map(|(_, face)| *face).collect::<Vec<_>>(), [faces[1], faces[3]]);
        assert_eq!(gallery.embedding(faces[2], "next").unwrap(), Some(unit(5, 2)));
        let counts: Vec<_> = gallery.embedded_models().unwrap().into_iter().map(|m| (m.name, m.faces)).collect();
        assert_eq!(counts, [("tiny".to_owned(), 4), ("next".to_owned(), 2)]);

        assert_eq!(gallery.delete_embeddings("next", 1).unwrap(), 1);
        assert_eq!(gallery.delete_embeddings("next", 10).unwrap(), 1);
        assert_eq!(gallery.delete_embeddings("next", 10).unwrap(), 0);
        gallery.compact(&|_, _| ControlFlow::Continue(())).unwrap();
        assert_eq!(gallery.embedding_ids("tiny").unwrap(), faces);
        // The name is free for a model of another length.
        assert_eq!(gallery.add_embeddings("next", &[(faces[1], unit(6, 0))]).unwrap(), 1);
        assert_eq!(gallery.damages().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn photos_are_restated_where_every_face_has_its_vector() {
        let (_dir, gallery) = gallery_with(&["a.jpg", "b.jpg", "c.jpg"]);
        let faces = gallery.face_ids().unwrap();
        let digests = gallery.params_digests().unwrap();
        let [(before, model)] = digests.as_slice() else { panic!("{digests:?}") };
        assert_eq!(model, "tiny");
        let of = |face: usize| (faces[face], unit(3, 0));
        gallery.add_embeddings("next", &[of(0), of(1), of(2), of(4), of(5)]).unwrap();
        let third = gallery.face(faces[4]).unwrap().path;
        gallery.record_issue_of_kind(&third, "stored-picture", "the photo is gone").unwrap();
        assert_eq!(gallery.restate_photos(before, "after", "next", "stored-picture").unwrap(), 1);
        let photo = |face: usize| gallery.photo(gallery.face(faces[face]).unwrap().photo).unwrap();
        assert_eq!((photo(0).params_digest, photo(0).model), ("after".to_owned(), "next".to_owned()));
        assert_eq!((photo(2).params_digest, photo(4).params_digest), (before.clone(), before.clone()));
    }
}
