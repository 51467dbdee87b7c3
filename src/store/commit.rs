//! Taking what an enrollment found into the gallery.

use crate::types::Telling;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{bbox_from_columns, bytes_from_landmarks, landmarks_from_bytes};
use super::embeddings::{self, find_model};
use super::ledger::{Changed, Entity, FaceState, GoneBy, Ledger, QuestionState, Run};
use super::os_path::{bytes_from_path, text_from_path};
use super::people;
use super::same_face::{NewFace, OldFace, doubts, match_faces};
use super::subjects::{self, FolderName, Found, Name};
use super::{FileStat, Gallery, StoreError, issues, now_millis};
use crate::types::{Detection, Embedding, FaceId, Landmarks, NamedBy, PhotoId, Quality, SubjectId};

/// A photo with everything that was found on it, ready to be stored. A photo without faces is stored, too.
#[derive(Clone, Debug)]
pub struct EnrolledPhoto {
    pub path: PathBuf,
    /// BLAKE3 of the file.
    pub content_hash: [u8; 32],
    /// As the file was when it was read.
    pub file: FileStat,
    /// Width and height of the upright photo at full size, pixels.
    pub size: [u32; 2],
    pub taken_at: Option<String>,
    /// See [`super::PhotoRecord::params_digest`].
    pub params_digest: String,
    pub model: String,
    /// Cosine from which two faces by this model are taken for one person; −1…1.
    pub threshold: f32,
    pub faces: Vec<EnrolledFace>,
    /// What is to be known of it though it is enrolled.
    pub issue: Option<EnrolledIssue>,
}

/// An issue that comes with a photo, see [`super::IssueRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct EnrolledIssue {
    pub kind: String,
    pub reason: Telling,
    pub request: Option<String>,
}

#[derive(Clone, Debug)]
pub struct EnrolledFace {
    pub detection: Detection,
    pub quality: Quality,
    pub crop_jpeg: Vec<u8>,
    /// By the photo's model.
    pub embedding: Embedding,
    /// The folder that says who it is. A blank name counts as none.
    pub subject: Option<FolderName>,
}

/// What became of a face that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittedFace {
    New(FaceId),
    /// Known, with the vector that it has.
    Kept(FaceId),
    /// Known, with a vector that an index may not have yet.
    Renewed(FaceId),
    /// A person has taken it out of the gallery, and it stays out.
    StaysOut(FaceId),
}

impl CommittedFace {
    pub fn id(self) -> FaceId {
        let (Self::New(id) | Self::Kept(id) | Self::Renewed(id) | Self::StaysOut(id)) = self;
        id
    }
}

/// What a photo became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedPhoto {
    pub photo: PhotoId,
    /// In the order of [`EnrolledPhoto::faces`].
    pub faces: Vec<CommittedFace>,
    /// Faces of an earlier enrollment that are no longer found: tombstones now.
    pub removed: Vec<FaceId>,
    /// The folder's name, where several subjects have it and none was given.
    pub ambiguous: Option<String>,
}

impl CommittedPhoto {
    /// In the order of [`EnrolledPhoto::faces`].
    pub fn ids(&self) -> Vec<FaceId> {
        self.faces.iter().map(|face| face.id()).collect()
    }
}

/// What came of naming a face by its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderNaming {
    /// It is so, or a person has said otherwise.
    Same,
    Named,
    /// Several subjects have the folder's name.
    Ambiguous(String),
}

/// Boxes on the same pixels that overlap by more than this (IoU) hold one face, by however different parameters they were found.
const OVERLAP_IOU: f32 = 0.3;

/// Two vectors of one face nearer than this are one: what threads and batches change.
const SAME_VECTOR: f32 = 0.999_99;

