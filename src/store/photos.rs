use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::u64_from_column;
use super::face_query::in_folder;
use super::ledger::{Changed, Entity, PhotoState, Run, StoredPath};
use super::os_path::{bytes_from_path, path_from_bytes};
use super::{Gallery, StoreError, issues, now_millis};
use crate::types::PhotoId;

/// What the file system tells of a file: while all of it stays, the content does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStat {
    pub bytes: u64,
    /// The modification time, milliseconds since 1970-01-01 UTC; 0 where the system does not say.
    pub mtime_millis: i64,
    /// The time of the last change of anything, the name among it. These three: `None` where they are not known.
    pub ctime_millis: Option<i64>,
    pub device: Option<i64>,
    pub inode: Option<i64>,
}

/// A photo as it was when it was enrolled.
///
/// It need not be enrolled again while `content_hash`, `params_digest` and `model` are those of today.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoRecord {
    pub id: PhotoId,
    pub path: PathBuf,
    /// BLAKE3 of the file.
    pub content_hash: [u8; 32],
    /// As the file was.
    pub file: FileStat,
    /// Width and height of the upright photo, pixels.
    pub size: [u32; 2],
    pub taken_at: Option<String>,
    /// Of everything that decides which faces are found, made by the caller.
    pub params_digest: String,
    /// Name of the model that made its embeddings.
    pub model: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub enrolled_at: i64,
    /// When its file was found to be gone; the path is then where it was last seen.
    pub missing_at: Option<i64>,
}

const COLUMNS: &str =
    "id, path, content_hash, bytes, mtime_millis, ctime_millis, device, inode, width, height, taken_at,
    params_digest, model, enrolled_at, missing_at";

fn photo_from_row(row: &Row<'_>) -> rusqlite::Result<PhotoRecord> {
    Ok(PhotoRecord {
        id: PhotoId(row.get(0)?),
        path: path_from_bytes(row.get_ref(1)?.as_blob()?),
        content_hash: row.get(2)?,
        file: FileStat {
            bytes: u64_from_column(row, 3)?,
            mtime_millis: row.get(4)?,
            ctime_millis: row.get(5)?,
            device: row.get(6)?,
            inode: row.get(7)?,
        },
        size: [row.get(8)?, row.get(9)?],
        taken_at: row.get(10)?,
        params_digest: row.get(11)?,
        model: row.get(12)?,
        enrolled_at: row.get(13)?,
        missing_at: row.get(14)?,
    })
}

impl Gallery {
    /// The photo enrolled under exactly this path; relative and absolute paths are different ones.
    pub fn find_photo_by_path(&self, path: &Path) -> Result<Option<PhotoRecord>, StoreError> {
        self.read(|conn| {
            let sql = select_where("path = ?1 AND missing_at IS NULL");
            Ok(conn.prepare_cached(&sql)?.query_row([bytes_from_path(path)], photo_from_row).optional()?)
        })
    }

    pub fn photo(&self, photo: PhotoId) -> Result<PhotoRecord, StoreError> {
        self.read(|conn| {
            let sql = select_where("id = ?1");
            let found = conn.prepare_cached(&sql)?.query_row([photo.0], photo_from_row).optional()?;
            found.ok_or(StoreError::NoSuchPhoto(photo))
        })
    }

    /// Photos with this content, oldest first: copies, or the one that a moved file was.
    pub fn photos_by_hash(&self, hash: &[u8; 32]) -> Result<Vec<PhotoRecord>, StoreError> {
        self.read(|conn| {
            let sql = select_where("content_hash = ?1 ORDER BY id");
            let mut statement = conn.prepare_cached(&sql)?;
            let photos = statement.query_map([hash], photo_from_row)?;
            Ok(photos.collect::<Result<_, _>>()?)
        })
    }

