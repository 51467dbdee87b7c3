//! `people` with what is done to people: named, merged, split, grouped and set aside.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::tell_change;
use super::listing::{self, ListArgs, PageArgs};
use super::people::subject_from_text;
use crate::cli::Context;
use crate::jobs::{GroupSummary, JobError, Mode, Progress, group_people, regroup_person};
use crate::say;
use crate::store::{AlarmKind, Change, Naming};
use crate::types::{FaceId, GroupId, Ignored, SubjectId};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct PeopleArgs {
    #[command(subcommand)]
    pub action: Option<PeopleAction>,
    /// Only people of this name
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub enum PeopleAction {
    /// List people, or the groups of faces without a name, a page at a time
    List(ListArgs),
    /// Show a person and its faces, the odd ones first
    Show {
        /// A name, or # and a number
        #[arg(value_name = "PERSON")]
        person: String,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Make a group of faces without a name a person, or rename a person
    Name {
        /// The group of this number
        #[arg(long, value_name = "GROUP", conflicts_with = "person", required_unless_present = "person")]
        group: Option<i64>,
        /// The person to rename: a name, or # and a number
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
        /// The name; of a group that of a person who is there, or a new one's
        #[arg(long = "as", value_name = "NAME")]
        name: String,
        /// A new person, whoever else has this name
        #[arg(long, requires = "group")]
        new: bool,
    },
    /// Make several people one
    Merge(super::people::MergeArgs),
    /// Say that some of a person's faces are somebody else, or nobody known
    Split {
        /// A name, or # and a number
        #[arg(value_name = "PERSON")]
        person: String,
        /// Numbers of the faces that go
        #[arg(long, value_name = "FACE", num_args = 1.., required = true)]
        faces: Vec<i64>,
        /// Who they are: the person of this name, else a new one; nobody known without it
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// A new person, whoever else has this name
        #[arg(long, requires = "name")]
        new: bool,
    },
    /// Group one person's faces anew; what was confirmed face by face stays
    Regroup {
        /// A name, or # and a number
        #[arg(value_name = "PERSON")]
        person: String,
    },
    /// Set a group of faces without a name aside
    Ignore {
        /// The group's number
        #[arg(value_name = "GROUP")]
        group: i64,
        /// Why
        #[arg(long, value_enum, default_value_t = Why::Stranger)]
        why: Why,
    },
    /// List whom faces without a name resemble, the surest first
    Suggest {
        /// Only for this person: a name, or # and a number
        #[arg(value_name = "PERSON")]
        person: Option<String>,
        #[command(flatten)]
        page: PageArgs,
    },
    /// List what is odd: two people under one name, one person twice on a photo
    Alarms {
        /// Only of this person: a name, or # and a number
        #[arg(value_name = "PERSON")]
        person: Option<String>,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Say that an alarm about these faces of a person is none
    Settle {
        /// A name, or # and a number
        #[arg(value_name = "PERSON")]
        person: String,
        /// Which alarm
        #[arg(long, value_enum)]
        kind: Kind,
        /// The faces that it would split off
        #[arg(long, value_name = "FACE", num_args = 1.., required = true)]
        faces: Vec<i64>,
    },
    /// Group every face without a name, and work out suggestions and alarms
    Group,
}

/// Why a face is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Why {
    /// Somebody who does not matter
    Stranger,
    Statue,
    /// A picture of somebody: a poster, a screen, a painting
    Poster,
    /// No face at all; it leaves the gallery
    NotAFace,
}

impl From<Why> for Ignored {
    fn from(why: Why) -> Self {
        match why {
            Why::Stranger => Self::Stranger,
            Why::Statue => Self::Statue,
            Why::Poster => Self::Poster,
            Why::NotAFace => Self::NotAFace,
        }
    }
}

/// An alarm, see [`AlarmKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Two people under one name
    Modes,
    /// One person twice on a photo
    Twice,
}

impl PeopleArgs {
    /// Only lists something, and changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        use PeopleAction::{Alarms, List, Show, Suggest};
        self.action
            .as_ref()
            .is_none_or(|action| matches!(action, List(_) | Show { .. } | Suggest { .. } | Alarms { .. }))
    }
}

