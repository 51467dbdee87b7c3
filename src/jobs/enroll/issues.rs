//! What could not be enrolled, or not as it should be: recorded, carried along and cleared.

use crate::tell;
use crate::types::{Telling, Told};
use std::path::{Path, PathBuf};

use super::enrollment::Enrollment;
use super::kinds::{PARTLY, PHOTO};
use crate::jobs::work::{JobError, JobEvent};
use crate::store::EnrolledPhoto;

/// How what earlier versions told of a photo went on whose folder gives it no name.
const NO_NAME: &str = "; it was given no name";
/// Of a photo that was read in part and whose folder gives it no name.
const PARTLY_AND_NAMELESS: &str = "issue-partly-and-nameless";

impl Enrollment<'_> {
    pub(super) fn skip(&mut self, path: &Path) -> Result<(), JobError> {
        self.summary.skipped += 1;
        self.meter.now.skipped += 1;
        if self.known_issues.get(path).is_some_and(|kind| kind == PARTLY) {
            return Ok(());
        }
        self.clear_issue(path)
    }

    pub(super) fn clear_issue(&mut self, path: &Path) -> Result<(), JobError> {
        if self.known_issues.remove(path).is_some() {
            self.engine.gallery().clear_issue(path)?;
            self.context.send(JobEvent::IssueCleared(path.to_path_buf()));
        }
        Ok(())
    }

    pub(super) fn record_issue(&mut self, path: PathBuf, kind: &str, reason: Telling) -> Result<(), JobError> {
        self.summary.issues += 1;
        self.meter.now.issues += 1;
        self.keep_issue(path, kind, reason)
    }

    /// The gallery has taken a photo, and its issue with it.
    pub(super) fn told_anew(&mut self, photo: &EnrolledPhoto) {
        let path = photo.path.clone();
        if self.known_issues.remove(&path).is_some() {
            self.context.send(JobEvent::IssueCleared(path.clone()));
        }
        if let Some(issue) = &photo.issue {
            self.summary.issues += 1;
            self.meter.now.issues += 1;
            self.known_issues.insert(path.clone(), issue.kind.clone());
            self.context.send(JobEvent::Issue { path, reason: issue.reason.clone() });
        }
    }

    /// That its folder gives a photo no name, beside what was not read of it.
    pub(super) fn tell_ambiguous(&mut self, path: &Path, name: &str) -> Result<(), JobError> {
        match self.not_read(path)? {
            Some(reason) => {
                let both = tell!("issue-partly-and-nameless", partly = reason, name = name);
                self.keep_issue(path.to_path_buf(), PARTLY, both)
            }
            None => self.record_issue(path.to_path_buf(), PHOTO, tell!("issue-nameless", name = name)),
        }
    }

    /// It has its name now.
    pub(super) fn not_ambiguous(&mut self, path: &Path) -> Result<(), JobError> {
        let told = self.not_read(path)?;
        let longer =
            |told: &Telling| self.engine.gallery().issue(path).map(|now| now.is_some_and(|now| now.reason != *told));
        match told {
            Some(told) if longer(&told)? => self.keep_issue(path.to_path_buf(), PARTLY, told),
            _ => Ok(()),
        }
    }

    /// What was not read of a photo that was read in part, and nothing else of its issue.
    fn not_read(&self, path: &Path) -> Result<Option<Telling>, JobError> {
        if self.known_issues.get(path).is_none_or(|kind| kind != PARTLY) {
            return Ok(None);
        }
        Ok(self.engine.gallery().issue(path)?.map(|issue| not_read_of(issue.reason)))
    }

    /// One that was counted before.
    pub(super) fn keep_issue(&mut self, path: PathBuf, kind: &str, reason: Telling) -> Result<(), JobError> {
        self.engine.gallery().record_issue_from(&path, kind, &reason, self.asked.as_deref())?;
        self.known_issues.insert(path.clone(), kind.to_owned());
        self.context.send(JobEvent::Issue { path, reason });
        Ok(())
    }

    /// What was not read of a photo goes with it to its new place, unless it was read `anew`.
    pub(super) fn move_notice(&mut self, from: &Path, to: &Path, anew: bool) -> Result<(), JobError> {
        // Placing it has cleared the issue of what stood there.
        if self.known_issues.remove(to).is_some() {
            self.context.send(JobEvent::IssueCleared(to.to_path_buf()));
        }
        let Some(reason) = self.partly.remove(from) else { return Ok(()) };
        // Another photo may have moved to where it lay, with a notice of its own.
        if self.engine.gallery().find_photo_by_path(from)?.is_none() {
            self.clear_issue(from)?;
        }
        if anew { Ok(()) } else { self.keep_issue(to.to_path_buf(), PARTLY, reason) }
    }
}

fn not_read_of(reason: Telling) -> Telling {
    match reason.args.get("partly") {
        Some(Told::Telling(partly)) if reason.code == PARTLY_AND_NAMELESS => partly.clone(),
        _ => match reason.args.get("english") {
            Some(Told::Text(text)) => text.split(NO_NAME).next().unwrap_or_default().into(),
            _ => reason,
        },
    }
}
