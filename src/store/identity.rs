//! What a person may change in the record of who is who, each as one batch of the ledger.

use super::ledger::{
    BatchKind, Changed, FaceState, GoneBy, Head, Ledger, PhotoState, QuestionState, Source, SubjectState,
};
use super::people::{self, AlarmKind};
use super::subjects::{self, Name};
use super::who::{
    Naming, all_faces_of, bring_back, living_face, name_of, photo_state, questions_of, resolve, restore_face,
    subject_state,
};
use super::{Gallery, StoreError, now_millis};
use crate::types::{FaceId, GroupId, Ignored, NamedBy, PhotoId, SubjectId};

/// Names that the history tells of one change.
const NAMES_TOLD: usize = 5;

/// One change of a person's. It is one batch: undone and redone as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Name {
        faces: Vec<FaceId>,
        who: Naming,
    },
    /// A subject's name, and what is written beside it.
    Describe {
        subject: SubjectId,
        name: String,
        external_id: Option<String>,
        note: Option<String>,
    },
    /// All faces of `from` are `into`'s then, and `from` are no more.
    Merge {
        from: Vec<SubjectId>,
        into: SubjectId,
    },
    RemoveFaces(Vec<FaceId>),
    /// With their faces.
    RemovePhotos(Vec<PhotoId>),
    /// Its faces stay, without a name.
    RemoveSubject(SubjectId),
    RestoreFaces(Vec<FaceId>),
    /// With the faces that went with them.
    RestorePhotos(Vec<PhotoId>),
    /// To "is this still …?" about a face. "No" is remembered as [`Change::Reject`] is.
    Answer {
        face: FaceId,
        same: bool,
    },
    /// Several namings at once.
    NameMany(Vec<(Vec<FaceId>, Naming)>),
    /// Every face of a group that nobody named or ignored.
    NameGroup {
        group: GroupId,
        who: Naming,
    },
    /// These faces are not this subject: those that have its name lose it, and it is not suggested for any of them again.
    Reject {
        faces: Vec<FaceId>,
        subject: SubjectId,
    },
    /// These faces are left alone. They lose the name that they have; what is no face leaves the gallery.
    Ignore {
        faces: Vec<FaceId>,
        why: Ignored,
    },
    /// The same for a group.
    IgnoreGroup {
        group: GroupId,
        why: Ignored,
    },
    /// The same for every face of a photo that is neither named nor ignored.
    IgnoreRest {
        photo: PhotoId,
        why: Ignored,
    },
    /// Ignoring taken back.
    Notice(Vec<FaceId>),
    /// These faces are not whom their groups show, and never come back to them.
    LeaveGroup(Vec<FaceId>),
    /// These faces of a subject are somebody else: an existing subject, a new one or nobody.
    Split {
        subject: SubjectId,
        faces: Vec<FaceId>,
        who: Naming,
    },
    /// Faces of a subject lose the name, and each list is a group then: what grouping the subject anew came to.
    Regroup {
        subject: SubjectId,
        leave: Vec<Vec<FaceId>>,
    },
    /// The face that stands for a subject, the best one with `None`, and its tags.
    Adorn {
        subject: SubjectId,
        cover: Option<FaceId>,
        tags: Vec<String>,
    },
    /// An alarm about these faces of a subject is none.
    Settle {
        subject: SubjectId,
        kind: AlarmKind,
        faces: Vec<FaceId>,
    },
}

