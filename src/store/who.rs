//! Who a face is to be, and what stands in the record of a face, a photo or a subject.

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;
use super::ledger::{Entity, FaceState, Ledger, PhotoState, SubjectState};
use super::subjects::{self, Found, Name};
use crate::types::{FaceId, Ignored, PhotoId, SubjectId};

/// Who a face is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    Subject(SubjectId),
    /// The one so named, or where there is nobody yet a new subject.
    Name(String),
    /// A new subject, whoever else has this name.
    New(String),
    /// The same with an external id, by which others know the person.
    NewKnownAs {
        name: String,
        external_id: String,
    },
    /// Nobody; folders do not name it again.
    Nobody,
}

pub(super) fn resolve(ledger: &mut Ledger<'_>, who: &Naming) -> Result<Option<SubjectId>, StoreError> {
    let tidy = |text: &str| Name::from_text(text).ok_or(StoreError::EmptySubjectName);
    match who {
        Naming::Nobody => Ok(None),
        Naming::Subject(subject) => {
            subject_state(ledger.conn, *subject)?;
            Ok(Some(*subject))
        }
        Naming::New(text) => subjects::create(ledger, &tidy(text)?).map(Some),
        Naming::NewKnownAs { name, external_id } => {
            let subject = subjects::create(ledger, &tidy(name)?)?;
            let external_id = Some(external_id.trim().to_owned()).filter(|id| !id.is_empty());
            ledger.change(subject.0, |state: &mut SubjectState| state.external_id = external_id)?;
            Ok(Some(subject))
        }
        Naming::Name(text) => {
            let name = tidy(text)?;
            match subjects::find_by_name(ledger.conn, &name)? {
                Found::One(subject) => Ok(Some(subject)),
                Found::Nobody => subjects::create(ledger, &name).map(Some),
                Found::Several => Err(subjects::ambiguous(ledger.conn, name)),
            }
        }
    }
}

pub(super) fn restore_face(ledger: &mut Ledger<'_>, face: FaceId) -> Result<(), StoreError> {
    let photo: Option<i64> = ledger
        .conn
        .prepare_cached("SELECT photo_id FROM all_faces WHERE id = ?1")?
        .query_row([face.0], |row| row.get(0))
        .optional()?;
    let photo = PhotoId(photo.ok_or(StoreError::NoSuchFace(face))?);
    if photo_state(ledger.conn, photo)?.gone_at.is_some() {
        return Err(StoreError::PhotoIsGone { face, photo });
    }
    bring_back(ledger, face.0)
}

pub(super) fn bring_back(ledger: &mut Ledger<'_>, face: i64) -> Result<(), StoreError> {
    ledger.change(face, |state: &mut FaceState| {
        (state.gone_at, state.gone_by) = (None, None);
        // Who brings it back takes it for a face.
        state.ignored = state.ignored.filter(|why| *why != Ignored::NotAFace);
    })?;
    Ok(())
}

pub(super) fn living_face(conn: &Connection, face: FaceId) -> Result<FaceState, StoreError> {
    let state = FaceState::read(conn, face.0)?;
    state.filter(|state| !state.is_gone()).ok_or(StoreError::NoSuchFace(face))
}

pub(super) fn photo_state(conn: &Connection, photo: PhotoId) -> Result<PhotoState, StoreError> {
    PhotoState::read(conn, photo.0)?.ok_or(StoreError::NoSuchPhoto(photo))
}

pub(super) fn subject_state(conn: &Connection, subject: SubjectId) -> Result<SubjectState, StoreError> {
    SubjectState::read(conn, subject.0)?.ok_or(StoreError::NoSuchSubjectId(subject))
}

pub(super) fn name_of(conn: &Connection, subject: SubjectId) -> Result<String, StoreError> {
    Ok(subject_state(conn, subject)?.name)
}

/// Tombstones among them: brought back, a face is to be whose it would have been.
pub(super) fn all_faces_of(conn: &Connection, subject: SubjectId) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id FROM all_faces WHERE subject_id = ?1 ORDER BY id")?;
    let faces = statement.query_map([subject.0], |row| row.get(0))?;
    Ok(faces.collect::<Result<_, _>>()?)
}

pub(super) fn questions_of(conn: &Connection, subject: SubjectId) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT face_id FROM questions WHERE subject_id = ?1 ORDER BY face_id")?;
    let questions = statement.query_map([subject.0], |row| row.get(0))?;
    Ok(questions.collect::<Result<_, _>>()?)
}
