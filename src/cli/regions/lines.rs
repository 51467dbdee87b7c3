use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::line::PhotoPath;
use crate::exchange::{FaceRow, Form, Remark};
use crate::types::{BBox, FaceId, PhotoId, SubjectId, SubjectName};

/// A face that would get a name.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct RegionNameLine {
    pub face: FaceId,
    #[serde(flatten)]
    pub photo: PhotoPath,
    pub name: String,
    /// Who is so named; none for a person who is new.
    pub subject: Option<SubjectId>,
}

/// What is left to a person.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum RemarkKind {
    /// The face has another name, or none by a person's word.
    Conflict,
    /// A person said that the face is not who has this name.
    Rejected,
    /// Two names are said of one face.
    Contested,
    /// Several people have the name.
    Ambiguous,
    /// No face was found there.
    NoFace,
    /// The regions are for a picture of another shape.
    OtherPicture,
    /// It cannot be said which way up the regions are.
    Unclear,
    /// Regions have no area that could be one, or a name that is told nowhere.
    Unusable,
}

#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum FormName {
    Mwg,
    Microsoft,
    Acdsee,
    Picasa,
}

/// Something that was not done, and why.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct RegionRemarkLine {
    kind: RemarkKind,
    #[serde(flatten)]
    photo: PhotoPath,
    face: Option<FaceId>,
    /// The names that are said.
    names: Vec<String>,
    /// The name that the face has.
    has: Option<String>,
    /// Where no face was found: left, top, right, bottom in pixels of the upright photo.
    bbox: Option<[f32; 4]>,
    /// Who wrote the regions.
    form: Option<FormName>,
    /// How many regions; for `unusable`.
    regions: Option<usize>,
}

fn corners(bbox: &BBox) -> [f32; 4] {
    [bbox.x1, bbox.y1, bbox.x2, bbox.y2]
}

fn form_name(form: Form) -> FormName {
    match form {
        Form::Mwg => FormName::Mwg,
        Form::Microsoft => FormName::Microsoft,
        Form::Acdsee => FormName::Acdsee,
        Form::Picasa => FormName::Picasa,
    }
}

impl RegionRemarkLine {
    pub(super) fn new(path: &Path, remark: &Remark) -> Self {
        let bare = |kind| Self {
            kind,
            photo: path.into(),
            face: None,
            names: Vec::new(),
            has: None,
            bbox: None,
            form: None,
            regions: None,
        };
        match remark {
            Remark::Conflict { face, name, has } => {
                Self { face: Some(*face), names: vec![name.clone()], has: has.clone(), ..bare(RemarkKind::Conflict) }
            }
            Remark::Contested { face, names } => {
                Self { face: Some(*face), names: names.clone(), ..bare(RemarkKind::Contested) }
            }
            Remark::Rejected { face, name } => {
                Self { face: Some(*face), names: vec![name.clone()], ..bare(RemarkKind::Rejected) }
            }
            Remark::Ambiguous { face, name } => {
                Self { face: Some(*face), names: vec![name.clone()], ..bare(RemarkKind::Ambiguous) }
            }
            Remark::NoFace { name, area } => {
                Self { names: vec![name.clone()], bbox: Some(corners(area)), ..bare(RemarkKind::NoFace) }
            }
            Remark::OtherPicture { form, .. } => {
                Self { form: Some(form_name(*form)), ..bare(RemarkKind::OtherPicture) }
            }
            Remark::Unclear { form } => Self { form: Some(form_name(*form)), ..bare(RemarkKind::Unclear) },
            Remark::Unusable { form, regions } => {
                Self { form: Some(form_name(*form)), regions: Some(*regions), ..bare(RemarkKind::Unusable) }
            }
        }
    }
}

/// A face of the gallery, with what another gallery knows it by.
#[derive(Debug, JsonSchema, Serialize)]
pub(in crate::cli) struct NamedFaceLine {
    face: Option<FaceId>,
    photo_id: PhotoId,
    #[serde(flatten)]
    photo: PhotoPath,
    /// BLAKE3 of the photo's file, in hexadecimal digits.
    digest: Option<String>,
    /// Left, top, right, bottom in pixels of the upright photo.
    bbox: Option<[f32; 4]>,
    subject: Option<SubjectName>,
    external_id: Option<String>,
}

impl NamedFaceLine {
    pub(super) fn new(row: &FaceRow, photo_id: PhotoId, path: &Path) -> Self {
        Self {
            face: row.face,
            photo_id,
            photo: path.into(),
            digest: row.digest_text(),
            bbox: row.bbox.as_ref().map(corners),
            subject: row.subject.zip(row.name.clone()).map(|(id, name)| SubjectName { id, name }),
            external_id: row.external_id.clone(),
        }
    }
}
