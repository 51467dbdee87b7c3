use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::events::{self, NewEvent};
use super::faces::{bbox_from_columns, bytes_from_landmarks};
use super::os_path::{bytes_from_path, text_from_path};
use super::subjects::{self, SubjectRef, subject_from_columns};
use super::{EventKind, Gallery, StoreError, embeddings, issues, now_millis};
use crate::types::{BBox, Detection, Embedding, FaceId, PhotoId, Quality};

/// A face of an earlier enrollment is the same face where their boxes overlap by more than this (IoU).
const SAME_FACE_IOU: f32 = 0.5;

/// A photo with everything that was found on it, ready to be stored. A photo without faces is stored, too.
#[derive(Clone, Debug)]
pub struct EnrolledPhoto {
    pub path: PathBuf,
    /// BLAKE3 of the file.
    pub content_hash: [u8; 32],
    pub bytes: u64,
    /// The file's modification time, milliseconds since 1970-01-01 UTC.
    pub mtime_millis: i64,
    /// Width and height of the upright photo at full size, pixels.
    pub size: [u32; 2],
    pub taken_at: Option<String>,
    /// See [`super::PhotoRecord::params_digest`].
    pub params_digest: String,
    pub model: String,
    pub faces: Vec<EnrolledFace>,
}

#[derive(Clone, Debug)]
pub struct EnrolledFace {
    pub detection: Detection,
    pub quality: Quality,
    pub crop_jpeg: Vec<u8>,
    /// By the photo's model.
    pub embedding: Embedding,
    /// Who it is, where that is known from elsewhere (a folder's name, say). A blank name counts as none.
    pub subject: Option<String>,
}

/// What a photo became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedPhoto {
    pub photo: PhotoId,
    /// In the order of [`EnrolledPhoto::faces`].
    pub faces: Vec<FaceId>,
    /// Faces of an earlier enrollment of the same path, which are gone from the gallery.
    pub removed: Vec<FaceId>,
}

struct OldFace {
    id: FaceId,
    bbox: BBox,
    subject: Option<SubjectRef>,
}

impl Gallery {
    /// Stores a batch in one transaction: all of it, or nothing. When this returns, it is on the disk.
    ///
    /// A photo whose path is enrolled already replaces what it had. Each new face takes over the subject of the old
    /// face in its place (IoU above 0.5, nearest first, one to one), and this wins over `subject`: a person may have
    /// corrected the folder. The photo's issue is cleared.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::WrongDimension`], [`StoreError::NotFinite`],
    /// [`StoreError::EmptyModelName`]; then nothing of the batch is stored.
    pub fn commit(&self, batch: &[EnrolledPhoto]) -> Result<Vec<CommittedPhoto>, StoreError> {
        for photo in batch {
            validate(photo)?;
        }
        self.write(|tx| batch.iter().map(|photo| commit_photo(tx, photo)).collect())
    }
}

fn validate(photo: &EnrolledPhoto) -> Result<(), StoreError> {
    if photo.model.trim().is_empty() {
        return Err(StoreError::EmptyModelName);
    }
    let is_finite = photo.faces.iter().all(|face| {
        let (b, q) = (face.detection.bbox, face.quality);
        let numbers = [b.x1, b.y1, b.x2, b.y2, face.detection.confidence];
        let qualities = [q.score, q.size, q.sharpness, q.pose, q.exposure, q.confidence];
        let landmarks = face.detection.landmarks.0.as_flattened();
        numbers.iter().chain(&qualities).chain(landmarks).all(|value| value.is_finite())
    });
    if is_finite { Ok(()) } else { Err(StoreError::NotFinite { path: photo.path.clone() }) }
}

