//! What is away before a walk, and what is gone after it.

use crate::tell;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::enrollment::Enrollment;
use super::kinds::ABSENT;
use super::moves::{file_stat, gone_below};
use crate::jobs::work::{JobError, JobEvent};

impl Enrollment<'_> {
    pub(super) fn tell_absent_sources(&mut self) -> Result<(), JobError> {
        for source in std::mem::take(&mut self.sources.gone) {
            self.clear_issue(&source)?;
        }
        for source in self.sources.absent.clone() {
            self.tell_absent(source)?;
        }
        for source in self.sources.present.clone() {
            if self.known_issues.get(&source).is_some_and(|kind| kind == ABSENT) {
                self.clear_issue(&source)?;
            }
        }
        Ok(())
    }

    fn tell_absent(&mut self, source: PathBuf) -> Result<(), JobError> {
        self.record_issue(source, ABSENT, tell!("issue-absent"))
    }

    /// After a walk that came to its end: notes what it should have met and what is no more.
    pub(super) fn close_the_walk(&mut self) -> Result<(), JobError> {
        let (away, there): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.sources.present).into_iter().partition(|source| self.is_away(source));
        for source in &away {
            self.tell_absent(source.clone())?;
        }
        self.sources.absent.extend(away);
        let roots: Vec<PathBuf> =
            there.iter().flat_map(|root| [Some(root.clone()), root.canonicalize().ok()]).flatten().collect();
        self.sources.present = there;
        let gone = gone_below(self.engine, &roots, &self.unreadable, &self.seen)?;
        if !gone.is_empty() {
            let changed = self.engine.gallery().mark_missing(&self.run, &gone)?;
            self.summary.missing += changed.photos.len() as u64;
            self.context.send(JobEvent::Changed(changed));
        }
        self.clear_issues_of_gone_files(&roots)?;
        self.tell_left_out()
    }

    /// Folders that are left out may have been looked through by an earlier version: issues of what lies in them are not
    /// tried again, and go; photos stay, and are counted. What a person named outright was met.
    fn tell_left_out(&mut self) -> Result<(), JobError> {
        let left_out = std::mem::take(&mut self.left_out);
        let folders = left_out.iter().flat_map(|folder| [Some(folder.clone()), folder.canonicalize().ok()]).flatten();
        let folders: HashSet<PathBuf> = folders.collect();
        let mut photos = HashSet::new();
        for folder in &folders {
            let places = self.engine.gallery().places_under(folder)?;
            photos.extend(places.into_iter().filter(|(_, path, _)| !self.seen.contains(path)).map(|(photo, ..)| photo));
        }
        self.summary.in_left_out_folders += photos.len() as u64;
        let named: Vec<&PathBuf> = self.sources.present.iter().chain(&self.sources.absent).collect();
        let is_named = |path: &Path| named.iter().any(|source| path.starts_with(source) && is_inside(source, &folders));
        let issues = self.known_issues.iter().filter(|(path, kind)| *kind != ABSENT && is_inside(path, &folders));
        let issues = issues.filter(|(path, _)| !self.seen.contains(*path) && !is_named(path));
        let issues: Vec<PathBuf> = issues.map(|(path, _)| path.clone()).collect();
        issues.iter().try_for_each(|path| self.clear_issue(path))
    }

    /// A source that went away during the run, or an empty folder where a drive with photos of the gallery was mounted.
    fn is_away(&self, source: &Path) -> bool {
        let Ok(metadata) = fs::metadata(source) else { return true };
        let device = file_stat(&metadata).device;
        let Some(root) = source.canonicalize().ok().filter(|root| root.is_dir()) else { return false };
        if device.is_none() || self.seen.iter().any(|photo| photo.starts_with(&root)) {
            return false;
        }
        let places = self.engine.gallery().places_under(&root).unwrap_or_default();
        // Older records do not tell the device; an empty folder does not, either.
        let is_empty = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_none());
        let elsewhere = |then: &Option<i64>| then.map_or(is_empty, |then| Some(then) != device);
        !places.is_empty() && places.iter().all(|(_, _, then)| elsewhere(then))
    }

    fn clear_issues_of_gone_files(&mut self, roots: &[PathBuf]) -> Result<(), JobError> {
        let is_gone = |path: &Path| fs::symlink_metadata(path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        let below = |path: &Path| roots.iter().any(|root| path.starts_with(root));
        let hidden: HashSet<&PathBuf> = self.unreadable.iter().collect();
        let gone: Vec<PathBuf> = self
            .known_issues
            .iter()
            .filter(|(path, kind)| *kind != ABSENT && below(path) && is_gone(path))
            .filter(|(path, _)| !path.ancestors().skip(1).any(|folder| hidden.contains(&folder.to_path_buf())))
            .map(|(path, _)| path.clone())
            .collect();
        gone.iter().try_for_each(|path| self.clear_issue(path))
    }
}

/// Whether a path is one of these folders, or lies below one.
fn is_inside(path: &Path, folders: &HashSet<PathBuf>) -> bool {
    path.ancestors().any(|folder| folders.contains(folder))
}