pub(super) fn run(context: &Context<'_>, args: &PeopleArgs) -> Result<(), JobError> {
    let Some(action) = &args.action else { return super::people::list(context, args.name.as_deref()) };
    match action {
        PeopleAction::List(args) => listing::list(context, args),
        PeopleAction::Show { person, page } => listing::show(context, person, page),
        PeopleAction::Name { group: Some(group), name, new, .. } => {
            let who = if *new { Naming::New(name.clone()) } else { Naming::Name(name.clone()) };
            let group = GroupId(*group);
            change(context, |_| Ok(Change::NameGroup { group, who }))
        }
        PeopleAction::Name { person, name, .. } => rename(context, person.as_deref().unwrap_or_default(), name),
        PeopleAction::Merge(args) => super::people::merge(context, args),
        PeopleAction::Split { person, faces, name, new } => {
            let who = match name {
                None => Naming::Nobody,
                Some(name) if *new => Naming::New(name.clone()),
                Some(name) => Naming::Name(name.clone()),
            };
            change(context, |engine| {
                Ok(Change::Split { subject: subject_from_text(engine, person)?, faces: ids(faces), who })
            })
        }
        PeopleAction::Regroup { person } => regroup(context, person),
        PeopleAction::Ignore { group, why } => {
            change(context, |_| Ok(Change::IgnoreGroup { group: GroupId(*group), why: (*why).into() }))
        }
        PeopleAction::Suggest { person, page } => listing::suggest(context, person.as_deref(), page),
        PeopleAction::Alarms { person, page } => listing::alarms(context, person.as_deref(), page),
        PeopleAction::Settle { person, kind, faces } => {
            let kind = match kind {
                Kind::Modes => AlarmKind::Modes,
                Kind::Twice => AlarmKind::Twice,
            };
            change(context, |engine| {
                Ok(Change::Settle { subject: subject_from_text(engine, person)?, kind, faces: ids(faces) })
            })
        }
        PeopleAction::Group => group(context),
    }
}

pub(super) fn ids(faces: &[i64]) -> Vec<FaceId> {
    faces.iter().copied().map(FaceId).collect()
}

/// Makes a change and tells it in the words of the history.
pub(super) fn change(
    context: &Context<'_>,
    asked: impl FnOnce(&crate::jobs::Engine) -> Result<Change, JobError>,
) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let changed = engine.change(&asked(&engine)?)?;
    tell_change(context, &super::history::words_of(&engine, &changed)?, &changed);
    Ok(())
}

fn rename(context: &Context<'_>, person: &str, name: &str) -> Result<(), JobError> {
    change(context, |engine| {
        let known = engine.gallery().subject(subject_from_text(engine, person)?)?;
        let (external_id, note) = (known.external_id, known.note);
        Ok(Change::Describe { subject: known.id, name: name.to_owned(), external_id, note })
    })
}

/// `people regroup`: what became of a person.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct RegroupedLine {
    subject: SubjectId,
    /// Faces that have the name still.
    stay: usize,
    /// Faces that lost it, a list a group.
    left: Vec<Vec<FaceId>>,
    /// The change's number, by which `undo` takes it back; none where all stay.
    batch: Option<crate::types::BatchId>,
}

fn regroup(context: &Context<'_>, person: &str) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let subject = subject_from_text(&engine, person)?;
    let regrouped = regroup_person(&engine, subject, &context.control)?;
    let line =
        RegroupedLine { subject, stay: regrouped.stay, left: regrouped.left.clone(), batch: regrouped.changed.batch };
    context.output.result(&line, || {
        let left: usize = regrouped.left.iter().map(Vec::len).sum();
        let stay = say!("faces", n = regrouped.stay);
        match regrouped.changed.batch {
            None => say!("cli-people-all-stay", stay = stay),
            Some(batch) => {
                say!("cli-people-regrouped", stay = stay, left = say!("faces", n = left), batch = batch.to_string())
            }
        }
    });
    Ok(())
}

fn group(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let tell = |progress: Progress| context.output.progress(&progress);
    let (summary, _) = group_people(&engine, &context.control, &tell)?;
    context.output.end_live();
    context.output.result(&summary, || summary_text(&summary));
    Ok(())
}

fn summary_text(summary: &GroupSummary) -> String {
    let told = say!(
        "cli-people-grouped",
        faces = say!("faces", n = summary.faces),
        groups = say!("cli-people-groups", n = summary.groups),
        grouped = summary.grouped,
        suggestions = summary.suggestions,
        secs = format!("{:.1}", summary.secs)
    );
    match summary.batch {
        Some(batch) => say!("cli-identity-change", words = told, batch = batch.to_string()),
        None => told,
    }
}
