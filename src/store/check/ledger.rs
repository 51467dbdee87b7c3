//! Whether the rows are what the ledger says became of them.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::look::Look;
use crate::store::StoreError;
use crate::store::ledger::{
    AliasState, ApartState, BatchKind, BatchState, Entity, FaceState, GroupState, GroupedState, PhotoState,
    QuestionState, RejectionState, SettledState, Source, SubjectState,
};
use crate::tell;
use crate::types::{FindingKind, Findings, Telling};

/// What the events say that a row is now.
#[derive(Debug, Default)]
struct Expected {
    /// Whether there is such a row.
    exists: Told<bool>,
    fields: BTreeMap<String, Told<Value>>,
    /// A batch that told of it was purged, and whether it had been undone before is not known.
    is_unknown: bool,
    problem: Option<Telling>,
}

/// One field: what it was before the first event about it, and what the last event left that was not undone.
#[derive(Debug)]
struct Told<T> {
    first: Option<T>,
    last: Option<T>,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self { first: None, last: None }
    }
}

impl<T: Clone> Told<T> {
    fn take(&mut self, before: T, after: T, stands: bool) {
        self.first.get_or_insert(before);
        if stands {
            self.last = Some(after);
        }
    }

    fn now(&self) -> Option<&T> {
        self.last.as_ref().or(self.first.as_ref())
    }
}

impl Expected {
    fn take(&mut self, state: &str, before: Option<&str>, after: Option<&str>) {
        if state == BatchState::Purged.name() {
            self.is_unknown = true;
            return;
        }
        let stands = state == BatchState::Done.name();
        let object = |text: Option<&str>| text.map(serde_json::from_str::<Map<String, Value>>).transpose();
        let (before, after) = match (object(before), object(after)) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(error), _) | (_, Err(error)) => {
                self.problem.get_or_insert(tell!("check-event-unread", detail = error.to_string()));
                return;
            }
        };
        if before.is_some() != after.is_some() {
            self.exists.take(before.is_some(), after.is_some(), stands);
        }
        // A row that came to be has every field from its event.
        let is_new = before.is_none();
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        for (field, now) in &after {
            let was = before.get(field).unwrap_or(&Value::Null);
            if is_new || was != now {
                self.fields.entry(field.clone()).or_default().take(was.clone(), now.clone(), stands);
            }
        }
    }

    /// Where the row is something else.
    fn compare(&self, row: Option<&Value>, is_used: bool) -> Option<Telling> {
        if let Some(problem) = &self.problem {
            return Some(problem.clone());
        }
        if self.is_unknown {
            return None;
        }
        let Some(row) = row else {
            return (self.exists.now() != Some(&false)).then(|| tell!("check-row-gone"));
        };
        if self.exists.now() == Some(&false) && !is_used {
            return Some(tell!("check-row-there"));
        }
        self.fields.iter().find_map(|(field, told)| {
            let (expected, found) = (told.now()?, row.get(field).unwrap_or(&Value::Null));
            // One that came back to a path that another has by now comes as missing.
            let is_missing = field == "missing_at" && expected.is_null() && found.is_number();
            let (is, should) = (found.to_string(), expected.to_string());
            (expected != found && !is_missing)
                .then(|| tell!("check-row-field", field = field, should = should, is = is))
        })
    }
}

pub(super) fn check(
    conn: &Connection,
    look: &mut Look<'_>,
    rows: &mut u64,
    found: &mut Findings,
) -> Result<(), StoreError> {
    batches(conn, found)?;
    let mut statement = conn.prepare(
        "SELECT e.entity, e.entity_id, b.state, e.before, e.after
         FROM events e INDEXED BY events_by_entity JOIN batches b ON b.id = e.batch
         ORDER BY e.entity, e.entity_id, e.id",
    )?;
    let mut events = statement.query([])?;
    let mut of: Option<(String, i64)> = None;
    let mut expected = Expected::default();
    while let Some(event) = events.next()? {
        let text = |column| event.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        let key = (event.get::<_, String>(0)?, event.get::<_, i64>(1)?);
        if of.as_ref() != Some(&key)
            && let Some((entity, id)) = of.replace(key)
        {
            compare(conn, &entity, id, &std::mem::take(&mut expected), found)?;
        }
        expected.take(text(2)?.unwrap_or_default(), text(3)?, text(4)?);
        if !look.at(rows) {
            return Ok(());
        }
    }
    match of {
        Some((entity, id)) => compare(conn, &entity, id, &expected, found),
        None => Ok(()),
    }
}

fn compare(
    conn: &Connection,
    entity: &str,
    id: i64,
    expected: &Expected,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let (row, is_used) = match entity {
        FaceState::NAME => row_of::<FaceState>(conn, id)?,
        PhotoState::NAME => row_of::<PhotoState>(conn, id)?,
        SubjectState::NAME => row_of::<SubjectState>(conn, id)?,
        AliasState::NAME => row_of::<AliasState>(conn, id)?,
        QuestionState::NAME => row_of::<QuestionState>(conn, id)?,
        GroupState::NAME => row_of::<GroupState>(conn, id)?,
        GroupedState::NAME => row_of::<GroupedState>(conn, id)?,
        RejectionState::NAME => row_of::<RejectionState>(conn, id)?,
        ApartState::NAME => row_of::<ApartState>(conn, id)?,
        SettledState::NAME => row_of::<SettledState>(conn, id)?,
        other => {
            found.add(FindingKind::Ledger, tell!("check-event-kind", kind = other));
            return Ok(());
        }
    };
    // Who has faces by another's word stays when the change that made it is taken back.
    if let Some(difference) = expected.compare(row.as_ref(), is_used) {
        let (what, id) = (Telling::phrase(entity), id.to_string());
        found.add(FindingKind::Ledger, tell!("check-ledger", what = what, id = id, difference = difference));
    }
    Ok(())
}

/// The row, and whether others refer to it.
fn row_of<E: Entity>(conn: &Connection, id: i64) -> Result<(Option<Value>, bool), StoreError> {
    let state = E::read(conn, id)?;
    let row = state.map(serde_json::to_value).transpose().map_err(|error| StoreError::unexpected(error.to_string()))?;
    Ok((row, E::is_used(conn, id)?))
}

fn batches(conn: &Connection, found: &mut Findings) -> Result<(), StoreError> {
    let quoted = |words: &[&str]| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    let states = quoted(&BatchState::ALL.map(BatchState::name));
    let kinds = quoted(&BatchKind::ALL.map(BatchKind::name));
    let sources = quoted(&Source::ALL.map(Source::name));
    let sql = format!(
        "SELECT id, NULL, state || ', ' || kind || ', ' || source
         FROM batches WHERE state NOT IN ({states}) OR kind NOT IN ({kinds}) OR source NOT IN ({sources})
         UNION ALL
         SELECT id, of, NULL FROM batches
         WHERE of IS NOT NULL AND of NOT IN (SELECT id FROM batches)"
    );
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let batch = row.get::<_, i64>(0)?.to_string();
        let telling = match (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<String>>(2)?) {
            (Some(of), _) => tell!("check-batch-of", batch = batch, of = of.to_string()),
            (None, words) => tell!("check-batch-words", batch = batch, words = words.unwrap_or_default()),
        };
        found.add(FindingKind::Ledger, telling);
    }
    Ok(())
}
