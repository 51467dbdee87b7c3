use std::path::PathBuf;

use rusqlite::{OptionalExtension, Row};

use super::columns::{bbox_from_columns, landmarks_from_bytes, named_by_from_text, subject_from_columns};
use super::os_path::path_from_bytes;
use super::{Gallery, StoreError};
use crate::types::{Detection, FaceId, NamedBy, PhotoId, Quality, SubjectName};

/// An enrolled face and the photo it is on.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceRecord {
    pub id: FaceId,
    pub photo: PhotoId,
    pub path: PathBuf,
    pub taken_at: Option<String>,
    /// Width and height of the upright photo at full size, pixels.
    pub photo_size: [u32; 2],
    pub detection: Detection,
    pub quality: Quality,
    pub subject: Option<SubjectName>,
    /// Who said so; with no subject a person said that it is nobody.
    pub named_by: Option<NamedBy>,
    /// It was taken out or is no longer found: a tombstone.
    pub is_gone: bool,
    /// The photo's file was found to be gone, milliseconds since 1970-01-01 UTC.
    pub missing_at: Option<i64>,
}

const SELECT: &str = "SELECT f.id, f.photo_id, p.path, p.taken_at, p.width, p.height,
        f.x1, f.y1, f.x2, f.y2, f.confidence, f.landmarks,
        f.quality, f.quality_size, f.quality_sharpness, f.quality_pose, f.quality_exposure, f.quality_confidence,
        s.id, s.name, f.named_by, p.missing_at, f.gone_at IS NOT NULL
    FROM all_faces f JOIN all_photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = f.subject_id";

impl Gallery {
    /// Every face, in the order of enrollment.
    pub fn face_ids(&self) -> Result<Vec<FaceId>, StoreError> {
        self.read(|conn| {
            // The index is a tenth of the table; it is in the order of photos.
            let mut statement =
                conn.prepare_cached("SELECT id FROM all_faces INDEXED BY faces_by_photo WHERE gone_at IS NULL")?;
            let ids = statement.query_map([], |row| row.get(0).map(FaceId))?;
            let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
            ids.sort_unstable();
            Ok(ids)
        })
    }

    /// Every face with the photo it is on.
    pub fn photos_of_faces(&self) -> Result<Vec<(FaceId, PhotoId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached("SELECT id, photo_id FROM all_faces INDEXED BY faces_by_photo WHERE gone_at IS NULL")?;
            let faces = statement.query_map([], |row| Ok((FaceId(row.get(0)?), PhotoId(row.get(1)?))))?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// In the order in which they were found; empty for a photo without faces and for one that is not known.
    pub fn faces_of_photo(&self, photo: PhotoId) -> Result<Vec<FaceRecord>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached(&format!("{SELECT} WHERE f.photo_id = ?1 AND f.gone_at IS NULL ORDER BY f.id"))?;
            let faces = statement.query_map([photo.0], face_from_row)?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// The same, with those that a person has taken out.
    pub fn faces_with_removed(&self, photo: PhotoId) -> Result<Vec<FaceRecord>, StoreError> {
        self.read(|conn| {
            let condition = "f.photo_id = ?1 AND (f.gone_at IS NULL OR f.gone_by = 'person') ORDER BY f.id";
            let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE {condition}"))?;
            let faces = statement.query_map([photo.0], face_from_row)?;
            Ok(faces.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// [`StoreError::NoSuchFace`].
    pub fn face(&self, face: FaceId) -> Result<FaceRecord, StoreError> {
        self.faces(&[face])?.pop().ok_or(StoreError::NoSuchFace(face))
    }

    /// In the order of `ids`, all as of one moment; ids that are not known are left out.
    pub fn faces(&self, ids: &[FaceId]) -> Result<Vec<FaceRecord>, StoreError> {
        self.faces_where("f.id = ?1 AND f.gone_at IS NULL", ids)
    }

    /// A face that is in the gallery, or was and is a tombstone.
    ///
    /// # Errors
    /// [`StoreError::NoSuchFace`].
    pub fn face_or_tombstone(&self, face: FaceId) -> Result<FaceRecord, StoreError> {
        self.faces_where("f.id = ?1", &[face])?.pop().ok_or(StoreError::NoSuchFace(face))
    }

    fn faces_where(&self, condition: &str, ids: &[FaceId]) -> Result<Vec<FaceRecord>, StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let mut statement = snapshot.prepare_cached(&format!("{SELECT} WHERE {condition}"))?;
            let mut faces = Vec::with_capacity(ids.len());
            for id in ids {
                faces.extend(statement.query_row([id.0], face_from_row).optional()?);
            }
            Ok(faces)
        })
    }

    /// The face's aligned crop as JPEG, a tombstone's too; `None` where the face is not known.
    pub fn crop(&self, face: FaceId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT jpeg FROM crops WHERE face_id = ?1")?;
            Ok(statement.query_row([face.0], |row| row.get(0)).optional()?)
        })
    }
}

fn face_from_row(row: &Row<'_>) -> rusqlite::Result<FaceRecord> {
    Ok(FaceRecord {
        id: FaceId(row.get(0)?),
        photo: PhotoId(row.get(1)?),
        path: path_from_bytes(row.get_ref(2)?.as_blob()?),
        taken_at: row.get(3)?,
        photo_size: [row.get(4)?, row.get(5)?],
        detection: Detection {
            bbox: bbox_from_columns(row, 6)?,
            confidence: row.get(10)?,
            landmarks: landmarks_from_bytes(row.get(11)?),
        },
        quality: Quality {
            score: row.get(12)?,
            size: row.get(13)?,
            sharpness: row.get(14)?,
            pose: row.get(15)?,
            exposure: row.get(16)?,
            confidence: row.get(17)?,
        },
        subject: subject_from_columns(row, 18)?,
        named_by: named_by_from_text(row.get(20)?),
        missing_at: row.get(21)?,
        is_gone: row.get(22)?,
    })
}
