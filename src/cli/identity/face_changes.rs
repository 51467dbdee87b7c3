//! `faces` with what is said of faces by number.

use super::manage::{Why, change, ids};
use super::people::{NameArgs, subject_from_text};
use crate::cli::Context;
use crate::jobs::JobError;
use crate::store::Change;
use crate::types::PhotoId;

#[derive(Debug, clap::Subcommand)]
pub enum FacesAction {
    /// Say who faces are
    Assign(NameArgs),
    /// Say that faces are not a person; it is not suggested for them again
    Reject {
        /// Numbers of faces
        #[arg(value_name = "FACE", required = true)]
        faces: Vec<i64>,
        /// A name, or # and a number
        #[arg(long, value_name = "PERSON")]
        person: String,
    },
    /// Set faces aside
    Ignore {
        /// Numbers of faces
        #[arg(value_name = "FACE", required_unless_present = "rest_of_photo")]
        faces: Vec<i64>,
        /// Every face of the photo of this number that has no name
        #[arg(long, value_name = "PHOTO", conflicts_with = "faces")]
        rest_of_photo: Option<i64>,
        /// Why
        #[arg(long, value_enum, default_value_t = Why::Stranger)]
        why: Why,
    },
    /// Take faces in again that were set aside
    Notice {
        /// Numbers of faces
        #[arg(value_name = "FACE", required = true)]
        faces: Vec<i64>,
    },
    /// Take faces out of the groups that they are in, for good
    LeaveGroup {
        /// Numbers of faces
        #[arg(value_name = "FACE", required = true)]
        faces: Vec<i64>,
    },
}

pub(super) fn run(context: &Context<'_>, action: &FacesAction) -> Result<(), JobError> {
    match action {
        FacesAction::Assign(args) => super::people::name(context, args),
        FacesAction::Reject { faces, person } => change(context, |engine| {
            Ok(Change::Reject { faces: ids(faces), subject: subject_from_text(engine, person)? })
        }),
        FacesAction::Ignore { rest_of_photo: Some(photo), why, .. } => {
            change(context, |_| Ok(Change::IgnoreRest { photo: PhotoId(*photo), why: (*why).into() }))
        }
        FacesAction::Ignore { faces, why, .. } => {
            change(context, |_| Ok(Change::Ignore { faces: ids(faces), why: (*why).into() }))
        }
        FacesAction::Notice { faces } => change(context, |_| Ok(Change::Notice(ids(faces)))),
        FacesAction::LeaveGroup { faces } => change(context, |_| Ok(Change::LeaveGroup(ids(faces)))),
    }
}