fn commit_photo(conn: &Connection, photo: &EnrolledPhoto) -> Result<CommittedPhoto, StoreError> {
    let path = bytes_from_path(&photo.path);
    let (photo_id, old) = upsert_photo(conn, photo, &path)?;
    if !old.is_empty() {
        conn.prepare_cached("DELETE FROM faces WHERE photo_id = ?1")?.execute([photo_id.0])?;
    }
    let new_boxes: Vec<_> = photo.faces.iter().map(|face| face.detection.bbox).collect();
    let old_boxes: Vec<_> = old.iter().map(|face| face.bbox).collect();
    let matches = match_boxes(&old_boxes, &new_boxes);

    let mut faces = Vec::with_capacity(photo.faces.len());
    for (face, matched) in photo.faces.iter().zip(&matches) {
        let kept = matched.map(|index| &old[index]).filter(|old_face| old_face.subject.is_some());
        let subject = match kept {
            Some(old_face) => old_face.subject.clone(),
            None => subject_from_enrollment(conn, face)?,
        };
        let id = insert_face(conn, photo_id, face, subject.as_ref())?;
        embeddings::insert(conn, &photo.model, id, &face.embedding)?;
        match (kept, &subject) {
            (Some(old_face), _) => record_replaced(conn, photo_id, old_face, id, face.detection.bbox)?,
            (None, Some(subject)) => subjects::record_naming(conn, id, None, Some(subject))?,
            (None, None) => {}
        }
        faces.push(id);
    }
    for (index, old_face) in old.iter().enumerate() {
        if old_face.subject.is_some() && !matches.contains(&Some(index)) {
            record_removed(conn, photo_id, old_face)?;
        }
    }
    issues::clear(conn, &path)?;
    Ok(CommittedPhoto { photo: photo_id, faces, removed: old.iter().map(|face| face.id).collect() })
}

/// Inserts or updates the photo's row; returns its id and the faces that it had.
fn upsert_photo(conn: &Connection, photo: &EnrolledPhoto, path: &[u8]) -> Result<(PhotoId, Vec<OldFace>), StoreError> {
    let known: Option<i64> =
        conn.prepare_cached("SELECT id FROM photos WHERE path = ?1")?.query_row([path], |row| row.get(0)).optional()?;
    let values = params![
        known,
        path,
        text_from_path(&photo.path),
        photo.content_hash,
        photo.bytes as i64,
        photo.mtime_millis,
        photo.size[0],
        photo.size[1],
        photo.taken_at,
        photo.params_digest,
        photo.model,
        now_millis(),
    ];
    let Some(id) = known else {
        let id = conn
            .prepare_cached(
                "INSERT INTO photos (id, path, path_text, content_hash, bytes, mtime_millis, width, height, taken_at,
                     params_digest, model, enrolled_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .insert(values)?;
        return Ok((PhotoId(id), Vec::new()));
    };
    conn.prepare_cached(
        "UPDATE photos SET path = ?2, path_text = ?3, content_hash = ?4, bytes = ?5, mtime_millis = ?6, width = ?7,
             height = ?8, taken_at = ?9, params_digest = ?10, model = ?11, enrolled_at = ?12
         WHERE id = ?1",
    )?
    .execute(values)?;
    Ok((PhotoId(id), old_faces(conn, PhotoId(id))?))
}

fn old_faces(conn: &Connection, photo: PhotoId) -> Result<Vec<OldFace>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT f.id, f.x1, f.y1, f.x2, f.y2, s.id, s.name
         FROM faces f LEFT JOIN subjects s ON s.id = f.subject_id WHERE f.photo_id = ?1 ORDER BY f.id",
    )?;
    let faces = statement.query_map([photo.0], |row| {
        Ok(OldFace {
            id: FaceId(row.get(0)?),
            bbox: bbox_from_columns(row, 1)?,
            subject: subject_from_columns(row, 5)?,
        })
    })?;
    Ok(faces.collect::<Result<_, _>>()?)
}

fn subject_from_enrollment(conn: &Connection, face: &EnrolledFace) -> Result<Option<SubjectRef>, StoreError> {
    let name = face.subject.as_deref().and_then(subjects::name_from_text);
    name.map(|name| subjects::find_or_create(conn, &name)).transpose()
}

