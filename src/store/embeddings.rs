use rusqlite::{Connection, OptionalExtension, params};

use super::{Gallery, StoreError};
use crate::types::{Embedding, FaceId};

/// A model as the gallery knows it.
pub(super) struct Model {
    pub(super) id: i64,
    pub(super) d: usize,
}

/// The row id under which a face's vector of a model stands: a model's vectors lie side by side, in face order.
pub(super) fn row_id(model: i64, face: i64) -> i64 {
    (model << 40) | face
}

pub(super) fn find_model(conn: &Connection, name: &str) -> Result<Option<Model>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, d FROM models WHERE name = ?1")?;
    Ok(statement
        .query_row([name], |row| Ok(Model { id: row.get(0)?, d: row.get::<_, u32>(1)? as usize }))
        .optional()?)
}

/// The model of this name, noted where it is new.
///
/// # Errors
/// [`StoreError::WrongDimension`] where its earlier vectors have another `d`.
pub(super) fn model_for(conn: &Connection, model: &str, d: usize) -> Result<Model, StoreError> {
    match find_model(conn, model)? {
        Some(known) if known.d == d => Ok(known),
        Some(known) => Err(wrong_dimension(model, known.d, d)),
        None => {
            let mut statement = conn.prepare_cached("INSERT INTO models (name, d) VALUES (?1, ?2)")?;
            Ok(Model { id: statement.insert(params![model, d as i64])?, d })
        }
    }
}

/// Stores a new face's vector; the model is noted at its first one.
///
/// # Errors
/// As [`model_for`].
pub(super) fn insert(conn: &Connection, model: &str, face: FaceId, embedding: &Embedding) -> Result<(), StoreError> {
    let known = model_for(conn, model, embedding.d())?;
    conn.prepare_cached("INSERT INTO embeddings (id, face_id, model_id, vector) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row_id(known.id, face.0), face.0, known.id, bytes_from_embedding(embedding)])?;
    Ok(())
}

/// Takes a face's vector of a model away, or without one all of them; index generations that may hold them are told by
/// [`Gallery::renewals`].
pub(super) fn forget(conn: &Connection, face: FaceId, model: Option<&str>) -> Result<(), StoreError> {
    let which = "face_id = ?1 AND (?2 IS NULL OR model_id = (SELECT id FROM models WHERE name = ?2))";
    conn.prepare_cached(&format!(
        "INSERT INTO renewals (model_id, face_id) SELECT model_id, face_id FROM embeddings WHERE {which}"
    ))?
    .execute(params![face.0, model])?;
    conn.prepare_cached(&format!("DELETE FROM embeddings WHERE {which}"))?.execute(params![face.0, model])?;
    Ok(())
}

/// `None` where the bytes are no unit vector.
pub(super) fn embedding_from_bytes(bytes: &[u8]) -> Option<Embedding> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    let values = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
    rest.is_empty().then(|| Embedding::try_from_raw(values).ok()).flatten()
}

/// Of a vector's bytes; not finite where a number in it is not.
pub(super) fn embedding_norm(bytes: &[u8]) -> f64 {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|chunk| f64::from(f32::from_le_bytes(*chunk)).powi(2)).sum::<f64>().sqrt()
}

pub(super) fn bytes_from_embedding(embedding: &Embedding) -> Vec<u8> {
    embedding.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn wrong_dimension(model: &str, expected: usize, got: usize) -> StoreError {
    StoreError::WrongDimension { model: model.to_owned(), expected, got }
}

/// Puts `bytes` as f32 into `values`, whose length is the model's d.
pub(super) fn read_vector(face: FaceId, bytes: &[u8], values: &mut [f32]) -> Result<(), StoreError> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    if chunks.len() != values.len() || !rest.is_empty() {
        let d = values.len();
        return Err(StoreError::unexpected(format!("face {face} has {} bytes for {d} values", bytes.len())));
    }
    for (value, chunk) in values.iter_mut().zip(chunks) {
        *value = f32::from_le_bytes(*chunk);
    }
    Ok(())
}

/// Tombstones keep their vectors. They are few, and looked up in a list that is made once a statement.
const NOT_GONE: &str = "face_id NOT IN (SELECT id FROM all_faces WHERE gone_at IS NOT NULL)";

impl Gallery {
    /// `None` where the face is not known or has no embedding of this model.
    pub fn embedding(&self, face: FaceId, model: &str) -> Result<Option<Embedding>, StoreError> {
        self.read(|conn| {
            let Some(model) = find_model(conn, model)? else { return Ok(None) };
            let mut statement = conn.prepare_cached("SELECT vector FROM embeddings WHERE id = ?1")?;
            let mut rows = statement.query([row_id(model.id, face.0)])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let mut values = vec![0.0; model.d];
            read_vector(face, row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?, &mut values)?;
            let embedding = Embedding::try_from_raw(values)
                .map_err(|e| StoreError::unexpected(format!("the embedding of face {face}: {e}")))?;
            Ok(Some(embedding))
        })
    }