impl Change {
    fn kind(&self) -> BatchKind {
        match self {
            Self::Name { .. } | Self::NameMany(_) | Self::NameGroup { .. } => BatchKind::Name,
            Self::Reject { .. } => BatchKind::Reject,
            Self::Ignore { .. } | Self::IgnoreGroup { .. } | Self::IgnoreRest { .. } => BatchKind::Ignore,
            Self::Notice(_) => BatchKind::Notice,
            Self::LeaveGroup(_) => BatchKind::LeaveGroup,
            Self::Split { .. } => BatchKind::Split,
            Self::Regroup { .. } => BatchKind::Regroup,
            Self::Adorn { .. } => BatchKind::Adorn,
            Self::Settle { .. } => BatchKind::Settle,
            Self::Describe { .. } => BatchKind::Describe,
            Self::Merge { .. } => BatchKind::Merge,
            Self::RemoveFaces(_) => BatchKind::RemoveFaces,
            Self::RemovePhotos(_) => BatchKind::RemovePhotos,
            Self::RemoveSubject(_) => BatchKind::RemoveSubject,
            Self::RestoreFaces(_) => BatchKind::RestoreFaces,
            Self::RestorePhotos(_) => BatchKind::RestorePhotos,
            Self::Answer { .. } => BatchKind::Answer,
        }
    }
}

impl Gallery {
    /// Makes a change in `actor`'s name: all of it, or nothing. Saying what is already so changes nothing and is no event.
    ///
    /// # Errors
    /// [`StoreError::NoSuchFace`], [`StoreError::NoSuchPhoto`], [`StoreError::NoSuchSubjectId`],
    /// [`StoreError::EmptySubjectName`], [`StoreError::AmbiguousName`], [`StoreError::NoQuestion`],
    /// [`StoreError::PhotoIsGone`].
    pub fn change(&self, actor: &str, change: &Change) -> Result<Changed, StoreError> {
        let head = Head { actor: actor.to_owned(), source: Source::Person, kind: change.kind(), of: None };
        self.write(|tx| {
            let mut ledger = Ledger::new(tx, head);
            make(&mut ledger, change)?;
            ledger.finish()
        })
    }

    /// Says who one face is, by name; see [`Gallery::change`].
    pub fn name_face(&self, actor: &str, face: FaceId, name: Option<&str>) -> Result<Changed, StoreError> {
        let who = name.map_or(Naming::Nobody, |name| Naming::Name(name.to_owned()));
        self.change(actor, &Change::Name { faces: vec![face], who })
    }
}

fn make(ledger: &mut Ledger<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Name { faces, who } => name(ledger, faces, who, NamedBy::Person),
        Change::NameMany(namings) => {
            let mut names = Vec::new();
            for (faces, who) in namings {
                ledger.args.name = None;
                name(ledger, faces, who, NamedBy::Person)?;
                let name = ledger.args.name.take().filter(|name| !names.contains(name));
                // The history's line tells the first few.
                match (name, names.len()) {
                    (Some(name), 0..NAMES_TOLD) => names.push(name),
                    (Some(_), NAMES_TOLD) => names.push("…".to_owned()),
                    _ => {}
                }
            }
            ledger.args.name = Some(names.join(", ")).filter(|names| !names.is_empty());
            Ok(())
        }
        Change::NameGroup { group, who } => {
            let faces = people::members_to_name(ledger.conn, *group)?;
            name(ledger, &faces, who, NamedBy::Group)
        }
        Change::Reject { faces, subject } => people::reject(ledger, faces, *subject),
        Change::Ignore { faces, why } => people::ignore(ledger, faces, *why),
        Change::IgnoreGroup { group, why } => {
            let faces = people::members_to_name(ledger.conn, *group)?;
            people::ignore(ledger, &faces, *why)
        }
        Change::IgnoreRest { photo, why } => {
            let faces = people::rest_of_photo(ledger.conn, *photo)?;
            people::ignore(ledger, &faces, *why)
        }
        Change::Notice(faces) => people::notice(ledger, faces),
        Change::LeaveGroup(faces) => people::leave_group(ledger, faces),
        Change::Split { subject, faces, who } => people::split(ledger, *subject, faces, who),
        Change::Regroup { subject, leave } => people::regroup(ledger, *subject, leave),
        Change::Adorn { subject, cover, tags } => people::adorn(ledger, *subject, *cover, tags),
        Change::Settle { subject, kind, faces } => people::settle(ledger, *subject, *kind, faces),
        Change::Describe { subject, name, external_id, note } => {
            describe(ledger, *subject, name, external_id.as_deref(), note.as_deref())
        }
        Change::Merge { from, into } => merge(ledger, from, *into),
        Change::RemoveFaces(faces) => remove_faces(ledger, faces),
        Change::RemovePhotos(photos) => photos.iter().try_for_each(|photo| remove_photo(ledger, *photo)),
        Change::RemoveSubject(subject) => remove_subject(ledger, *subject),
        Change::RestoreFaces(faces) => faces.iter().try_for_each(|face| restore_face(ledger, *face)),
        Change::RestorePhotos(photos) => photos.iter().try_for_each(|photo| restore_photo(ledger, *photo)),
        Change::Answer { face, same } => answer(ledger, *face, *same),
    }
}

