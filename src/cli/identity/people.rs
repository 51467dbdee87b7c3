use schemars::JsonSchema;
use serde::Serialize;

use super::change::tell_change;
use crate::cli::Context;
use crate::cli::line::PhotoPath;
use crate::jobs::{Engine, JobError, Mode};
use crate::store::{Change, Naming, Person};
use crate::types::{FaceId, SubjectId, SubjectName};
use crate::{say, tell};

#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// Numbers of faces, as `faces` and `search` list them
    #[arg(value_name = "FACE", required = true)]
    pub faces: Vec<i64>,
    #[command(flatten)]
    pub who: WhoArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct WhoArgs {
    /// The person of this name; a new one where nobody has it
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// The person of this number
    #[arg(long, value_name = "ID")]
    pub subject: Option<i64>,
    /// A new person, whoever else has this name
    #[arg(long, value_name = "NAME")]
    pub new: Option<String>,
    /// Nobody: the name is taken away, and no folder gives it back
    #[arg(long)]
    pub nobody: bool,
}

#[derive(Debug, clap::Args)]
pub struct DescribeArgs {
    /// A name, or # and a number
    #[arg(value_name = "PERSON")]
    pub person: String,
    /// New name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// A number or code that tells people of one name apart; empty for none
    #[arg(long, value_name = "TEXT")]
    pub external_id: Option<String>,
    /// Empty for none
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Names, or # and numbers
    #[arg(value_name = "PERSON", required = true)]
    pub from: Vec<String>,
    /// Who they all are
    #[arg(long, value_name = "PERSON")]
    pub into: String,
}

#[derive(Debug, clap::Args)]
pub struct AnswerArgs {
    /// Number of the face that was asked about, as `questions` lists it
    #[arg(value_name = "FACE")]
    pub face: i64,
    /// Whether it is still the person who stood there before
    #[arg(value_enum)]
    pub answer: YesOrNo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum YesOrNo {
    Yes,
    No,
}

/// Whom a text means: a name, or `#` and a number.
///
/// # Errors
/// Nobody, or several people, are so named; there is no such number.
pub(in crate::cli) fn subject_from_text(engine: &Engine, text: &str) -> Result<SubjectId, JobError> {
    if let Some(id) = text.strip_prefix('#').and_then(|id| id.parse().ok()) {
        return Ok(engine.gallery().subject(SubjectId(id))?.id);
    }
    Ok(engine.gallery().subject_by_name(text)?.id)
}

pub(super) fn name(context: &Context<'_>, args: &NameArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let WhoArgs { name, subject, new, nobody: _ } = &args.who;
    let who = match (name, subject, new) {
        (Some(name), ..) => Naming::Name(name.clone()),
        (_, Some(subject), _) => Naming::Subject(SubjectId(*subject)),
        (.., Some(name)) => Naming::New(name.clone()),
        (None, None, None) => Naming::Nobody,
    };
    let changed = engine.change(&Change::Name { faces: args.faces.iter().copied().map(FaceId).collect(), who })?;
    let name = changed.named.first().and_then(|(_, name)| name.as_ref()).map(|name| name.name.as_str());
    let faces = tell!("faces", n = args.faces.len());
    let words = match name {
        Some(name) => tell!("cli-identity-named", faces = faces, name = name),
        None => tell!("cli-identity-unnamed", faces = faces),
    };
    tell_change(context, &words, &changed);
    Ok(())
}

/// Everybody, or those of a name.
pub(super) fn list(context: &Context<'_>, name: Option<&str>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let people = match name {
        Some(name) => engine.gallery().subjects_named(name)?,
        None => engine.gallery().subjects()?,
    };
    for person in &people {
        let line = PersonLine::from(&engine.gallery().person(person.id)?);
        context.output.result(&line, || line.text());
    }
    Ok(())
}

/// An enrolled person.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct PersonLine {
    id: SubjectId,
    name: String,
    /// What tells two people of one name apart.
    external_id: Option<String>,
    note: Option<String>,
    /// How many faces have the name.
    faces: u64,
    /// Faces among them that a person confirmed one by one.
    confirmed: u64,
    /// Faces without a name that resemble it.
    suggestions: u64,
    /// What is odd about it.
    alarms: u64,
    /// The face that stands for it; none of somebody without faces.
    cover: Option<FaceId>,
    tags: Vec<String>,
    /// In the camera's local time, where a photo tells it.
    last_seen: Option<String>,
}

impl From<&Person> for PersonLine {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            name: person.name.clone(),
            external_id: person.external_id.clone(),
            note: person.note.clone(),
            faces: person.faces,
            confirmed: person.confirmed,
            suggestions: person.suggestions,
            alarms: person.alarms,
            cover: person.cover,
            tags: person.tags.clone(),
            last_seen: person.last_seen.clone(),
        }
    }
}

impl PersonLine {
    pub(super) fn text(&self) -> String {
        let external_id = self.external_id.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
        let more = [self.note.clone(), (!self.tags.is_empty()).then(|| format!("[{}]", self.tags.join(", ")))];
        let suggestions = (self.suggestions > 0).then(|| say!("cli-people-suggested", n = self.suggestions));
        let more: String = more.into_iter().chain([suggestions]).flatten().map(|text| format!("  {text}")).collect();
        let faces = say!("faces", n = self.faces);
        format!("{:>6}  {}{external_id}  {faces}{more}", format!("#{}", self.id), self.name)
    }
}

/// "Is this still …?"
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct QuestionLine {
    /// Whom `answer` is about.
    face: FaceId,
    /// The face that stood there before.
    old_face: FaceId,
    /// Who that was.
    subject: SubjectName,
    #[serde(flatten)]
    photo: PhotoPath,
}

pub(super) fn describe(context: &Context<'_>, args: &DescribeArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let subject = subject_from_text(&engine, &args.person)?;
    let known = engine.gallery().subject(subject)?;
    let change = Change::Describe {
        subject,
        name: args.name.clone().unwrap_or_else(|| known.name.clone()),
        external_id: args.external_id.clone().or(known.external_id),
        note: args.note.clone().or(known.note),
    };
    let changed = engine.change(&change)?;
    let now = engine.gallery().subject(subject)?;
    tell_change(context, &tell!("cli-identity-described", before = known.name.as_str(), now = now.title()), &changed);
    Ok(())
}

pub(super) fn merge(context: &Context<'_>, args: &MergeArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let from = args.from.iter().map(|text| subject_from_text(&engine, text)).collect::<Result<Vec<_>, _>>()?;
    let into = subject_from_text(&engine, &args.into)?;
    let changed = engine.change(&Change::Merge { from, into })?;
    let now = engine.gallery().subject(into)?;
    tell_change(
        context,
        &tell!("cli-identity-merged", person = now.title(), faces = tell!("faces", n = now.faces)),
        &changed,
    );
    Ok(())
}

pub(super) fn questions(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    for question in engine.gallery().questions()? {
        let line = QuestionLine {
            face: question.face.id,
            old_face: question.old_face,
            subject: question.subject.clone(),
            photo: question.face.path.as_path().into(),
        };
        context.output.result(&line, || {
            let asked = say!("cli-identity-question", person = question.subject.to_string());
            format!("{:>8}  {asked}  {}", question.face.id, question.face.path.display())
        });
    }
    Ok(())
}

pub(super) fn answer(context: &Context<'_>, args: &AnswerArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let same = args.answer == YesOrNo::Yes;
    let changed = engine.change(&Change::Answer { face: FaceId(args.face), same })?;
    tell_change(context, &if same { tell!("cli-identity-same") } else { tell!("cli-identity-other") }, &changed);
    Ok(())
}
