//! What a person says about faces beside names, as changes of the ledger.

use rusqlite::Connection;

use super::alarms::AlarmKind;
use super::pairs::{accept, ids, keep_apart, not_subject, pairs};
use crate::store::ledger::{
    ApartState, Entity, FaceState, GoneBy, GroupedState, Ledger, RejectionState, SettledState, SubjectState, fresh_id,
};
use crate::store::who::{Naming, all_faces_of, living_face, resolve, restore_face, subject_state};
use crate::store::{StoreError, now_millis};
use crate::types::{FaceId, Ignored, NamedBy, PhotoId, SubjectId, tidy_name};

/// These faces are not this subject: it is not suggested for them again, and where they have its name they lose it.
pub(in crate::store) fn reject(
    ledger: &mut Ledger<'_>,
    faces: &[FaceId],
    subject: SubjectId,
) -> Result<(), StoreError> {
    faces.iter().try_for_each(|face| living_face(ledger.conn, *face).map(|_| ()))?;
    ledger.args.name = Some(subject_state(ledger.conn, subject)?.name);
    for face in faces {
        ledger.change(face.0, |state: &mut FaceState| {
            if state.subject == Some(subject) {
                (state.subject, state.named_by) = (None, Some(NamedBy::Person));
            }
        })?;
        not_subject(ledger, *face, subject)?;
    }
    Ok(())
}

/// These faces are left alone; a name that one has goes. What is no face leaves the gallery, and stays out.
pub(in crate::store) fn ignore(ledger: &mut Ledger<'_>, faces: &[FaceId], why: Ignored) -> Result<(), StoreError> {
    let at = now_millis();
    faces.iter().try_for_each(|face| living_face(ledger.conn, *face).map(|_| ()))?;
    for face in faces {
        ledger.change(face.0, |state: &mut FaceState| {
            if state.subject.is_some() {
                (state.subject, state.named_by) = (None, Some(NamedBy::Person));
            }
            state.ignored = Some(why);
            if why == Ignored::NotAFace {
                (state.gone_at, state.gone_by) = (Some(at), Some(GoneBy::Person));
            }
        })?;
    }
    Ok(())
}

/// Faces that were left alone are so no longer; what was said to be no face is one.
pub(in crate::store) fn notice(ledger: &mut Ledger<'_>, faces: &[FaceId]) -> Result<(), StoreError> {
    for face in faces {
        let state = FaceState::read(ledger.conn, face.0)?;
        match state.and_then(|state| Some((state.ignored?, state.is_gone()))) {
            Some((Ignored::NotAFace, true)) => restore_face(ledger, *face)?,
            Some(_) => {
                ledger.change(face.0, |state: &mut FaceState| state.ignored = None)?;
            }
            None => {
                living_face(ledger.conn, *face)?;
            }
        }
    }
    Ok(())
}

/// The faces of a photo that are neither named nor ignored.
///
/// # Errors
/// [`StoreError::NoSuchPhoto`].
pub(in crate::store) fn rest_of_photo(conn: &Connection, photo: PhotoId) -> Result<Vec<FaceId>, StoreError> {
    if !conn.prepare_cached("SELECT 1 FROM photos WHERE id = ?1")?.exists([photo.0])? {
        return Err(StoreError::NoSuchPhoto(photo));
    }
    let sql = "SELECT id FROM faces WHERE photo_id = ?1 AND subject_id IS NULL AND ignored IS NULL ORDER BY id";
    Ok(ids(conn, sql, [photo.0])?.into_iter().map(FaceId).collect())
}

/// Faces of one subject are somebody else, or nobody; the subject is not suggested for them again.
pub(in crate::store) fn split(
    ledger: &mut Ledger<'_>,
    subject: SubjectId,
    faces: &[FaceId],
    who: &Naming,
) -> Result<(), StoreError> {
    let old = subject_state(ledger.conn, subject)?.name;
    for face in faces {
        if living_face(ledger.conn, *face)?.subject != Some(subject) {
            return Err(StoreError::NotOfSubject { face: *face, subject });
        }
    }
    if faces.is_empty() {
        return Ok(());
    }
    let other = resolve(ledger, who)?;
    if other == Some(subject) {
        return Err(StoreError::SplitIntoItself(subject));
    }
    ledger.args.old_names = vec![old];
    ledger.args.name = other.map(|other| subject_state(ledger.conn, other)).transpose()?.map(|state| state.name);
    for face in faces {
        accept(ledger, *face, other, NamedBy::Person)?;
        not_subject(ledger, *face, subject)?;
    }
    Ok(())
}

/// The face that stands for a subject, which must be its own, and its tags, each once.
pub(in crate::store) fn adorn(
    ledger: &mut Ledger<'_>,
    subject: SubjectId,
    cover: Option<FaceId>,
    tags: &[String],
) -> Result<(), StoreError> {
    let before = subject_state(ledger.conn, subject)?;
    if let Some(face) = cover.filter(|face| before.cover != Some(*face))
        && living_face(ledger.conn, face)?.subject != Some(subject)
    {
        return Err(StoreError::NotOfSubject { face, subject });
    }
    ledger.args.name = Some(before.name.clone());
    ledger.set(subject.0, Some(SubjectState { cover, tags: tidy_tags(tags), ..before }))?;
    Ok(())
}

