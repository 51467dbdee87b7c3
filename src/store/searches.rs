//! The latest searches, kept as probes to tune an index by.

use rusqlite::{Connection, OptionalExtension, params};

use super::embeddings::embedding_from_bytes;
use super::{Gallery, StoreError, now_millis};
use crate::types::Embedding;

/// Older ones make room.
pub const SEARCHES_KEPT: usize = 2000;

/// A search that has been answered.
#[derive(Clone, Debug, PartialEq)]
pub struct PastSearch {
    pub model: String,
    pub embedding: Embedding,
    pub k: usize,
    pub threshold: f32,
    /// How many candidates were found.
    pub candidates: usize,
    pub search_millis: f32,
}

impl Gallery {
    /// Adds searches, oldest first, and drops the ones beyond [`SEARCHES_KEPT`]. Where a face is searched again and
    /// again, by moving a slider, only the last of these stays.
    pub fn record_searches(&self, searches: &[PastSearch]) -> Result<(), StoreError> {
        if searches.is_empty() {
            return Ok(());
        }
        self.write_aside(|tx| {
            for search in &searches[searches.len().saturating_sub(SEARCHES_KEPT)..] {
                insert(tx, search)?;
            }
            let kept = SEARCHES_KEPT as i64;
            tx.prepare_cached(
                "DELETE FROM searches WHERE id <= (SELECT id FROM searches ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            )?
            .execute([kept])?;
            Ok(())
        })
    }

    /// What was searched for with this model, newest first, at most `n`. A vector that is damaged is left out.
    pub fn past_searches(&self, model: &str, n: usize) -> Result<Vec<Embedding>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, vector FROM searches WHERE model = ?1 ORDER BY id DESC LIMIT ?2")?;
            let mut rows = statement.query(params![model, i64::try_from(n).unwrap_or(i64::MAX)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                match embedding_from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?) {
                    Some(embedding) => found.push(embedding),
                    None => log::warn!("the vector of past search {} is damaged", row.get::<_, i64>(0)?),
                }
            }
            Ok(found)
        })
    }
}

fn insert(conn: &Connection, search: &PastSearch) -> Result<(), StoreError> {
    let vector: Vec<u8> = search.embedding.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
    let newest = conn
        .prepare_cached("SELECT id, model, vector FROM searches ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?)))
        .optional()?;
    let id = newest.filter(|(_, model, known)| *model == search.model && *known == vector).map(|(id, ..)| id);
    let k = i64::try_from(search.k).unwrap_or(i64::MAX);
    conn.prepare_cached(
        "INSERT OR REPLACE INTO searches (id, at, model, vector, k, threshold, candidates, search_millis)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        id,
        now_millis(),
        search.model,
        vector,
        k,
        search.threshold,
        search.candidates as i64,
        search.search_millis
    ])?;
    Ok(())
}