impl Gallery {
    /// Stores a batch in one transaction: all of it, or nothing. When this returns, it is on the disk.
    ///
    /// A photo whose path is enrolled already replaces what it had. A face that is the same for certain – see
    /// [`super::same_face`] – keeps its id, its name and who said it. Where a named face is not found again for certain, the new
    /// one stays nameless and a question offers the name; the old one becomes a tombstone. A name from a folder gives way to a person's word. The
    /// photo's issue is cleared, or replaced by the one that comes with it.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::WrongDimension`], [`StoreError::NotFinite`],
    /// [`StoreError::EmptyModelName`]; then nothing of the batch is stored.
    pub fn commit(&self, run: &Run, batch: &[EnrolledPhoto]) -> Result<(Vec<CommittedPhoto>, Changed), StoreError> {
        for photo in batch {
            validate(photo)?;
        }
        let committed = self.write(|tx| {
            let mut ledger = run.begin(tx)?;
            let photos = batch.iter().map(|photo| commit_photo(&mut ledger, photo)).collect::<Result<_, _>>()?;
            Ok((photos, ledger.finish()?))
        })?;
        run.keep(&committed.1);
        Ok(committed)
    }

    /// A face that is enrolled gets its folder's name, unless a person has spoken.
    ///
    /// # Errors
    /// [`StoreError::NoSuchFace`].
    pub fn name_by_folder(
        &self,
        run: &Run,
        face: FaceId,
        folder: &FolderName,
    ) -> Result<(FolderNaming, Changed), StoreError> {
        // Most photos of an archive are so already; that writes nothing.
        if self.read(|conn| is_named_so(conn, face, folder))? {
            return Ok((FolderNaming::Same, Changed::default()));
        }
        let named = self.write(|tx| {
            let mut ledger = run.begin(tx)?;
            let state = FaceState::read(tx, face.0)?.filter(|state| !state.is_gone());
            let state = state.ok_or(StoreError::NoSuchFace(face))?;
            let naming = name_by_folder(&mut ledger, face, &state, folder)?;
            Ok((naming, ledger.finish()?))
        })?;
        run.keep(&named.1);
        Ok(named)
    }
}

fn validate(photo: &EnrolledPhoto) -> Result<(), StoreError> {
    if photo.model.trim().is_empty() {
        return Err(StoreError::EmptyModelName);
    }
    if photo.is_finite() { Ok(()) } else { Err(StoreError::NotFinite { path: photo.path.clone() }) }
}

impl EnrolledPhoto {
    /// Every number of its faces is one; [`Gallery::commit`] takes no other.
    pub fn is_finite(&self) -> bool {
        self.faces.iter().all(is_finite)
    }
}

fn is_finite(face: &EnrolledFace) -> bool {
    let (b, q) = (face.detection.bbox, face.quality);
    let numbers = [b.x1, b.y1, b.x2, b.y2, face.detection.confidence];
    let qualities = [q.score, q.size, q.sharpness, q.pose, q.exposure, q.confidence];
    let landmarks = face.detection.landmarks.0.as_flattened();
    numbers.iter().chain(&qualities).chain(landmarks).all(|value| value.is_finite())
}

/// A face that the photo had, with what decides whether its vector still holds.
struct Known {
    face: OldFace,
    landmarks: Landmarks,
    state: FaceState,
}

