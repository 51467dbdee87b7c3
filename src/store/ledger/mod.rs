//! The ledger: the only door through which the record of who is who changes.
//!
//! Each change is an event with the whole identity of its row before and after, in a batch that says when, by whom and
//! for what. The inverse of an event is the event with both swapped, so that undoing needs nothing but the event.

mod batch;
mod history;
mod people;
mod state;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, params};

pub use batch::{BatchArgs, BatchKind, BatchState, Source};
pub use history::BatchRecord;
pub(super) use people::{ApartState, GroupState, GroupedState, RejectionState, SettledState};
pub(super) use state::{
    AliasState, Entity, FaceState, GoneBy, PhotoState, QuestionState, StoredPath, SubjectState, face_state_from_columns,
};

use super::{StoreError, issues, now_millis};
use crate::types::{BatchId, FaceId, PhotoId, SubjectId, SubjectName};

/// What a change meant for those who keep a picture of the gallery: the index, the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changed {
    /// `None` where nothing was changed.
    pub batch: Option<BatchId>,
    /// Faces with another subject than before, and which.
    pub named: Vec<(FaceId, Option<SubjectName>)>,
    /// Subjects whose set of faces is another one.
    pub subjects: Vec<SubjectId>,
    /// Faces that left the gallery.
    pub gone: Vec<FaceId>,
    /// Faces that came back to it.
    pub back: Vec<FaceId>,
    /// Photos that went, came back, were moved or found missing.
    pub photos: Vec<PhotoId>,
    /// The list of subjects, or their names, is another one.
    pub subjects_changed: bool,
    /// Groups, ignored faces, rejections or alarms are others.
    pub people_changed: bool,
    /// Photos that went with an issue, which went with them.
    pub cleared: Vec<PathBuf>,
}

impl Changed {
    pub fn is_empty(&self) -> bool {
        self.batch.is_none()
    }
}

/// A batch to come: written with its first event.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub actor: String,
    pub source: Source,
    pub kind: BatchKind,
    pub of: Option<BatchId>,
}

/// One run of a job over the gallery: what it changes is one batch, however many transactions it takes.
#[derive(Debug)]
pub struct Run {
    pub(super) head: Head,
    pub(super) batch: Mutex<Option<BatchId>>,
}

impl Run {
    /// An enrollment, which `actor` has begun.
    pub fn enrollment(actor: &str) -> Self {
        let head = Head { actor: actor.to_owned(), source: Source::Enrollment, kind: BatchKind::Enroll, of: None };
        Self { head, batch: Mutex::new(None) }
    }

    /// A deletion for ever of what was taken out.
    pub fn purge(actor: &str) -> Self {
        let head = Head { actor: actor.to_owned(), source: Source::Person, kind: BatchKind::Purge, of: None };
        Self { head, batch: Mutex::new(None) }
    }

    pub(super) fn begin<'a>(&self, conn: &'a Connection) -> Result<Ledger<'a>, StoreError> {
        let batch = *self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ledger = Ledger::new(conn, self.head.clone());
        if let Some(batch) = batch {
            let record = history::batch_record(conn, batch)?;
            // Undone meanwhile, it is closed: what comes now is another batch.
            if record.state == BatchState::Done {
                (ledger.args, ledger.batch) = (record.args, Some(batch));
            }
        }
        Ok(ledger)
    }

    /// After the transaction was committed.
    pub(super) fn keep(&self, changed: &Changed) {
        if changed.batch.is_some() {
            *self.batch.lock().unwrap_or_else(PoisonError::into_inner) = changed.batch;
        }
    }
}

/// Writes the events of one transaction. Ends with [`Ledger::finish`].
pub(super) struct Ledger<'a> {
    pub conn: &'a Connection,
    head: Head,
    batch: Option<BatchId>,
    pub args: BatchArgs,
    /// First subject before and last one after, of each face.
    named: BTreeMap<FaceId, [Option<SubjectId>; 2]>,
    /// Whether each face was in the gallery before, and is after.
    living: BTreeMap<FaceId, [bool; 2]>,
    photos: BTreeSet<PhotoId>,
    subjects_changed: bool,
    people_changed: bool,
}

