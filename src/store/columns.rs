//! What stands in the columns of several tables, read and written.

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::types::{BBox, Landmarks, NamedBy, SubjectId, SubjectName};

/// SQLite's integers are signed; a negative one here is damage.
pub(super) fn u64_from_column(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// From an id and a name that an outer join may have left NULL, at columns `first` and `first + 1`.
pub(super) fn subject_from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<SubjectName>> {
    match row.get::<_, Option<i64>>(first)? {
        Some(id) => Ok(Some(SubjectName { id: SubjectId(id), name: row.get(first + 1)? })),
        None => Ok(None),
    }
}

pub(super) fn named_by_from_text(text: Option<String>) -> Option<NamedBy> {
    text.and_then(|text| NamedBy::ALL.into_iter().find(|by| by.name() == text))
}

/// A list in JSON; one that is none is empty.
pub(super) fn list_from_json<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) fn json_from_list<T: Serialize>(list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::unexpected(error.to_string()))
}

pub(super) fn bbox_from_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<BBox> {
    Ok(BBox { x1: row.get(first)?, y1: row.get(first + 1)?, x2: row.get(first + 2)?, y2: row.get(first + 3)? })
}

pub(super) fn bytes_from_landmarks(landmarks: &Landmarks) -> [u8; 40] {
    let mut bytes = [0; 40];
    for (chunk, value) in bytes.chunks_exact_mut(4).zip(landmarks.0.as_flattened()) {
        chunk.copy_from_slice(&value.to_le_bytes());
    }
    bytes
}

pub(super) fn landmarks_from_bytes(bytes: [u8; 40]) -> Landmarks {
    let mut landmarks = Landmarks::default();
    for (value, chunk) in landmarks.0.as_flattened_mut().iter_mut().zip(bytes.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(*chunk);
    }
    landmarks
}
