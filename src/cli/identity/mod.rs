//! Who is who on the command line: names, people, history, taking out and bringing back.

mod faces;
mod history;
mod people;
mod removal;

use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;

pub(super) use faces::FaceLine;
pub(super) use history::HistoryLine;
pub(super) use people::{PersonLine, QuestionLine, subject_from_text};
pub(super) use removal::{GoneLine, MissingLine, PurgedLine, ToConfirmLine};

use super::Context;
use super::line::Line;
use crate::jobs::JobError;
use crate::store::Changed;
use crate::types::BatchId;

#[derive(Debug, Subcommand)]
pub enum IdentityCommand {
    /// List enrolled faces with their photo and name
    Faces(faces::FacesArgs),
    /// Say who faces are
    Name(people::NameArgs),
    /// List people with their number, external id and count of faces
    People(people::PeopleArgs),
    /// Change a person's name, external id or note
    Describe(people::DescribeArgs),
    /// Make several people one
    Merge(people::MergeArgs),
    /// Show what was changed in the record of who is who, newest first
    History(history::HistoryArgs),
    /// Take back the last change, or the one of this number
    Undo(history::UndoArgs),
    /// Do again what was undone last
    Redo,
    /// Take faces, photos, a folder or a person out of the gallery; files are not touched
    ///
    /// What is taken out can be brought back with `undo` and `restore` until it is purged, and stays out when its folder
    /// is enrolled again.
    Remove(removal::RemoveArgs),
    /// Bring faces and photos back that were taken out; without arguments list them
    Restore(removal::RestoreArgs),
    /// Delete for ever what was taken out or is no longer found on its photo
    Purge(removal::PurgeArgs),
    /// List the photos whose files are gone
    Missing,
    /// List the faces of which it is not certain that they are still who stood there before
    Questions,
    /// Answer one of the questions
    Answer(people::AnswerArgs),
}

pub(super) fn run(context: &Context<'_>, command: &IdentityCommand) -> Result<(), JobError> {
    match command {
        IdentityCommand::Faces(args) => faces::run(context, args),
        IdentityCommand::Name(args) => people::name(context, args),
        IdentityCommand::People(args) => people::list(context, args),
        IdentityCommand::Describe(args) => people::describe(context, args),
        IdentityCommand::Merge(args) => people::merge(context, args),
        IdentityCommand::History(args) => history::list(context, args),
        IdentityCommand::Undo(args) => history::undo(context, args),
        IdentityCommand::Redo => history::redo(context),
        IdentityCommand::Remove(args) => removal::remove(context, args),
        IdentityCommand::Restore(args) => removal::restore(context, args),
        IdentityCommand::Purge(args) => removal::purge(context, args),
        IdentityCommand::Missing => removal::missing(context),
        IdentityCommand::Questions => people::questions(context),
        IdentityCommand::Answer(args) => people::answer(context, args),
    }
}

impl IdentityCommand {
    /// Only lists something, and changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Faces(_) | Self::People(_) | Self::History(_) | Self::Missing | Self::Questions => true,
            Self::Restore(args) => args.only_lists(),
            _ => false,
        }
    }
}

/// What a command changed.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct ChangeLine {
    /// The change's number, by which `undo` takes it back; none where it was so already.
    batch: Option<BatchId>,
    /// For people.
    words: String,
    /// Faces whose name changed.
    named: usize,
    /// Faces that went out of the gallery.
    gone: usize,
    /// Faces that came back.
    back: usize,
    /// Photos that went or came back.
    photos: usize,
}

/// Tells what a change did: its number, by which it can be undone, and how much it touched.
fn tell_change(context: &Context<'_>, words: &str, changed: &Changed) {
    let line = ChangeLine {
        batch: changed.batch,
        words: words.to_owned(),
        named: changed.named.len(),
        gone: changed.gone.len(),
        back: changed.back.len(),
        photos: changed.photos.len(),
    };
    context.output.result(Line::Change(&line), || match changed.batch {
        Some(batch) => format!("{words} (change {batch}; `likeness undo` takes it back)"),
        None => "nothing was changed: it is so already".to_owned(),
    });
}
