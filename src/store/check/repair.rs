//! Putting right what can be worked out from the rest, or belongs to nothing.

use rusqlite::{Connection, params};

use super::{GROUP_SIZES, TALLIES, each_vector, is_key_of, problem_of_vector};
use crate::store::embeddings;
use crate::store::{Gallery, StoreError};
use crate::types::FaceId;
use crate::types::name_key;

impl Gallery {
    /// Rebuilds the database's own indexes, counts and the keys that names are compared by, and deletes pictures,
    /// vectors and questions of faces that do not exist, and vectors that are none: their faces can be embedded again.
    /// What a person said is left alone.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`]; a file that is damaged beyond this.
    pub fn repair(&self) -> Result<(), StoreError> {
        // By itself: a damaged index would mislead what comes after it.
        self.write(|tx| Ok(tx.execute_batch("REINDEX")?))?;
        self.write(|tx| {
            for (name, sql) in TALLIES {
                tx.execute(&format!("INSERT OR REPLACE INTO tallies VALUES (?1, ({sql}))"), [name])?;
            }
            tx.execute("DELETE FROM group_sizes", [])?;
            tx.execute(&format!("INSERT INTO group_sizes (group_id, n) {GROUP_SIZES}"), [])?;
            tx.execute_batch(
                "DELETE FROM crops WHERE face_id NOT IN (SELECT id FROM all_faces);
                 DELETE FROM embeddings WHERE face_id NOT IN (SELECT id FROM all_faces);
                 DELETE FROM questions WHERE face_id NOT IN (SELECT id FROM all_faces);
                 DELETE FROM aliases
                     WHERE subject_id > max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'subjects'), 0),
                                            coalesce((SELECT max(id) FROM subjects), 0));",
            )?;
            repair_names(tx)?;
            repair_vectors(tx)
        })
    }
}

fn repair_names(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT id, name, name_key FROM subjects")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(i64, String, String)> = rows.collect::<Result<_, _>>()?;
    for (id, name, _) in rows.into_iter().filter(|(_, name, key)| !is_key_of(name, key)) {
        conn.execute("UPDATE subjects SET name_key = ?2 WHERE id = ?1", params![id, name_key(&name)])?;
    }
    Ok(())
}

fn repair_vectors(conn: &Connection) -> Result<(), StoreError> {
    let mut broken = Vec::new();
    each_vector(conn, |face, model, d, bytes| {
        if problem_of_vector(d, bytes).is_some() {
            broken.push((FaceId(face), model.to_owned()));
        }
        true
    })?;
    for (face, model) in broken {
        embeddings::forget(conn, face, Some(&model))?;
    }
    Ok(())
}