fn commit_photo(ledger: &mut Ledger<'_>, photo: &EnrolledPhoto) -> Result<CommittedPhoto, StoreError> {
    let conn = ledger.conn;
    let path = bytes_from_path(&photo.path);
    let Some(photo_id) = upsert_photo(conn, photo, &path)? else {
        // A person took the photo out while it was on its way here.
        return Ok(CommittedPhoto { photo: PhotoId(0), faces: Vec::new(), removed: Vec::new(), ambiguous: None });
    };
    let known = known_faces(conn, photo_id, photo)?;
    let old: Vec<OldFace> = known.iter().map(|known| known.face.clone()).collect();
    let new: Vec<NewFace<'_>> =
        photo.faces.iter().map(|face| NewFace { bbox: face.detection.bbox, embedding: &face.embedding }).collect();
    let matches = match_faces(&old, &new, photo.threshold);
    let doubtful = doubts(&old, &new, &matches, photo.threshold);

    let mut committed = CommittedPhoto { photo: photo_id, faces: Vec::new(), removed: Vec::new(), ambiguous: None };
    // Those that go first, so that a question speaks of a tombstone.
    for (at, known) in known.iter().enumerate() {
        if !known.face.is_gone && !matches.contains(&Some(at)) {
            ledger.change(known.face.id.0, |state: &mut FaceState| {
                (state.gone_at, state.gone_by) = (Some(now_millis()), Some(GoneBy::Enrollment));
            })?;
            committed.removed.push(known.face.id);
        }
    }
    for ((face, matched), doubt) in photo.faces.iter().zip(&matches).zip(&doubtful) {
        let became = match matched.map(|at| &known[at]) {
            Some(known) if known.state.gone_by == Some(GoneBy::Person) => {
                // Where it stands now, and how it looks to this model, so that it is known again the next time.
                write_face(conn, photo, photo_id, Some(known.face.id), face)?;
                if known.face.embedding.is_none() {
                    embeddings::insert(conn, &photo.model, known.face.id, &face.embedding)?;
                }
                CommittedFace::StaysOut(known.face.id)
            }
            Some(known) => keep_face(ledger, photo, photo_id, known, face)?,
            None => {
                let id = write_face(conn, photo, photo_id, None, face)?;
                embeddings::insert(conn, &photo.model, id, &face.embedding)?;
                CommittedFace::New(id)
            }
        };
        committed.faces.push(became);
        if matches!(became, CommittedFace::StaysOut(_)) {
            continue;
        }
        if let Some(folder) = &face.subject {
            let state = FaceState::read(conn, became.id().0)?.ok_or(StoreError::NoSuchFace(became.id()))?;
            if let FolderNaming::Ambiguous(name) = name_by_folder(ledger, became.id(), &state, folder)? {
                committed.ambiguous = Some(name);
            }
        }
        if let CommittedFace::New(id) = became
            && let Some(at) = resembling(&known, &matches, face, photo.threshold)
        {
            people::carry_over(ledger, known[at].face.id, id)?;
        }
        if let Some((at, subject)) = doubt.and_then(|at| Some((at, old[at].subject?))) {
            ask(ledger, became.id(), old[at].id, subject)?;
        }
    }
    match &photo.issue {
        Some(issue) => issues::record(conn, &photo.path, &issue.kind, &issue.reason, issue.request.as_deref())?,
        None => issues::clear(conn, &path)?,
    }
    Ok(committed)
}

/// The face that the photo had and that is not found again in its place, which a new one resembles most: who it is not holds
/// of the new one, too. Without a name, which is asked for by [`doubts`].
fn resembling(known: &[Known], matches: &[Option<usize>], face: &EnrolledFace, threshold: f32) -> Option<usize> {
    let score = |known: &Known| {
        let embedding = known.face.embedding.as_ref().filter(|embedding| embedding.d() == face.embedding.d());
        let score = embedding.map_or(-1.0, |embedding| embedding.score(&face.embedding));
        let overlaps = known.face.same_pixels && known.face.bbox.iou(&face.detection.bbox) > OVERLAP_IOU;
        Some(score).filter(|score| *score >= threshold || overlaps)
    };
    let left = known.iter().enumerate().filter(|(at, known)| !known.face.is_gone && !matches.contains(&Some(*at)));
    let scored = left.filter_map(|(at, known)| Some((score(known)?, at)));
    scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at)
}

/// Asks whether a new face without a name is still the old one's.
fn ask(ledger: &mut Ledger<'_>, face: FaceId, old_face: FaceId, subject: SubjectId) -> Result<(), StoreError> {
    let is_named = FaceState::read(ledger.conn, face.0)?.is_some_and(|state| state.subject.is_some());
    if !is_named {
        let question = QuestionState { old_face, subject, at: now_millis(), answered: false };
        ledger.set(face.0, Some(question))?;
    }
    Ok(())
}

