use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Subcommand;
use schemars::JsonSchema;
use serde::Serialize;

use super::change::tell_change;
use super::people::subject_from_text;
use crate::cli::Context;
use crate::cli::line::PhotoPath;
use crate::cli::output::{note_part, padded};
use crate::jobs::{Engine, JobError, Mode};
use crate::store::{Change, Removal, RemovalCounts};
use crate::types::{FaceId, PhotoId, SubjectName, Telling};
use crate::words::{english, told};
use crate::{say, tell};

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    #[command(subcommand)]
    pub what: RemoveWhat,
    /// Do it without asking
    #[arg(long, global = true)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum RemoveWhat {
    /// Single faces, by number
    Face {
        /// Numbers of faces
        #[arg(value_name = "FACE", required = true)]
        faces: Vec<i64>,
    },
    /// Photos with their faces, by path
    Photo {
        /// Paths of photos
        #[arg(value_name = "PHOTO", required = true)]
        photos: Vec<PathBuf>,
    },
    /// The photos in a folder and below it
    Folder {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// A person; its faces stay, without a name
    Person {
        /// A name, or # and a number
        #[arg(value_name = "PERSON")]
        person: String,
        /// Take its faces out as well; the person stays, so that they can come back
        #[arg(long)]
        with_faces: bool,
    },
    /// The photos whose files are gone
    Missing,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Numbers of faces
    #[arg(long = "face", value_name = "FACE")]
    pub faces: Vec<i64>,
    /// Numbers of photos
    #[arg(long = "photo", value_name = "PHOTO")]
    pub photos: Vec<i64>,
}

#[derive(Debug, clap::Args)]
pub struct PurgeArgs {
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
}

impl RestoreArgs {
    pub(super) fn only_lists(&self) -> bool {
        self.faces.is_empty() && self.photos.is_empty()
    }
}

/// What a command would do.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct ToConfirmLine {
    /// For people.
    words: String,
    photos: u64,
    faces: u64,
    /// Of the faces, those that have a name.
    named: u64,
}

/// A face, or a photo with its faces, that was taken out.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct GoneLine {
    photo_id: PhotoId,
    #[serde(flatten)]
    photo: PhotoPath,
    /// Absent where the photo went as a whole.
    face: Option<FaceId>,
    subject: Option<SubjectName>,
    /// Milliseconds since 1970-01-01 UTC.
    gone_at_millis: i64,
}

/// What was deleted for ever.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct PurgedLine {
    photos: u64,
    faces: u64,
    /// Of the faces, those that had a name.
    named: u64,
}

/// A photo whose file was found to be gone.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct MissingLine {
    photo_id: PhotoId,
    #[serde(flatten)]
    photo: PhotoPath,
    /// When that was found, milliseconds since 1970-01-01 UTC.
    missing_at_millis: Option<i64>,
}

pub(super) fn remove(context: &Context<'_>, args: &RemoveArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    if let RemoveWhat::Person { person, with_faces: false } = &args.what {
        let subject = subject_from_text(&engine, person)?;
        let known = engine.gallery().subject(subject)?;
        let what =
            tell!("cli-identity-removes-person", person = known.title(), faces = tell!("faces", n = known.faces));
        confirm(context, args.yes, &what, RemovalCounts { named: known.faces, ..RemovalCounts::default() })?;
        let changed = engine.change(&Change::RemoveSubject(subject))?;
        tell_change(context, &tell!("cli-identity-removed-person", person = known.title()), &changed);
        return Ok(());
    }
    let removal = removal(&engine, &args.what)?;
    let counts = engine.gallery().removal_counts(&removal)?;
    let what = counted(counts);
    confirm(context, args.yes, &tell!("cli-identity-takes-out", what = what.clone()), counts)?;
    let (photos, faces) = engine.gallery().to_remove(&removal)?;
    let change = if photos.is_empty() { Change::RemoveFaces(faces) } else { Change::RemovePhotos(photos) };
    let changed = engine.change(&change)?;
    tell_change(context, &tell!("cli-identity-took-out", what = what), &changed);
    Ok(())
}

fn removal(engine: &Engine, what: &RemoveWhat) -> Result<Removal, JobError> {
    let whole = |path: &PathBuf| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or(path.clone());
    Ok(match what {
        RemoveWhat::Face { faces } => Removal::Faces(faces.iter().copied().map(FaceId).collect()),
        RemoveWhat::Folder { folder } => Removal::Folder(whole(folder)),
        RemoveWhat::Person { person, .. } => Removal::FacesOf(subject_from_text(engine, person)?),
        RemoveWhat::Missing => Removal::Missing,
        RemoveWhat::Photo { photos } => {
            let mut ids = Vec::new();
            for path in photos {
                let found = match engine.gallery().find_photo_by_path(path)? {
                    None => engine.gallery().find_photo_by_path(&whole(path))?,
                    found => found,
                };
                let unknown = || JobError::Failed(tell!("cli-no-such-photo", path = path));
                ids.push(found.ok_or_else(unknown)?.id);
            }
            Removal::Photos(ids)
        }
    })
}