fn insert_face(
    conn: &Connection,
    photo: PhotoId,
    face: &EnrolledFace,
    subject: Option<&SubjectRef>,
) -> Result<FaceId, StoreError> {
    let (bbox, quality) = (face.detection.bbox, face.quality);
    let id = conn
        .prepare_cached(
            "INSERT INTO faces (photo_id, x1, y1, x2, y2, confidence, landmarks, quality, quality_size,
                 quality_sharpness, quality_pose, quality_exposure, quality_confidence, subject_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .insert(params![
            photo.0,
            bbox.x1,
            bbox.y1,
            bbox.x2,
            bbox.y2,
            face.detection.confidence,
            bytes_from_landmarks(&face.detection.landmarks),
            quality.score,
            quality.size,
            quality.sharpness,
            quality.pose,
            quality.exposure,
            quality.confidence,
            subject.map(|subject| subject.id.0),
        ])?;
    conn.prepare_cached("INSERT INTO crops (face_id, jpeg) VALUES (?1, ?2)")?.execute(params![id, face.crop_jpeg])?;
    Ok(FaceId(id))
}

/// For each new box the old one in its place: pairs above [`SAME_FACE_IOU`] in falling order of overlap, each box
/// used once.
fn match_boxes(old: &[BBox], new: &[BBox]) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (o, old_box) in old.iter().enumerate() {
        for (n, new_box) in new.iter().enumerate() {
            let iou = old_box.iou(new_box);
            if iou > SAME_FACE_IOU {
                pairs.push((iou, o, n));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut matches = vec![None; new.len()];
    let mut is_used = vec![false; old.len()];
    for (_, o, n) in pairs {
        if !is_used[o] && matches[n].is_none() {
            is_used[o] = true;
            matches[n] = Some(o);
        }
    }
    matches
}

fn state_json(face: FaceId, photo: PhotoId, bbox: BBox, subject: Option<&SubjectRef>) -> Value {
    json!({ "face": face, "photo": photo, "bbox": bbox, "subject": subject.map(SubjectRef::json) })
}

fn record_replaced(
    conn: &Connection,
    photo: PhotoId,
    old: &OldFace,
    new: FaceId,
    new_box: BBox,
) -> Result<(), StoreError> {
    let subject = old.subject.as_ref();
    events::record(
        conn,
        NewEvent {
            kind: EventKind::FaceReplaced,
            face: Some(new),
            subject: subject.map(|subject| subject.id),
            before: Some(state_json(old.id, photo, old.bbox, subject)),
            after: Some(state_json(new, photo, new_box, subject)),
        },
    )
}

fn record_removed(conn: &Connection, photo: PhotoId, old: &OldFace) -> Result<(), StoreError> {
    let subject = old.subject.as_ref();
    events::record(
        conn,
        NewEvent {
            kind: EventKind::FaceRemoved,
            face: Some(old.id),
            subject: subject.map(|subject| subject.id),
            before: Some(state_json(old.id, photo, old.bbox, subject)),
            after: None,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32) -> BBox {
        BBox { x1: x, y1: 0.0, x2: x + 10.0, y2: 10.0 }
    }

    #[test]
    fn boxes_are_matched_nearest_first_and_once() {
        // 1 overlaps both old boxes; 0 takes it with the larger overlap, 10 finds its own.
        assert_eq!(match_boxes(&[square(0.0), square(3.0)], &[square(1.0), square(3.5)]), [Some(0), Some(1)]);
        assert_eq!(match_boxes(&[square(0.0)], &[square(1.0), square(0.0)]), [None, Some(0)]);
        assert_eq!(match_boxes(&[square(0.0)], &[square(8.0)]), [None]);
        assert_eq!(match_boxes(&[], &[square(0.0)]), [None]);
    }
}
