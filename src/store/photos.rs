use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::os_path::{bytes_from_path, path_from_bytes, text_from_path};
use super::{Gallery, StoreError, issues, u64_from_column};
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

    /// The file lies elsewhere now. Faces, names and embeddings stay; an issue of the new path is cleared.
    ///
    /// # Errors
    /// [`StoreError::PathTaken`] where another photo is enrolled under `new_path`; [`StoreError::NoSuchPhoto`].
    pub fn move_photo(&self, photo: PhotoId, new_path: &Path) -> Result<(), StoreError> {
        let bytes = bytes_from_path(new_path);
        self.write(|tx| {
            let mut statement = tx.prepare_cached("SELECT id FROM photos WHERE path = ?1 AND missing_at IS NULL")?;
            match statement.query_row([&bytes], |row| row.get(0)).optional()?.map(PhotoId) {
                Some(other) if other != photo => {
                    return Err(StoreError::PathTaken { photo: other, path: new_path.to_path_buf() });
                }
                _ => {}
            }
            let changed = tx
                .prepare_cached("UPDATE all_photos SET path = ?2, path_text = ?3 WHERE id = ?1")?
                .execute(params![photo.0, bytes, text_from_path(new_path)])?;
            if changed == 0 {
                return Err(StoreError::NoSuchPhoto(photo));
            }
            issues::clear(tx, &bytes)
        })
    }
}

fn select_where(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM photos WHERE {condition}")
}
