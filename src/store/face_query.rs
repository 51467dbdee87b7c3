//! Faces by name, day and folder.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::os_path::bytes_from_path;
use super::{Gallery, StoreError};
use crate::types::{FaceId, FaceListing, FaceOrder, FaceQuery};

impl Gallery {
    /// The faces that pass, in the order of enrollment. A subject that is no more and a folder without photos pass none.
    ///
    /// # Errors
    /// [`StoreError::FaceQuery`].
    pub fn faces_matching(&self, query: &FaceQuery) -> Result<Vec<FaceId>, StoreError> {
        query.validate()?;
        let (sql, values) = select(query);
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map(params_from_iter(values), |row| row.get(0).map(FaceId))?;
            let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
            // The order is made here, so that the database is free to begin with whatever leaves the fewest.
            ids.sort_unstable();
            Ok(ids)
        })
    }

    /// The faces of a list, in its order.
    ///
    /// # Errors
    /// [`StoreError::FaceQuery`].
    pub fn face_list(&self, listing: &FaceListing) -> Result<Vec<FaceId>, StoreError> {
        listing.query.validate()?;
        let Passing { needs_photo, condition, values } = passing(&listing.query);
        let (key, is_falling) = match listing.order {
            FaceOrder::Newest => ("f.id", true),
            FaceOrder::Day => ("p.taken_at", true),
            FaceOrder::Folder => ("p.path", false),
            FaceOrder::Quality => ("f.quality", false),
        };
        let from = if needs_photo || key.starts_with("p.") { WITH_PHOTOS } else { "faces f" };
        let direction = if is_falling != listing.is_turned { "DESC" } else { "ASC" };
        let sql = format!("SELECT f.id FROM {from}{condition} ORDER BY {key} {direction} NULLS LAST, f.id DESC");
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map(params_from_iter(values), |row| row.get(0).map(FaceId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// Tells a mistake from a filter that merely leaves nothing.
    ///
    /// # Errors
    /// [`StoreError::FaceQuery`], [`StoreError::NoSuchSubjectId`],
    /// [`StoreError::NoPhotoInFolder`].
    pub fn check_query(&self, query: &FaceQuery) -> Result<(), StoreError> {
        query.validate()?;
        self.read(|conn| {
            for subject in &query.subjects {
                if !exists(conn, "SELECT 1 FROM subjects WHERE id = ?1", [Value::Integer(subject.0)])? {
                    return Err(StoreError::NoSuchSubjectId(*subject));
                }
            }
            if let Some(folder) = &query.folder {
                let mut sql = "SELECT 1 FROM photos p WHERE ".to_owned();
                let mut values = Vec::new();
                sql.push_str(&in_folder_or_linked(folder, &query.linked, &mut values));
                if !exists(conn, &sql, values)? {
                    return Err(StoreError::NoPhotoInFolder(folder.clone()));
                }
            }
            Ok(())
        })
    }
}

fn exists(conn: &Connection, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached(sql)?.exists(params_from_iter(values))?)
}

/// The statement and its values.
pub(super) fn select(query: &FaceQuery) -> (String, Vec<Value>) {
    let Passing { needs_photo, condition, values } = passing(query);
    let from = if needs_photo { WITH_PHOTOS } else { "faces f" };
    (format!("SELECT f.id FROM {from}{condition}"), values)
}

const WITH_PHOTOS: &str = "faces f JOIN photos p ON p.id = f.photo_id";

fn passing(query: &FaceQuery) -> Passing {
    let mut values = Vec::new();
    let mut conditions = Vec::new();
    if let Some(folder) = &query.folder {
        conditions.push(in_folder_or_linked(folder, &query.linked, &mut values));
    }
    if let Some(from) = &query.taken_from {
        values.push(Value::Text(from.clone()));
        conditions.push(format!("p.taken_at >= ?{}", values.len()));
    }
    if let Some(to) = &query.taken_to {
        // A time of that day begins with the day and goes on with a T, which stands before the tilde.
        values.push(Value::Text(format!("{to}~")));
        conditions.push(format!("p.taken_at < ?{}", values.len()));
    }
    let needs_photo = !conditions.is_empty();
    // Qualities are stored as single floats: a hundredth may lie a hair beside its name.
    for (quality, compare, hair) in [(query.quality_from, ">=", -1e-6), (query.quality_to, "<=", 1e-6)] {
        if let Some(quality) = quality {
            values.push(Value::Real(f64::from(quality) / 100.0 + hair));
            conditions.push(format!("f.quality {compare} ?{}", values.len()));
        }
    }
    if query.asks_for_names() {
        conditions.push(names(query, &mut values));
    }
    let condition = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    Passing { needs_photo, condition, values }
}

/// What of the faces `f` and their photos `p` passes.
struct Passing {
    needs_photo: bool,
    /// Begins with WHERE, or is empty.
    condition: String,
    values: Vec<Value>,
}

fn names(query: &FaceQuery, values: &mut Vec<Value>) -> String {
    let mut any = Vec::new();
    if !query.subjects.is_empty() {
        values.push(Value::Text(serde_json::json!(query.subjects).to_string()));
        any.push(format!("f.subject_id IN (SELECT value FROM json_each(?{}))", values.len()));
    }
    if query.named {
        any.push("f.subject_id IS NOT NULL".to_owned());
    }
    if query.unnamed {
        any.push("f.subject_id IS NULL".to_owned());
    }
    format!("({})", any.join(" OR "))
}

/// Every path that begins with the folder and a separator, as a range of the index on paths. No LIKE: a folder may be
/// called "100%".
fn in_folder_or_linked(folder: &Path, linked: &[PathBuf], values: &mut Vec<Value>) -> String {
    // Below SQLite's bound on the depth of an expression.
    const FOLDERS: usize = 200;
    let mut any = vec![in_folder(folder, values)];
    if !linked.is_empty() {
        any.extend(linked.iter().take(FOLDERS).map(|folder| in_folder(folder, values)));
        let hex = |path: &PathBuf| bytes_from_path(path).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let exact: Vec<String> = linked.iter().map(hex).collect();
        values.push(Value::Text(serde_json::json!(exact).to_string()));
        any.push(format!("p.path IN (SELECT unhex(value) FROM json_each(?{}))", values.len()));
    }
    format!("({})", any.join(" OR "))
}

pub(super) fn in_folder(folder: &Path, values: &mut Vec<Value>) -> String {
    let first = prefix_from_folder(folder);
    let end = after_prefix(&first);
    values.push(Value::Blob(first));
    let mut condition = format!("p.path >= ?{}", values.len());
    if let Some(end) = end {
        values.push(Value::Blob(end));
        condition.push_str(&format!(" AND p.path < ?{}", values.len()));
    }
    condition
}

/// The bytes that the paths of everything below the folder begin with.
fn prefix_from_folder(folder: &Path) -> Vec<u8> {
    // Walking over the components drops separators at the end; joining an empty name sets exactly one.
    bytes_from_path(&folder.components().collect::<PathBuf>().join(""))
}

/// The first bytes in order that no longer begin with `prefix`; `None` where everything after it does.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_the_next_begins() {
        assert_eq!(after_prefix(b"/a/"), Some(b"/a0".to_vec()));
        assert_eq!(after_prefix(b"a\xff\xff"), Some(b"b".to_vec()));
        assert_eq!(after_prefix(b"\xff"), None);
        assert_eq!(after_prefix(b""), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_ends_with_one_separator() {
        for (folder, prefix) in [("/a/b", "/a/b/"), ("/a/b//", "/a/b/"), ("/", "/"), ("/a/./b", "/a/b/")] {
            assert_eq!(prefix_from_folder(Path::new(folder)), prefix.as_bytes(), "{folder}");
        }
    }
}