/// Inserts or updates the photo's row; `None` where none is in the gallery and a person has taken one of this content out.
fn upsert_photo(conn: &Connection, photo: &EnrolledPhoto, path: &[u8]) -> Result<Option<PhotoId>, StoreError> {
    let known: Option<i64> = conn
        .prepare_cached("SELECT id FROM all_photos WHERE path = ?1 AND missing_at IS NULL AND gone_at IS NULL")?
        .query_row([path], |row| row.get(0))
        .optional()?;
    let values = params![
        known,
        path,
        text_from_path(&photo.path),
        photo.content_hash,
        photo.file.bytes as i64,
        photo.file.mtime_millis,
        photo.file.ctime_millis,
        photo.file.device,
        photo.file.inode,
        photo.size[0],
        photo.size[1],
        photo.taken_at,
        photo.params_digest,
        photo.model,
        now_millis(),
    ];
    let Some(id) = known else {
        let is_removed = conn
            .prepare_cached("SELECT 1 FROM all_photos WHERE content_hash = ?1 AND gone_at IS NOT NULL")?
            .exists([photo.content_hash])?;
        if is_removed {
            return Ok(None);
        }
        let id = conn
            .prepare_cached(
                "INSERT INTO all_photos (id, path, path_text, content_hash, bytes, mtime_millis, ctime_millis, device,
                     inode, width, height, taken_at, params_digest, model, enrolled_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .insert(values)?;
        return Ok(Some(PhotoId(id)));
    };
    conn.prepare_cached(
        "UPDATE all_photos SET path = ?2, path_text = ?3, content_hash = ?4, bytes = ?5, mtime_millis = ?6,
             ctime_millis = ?7, device = ?8, inode = ?9, width = ?10, height = ?11, taken_at = ?12, params_digest = ?13,
             model = ?14, enrolled_at = ?15
         WHERE id = ?1",
    )?
    .execute(values)?;
    Ok(Some(PhotoId(id)))
}

/// Every face that the photo has or had, tombstones among them.
fn known_faces(conn: &Connection, id: PhotoId, photo: &EnrolledPhoto) -> Result<Vec<Known>, StoreError> {
    let model = find_model(conn, &photo.model)?;
    let mut statement = conn.prepare_cached(
        "SELECT f.id, f.x1, f.y1, f.x2, f.y2, f.landmarks, f.subject_id, f.named_by, f.gone_at, f.gone_by, f.ignored,
             e.vector, f.seen_hash
         FROM all_faces f LEFT JOIN embeddings e ON e.face_id = f.id AND e.model_id = ?2
         WHERE f.photo_id = ?1 ORDER BY f.id",
    )?;
    let known = |row: &Row<'_>| {
        let state = super::ledger::face_state_from_columns(row, 6)?;
        let vector: Option<Vec<u8>> = row.get(11)?;
        let face = OldFace {
            id: FaceId(row.get(0)?),
            bbox: bbox_from_columns(row, 1)?,
            embedding: vector.and_then(|bytes| embeddings::embedding_from_bytes(&bytes)),
            subject: state.subject,
            is_gone: state.is_gone(),
            same_pixels: row.get_ref(12)?.as_blob_or_null()? == Some(photo.content_hash.as_slice()),
        };
        Ok(Known { face, landmarks: landmarks_from_bytes(row.get(5)?), state })
    };
    let faces = statement.query_map(params![id.0, model.map(|model| model.id)], known)?;
    Ok(faces.collect::<Result<_, _>>()?)
}

