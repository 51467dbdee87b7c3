//! Looking a gallery through: whether its rows agree with each other, with its counts and with its ledger.

mod ledger;
mod look;
mod repair;

use std::path::PathBuf;

use look::texts;
use rusqlite::Connection;

use super::embeddings::embedding_norm;
use super::os_path::path_from_bytes;
use super::subjects::BYTES_KEY;
use super::{Gallery, StoreError};
use crate::tell;
use crate::types::{FaceId, FindingKind, Findings, PhotoId, Telling, name_key};

pub use look::Look;

/// How far the length of a unit vector may be off: f32 rounding of 512 numbers stays below 1e-5.
const UNIT_TOLERANCE: f64 = 1e-3;

/// A photo whose file should be there.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedFile {
    pub photo: PhotoId,
    pub path: PathBuf,
    pub content_hash: [u8; 32],
}

impl Gallery {
    /// Everything that is off within the gallery, as of one moment; nothing is changed. Reads the whole file, some
    /// seconds a gigabyte.
    ///
    /// # Errors
    /// The file cannot be read at all; what is damaged in it is a finding.
    pub fn check(&self, look: &mut Look<'_>) -> Result<Findings, StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let mut found = Findings::default();
            database(&snapshot, &mut found)?;
            if found.has(FindingKind::Database) {
                // Nothing that rests on damaged pages tells anything.
                return Ok(found);
            }
            tallies(&snapshot, &mut found)?;
            orphans(&snapshot, &mut found)?;
            names(&snapshot, &mut found)?;
            let mut rows = 0;
            vectors(&snapshot, look, &mut rows, &mut found)?;
            crops(&snapshot, look, &mut rows, &mut found)?;
            ledger::check(&snapshot, look, &mut rows, &mut found)?;
            Ok(found)
        })
    }

    /// Photos whose file should be where it was enrolled; those known to be missing are not among them. Ends early with
    /// the first error of `f`.
    pub fn for_each_expected_file<E: From<StoreError>>(
        &self,
        mut f: impl FnMut(ExpectedFile) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|conn| {
            let mut statement = conn.prepare(
                "SELECT id, path, content_hash FROM all_photos WHERE gone_at IS NULL AND missing_at IS NULL ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let file = ExpectedFile {
                    photo: PhotoId(row.get(0)?),
                    path: path_from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?),
                    content_hash: row.get(2)?,
                };
                if let Err(error) = f(file) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Every vector of a model as it is stored, whatever it holds; those of tombstones are not among them.
    pub fn for_each_stored_vector(&self, model: &str, mut f: impl FnMut(FaceId, &[u8])) -> Result<(), StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare(
                "SELECT e.face_id, e.vector FROM embeddings e JOIN models m ON m.id = e.model_id
                 JOIN faces f ON f.id = e.face_id WHERE m.name = ?1",
            )?;
            let mut rows = statement.query([model])?;
            while let Some(row) = rows.next()? {
                f(FaceId(row.get(0)?), row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
            }
            Ok(())
        })
    }

    /// The greatest id that a face ever had: an index can hold no greater one.
    pub fn last_face_id(&self) -> Result<FaceId, StoreError> {
        self.read(|conn| {
            let sql = "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'all_faces'), 0),
                              coalesce((SELECT max(id) FROM all_faces), 0))";
            Ok(FaceId(conn.query_row(sql, [], |row| row.get(0))?))
        })
    }
}

fn database(conn: &Connection, found: &mut Findings) -> Result<(), StoreError> {
    let integrity = |found: &mut Findings| -> Result<(), StoreError> {
        for line in texts(conn, "PRAGMA integrity_check(1000)", [])? {
            if line != "ok" {
                found.add(FindingKind::Database, tell!("check-database", detail = line));
            }
        }
        Ok(())
    };
    match integrity(found) {
        Err(StoreError::Corrupt { detail, .. }) => {
            found.add(FindingKind::Database, tell!("check-database", detail = detail))
        }
        done => done?,
    }
    if found.has(FindingKind::Database) {
        return Ok(());
    }
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // These two are told as orphans, which can be deleted.
        if parent == "all_faces" && (table == "crops" || table == "embeddings") {
            continue;
        }
        let id = id.map_or_else(|| "?".to_owned(), |id| id.to_string());
        found.add(FindingKind::Reference, tell!("check-reference", id = id, table = table, parent = parent));
    }
    Ok(())
}

/// The counts that triggers keep, and what they count.
const TALLIES: [(&str, &str); 4] = [
    ("photos", "SELECT count(*) FROM photos"),
    ("faces", "SELECT count(*) FROM faces"),
    ("subjects", "SELECT count(*) FROM subjects"),
    ("issues", "SELECT count(*) FROM issues"),
];

/// How many faces of each group nobody named or ignored, as triggers keep it.
const GROUP_SIZES: &str = "SELECT g.group_id, count(f.id) AS n FROM grouped g LEFT JOIN all_faces f ON f.id = g.face_id
        AND f.subject_id IS NULL AND f.ignored IS NULL AND f.gone_at IS NULL GROUP BY g.group_id";

