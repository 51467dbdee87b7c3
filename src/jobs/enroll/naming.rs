//! Names by the folders that photos are seen in.

use std::collections::HashSet;
use std::path::Path;

use super::enrollment::Enrollment;
use super::photo::PhotoWorker;
use crate::jobs::pipeline::main_face;
use crate::jobs::walk::Found;
use crate::jobs::work::JobError;
use crate::store::{FolderNaming, StoreError};
use crate::types::PhotoId;

impl Enrollment<'_> {
    pub(super) fn keep_link(&mut self, found: Found) {
        if found.is_linked() && self.request.subjects_from_folders {
            self.linked.entry(found.path).or_insert(found.shown);
        }
    }

    pub(super) fn name_later(&mut self, photo: PhotoId, path: &Path) {
        if self.request.subjects_from_folders {
            self.to_name.push((photo, path.to_path_buf()));
        }
    }

    /// Names photos that were enrolled before by the folders that they are seen in. What somebody linked into a folder
    /// belongs there, whatever the folder in which its file lies is called; the first link counts. All of it waits
    /// for the walk's end, so that two folders do not name a photo in turn at every run.
    pub(super) fn name_from_folders(&mut self, worker: &PhotoWorker<'_>) -> Result<(), JobError> {
        let mut linked = HashSet::new();
        for (path, shown) in std::mem::take(&mut self.linked) {
            if let Some(photo) = self.engine.gallery().find_photo_by_path(&path)? {
                linked.insert(photo.id);
                self.name_from_folder(worker, photo.id, &path, &shown, false)?;
            }
        }
        for (photo, path) in std::mem::take(&mut self.to_name).into_iter().filter(|(photo, _)| !linked.contains(photo))
        {
            self.context.control.checkpoint()?;
            self.name_from_folder(worker, photo, &path, &path, false)?;
        }
        Ok(())
    }

    /// The main face of a photo that was enrolled before gets its folder's name now, if that is asked for and no person
    /// has spoken; with `only_unnamed` no other folder has, either.
    pub(super) fn name_from_folder(
        &mut self,
        worker: &PhotoWorker<'_>,
        photo: PhotoId,
        path: &Path,
        shown: &Path,
        only_unnamed: bool,
    ) -> Result<(), JobError> {
        let Some(subject) = worker.folder_subject(shown) else { return Ok(()) };
        // Whom a person took out stays the one that the photo is about: a bystander does not become it.
        let faces = self.engine.gallery().faces_with_removed(photo)?;
        let Some(size) = faces.first().map(|face| face.photo_size) else { return Ok(()) };
        let main = main_face(&faces, size, |face| face.detection.bbox).map(|(_, face)| face);
        if let Some(face) = main.filter(|face| !face.is_gone && (!only_unnamed || face.subject.is_none())) {
            let (naming, changed) = match self.engine.gallery().name_by_folder(&self.run, face.id, &subject) {
                // Somebody has just taken it out.
                Err(StoreError::NoSuchFace(_)) => return Ok(()),
                named => named?,
            };
            self.engine.follow(&changed);
            self.tell_change(changed);
            match naming {
                FolderNaming::Ambiguous(name) => self.tell_ambiguous(path, &name)?,
                FolderNaming::Same | FolderNaming::Named => self.not_ambiguous(path)?,
            }
        }
        Ok(())
    }
}