    /// The file of a photo with this content lies at `path` now, as `file` tells. `None` where the photo has another
    /// content by now or was taken out, and nothing is changed then. Faces, names and embeddings stay; an issue of the path is
    /// cleared. A photo that stood there before has lost its place: it is missing until its own content turns up.
    pub fn place_photo(
        &self,
        run: &Run,
        photo: PhotoId,
        content_hash: &[u8; 32],
        path: &Path,
        file: &FileStat,
    ) -> Result<Option<Changed>, StoreError> {
        let bytes = bytes_from_path(path);
        let changed = self.write(|tx| {
            let mut ledger = run.begin(tx)?;
            let is_it = tx
                .prepare_cached("SELECT 1 FROM photos WHERE id = ?1 AND content_hash = ?2")?
                .exists(params![photo.0, content_hash])?;
            let Some(state) = PhotoState::read(tx, photo.0)?.filter(|_| is_it) else { return Ok(None) };
            let other: Option<i64> = tx
                .prepare_cached("SELECT id FROM photos WHERE path = ?1 AND missing_at IS NULL AND id <> ?2")?
                .query_row(params![bytes, photo.0], |row| row.get(0))
                .optional()?;
            if let Some(other) = other {
                ledger.change(other, |state: &mut PhotoState| state.missing_at = Some(now_millis()))?;
            }
            ledger.set(photo.0, Some(PhotoState { path: StoredPath::new(path), missing_at: None, ..state }))?;
            set_file(tx, photo, file)?;
            issues::clear(tx, &bytes)?;
            ledger.finish().map(Some)
        })?;
        changed.iter().for_each(|changed| run.keep(changed));
        Ok(changed)
    }

    /// Notes that the files of these photos are gone. Those that are missing already stay as they are.
    pub fn mark_missing(&self, run: &Run, photos: &[PhotoId]) -> Result<Changed, StoreError> {
        let changed = self.write(|tx| {
            let mut ledger = run.begin(tx)?;
            for photo in photos {
                if PhotoState::read(tx, photo.0)?.is_some_and(|state| state.missing_at.is_none()) {
                    ledger.change(photo.0, |state: &mut PhotoState| state.missing_at = Some(now_millis()))?;
                }
            }
            ledger.finish()
        })?;
        run.keep(&changed);
        Ok(changed)
    }

    /// The content is as it was enrolled; what else the file system tells of the file is this now.
    pub fn update_file(&self, photo: PhotoId, file: &FileStat) -> Result<(), StoreError> {
        self.write_aside(|tx| set_file(tx, photo, file))
    }

    /// The photos whose files are gone, the latest first, at most `limit`.
    pub fn photos_missing(&self, limit: usize) -> Result<Vec<PhotoRecord>, StoreError> {
        self.read(|conn| {
            let sql = select_where("missing_at IS NOT NULL ORDER BY missing_at DESC, id LIMIT ?1");
            let mut statement = conn.prepare_cached(&sql)?;
            let photos = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], photo_from_row)?;
            Ok(photos.collect::<Result<_, _>>()?)
        })
    }

    /// Where the photos in a folder and below it lie, and on which device; without those that are missing.
    pub fn places_under(&self, folder: &Path) -> Result<Vec<(PhotoId, PathBuf, Option<i64>)>, StoreError> {
        let mut values = Vec::new();
        let condition = in_folder(folder, &mut values);
        let sql = format!("SELECT p.id, p.path, p.device FROM photos p WHERE {condition} AND p.missing_at IS NULL");
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let places = statement.query_map(rusqlite::params_from_iter(values), |row| {
                Ok((PhotoId(row.get(0)?), path_from_bytes(row.get_ref(1)?.as_blob()?), row.get(2)?))
            })?;
            Ok(places.collect::<Result<_, _>>()?)
        })
    }

    /// The files of the photos that persons have taken out, as they were when they were enrolled, with the hashes of their
    /// contents.
    pub fn removed_files(&self) -> Result<HashMap<PathBuf, (FileStat, [u8; 32])>, StoreError> {
        self.read(|conn| {
            let sql = format!("SELECT {COLUMNS} FROM all_photos WHERE gone_at IS NOT NULL");
            let mut statement = conn.prepare_cached(&sql)?;
            let photos = statement.query_map([], photo_from_row)?;
            Ok(photos
                .map(|photo| photo.map(|photo| (photo.path, (photo.file, photo.content_hash))))
                .collect::<Result<_, _>>()?)
        })
    }

    /// A photo with this content that a person has taken out.
    pub fn removed_photo(&self, hash: &[u8; 32]) -> Result<Option<PhotoId>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id FROM all_photos WHERE content_hash = ?1 AND gone_at IS NOT NULL ORDER BY id DESC LIMIT 1",
            )?;
            Ok(statement.query_row([hash], |row| row.get(0).map(PhotoId)).optional()?)
        })
    }
}

fn set_file(conn: &Connection, photo: PhotoId, file: &FileStat) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE all_photos SET bytes = ?2, mtime_millis = ?3, ctime_millis = ?4, device = ?5, inode = ?6 WHERE id = ?1",
    )?
    .execute(params![
        photo.0,
        file.bytes as i64,
        file.mtime_millis,
        file.ctime_millis,
        file.device,
        file.inode
    ])?;
    Ok(())
}

fn select_where(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM photos WHERE {condition}")
}
