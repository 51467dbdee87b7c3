//! Changing who is who, with the index following the gallery.

use super::Engine;
use crate::jobs::actor::actor;
use crate::jobs::work::{JobError, Message};
use crate::store::{BatchRecord, Change, Changed, RemovalCounts, Run};
use crate::tell;
use crate::types::{BatchId, FaceId};

/// Tombstones deleted in one transaction.
const PURGED_AT_ONCE: usize = 2000;

impl Engine {
    /// Makes a change in the name of the person at this machine.
    ///
    /// # Errors
    /// The gallery is open for reading only; those of [`crate::store::Gallery::change`].
    pub fn change(&self, change: &Change) -> Result<Changed, JobError> {
        self.ensure_writable()?;
        let changed = self.gallery().change(&actor(), change)?;
        self.follow(&changed);
        Ok(changed)
    }

    /// Takes back a batch of changes; without a number the latest one of a person.
    ///
    /// # Errors
    /// The gallery is open for reading only; those of [`crate::store::Gallery::undo`].
    pub fn undo(&self, batch: Option<BatchId>) -> Result<(BatchRecord, Changed), JobError> {
        self.ensure_writable()?;
        let (record, changed) = self.gallery().undo(&actor(), batch)?;
        self.follow(&changed);
        Ok((record, changed))
    }

    /// Does again what was undone last.
    ///
    /// # Errors
    /// The gallery is open for reading only; those of [`crate::store::Gallery::redo`].
    pub fn redo(&self) -> Result<(BatchRecord, Changed), JobError> {
        self.ensure_writable()?;
        let (record, changed) = self.gallery().redo(&actor())?;
        self.follow(&changed);
        Ok((record, changed))
    }

    /// Deletes every tombstone for ever; `tell` hears how much is done, and says by its answer whether to go on.
    ///
    /// # Errors
    /// The gallery is open for reading only, a full disk; what is deleted by then stays so.
    pub fn purge(&self, mut tell: impl FnMut(RemovalCounts) -> bool) -> Result<RemovalCounts, JobError> {
        self.ensure_writable()?;
        let run = Run::purge(&actor());
        let mut total = RemovalCounts::default();
        loop {
            let counts = self.gallery().purge(&run, PURGED_AT_ONCE)?;
            total.photos += counts.photos;
            total.faces += counts.faces;
            total.named += counts.named;
            if counts == RemovalCounts::default() || !tell(total) {
                return Ok(total);
            }
        }
    }

    pub(in crate::jobs) fn follow(&self, changed: &Changed) {
        self.follow_with(changed, &[]);
    }

    /// Takes a change of the gallery, and faces that came with it or got another vector, into every open index: the one way
    /// by which anything gets there, whoever made the change. The change stands by now: where an index cannot follow, it is
    /// brought level at the next start.
    pub(in crate::jobs) fn follow_with(&self, changed: &Changed, come: &[FaceId]) {
        let faces = [changed.gone.as_slice(), &changed.back, come].concat();
        for index in self.open_indexes() {
            if let Err(error) = index.follow(self.gallery(), &faces, &changed.subjects) {
                self.tell(Message::Warning(tell!("engine-index-behind", reason = &error)));
            }
        }
    }
}
