use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exchange::{Remark, Whom};
use crate::jobs::work::Progress;
use crate::types::{BatchId, FaceId, Telling};

/// What is told while names are taken over or told to others.
#[derive(Clone, Debug)]
pub enum RegionsTold {
    Progress(Progress),
    /// A file that cannot be used. The work goes on.
    Issue {
        path: PathBuf,
        reason: Telling,
    },
    /// What is left to a person, on this photo.
    Remark {
        path: PathBuf,
        remark: Remark,
    },
    /// A face that gets a name, or would get it.
    Named {
        path: PathBuf,
        face: FaceId,
        whom: Whom,
        name: String,
    },
}

/// What came of taking names over.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct RegionsImported {
    /// Photos, or rows of a table, that were looked at.
    pub looked_at: u64,
    /// Of these, how many tell of faces.
    pub with_regions: u64,
    /// Faces that got a name, or would get it.
    pub named: u64,
    /// People who are new by that.
    pub new_people: u64,
    /// Faces that had the name already.
    pub already_named: u64,
    /// Faces that have another name, or not this one by a person's word, or of which two names are said.
    pub conflicts: u64,
    /// Faces whose name several people have.
    pub ambiguous: u64,
    /// Names where no face was found.
    pub without_face: u64,
    /// Sets of regions that have no certain place on their photo.
    pub unplaced: u64,
    /// Regions without an area that could be one, or without the name that they refer to.
    pub unusable: u64,
    /// Files that could not be used.
    pub issues: u64,
    /// Nothing was changed: it was only looked what would be.
    pub dry_run: bool,
    /// The change's number, by which `undo` takes all of it back; none where nothing was changed.
    pub batch: Option<BatchId>,
}

impl RegionsImported {
    pub(super) fn count(&mut self, remark: &Remark) {
        match remark {
            Remark::Conflict { .. } | Remark::Rejected { .. } | Remark::Contested { .. } => self.conflicts += 1,
            Remark::Ambiguous { .. } => self.ambiguous += 1,
            Remark::NoFace { .. } => self.without_face += 1,
            Remark::OtherPicture { .. } | Remark::Unclear { .. } => self.unplaced += 1,
            Remark::Unusable { regions, .. } => self.unusable += *regions as u64,
        }
    }
}

/// What came of telling names in sidecars.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct RegionsExported {
    /// Photos that have a named face.
    pub photos: u64,
    /// Sidecars that were written, or would be: new ones and others.
    pub written: u64,
    /// Of these, how many were not there before.
    pub new_files: u64,
    /// Regions that were not there before.
    pub added: u64,
    /// Regions that had another name.
    pub renamed: u64,
    /// Regions that said the same before.
    pub kept: u64,
    /// Photos and sidecars that could not be used.
    pub issues: u64,
    /// Nothing was written.
    pub dry_run: bool,
}
