//! What becomes of a photo once a worker has looked at it.

use crate::tell;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::crew::or_issue;
use super::enrollment::Enrollment;
use super::kinds::{DEADLY, PARTLY, PHOTO};
use super::photo::{PhotoWorker, Taken};
use crate::jobs::walk::Found;
use crate::jobs::work::{JobError, JobEvent, cores};
use crate::store::{Change, EnrolledIssue, EnrolledPhoto, FileStat, StoreError};
use crate::types::PhotoId;

impl Enrollment<'_> {
    /// With `again` the photo was looked at once more, because what had been found out did not hold any longer.
    pub(super) fn take(
        &mut self,
        worker: &PhotoWorker<'_>,
        found: Found,
        taken: Taken,
        again: bool,
    ) -> Result<(), JobError> {
        let path = &*found.path;
        match taken {
            Taken::Known { photo, touched } => {
                if let Some(file) = touched {
                    self.engine.gallery().update_file(photo, &file)?;
                }
                self.name_later(photo, path);
                self.skip(path)?;
            }
            Taken::SameFile(photo) => {
                self.displace(photo, path)?;
                self.name_from_folder(worker, photo, path, &found.shown, true)?;
                self.skip(path)?;
            }
            // Two copies of a moved photo: the first took its place, the other is a photo of its own.
            Taken::Moved { photo, .. } | Taken::Photo { follows: Some(photo), .. }
                if !self.moved.insert(photo) && !again =>
            {
                return self.take_again(worker, found);
            }
            Taken::Moved { photo, file, content_hash } => {
                let from = self.place_of(photo)?;
                if !self.place(photo, &content_hash, path, &file)? {
                    return self.not_placed(worker, found, again);
                }
                self.move_notice(&from, path, false)?;
                self.name_later(photo, path);
                self.summary.moved += 1;
                self.skip(path)?;
            }
            Taken::Removed(photo) if !self.request.is_retry && self.sources.names(path) => {
                // Who names a photo outright wants it.
                let changed = self.engine.change(&Change::RestorePhotos(vec![photo]))?;
                self.context.send(JobEvent::Changed(changed));
                return self.take_again(worker, found);
            }
            Taken::Removed(photo) => {
                self.displace(photo, path)?;
                self.summary.removed += 1;
                self.clear_issue(path)?;
                self.skip(path)?;
            }
            Taken::Photo { photo, follows, notice } => {
                if !photo.is_finite() {
                    self.record_issue(found.path, PHOTO, tell!("issue-not-finite"))?;
                    self.meter.now.done += 1;
                    return Ok(());
                }
                if let Some(old) = follows {
                    let from = self.place_of(old)?;
                    if !self.place(old, &photo.content_hash, path, &photo.file)? {
                        return self.not_placed(worker, found, again);
                    }
                    self.move_notice(&from, path, true)?;
                    self.summary.moved += 1;
                }
                if self.batch.is_empty() {
                    self.batch_begun = Instant::now();
                }
                let request = self.asked.clone();
                let issue = notice.map(|reason| EnrolledIssue { kind: PARTLY.to_owned(), reason, request });
                self.batch.push(EnrolledPhoto { issue, ..*photo });
            }
            Taken::Issue(reason) => self.record_issue(found.path, PHOTO, reason)?,
            Taken::Deadly(reason) => self.record_issue(found.path, DEADLY, reason)?,
            Taken::Later => {
                self.later.push(found);
                return Ok(());
            }
            Taken::Vanished => {
                self.seen.remove(path);
                self.clear_issue(path)?;
            }
        }
        self.meter.now.done += 1;
        Ok(())
    }

    pub(super) fn take_again(&mut self, worker: &PhotoWorker<'_>, found: Found) -> Result<(), JobError> {
        let taken = or_issue(|| worker.take(&found, cores()))?;
        self.take(worker, found, taken, true)
    }

    /// The photo that this file was has another content by now, or was taken out.
    pub(super) fn not_placed(&mut self, worker: &PhotoWorker<'_>, found: Found, again: bool) -> Result<(), JobError> {
        if !again {
            return self.take_again(worker, found);
        }
        self.meter.now.done += 1;
        self.record_issue(found.path, PHOTO, tell!("issue-changed-while-enrolled"))
    }

    /// Where a photo was last seen; nowhere for one that is purged meanwhile.
    fn place_of(&self, photo: PhotoId) -> Result<PathBuf, JobError> {
        match self.engine.gallery().photo(photo) {
            Err(StoreError::NoSuchPhoto(_)) => Ok(PathBuf::new()),
            record => Ok(record?.path),
        }
    }

    /// Whether the photo has its place now.
    pub(super) fn place(
        &self,
        photo: PhotoId,
        hash: &[u8; 32],
        path: &Path,
        file: &FileStat,
    ) -> Result<bool, JobError> {
        let changed = self.engine.gallery().place_photo(&self.run, photo, hash, path, file)?;
        let is_placed = changed.is_some();
        self.tell_change(changed.unwrap_or_default());
        Ok(is_placed)
    }

    /// The file at this path is another photo's: the one that stood there has lost its own.
    pub(super) fn displace(&self, photo: PhotoId, path: &Path) -> Result<(), JobError> {
        if let Some(other) = self.engine.gallery().find_photo_by_path(path)?.filter(|other| other.id != photo) {
            self.tell_change(self.engine.gallery().mark_missing(&self.run, &[other.id])?);
        }
        Ok(())
    }
}
