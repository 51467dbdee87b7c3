//! Who is who on the command line: names, people, history, taking out and bringing back.

mod change;
mod face_changes;
mod faces;
mod history;
mod listing;
mod manage;
mod people;
mod removal;

use clap::Subcommand;

pub(super) use change::ChangeLine;
pub(super) use faces::FaceLine;
pub(super) use history::HistoryLine;
pub(super) use listing::{AlarmLine, GroupLine, IgnoredLine, PersonFaceLine, SuggestionLine};
pub(super) use manage::RegroupedLine;
pub(super) use people::{PersonLine, QuestionLine, subject_from_text};
pub(super) use removal::{GoneLine, MissingLine, PurgedLine, ToConfirmLine};

use super::Context;
use crate::jobs::JobError;

#[derive(Debug, Subcommand)]
pub enum IdentityCommand {
    /// List enrolled faces with their photo and name, or say what they are
    Faces(faces::FacesArgs),
    /// Say who faces are
    Name(people::NameArgs),
    /// List people with their number, external id and count of faces; group, name, merge and split them
    People(manage::PeopleArgs),
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
        IdentityCommand::People(args) => manage::run(context, args),
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
            Self::History(_) | Self::Missing | Self::Questions => true,
            Self::Faces(args) => args.action.is_none(),
            Self::People(args) => args.only_reads(),
            Self::Restore(args) => args.only_lists(),
            Self::Name(_)
            | Self::Describe(_)
            | Self::Merge(_)
            | Self::Undo(_)
            | Self::Redo
            | Self::Remove(_)
            | Self::Purge(_)
            | Self::Answer(_) => false,
        }
    }
}