/// "2 photos with 5 faces, 3 of them named".
fn counted(counts: RemovalCounts) -> Telling {
    let faces = match counts.named {
        0 => tell!("faces", n = counts.faces),
        named => tell!("cli-identity-faces-named", faces = tell!("faces", n = counts.faces), named = named),
    };
    if counts.photos == 0 {
        faces
    } else {
        tell!("cli-identity-photos-with", photos = tell!("photos", n = counts.photos), faces = faces)
    }
}

/// Says how much it is, and goes on only where that is wanted.
fn confirm(context: &Context<'_>, yes: bool, what: &Telling, counts: RemovalCounts) -> Result<(), JobError> {
    if yes {
        return Ok(());
    }
    let line = ToConfirmLine { words: english(what), photos: counts.photos, faces: counts.faces, named: counts.named };
    if context.output.is_json() || !std::io::stdin().is_terminal() {
        context.output.result(&line, || say!("cli-identity-this", what = told(what)));
        return Err(JobError::Failed(tell!("cli-say-yes")));
    }
    note_part(&format!("{} ", say!("cli-identity-go-on", what = told(what))));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        true => Ok(()),
        false => Err(JobError::Failed(tell!("cli-nothing-done"))),
    }
}

pub(super) fn restore(context: &Context<'_>, args: &RestoreArgs) -> Result<(), JobError> {
    if args.only_lists() {
        return list_gone(context);
    }
    let engine = context.open(Mode::Write)?;
    if !args.photos.is_empty() {
        let photos = args.photos.iter().copied().map(PhotoId).collect();
        let changed = engine.change(&Change::RestorePhotos(photos))?;
        tell_change(context, &tell!("cli-identity-back", what = tell!("photos", n = args.photos.len())), &changed);
    }
    if !args.faces.is_empty() {
        let faces = args.faces.iter().copied().map(FaceId).collect();
        let changed = engine.change(&Change::RestoreFaces(faces))?;
        tell_change(context, &tell!("cli-identity-back", what = tell!("faces", n = args.faces.len())), &changed);
    }
    Ok(())
}

fn list_gone(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    for gone in engine.gallery().gone(usize::MAX)? {
        let line = GoneLine {
            photo_id: gone.photo,
            photo: gone.path.as_path().into(),
            face: gone.face,
            subject: gone.subject.clone(),
            gone_at_millis: gone.gone_at,
        };
        context.output.result(&line, || match gone.face {
            Some(face) => {
                let who = gone
                    .subject
                    .as_ref()
                    .map_or_else(|| say!("cli-identity-not-named"), |subject| subject.name.clone());
                format!("{}  {face:>8}  {who}  {}", padded(&say!("cli-identity-gone-face"), 4), gone.path.display())
            }
            None => {
                let word = padded(&say!("cli-identity-gone-photo"), 5);
                format!("{word} {:>8}  {}", gone.photo, gone.path.display())
            }
        });
    }
    Ok(())
}

pub(super) fn purge(context: &Context<'_>, args: &PurgeArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Write)?;
    let counts = engine.gallery().purge_counts()?;
    if counts == RemovalCounts::default() {
        tell_change(context, &String::new().into(), &crate::store::Changed::default());
        return Ok(());
    }
    confirm(context, args.yes, &tell!("cli-identity-deletes", what = counted(counts)), counts)?;
    let done = engine.purge(|done| {
        context.output.count(&say!("cli-identity-deleting"), done.faces as usize, counts.faces as usize);
        !context.control.is_cancelled()
    })?;
    context.output.end_live();
    let line = PurgedLine { photos: done.photos, faces: done.faces, named: done.named };
    context.output.result(&line, || say!("cli-identity-deleted", what = told(&counted(done))));
    context.control.checkpoint()?;
    Ok(())
}

pub(super) fn missing(context: &Context<'_>) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    for photo in engine.gallery().photos_missing(usize::MAX)? {
        let line =
            MissingLine { photo_id: photo.id, photo: photo.path.as_path().into(), missing_at_millis: photo.missing_at };
        context.output.result(&line, || format!("{:>8}  {}", photo.id, photo.path.display()));
    }
    Ok(())
}
