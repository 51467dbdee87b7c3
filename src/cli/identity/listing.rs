//! `people list`, `show`, `suggest` and `alarms`: what a screen shows, line by line.

use schemars::JsonSchema;
use serde::Serialize;

use super::people::{PersonLine, subject_from_text};
use crate::cli::Context;
use crate::jobs::{JobError, Mode};
use crate::say;
use crate::store::{Alarm, AlarmKind, Page, PeopleFilter, PeopleOrder, PeopleQuery, PeopleRow, PersonFace, Suggestion};
use crate::types::{FaceId, GroupId, Ignored, NamedBy, PhotoId, SubjectName};

#[derive(Clone, Copy, Debug, clap::Args)]
pub struct PageArgs {
    /// Lines passed over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// Lines listed, at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
}

impl From<&PageArgs> for Page {
    fn from(args: &PageArgs) -> Self {
        Self { offset: args.offset, limit: args.limit }
    }
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Which
    #[arg(long, value_enum, default_value_t = Filter::Named)]
    pub filter: Filter,
    /// In which order
    #[arg(long, value_enum, default_value_t = Order::Name)]
    pub sort: Order,
    /// Only people in whose name, external id or tags this stands
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub search: String,
    #[command(flatten)]
    pub page: PageArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Filter {
    /// Who has a name
    Named,
    /// Groups of faces without a name
    Groups,
    /// People for whom there are suggestions
    ToReview,
    /// People about whom something is odd
    Flagged,
    /// Faces that were set aside
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    Name,
    Faces,
    Suggestions,
    LastSeen,
    Newest,
}

/// A group of faces without a name.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct GroupLine {
    group: GroupId,
    faces: u64,
    /// The best face.
    cover: FaceId,
    /// Whom its faces resemble most.
    suggestion: Option<SuggestionLine>,
}

/// Whom a face without a name resembles.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct SuggestionLine {
    face: FaceId,
    /// None where the nearest face is set aside.
    subject: Option<SubjectName>,
    /// Why the nearest face is set aside.
    ignored: Option<Ignored>,
    /// Cosine to the nearest face, −1…1.
    score: f32,
    nearest_face: FaceId,
}

impl From<&Suggestion> for SuggestionLine {
    fn from(suggestion: &Suggestion) -> Self {
        Self {
            face: suggestion.face,
            subject: suggestion.subject.clone(),
            ignored: suggestion.ignored,
            score: suggestion.score,
            nearest_face: suggestion.nearest,
        }
    }
}

/// A face of a person, with how odd it is.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct PersonFaceLine {
    face: FaceId,
    photo_id: PhotoId,
    named_by: Option<NamedBy>,
    /// 0…1.
    quality: f32,
    /// Mean cosine to the person's confirmed faces, −1…1: the lower, the odder.
    likeness: Option<f32>,
}

/// A face that was set aside.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct IgnoredLine {
    face: FaceId,
    photo_id: PhotoId,
    why: Ignored,
}

/// What is odd about a person.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct AlarmLine {
    subject: SubjectName,
    /// "modes", two people under one name, or "twice", one person twice on a photo.
    kind: &'static str,
    /// Mean cosine between the faces to be split off and the others, −1…1.
    score: f32,
    /// On which it stands twice.
    photo_id: Option<PhotoId>,
    /// Faces to be split off.
    split: Vec<FaceId>,
}

