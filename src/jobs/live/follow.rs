//! Following the process that holds the data folder's lock, and taking its place.

use super::index::LiveIndex;
use super::load::members_of;
use super::turn::Held;
use crate::index::Unwatched;
use crate::jobs::work::JobError;
use crate::store::Gallery;

impl LiveIndex {
    /// Brings the index level with what another process has made of gallery and index.
    pub(in crate::jobs) fn catch_up(&self, gallery: &Gallery) -> Result<(), JobError> {
        let held = self.turn().take(&Unwatched)?;
        let caught_up = self.catch_up_held(gallery, &held);
        self.end_turn(gallery, held);
        caught_up
    }

    fn catch_up_held(&self, gallery: &Gallery, held: &Held<'_>) -> Result<(), JobError> {
        let current = self.store().current_checksum();
        let loaded = self.loaded().generation.as_ref().map(|generation| generation.checksum.clone());
        if current.is_some() && current != loaded && current != *self.refused() {
            match self.load_current(gallery, held) {
                // It is being written, or damaged: the one in use serves on, and it is not tried again.
                Err(JobError::Index(error)) => {
                    log::warn!("{error}");
                    *self.refused() = current;
                }
                loaded => {
                    // Whoever made it current may have chosen otherwise.
                    if loaded.is_ok() {
                        self.set_owed(self.store().owed());
                    }
                    return loaded;
                }
            }
        }
        self.level_renewed(gallery)?;
        if self.faces().has_templates() { self.follow_subjects(gallery, held) } else { Ok(()) }
    }

    /// Makes the templates of subjects anew whose faces are others.
    fn follow_subjects(&self, gallery: &Gallery, held: &Held<'_>) -> Result<(), JobError> {
        let now = members_of(&gallery.labels()?);
        let before = self.members().replace(now.clone());
        let Some(before) = before else {
            // What the templates were loaded with is not known, so they are loaded again.
            return self.load_current(gallery, held);
        };
        let changed: Vec<_> = now
            .iter()
            .filter(|(subject, faces)| before.get(subject) != Some(faces))
            .map(|(subject, _)| *subject)
            .chain(before.keys().filter(|subject| !now.contains_key(subject)).copied())
            .collect();
        self.follow(gallery, &[], &changed)
    }

    /// For who has got the data folder's lock: takes in what the other left, and keeps it for the next start.
    pub(in crate::jobs) fn become_writer(&self, gallery: &Gallery) -> Result<(), JobError> {
        let held = self.turn().take(&Unwatched)?;
        self.store().allow_writing()?;
        self.store().clean_up()?;
        let done = self.catch_up_held(gallery, &held).and_then(|()| self.publish_held(gallery, &held, &Unwatched));
        self.end_turn(gallery, held);
        done
    }
}