fn tidy_tags(tags: &[String]) -> Vec<String> {
    let mut tidy: Vec<String> = tags.iter().map(|tag| tidy_name(tag)).filter(|tag| !tag.is_empty()).collect();
    tidy.sort();
    tidy.dedup();
    tidy
}

/// An alarm about these faces of a subject is none.
pub(in crate::store) fn settle(
    ledger: &mut Ledger<'_>,
    subject: SubjectId,
    kind: AlarmKind,
    faces: &[FaceId],
) -> Result<(), StoreError> {
    ledger.args.name = Some(subject_state(ledger.conn, subject)?.name);
    let mut faces = faces.to_vec();
    faces.sort_unstable();
    faces.dedup();
    let settled = SettledState { subject, kind: kind.name().to_owned(), faces };
    let known = ids(ledger.conn, "SELECT id FROM settled WHERE subject_id = ?1 ORDER BY id", [subject.0])?;
    for id in known {
        if SettledState::read(ledger.conn, id)?.as_ref() == Some(&settled) {
            return Ok(());
        }
    }
    let id = fresh_id(ledger.conn, "settled")?;
    ledger.set(id, Some(settled))?;
    Ok(())
}

/// Who was not `from` is not `into`, but for the faces that are `into` by now.
pub(in crate::store) fn move_subject(
    ledger: &mut Ledger<'_>,
    from: SubjectId,
    into: SubjectId,
) -> Result<(), StoreError> {
    for id in ids(ledger.conn, "SELECT id FROM rejections WHERE subject_id = ?1 ORDER BY id", [from.0])? {
        let Some(pair) = RejectionState::read(ledger.conn, id)? else { continue };
        ledger.set::<RejectionState>(id, None)?;
        if FaceState::read(ledger.conn, pair.face.0)?.is_some_and(|state| state.subject != Some(into)) {
            not_subject(ledger, pair.face, into)?;
        }
    }
    // Its own faces are `into` by the person's word, whatever was said of them before.
    for face in all_faces_of(ledger.conn, into)? {
        for id in pairs(ledger.conn, FaceId(face), into)? {
            ledger.set::<RejectionState>(id, None)?;
        }
    }
    forget_subject(ledger, from)
}

/// What was said of a subject that is no more.
pub(in crate::store) fn forget_subject(ledger: &mut Ledger<'_>, subject: SubjectId) -> Result<(), StoreError> {
    for id in ids(ledger.conn, "SELECT id FROM rejections WHERE subject_id = ?1 ORDER BY id", [subject.0])? {
        ledger.set::<RejectionState>(id, None)?;
    }
    for id in ids(ledger.conn, "SELECT id FROM settled WHERE subject_id = ?1 ORDER BY id", [subject.0])? {
        ledger.set::<SettledState>(id, None)?;
    }
    Ok(())
}

/// What a person said of a face holds of the new one on the same photo that resembles it: whom it is not, that it is left
/// alone, and in which group it stands.
pub(in crate::store) fn carry_over(ledger: &mut Ledger<'_>, old: FaceId, new: FaceId) -> Result<(), StoreError> {
    let (Some(before), Some(now)) = (FaceState::read(ledger.conn, old.0)?, FaceState::read(ledger.conn, new.0)?) else {
        return Ok(());
    };
    if now.subject.is_none() && before.ignored.is_some_and(|why| why != Ignored::NotAFace) {
        ledger.change(new.0, |state: &mut FaceState| state.ignored = before.ignored)?;
    }
    for id in ids(ledger.conn, "SELECT id FROM rejections WHERE face_id = ?1 ORDER BY id", [old.0])? {
        let pair = RejectionState::read(ledger.conn, id)?;
        if let Some(pair) = pair.filter(|pair| now.subject != Some(pair.subject)) {
            not_subject(ledger, new, pair.subject)?;
        }
    }
    let sql =
        "SELECT iif(face_id = ?1, other_face, face_id) FROM apart WHERE face_id = ?1 OR other_face = ?1 ORDER BY id";
    for other in ids(ledger.conn, sql, [old.0])? {
        keep_apart(ledger, new, FaceId(other))?;
    }
    if let Some(grouped) = GroupedState::read(ledger.conn, old.0)? {
        ledger.set(old.0, None::<GroupedState>)?;
        ledger.set(new.0, Some(grouped))?;
    }
    Ok(())
}

/// Deletes for ever what hangs on a face; `close` is told each row that batches may tell of.
pub(in crate::store) fn purge_face(
    conn: &Connection,
    face: i64,
    close: impl Fn(&str, i64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for id in ids(conn, "SELECT id FROM rejections WHERE face_id = ?1", [face])? {
        close(RejectionState::NAME, id)?;
        RejectionState::delete(conn, id)?;
    }
    for id in ids(conn, "SELECT id FROM apart WHERE face_id = ?1 OR other_face = ?1", [face])? {
        close(ApartState::NAME, id)?;
        ApartState::delete(conn, id)?;
    }
    close(GroupedState::NAME, face)?;
    GroupedState::delete(conn, face)?;
    conn.prepare_cached("DELETE FROM suggestions WHERE face_id = ?1")?.execute([face])?;
    Ok(())
}