pub(super) fn list(context: &Context<'_>, args: &ListArgs) -> Result<(), JobError> {
    let filter = match args.filter {
        Filter::Named => PeopleFilter::Named,
        Filter::Groups => PeopleFilter::Groups,
        Filter::ToReview => PeopleFilter::ToReview,
        Filter::Flagged => PeopleFilter::Flagged,
        Filter::Ignored => return ignored(context, &args.page),
    };
    let order = match args.sort {
        Order::Name => PeopleOrder::Name,
        Order::Faces => PeopleOrder::Faces,
        Order::Suggestions => PeopleOrder::Suggestions,
        Order::LastSeen => PeopleOrder::LastSeen,
        Order::Newest => PeopleOrder::Newest,
    };
    let engine = context.open(Mode::Read)?;
    let query = PeopleQuery { filter, order, search: args.search.clone() };
    let (rows, _) = engine.gallery().people(&query, (&args.page).into())?;
    for row in &rows {
        match row {
            PeopleRow::Person(person) => {
                let line = PersonLine::from(person);
                context.output.result(&line, || line.text());
            }
            PeopleRow::Group { group, cover, faces, suggestion } => {
                let suggestion = suggestion.as_ref();
                let line = GroupLine {
                    group: *group,
                    faces: *faces,
                    cover: *cover,
                    suggestion: suggestion.map(SuggestionLine::from),
                };
                context.output.result(&line, || {
                    let like = suggestion.map_or_else(String::new, |found| format!("  {}", like(found)));
                    format!("{:>6}  {}{like}", group.to_string(), say!("faces", n = *faces))
                });
            }
        }
    }
    Ok(())
}

fn ignored(context: &Context<'_>, page: &PageArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    for face in engine.gallery().ignored(page.into())? {
        let line = IgnoredLine { face: face.face, photo_id: face.photo, why: face.why };
        context.output.result(&line, || format!("{:>8}  {}", face.face, why(face.why)));
    }
    Ok(())
}

pub(super) fn show(context: &Context<'_>, person: &str, page: &PageArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let subject = subject_from_text(&engine, person)?;
    let line = PersonLine::from(&engine.gallery().person(subject)?);
    context.output.result(&line, || line.text());
    let faces = engine.gallery().faces_by_oddness(subject, &engine.manifest().name)?;
    for face in faces.iter().skip(page.offset).take(page.limit) {
        let PersonFace { face, photo, named_by, quality, likeness } = *face;
        let line = PersonFaceLine { face, photo_id: photo, named_by, quality, likeness };
        context.output.result(&line, || {
            let likeness = likeness.map_or_else(|| "–".to_owned(), |likeness| format!("{likeness:.3}"));
            let confirmed =
                if named_by == Some(NamedBy::Person) { say!("cli-people-confirmed") } else { String::new() };
            format!("{face:>8}  {likeness:>6}  {confirmed}")
        });
    }
    Ok(())
}

pub(super) fn suggest(context: &Context<'_>, person: Option<&str>, page: &PageArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let subject = person.map(|person| subject_from_text(&engine, person)).transpose()?;
    for found in engine.gallery().suggestions(subject, page.into())? {
        context.output.result(&SuggestionLine::from(&found), || format!("{:>8}  {}", found.face, like(&found)));
    }
    Ok(())
}

/// "Ada? 0.612 (face 7)"
fn like(found: &Suggestion) -> String {
    let who = match (&found.subject, found.ignored) {
        (Some(subject), _) => subject.to_string(),
        (None, ignored) => why(ignored.unwrap_or(Ignored::Stranger)),
    };
    say!("cli-people-like", who = who, score = format!("{:.3}", found.score), face = found.nearest.to_string())
}

fn why(why: Ignored) -> String {
    match why {
        Ignored::Stranger => say!("cli-people-stranger"),
        Ignored::Statue => say!("cli-people-statue"),
        Ignored::Poster => say!("cli-people-poster"),
        Ignored::NotAFace => say!("cli-people-not-a-face"),
    }
}

pub(super) fn alarms(context: &Context<'_>, person: Option<&str>, page: &PageArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let subject = person.map(|person| subject_from_text(&engine, person)).transpose()?;
    for Alarm { subject, kind, score, photo, split } in engine.gallery().alarms(subject, page.into())? {
        let line =
            AlarmLine { subject: subject.clone(), kind: kind.name(), score, photo_id: photo, split: split.clone() };
        context.output.result(&line, || {
            let faces = split.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let (person, score) = (subject.to_string(), format!("{score:.3}"));
            match kind {
                AlarmKind::Modes => say!("cli-people-modes", person = person, score = score, faces = faces),
                AlarmKind::Twice => say!("cli-people-twice", person = person, score = score, faces = faces),
            }
        });
    }
    Ok(())
}
