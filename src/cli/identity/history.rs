use crate::words::{english, told};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Context;
use crate::jobs::history::words;
use crate::jobs::{Engine, JobError, Mode};
use crate::store::{BatchRecord, BatchState, Changed};
use crate::types::{BatchId, Telling};
use crate::{say, tell};

use super::change::tell_change;

#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    /// Changes listed, at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// Only changes before the one of this number
    #[arg(long, value_name = "CHANGE")]
    pub before: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub struct UndoArgs {
    /// The number of a change, as `history` lists it [default: the latest one of a person]
    #[arg(long, value_name = "CHANGE")]
    pub batch: Option<i64>,
}

pub(super) fn list(context: &Context<'_>, args: &HistoryArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    for record in engine.gallery().history(args.limit, args.before.map(BatchId))? {
        context.output.result(&HistoryLine::from(&record), || record_text(&record));
    }
    Ok(())
}

pub(super) fn undo(context: &Context<'_>, args: &UndoArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let (record, changed) = engine.undo(args.batch.map(BatchId))?;
    tell_change(context, &tell!("cli-identity-undone", words = words(&record)), &changed);
    Ok(())
}

pub(super) fn redo(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let (record, changed) = engine.redo()?;
    tell_change(context, &tell!("cli-identity-redone", words = words(&record)), &changed);
    Ok(())
}

/// What a change did, in the words of the history.
pub(super) fn words_of(engine: &Engine, changed: &Changed) -> Result<Telling, JobError> {
    let before = changed.batch.map(|batch| BatchId(batch.0.saturating_add(1)));
    let record = engine.gallery().history(1, before)?.pop().filter(|record| Some(record.id) == changed.batch);
    Ok(record.map_or_else(|| tell!("cli-identity-no-change"), |record| words(&record)))
}

/// A change of the record of who is who.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct HistoryLine {
    /// Its number, by which `undo` takes it back.
    batch: BatchId,
    /// UTC, as in 2019-07-03T14:05:00Z.
    at: String,
    actor: String,
    /// "person", "folder", "rule" or "enrollment".
    source: &'static str,
    kind: &'static str,
    /// "done", "undone", "dead" (undone, cannot be redone) or "purged" (cannot be undone).
    state: &'static str,
    /// For people.
    words: String,
    /// Of `undo` and `redo`: the change that was taken back or done again.
    of: Option<BatchId>,
}

impl From<&BatchRecord> for HistoryLine {
    fn from(record: &BatchRecord) -> Self {
        Self {
            batch: record.id,
            at: time(record.at),
            actor: record.actor.clone(),
            source: record.source.name(),
            kind: record.kind.name(),
            state: record.state.name(),
            words: english(&words(record)),
            of: record.of,
        }
    }
}

fn record_text(record: &BatchRecord) -> String {
    let state = match record.state {
        BatchState::Done => None,
        BatchState::Undone => Some(say!("cli-identity-state-undone")),
        BatchState::Dead => Some(say!("cli-identity-state-dead")),
        BatchState::Purged => Some(say!("cli-identity-state-purged")),
    };
    let state = state.map_or_else(String::new, |state| format!("  {state}"));
    format!("{:>6}  {}  {}: {}{state}", record.id, time(record.at), record.actor, told(&words(record)))
}

/// As in 2019-07-03T14:05:00Z.
fn time(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |at| format!("{at:.0}"))
}