impl<'a> Ledger<'a> {
    pub fn new(conn: &'a Connection, head: Head) -> Self {
        Self {
            conn,
            head,
            batch: None,
            args: BatchArgs::default(),
            named: BTreeMap::new(),
            living: BTreeMap::new(),
            photos: BTreeSet::new(),
            subjects_changed: false,
            people_changed: false,
        }
    }

    /// Brings a row to `after`, `None` for away with it, and records that. Returns whether anything changed.
    pub fn set<E: Entity>(&mut self, id: i64, after: Option<E>) -> Result<bool, StoreError>
    where
        Self: Note<E>,
    {
        let before = E::read(self.conn, id)?;
        if before == after {
            return Ok(false);
        }
        put(self.conn, id, after.as_ref())?;
        let batch = self.batch()?;
        let json = |state: &Option<E>| state.as_ref().map(serde_json::to_string).transpose().map_err(no_json);
        self.conn
            .prepare_cached("INSERT INTO events (batch, entity, entity_id, before, after) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![batch.0, E::NAME, id, json(&before)?, json(&after)?])?;
        self.note(id, before.as_ref(), after.as_ref());
        Ok(true)
    }

    /// Changes the state of a row that is there.
    pub fn change<E: Entity>(&mut self, id: i64, change: impl FnOnce(&mut E)) -> Result<bool, StoreError>
    where
        Self: Note<E>,
    {
        let mut state = E::read(self.conn, id)?
            .ok_or_else(|| StoreError::unexpected(format!("there is no {} {id} to change", E::NAME)))?;
        change(&mut state);
        self.set(id, Some(state))
    }

    /// The batch, written now where it is not yet.
    pub fn batch(&mut self) -> Result<BatchId, StoreError> {
        if let Some(batch) = self.batch {
            return Ok(batch);
        }
        if self.head.source == Source::Person && !matches!(self.head.kind, BatchKind::Undo | BatchKind::Redo) {
            // Who does something else after undoing has chosen: what was undone cannot be redone.
            self.conn.prepare_cached("UPDATE batches SET state = 'dead' WHERE state = 'undone'")?.execute([])?;
        }
        let id = self
            .conn
            .prepare_cached(
                "INSERT INTO batches (at, actor, source, kind, args, state, of) VALUES (?1, ?2, ?3, ?4, '{}', 'done', ?5)",
            )?
            .insert(params![
                now_millis(),
                self.head.actor,
                self.head.source.name(),
                self.head.kind.name(),
                self.head.of.map(|batch| batch.0),
            ])?;
        self.batch = Some(BatchId(id));
        Ok(BatchId(id))
    }

    /// Writes what the batch amounts to, and tells it.
    pub fn finish(mut self) -> Result<Changed, StoreError> {
        let Some(batch) = self.batch else { return Ok(Changed::default()) };
        let named: Vec<_> = self.named.into_iter().filter(|(_, [before, after])| before != after).collect();
        let living: Vec<_> = self.living.into_iter().filter(|(_, [before, after])| before != after).collect();
        let went = |is: bool| living.iter().filter(move |(_, [_, after])| *after == is).map(|(face, _)| *face);
        let (gone, back): (Vec<FaceId>, Vec<FaceId>) = (went(false).collect(), went(true).collect());
        self.args.named += named.len() as u64;
        self.args.faces_gone += gone.len() as u64;
        self.args.faces_back += back.len() as u64;
        let args = serde_json::to_string(&self.args).map_err(no_json)?;
        self.conn.prepare_cached("UPDATE batches SET args = ?2 WHERE id = ?1")?.execute(params![batch.0, args])?;

        let mut subjects: BTreeSet<SubjectId> =
            named.iter().flat_map(|(_, [before, after])| before.iter().chain(after).copied()).collect();
        for (face, _) in &living {
            subjects.extend(FaceState::read(self.conn, face.0)?.and_then(|state| state.subject));
        }
        let mut names: BTreeMap<SubjectId, Option<SubjectName>> = BTreeMap::new();
        let mut told = Vec::with_capacity(named.len());
        for (face, [_, after]) in named {
            let name = match after {
                None => None,
                Some(subject) => match names.get(&subject) {
                    Some(known) => known.clone(),
                    None => {
                        let state = SubjectState::read(self.conn, subject.0)?;
                        let name = state.map(|state| SubjectName { id: subject, name: state.name });
                        names.insert(subject, name.clone());
                        name
                    }
                },
            };
            told.push((face, name));
        }
        let mut cleared = Vec::new();
        for photo in &self.photos {
            cleared.extend(issues::clear_of_gone(self.conn, *photo)?);
        }
        Ok(Changed {
            cleared,
            batch: Some(batch),
            named: told,
            subjects: subjects.into_iter().collect(),
            gone,
            back,
            photos: self.photos.into_iter().collect(),
            subjects_changed: self.subjects_changed,
            people_changed: self.people_changed,
        })
    }
}

/// Keeps what a change of one kind of row means.
pub(super) trait Note<E> {
    fn note(&mut self, id: i64, before: Option<&E>, after: Option<&E>);
}

impl Note<FaceState> for Ledger<'_> {
    fn note(&mut self, id: i64, before: Option<&FaceState>, after: Option<&FaceState>) {
        let face = FaceId(id);
        let subject = |state: Option<&FaceState>| state.and_then(|state| state.subject);
        let is_living = |state: Option<&FaceState>| state.is_some_and(|state| !state.is_gone());
        if subject(before) != subject(after) {
            self.named.entry(face).or_insert([subject(before), None])[1] = subject(after);
        }
        if is_living(before) != is_living(after) {
            self.living.entry(face).or_insert([is_living(before), false])[1] = is_living(after);
        }
        let ignored = |state: Option<&FaceState>| state.and_then(|state| state.ignored);
        if ignored(before) != ignored(after) {
            self.people_changed = true;
            self.args.ignored += 1;
        }
    }
}