fn name(ledger: &mut Ledger<'_>, faces: &[FaceId], who: &Naming, named_by: NamedBy) -> Result<(), StoreError> {
    // Before anybody is created: a face that is not there refuses the whole.
    for face in faces {
        living_face(ledger.conn, *face)?;
    }
    if faces.is_empty() {
        return Ok(());
    }
    let subject = resolve(ledger, who)?;
    ledger.args.name = subject.map(|subject| name_of(ledger.conn, subject)).transpose()?;
    faces.iter().try_for_each(|face| people::accept(ledger, *face, subject, named_by))
}

fn describe(
    ledger: &mut Ledger<'_>,
    subject: SubjectId,
    name: &str,
    external_id: Option<&str>,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let before = subject_state(ledger.conn, subject)?;
    let tidy = Name::from_text(name).ok_or(StoreError::EmptySubjectName)?;
    let told = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    // Only another name has another key: one that came from a folder that is no text keeps its bytes.
    let key = if tidy.text == before.name { before.key.clone() } else { tidy.key };
    let after = SubjectState {
        name: tidy.text,
        key,
        external_id: told(external_id),
        note: told(note),
        created_at: before.created_at,
        cover: before.cover,
        tags: before.tags.clone(),
    };
    (ledger.args.name, ledger.args.old_names) = (Some(after.name.clone()), vec![before.name]);
    if before.key != after.key {
        subjects::remember_alias(ledger, &before.key, subject)?;
    }
    ledger.set(subject.0, Some(after))?;
    Ok(())
}

fn merge(ledger: &mut Ledger<'_>, from: &[SubjectId], into: SubjectId) -> Result<(), StoreError> {
    let mut from: Vec<SubjectId> = from.iter().copied().filter(|subject| *subject != into).collect();
    from.sort_unstable();
    from.dedup();
    ledger.args.name = Some(subject_state(ledger.conn, into)?.name);
    for subject in from {
        let state = subject_state(ledger.conn, subject)?;
        for face in all_faces_of(ledger.conn, subject)? {
            ledger.change(face, |state: &mut FaceState| state.subject = Some(into))?;
        }
        for question in questions_of(ledger.conn, subject)? {
            ledger.change(question, |state: &mut QuestionState| state.subject = into)?;
        }
        for (alias, key) in subjects::aliases_of(ledger.conn, subject)? {
            ledger.set::<super::ledger::AliasState>(alias, None)?;
            subjects::remember_alias(ledger, &key, into)?;
        }
        subjects::remember_alias(ledger, &state.key, into)?;
        people::move_subject(ledger, subject, into)?;
        ledger.change(into.0, |known: &mut SubjectState| {
            known.tags.extend(state.tags.clone());
            known.tags.sort();
            known.tags.dedup();
        })?;
        ledger.args.old_names.push(state.name);
        ledger.set::<SubjectState>(subject.0, None)?;
    }
    Ok(())
}