/// A face that was found again: its place and picture are those of now, its identity stays. It comes back where it was
/// a tombstone.
fn keep_face(
    ledger: &mut Ledger<'_>,
    photo: &EnrolledPhoto,
    at: PhotoId,
    known: &Known,
    face: &EnrolledFace,
) -> Result<CommittedFace, StoreError> {
    let (conn, id) = (ledger.conn, known.face.id);
    write_face(conn, photo, at, Some(id), face)?;
    if known.face.is_gone {
        ledger.change(id.0, |state: &mut FaceState| (state.gone_at, state.gone_by) = (None, None))?;
    }
    let same_points = known.landmarks.is_near(&face.detection.landmarks);
    match &known.face.embedding {
        Some(vector) if vector.d() == face.embedding.d() && vector.score(&face.embedding) >= SAME_VECTOR => {
            return Ok(if known.face.is_gone { CommittedFace::Renewed(id) } else { CommittedFace::Kept(id) });
        }
        // Its vectors by other models were made of the same pixels.
        _ if known.face.same_pixels && same_points => embeddings::forget(conn, id, Some(&photo.model))?,
        _ => embeddings::forget(conn, id, None)?,
    }
    embeddings::insert(conn, &photo.model, id, &face.embedding)?;
    Ok(CommittedFace::Renewed(id))
}

/// The folder has nothing to say about the face that is not so, or a person has spoken.
fn is_named_so(conn: &Connection, face: FaceId, folder: &FolderName) -> Result<bool, StoreError> {
    let Some(state) = FaceState::read(conn, face.0)? else { return Err(StoreError::NoSuchFace(face)) };
    let Some(name) = Name::from_folder(folder).filter(|_| !state.is_persons_word()) else { return Ok(true) };
    let found = subjects::find_by_folder(conn, &name)?;
    let is_so = matches!(found, Found::One(subject) if state.subject == Some(subject));
    Ok(is_so && state.named_by == Some(NamedBy::Folder))
}

fn name_by_folder(
    ledger: &mut Ledger<'_>,
    face: FaceId,
    state: &FaceState,
    folder: &FolderName,
) -> Result<FolderNaming, StoreError> {
    let Some(name) = Name::from_folder(folder).filter(|_| !state.is_persons_word()) else {
        return Ok(FolderNaming::Same);
    };
    let subject = match subjects::find_by_folder(ledger.conn, &name)? {
        Found::One(subject) => subject,
        Found::Nobody => subjects::create(ledger, &name)?,
        Found::Several => return Ok(FolderNaming::Ambiguous(name.text)),
    };
    let is_changed = ledger.change(face.0, |state: &mut FaceState| {
        (state.subject, state.named_by) = (Some(subject), Some(NamedBy::Folder));
    })?;
    Ok(if is_changed { FolderNaming::Named } else { FolderNaming::Same })
}

/// Writes a face of the photo `at` as it was seen now: a new one, or `known` in its new place.
fn write_face(
    conn: &Connection,
    photo: &EnrolledPhoto,
    at: PhotoId,
    known: Option<FaceId>,
    face: &EnrolledFace,
) -> Result<FaceId, StoreError> {
    let (bbox, quality) = (face.detection.bbox, face.quality);
    let id: i64 = conn
        .prepare_cached(
            "INSERT INTO all_faces (id, photo_id, x1, y1, x2, y2, confidence, landmarks, quality, quality_size,
                 quality_sharpness, quality_pose, quality_exposure, quality_confidence, seen_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (id) DO UPDATE SET x1 = excluded.x1, y1 = excluded.y1, x2 = excluded.x2, y2 = excluded.y2,
                 confidence = excluded.confidence, landmarks = excluded.landmarks, quality = excluded.quality,
                 quality_size = excluded.quality_size, quality_sharpness = excluded.quality_sharpness,
                 quality_pose = excluded.quality_pose, quality_exposure = excluded.quality_exposure,
                 quality_confidence = excluded.quality_confidence, seen_hash = excluded.seen_hash
             RETURNING id",
        )?
        .query_row(
            params![
                known.map(|face| face.0),
                at.0,
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
                photo.content_hash,
            ],
            |row| row.get(0),
        )?;
    conn.prepare_cached(
        "INSERT INTO crops (face_id, jpeg) VALUES (?1, ?2) ON CONFLICT (face_id) DO UPDATE SET jpeg = excluded.jpeg",
    )?
    .execute(params![id, face.crop_jpeg])?;
    Ok(FaceId(id))
}