impl Note<PhotoState> for Ledger<'_> {
    fn note(&mut self, id: i64, before: Option<&PhotoState>, after: Option<&PhotoState>) {
        self.photos.insert(PhotoId(id));
        let (Some(before), Some(after)) = (before, after) else { return };
        match (before.gone_at.is_some(), after.gone_at.is_some()) {
            (false, true) => self.args.photos_gone += 1,
            (true, false) => self.args.photos_back += 1,
            _ if before.path != after.path => self.args.moved += 1,
            _ if before.missing_at.is_none() && after.missing_at.is_some() => self.args.missing += 1,
            _ => {}
        }
    }
}

impl Note<SubjectState> for Ledger<'_> {
    fn note(&mut self, _: i64, _: Option<&SubjectState>, _: Option<&SubjectState>) {
        self.subjects_changed = true;
    }
}

impl Note<AliasState> for Ledger<'_> {
    fn note(&mut self, _: i64, _: Option<&AliasState>, _: Option<&AliasState>) {}
}

impl Note<QuestionState> for Ledger<'_> {
    fn note(&mut self, _: i64, _: Option<&QuestionState>, _: Option<&QuestionState>) {}
}

fn put<E: Entity>(conn: &Connection, id: i64, state: Option<&E>) -> Result<(), StoreError> {
    match state {
        Some(state) => state.write(conn, id),
        None => E::delete(conn, id),
    }
}

/// An id that no row of a table ever had.
pub(super) fn fresh_id(conn: &Connection, table: &str) -> Result<i64, StoreError> {
    let mut statement = conn.prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = ?1")?;
    Ok(statement.query_row([table], |row| row.get(0))?)
}

fn no_json(error: serde_json::Error) -> StoreError {
    StoreError::unexpected(format!("a change could not be written down: {error}"))
}