fn remove_faces(ledger: &mut Ledger<'_>, faces: &[FaceId]) -> Result<(), StoreError> {
    let at = now_millis();
    for face in faces {
        living_face(ledger.conn, *face)?;
        take_out(ledger, face.0, at)?;
    }
    Ok(())
}

fn take_out(ledger: &mut Ledger<'_>, face: i64, at: i64) -> Result<(), StoreError> {
    ledger.change(face, |state: &mut FaceState| {
        (state.gone_at, state.gone_by) = (Some(at), Some(GoneBy::Person));
    })?;
    Ok(())
}

fn remove_photo(ledger: &mut Ledger<'_>, photo: PhotoId) -> Result<(), StoreError> {
    let state = photo_state(ledger.conn, photo)?;
    if state.gone_at.is_some() {
        return Err(StoreError::NoSuchPhoto(photo));
    }
    // Later than what was taken out of it before, so that the photo comes back without that.
    let mut statement = ledger.conn.prepare_cached("SELECT max(gone_at) + 1 FROM all_faces WHERE photo_id = ?1")?;
    let after: Option<i64> = statement.query_row([photo.0], |row| row.get(0))?;
    let at = now_millis().max(after.unwrap_or(0));
    let mut statement = ledger.conn.prepare_cached("SELECT id FROM faces WHERE photo_id = ?1 ORDER BY id")?;
    let faces: Vec<i64> = statement.query_map([photo.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for face in faces {
        take_out(ledger, face, at)?;
    }
    ledger.set(photo.0, Some(PhotoState { gone_at: Some(at), ..state }))?;
    Ok(())
}

fn remove_subject(ledger: &mut Ledger<'_>, subject: SubjectId) -> Result<(), StoreError> {
    let state = subject_state(ledger.conn, subject)?;
    for face in all_faces_of(ledger.conn, subject)? {
        ledger.change(face, |state: &mut FaceState| {
            (state.subject, state.named_by) = (None, Some(NamedBy::Person));
        })?;
    }
    for question in questions_of(ledger.conn, subject)? {
        ledger.set::<QuestionState>(question, None)?;
    }
    for (alias, _) in subjects::aliases_of(ledger.conn, subject)? {
        ledger.set::<super::ledger::AliasState>(alias, None)?;
    }
    people::forget_subject(ledger, subject)?;
    ledger.args.name = Some(state.name);
    ledger.set::<SubjectState>(subject.0, None)?;
    Ok(())
}

pub(super) fn restore_photo(ledger: &mut Ledger<'_>, photo: PhotoId) -> Result<(), StoreError> {
    let state = photo_state(ledger.conn, photo)?;
    let Some(at) = state.gone_at else { return Ok(()) };
    ledger.set(photo.0, Some(PhotoState { gone_at: None, ..state }))?;
    let mut statement = ledger.conn.prepare_cached(
        "SELECT id FROM all_faces WHERE photo_id = ?1 AND gone_at = ?2 AND gone_by = 'person' ORDER BY id",
    )?;
    let faces: Vec<i64> = statement.query_map([photo.0, at], |row| row.get(0))?.collect::<Result<_, _>>()?;
    faces.into_iter().try_for_each(|face| bring_back(ledger, face))
}

fn answer(ledger: &mut Ledger<'_>, face: FaceId, same: bool) -> Result<(), StoreError> {
    living_face(ledger.conn, face)?;
    let question = <QuestionState as super::ledger::Entity>::read(ledger.conn, face.0)?;
    let question = question.filter(|question| !question.answered).ok_or(StoreError::NoQuestion(face))?;
    ledger.args.name = Some(name_of(ledger.conn, question.subject)?);
    if same {
        people::accept(ledger, face, Some(question.subject), NamedBy::Person)?;
    } else {
        people::not_subject(ledger, face, question.subject)?;
    }
    ledger.set(face.0, Some(QuestionState { answered: true, ..question }))?;
    Ok(())
}