    /// The vectors by this model of those of `faces` that are in the gallery now, as of one moment. A damaged vector is left
    /// out, and logged.
    pub fn present_embeddings(&self, faces: &[FaceId], model: &str) -> Result<Vec<(FaceId, Embedding)>, StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let Some(model) = find_model(&snapshot, model)? else { return Ok(Vec::new()) };
            let mut statement = snapshot.prepare_cached(
                "SELECT vector FROM embeddings
                 WHERE id = ?1 AND EXISTS (SELECT 1 FROM all_faces WHERE id = ?2 AND gone_at IS NULL)",
            )?;
            let mut found = Vec::with_capacity(faces.len());
            for face in faces {
                let vector =
                    statement.query_row(params![row_id(model.id, face.0), face.0], |row| row.get(0)).optional()?;
                let Some(bytes): Option<Vec<u8>> = vector else { continue };
                match embedding_from_bytes(&bytes).filter(|embedding| embedding.d() == model.d) {
                    Some(embedding) => found.push((*face, embedding)),
                    None => log::warn!("the embedding of face {face} is damaged and was left out of the index"),
                }
            }
            Ok(found)
        })
    }

    /// Faces that got another vector of this model after the renewal `since`, and the last renewal there is: what an
    /// index holds of them that was made before is out of date.
    pub fn renewals(&self, model: &str, since: i64) -> Result<(Vec<FaceId>, i64), StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let last: i64 = snapshot.query_row("SELECT coalesce(max(seq), 0) FROM renewals", [], |row| row.get(0))?;
            let Some(model) = find_model(&snapshot, model)? else { return Ok((Vec::new(), last)) };
            let mut statement = snapshot.prepare_cached(
                "SELECT DISTINCT face_id FROM renewals WHERE model_id = ?1 AND seq > ?2 ORDER BY face_id",
            )?;
            let faces = statement.query_map(params![model.id, since], |row| row.get(0).map(FaceId))?;
            Ok((faces.collect::<Result<_, _>>()?, last))
        })
    }

    /// Up to which renewal the index generation with this checksum holds the vectors; 0 where that is not known.
    pub fn index_mark(&self, checksum: &str) -> Result<i64, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT seq FROM index_marks WHERE checksum = ?1")?;
            Ok(statement.query_row([checksum], |row| row.get(0)).optional()?.unwrap_or(0))
        })
    }

    /// Notes that an index generation holds the vectors up to this renewal.
    pub fn mark_index(&self, checksum: &str, seq: i64) -> Result<(), StoreError> {
        self.write_aside(|tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO index_marks (checksum, seq) VALUES (?1, ?2)")?
                .execute(params![checksum, seq])?;
            Ok(())
        })
    }

    /// Streams every embedding of a model in the order of enrollment, as of one moment, `d` values each. Ends early
    /// with the first error of `f`.
    pub fn for_each_embedding<E: From<StoreError>>(
        &self,
        model: &str,
        mut f: impl FnMut(FaceId, &[f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|conn| {
            let Some(model) = find_model(conn, model)? else { return Ok(Ok(())) };
            let mut statement = conn.prepare_cached(&format!(
                "SELECT face_id, vector FROM embeddings WHERE id >= ?1 AND id < ?2 AND {NOT_GONE} ORDER BY id"
            ))?;
            let mut rows = statement.query([row_id(model.id, 0), row_id(model.id + 1, 0)])?;
            let mut values = vec![0.0; model.d];
            while let Some(row) = rows.next()? {
                let face = FaceId(row.get(0)?);
                read_vector(face, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?, &mut values)?;
                if let Err(e) = f(face, &values) {
                    return Ok(Err(e));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Faces that have an embedding of this model, in the order of enrollment.
    pub fn embedding_ids(&self, model: &str) -> Result<Vec<FaceId>, StoreError> {
        self.read(|conn| {
            let Some(model) = find_model(conn, model)? else { return Ok(Vec::new()) };
            // The index alone answers this, without a look at the vectors.
            let mut statement = conn.prepare_cached(&format!(
                "SELECT face_id FROM embeddings INDEXED BY embeddings_by_face WHERE model_id = ?1 AND {NOT_GONE}
                 ORDER BY face_id"
            ))?;
            let ids = statement.query_map([model.id], |row| row.get(0).map(FaceId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }
}
