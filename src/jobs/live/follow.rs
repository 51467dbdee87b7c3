//! Following the process that holds the data folder's lock, and taking its place.

use super::index::{LiveIndex, Members};
use crate::jobs::work::JobError;
use crate::store::Gallery;

impl LiveIndex {
    /// Brings the index level with what another process has made of gallery and index.
    pub(in crate::jobs) fn catch_up(&self, gallery: &Gallery) -> Result<(), JobError> {
        let current = self.store().current_number();
        if current.is_some() && current != self.generation_number() {
            *self.members() = None;
            match self.load_current(gallery) {
                // It is being written, or damaged: the one in use serves on.
                Err(JobError::Index(error)) => log::warn!("{error}"),
                loaded => return loaded,
            }
        }
        self.level_renewed(gallery)?;
        if self.faces().has_templates() { self.follow_subjects(gallery) } else { Ok(()) }
    }

    /// Makes the templates of subjects anew whose faces are others.
    fn follow_subjects(&self, gallery: &Gallery) -> Result<(), JobError> {
        let mut now = Members::new();
        for (face, subject) in gallery.labels()? {
            now.entry(subject).or_default().push(face);
        }
        let before = self.members().replace(now.clone());
        let Some(before) = before else {
            // What the templates were loaded with is not known, so they are loaded again.
            return self.load_current(gallery);
        };
        let none = Vec::new();
        for (subject, faces) in &now {
            if before.get(subject) != Some(faces) {
                self.set_subject(*subject, faces)?;
            }
        }
        for subject in before.keys().filter(|subject| !now.contains_key(subject)) {
            self.set_subject(*subject, &none)?;
        }
        Ok(())
    }

    /// For who has got the data folder's lock: takes in what the other left, and keeps it for the next start.
    pub(in crate::jobs) fn become_writer(&self, gallery: &Gallery) -> Result<(), JobError> {
        self.store().allow_writing()?;
        self.store().clean_up()?;
        self.catch_up(gallery)?;
        self.publish(gallery)
    }
}
