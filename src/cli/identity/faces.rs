use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::face_changes::{self, FacesAction};
use super::people::subject_from_text;
use crate::cli::Context;
use crate::cli::line::PhotoPath;
use crate::jobs::{JobError, Mode};
use crate::say;
use crate::store::FaceRecord;
use crate::types::{FaceId, FaceQuery, NamedBy, PhotoId, SubjectName};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FacesArgs {
    #[command(subcommand)]
    pub action: Option<FacesAction>,
    /// Only faces on photos in this folder or below it
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Only faces of this person: a name, or # and a number
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    /// Only faces without a name
    #[arg(long, conflicts_with = "person")]
    pub unnamed: bool,
}

/// Faces that are read at once.
const CHUNK: usize = 512;

pub(super) fn run(context: &Context<'_>, args: &FacesArgs) -> Result<(), JobError> {
    if let Some(action) = &args.action {
        return face_changes::run(context, action);
    }
    let engine = context.open(Mode::Read)?;
    let subjects = args.person.iter().map(|text| subject_from_text(&engine, text)).collect::<Result<_, _>>()?;
    let folder = args.folder.as_ref().map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.clone()));
    let query = FaceQuery { subjects, unnamed: args.unnamed, folder, ..FaceQuery::default() };
    for ids in engine.gallery().faces_matching(&query)?.chunks(CHUNK) {
        context.control.checkpoint()?;
        for face in engine.gallery().faces(ids)? {
            context.output.result(&FaceLine::from(&face), || face_text(&face));
        }
    }
    Ok(())
}

/// A face of the gallery.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct FaceLine {
    face: FaceId,
    photo_id: PhotoId,
    #[serde(flatten)]
    photo: PhotoPath,
    subject: Option<SubjectName>,
    /// Who said that it is this person, or nobody.
    named_by: Option<NamedBy>,
    /// Left, top, right, bottom in pixels of the upright photo.
    bbox: [f32; 4],
    /// 0…1.
    quality: f32,
    /// In the camera's local time, where the photo tells it.
    taken_at: Option<String>,
    /// The photo's file was found to be gone.
    missing: bool,
}

impl From<&FaceRecord> for FaceLine {
    fn from(face: &FaceRecord) -> Self {
        let bbox = &face.detection.bbox;
        Self {
            face: face.id,
            photo_id: face.photo,
            photo: face.path.as_path().into(),
            subject: face.subject.clone(),
            named_by: face.named_by,
            bbox: [bbox.x1, bbox.y1, bbox.x2, bbox.y2],
            quality: face.quality.score,
            taken_at: face.taken_at.clone(),
            missing: face.missing_at.is_some(),
        }
    }
}

fn face_text(face: &FaceRecord) -> String {
    let who = face.subject.as_ref().map_or_else(|| say!("cli-identity-not-named"), |subject| subject.name.clone());
    let gone = face.missing_at.map_or_else(String::new, |_| format!("  {}", say!("cli-identity-file-gone")));
    format!("{:>8}  {}  {}{}", face.id, who, face.path.display(), gone)
}