fn tallies(conn: &Connection, found: &mut Findings) -> Result<(), StoreError> {
    let wrong = format!(
        "SELECT 'the size of group ' || coalesce(c.group_id, z.group_id) || ' says ' || coalesce(z.n, 'nothing')
             || ', and there are ' || coalesce(c.n, 0)
         FROM ({GROUP_SIZES}) c FULL JOIN group_sizes z ON z.group_id = c.group_id
         WHERE coalesce(c.n, 0) <> coalesce(z.n, 0) LIMIT 100"
    );
    for text in texts(conn, &wrong, [])? {
        found.add(FindingKind::Tally, text);
    }
    for (name, sql) in TALLIES {
        let counted: i64 = conn.query_row(sql, [], |row| row.get(0))?;
        let kept: Option<i64> =
            conn.query_row("SELECT max(n) FROM tallies WHERE name = ?1", [name], |row| row.get(0))?;
        if kept != Some(counted) {
            let what = Telling::phrase(name);
            found.add(
                FindingKind::Tally,
                match kept {
                    Some(kept) => tell!("check-tally", what = what, kept = kept, counted = counted),
                    None => tell!("check-tally-gone", what = what, counted = counted),
                },
            );
        }
    }
    Ok(())
}

/// How such a row is told.
type Orphan = fn(String, String) -> Telling;

/// What hangs on rows that are not there: each query gives the number of such a row, and the last of one beside it.
const ORPHANS: [(FindingKind, Orphan, &str); 6] = [
    (
        FindingKind::OrphanCrop,
        |face, _| tell!("check-orphan-crop", face = face),
        "SELECT face_id, 0 FROM crops
         WHERE face_id NOT IN (SELECT id FROM all_faces)",
    ),
    (
        FindingKind::OrphanEmbedding,
        |face, _| tell!("check-orphan-vector", face = face),
        "SELECT face_id, 0 FROM embeddings
         WHERE face_id NOT IN (SELECT id FROM all_faces)",
    ),
    (
        FindingKind::OrphanQuestion,
        |face, _| tell!("check-orphan-question", face = face),
        "SELECT face_id, 0 FROM questions
         WHERE face_id NOT IN (SELECT id FROM all_faces)",
    ),
    (
        FindingKind::OrphanAlias,
        |subject, _| tell!("check-orphan-alias", subject = subject),
        "SELECT subject_id, 0 FROM aliases
         WHERE subject_id > max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'subjects'), 0),
                                coalesce((SELECT max(id) FROM subjects), 0))",
    ),
    (
        FindingKind::FaceWithoutPhoto,
        |face, photo| tell!("check-face-without-photo", face = face, photo = photo),
        "SELECT f.id, p.id
         FROM all_faces f JOIN all_photos p ON p.id = f.photo_id WHERE f.gone_at IS NULL AND p.gone_at IS NOT NULL",
    ),
    (
        FindingKind::MissingCrop,
        |face, _| tell!("check-missing-crop", face = face),
        "SELECT id, 0 FROM all_faces WHERE id NOT IN (SELECT face_id FROM crops)",
    ),
];

fn orphans(conn: &Connection, found: &mut Findings) -> Result<(), StoreError> {
    for (kind, telling, sql) in ORPHANS {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let [id, beside] = [row.get::<_, i64>(0)?, row.get(1)?].map(|id| id.to_string());
            found.add(kind, telling(id, beside));
        }
    }
    Ok(())
}

fn names(conn: &Connection, found: &mut Findings) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT id, name, name_key FROM subjects ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, name, key): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !is_key_of(&name, &key) {
            found.add(FindingKind::NameKey, tell!("check-name-key", subject = id.to_string(), name = name));
        }
    }
    Ok(())
}

/// A name that came from a folder that is no text is compared by the folder's bytes.
fn is_key_of(name: &str, key: &str) -> bool {
    match key.strip_prefix(BYTES_KEY) {
        Some(hex) => !hex.is_empty() && hex.len() % 2 == 0 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => key == name_key(name),
    }
}

fn vectors(conn: &Connection, look: &mut Look<'_>, rows: &mut u64, found: &mut Findings) -> Result<(), StoreError> {
    each_vector(conn, |face, model, d, bytes| {
        if let Some(problem) = problem_of_vector(d, bytes) {
            let (face, problem) = (face.to_string(), &problem);
            found.add(FindingKind::BrokenVector, tell!("check-vector", face = face, model = model, problem = problem));
        }
        look.at(rows)
    })
}

/// Ends when `f` says no.
fn each_vector(conn: &Connection, mut f: impl FnMut(i64, &str, usize, &[u8]) -> bool) -> Result<(), StoreError> {
    let mut statement = conn.prepare(
        "SELECT e.face_id, m.name, m.d, e.vector FROM embeddings e JOIN models m ON m.id = e.model_id ORDER BY e.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let model: String = row.get(1)?;
        let d = row.get::<_, u32>(2)? as usize;
        if !f(row.get(0)?, &model, d, row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?) {
            break;
        }
    }
    Ok(())
}

fn problem_of_vector(d: usize, bytes: &[u8]) -> Option<Telling> {
    if bytes.len() != 4 * d {
        return Some(tell!("check-vector-bytes", found = bytes.len(), expected = 4 * d));
    }
    match embedding_norm(bytes) {
        norm if !norm.is_finite() => Some(tell!("check-vector-numbers")),
        norm if (norm - 1.0).abs() > UNIT_TOLERANCE => {
            Some(tell!("check-vector-length", length = format!("{norm:.4}")))
        }
        _ => None,
    }
}

fn crops(conn: &Connection, look: &mut Look<'_>, rows: &mut u64, found: &mut Findings) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT face_id, jpeg FROM crops ORDER BY face_id")?;
    let mut crops = statement.query([])?;
    while let Some(row) = crops.next()? {
        if !(look.is_picture)(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?) {
            let face = row.get::<_, i64>(0)?.to_string();
            found.add(FindingKind::BrokenCrop, tell!("check-broken-crop", face = face));
        }
        if !look.at(rows) {
            break;
        }
    }
    Ok(())
}
