//! Keeping a flat index for the next start. A trained one is written by who builds it; until then the tail is made again
//! from the gallery at every start.

use super::index::{LiveIndex, Loaded};
use super::turn::{Held, Left};
use crate::index::{BuildWatch, IndexError, Unwatched};
use crate::jobs::work::JobError;
use crate::store::Gallery;

impl LiveIndex {
    /// Writes a flat index as a new generation if it has changed since the last one. Who has the turn does it in our place.
    pub(in crate::jobs) fn publish(&self, gallery: &Gallery) -> Result<(), JobError> {
        let Some(held) = self.turn().take_or_leave(Left { publish: true, ..Left::default() }) else { return Ok(()) };
        let published = self.publish_held(gallery, &held, &Unwatched);
        self.end_turn(gallery, held);
        published
    }

    pub(super) fn publish_held(
        &self,
        gallery: &Gallery,
        _held: &Held<'_>,
        watch: &dyn BuildWatch,
    ) -> Result<(), JobError> {
        let loaded = self.loaded();
        // What serves until the chosen one has been built again is not kept in its place.
        let stands_in = loaded.generation.is_none() && self.owed().is_some();
        if loaded.faces.trained().is_some() || stands_in {
            return Ok(());
        }
        let levelled = {
            let mut changes = self.changing();
            if !std::mem::take(&mut changes.is_unpublished) {
                return Ok(());
            }
            // From before the vectors that were renewed since: what is levelled once too often costs little.
            changes.levelled
        };
        let written = self.write_flat(gallery, &loaded, levelled, watch);
        if written.is_err() {
            self.changing().is_unpublished = true;
        }
        written
    }

    fn write_flat(
        &self,
        gallery: &Gallery,
        loaded: &Loaded,
        levelled: i64,
        watch: &dyn BuildWatch,
    ) -> Result<(), JobError> {
        let params = loaded.faces.params();
        let published = self.store().publish(loaded.faces.tail(), self.model(), params, watch)?;
        mark(gallery, &published.checksum, levelled);
        let mut changes = self.changing();
        let own = self.own_params();
        let now = loaded.faces.params();
        let kept = if now == params || own.is_some() {
            Ok(())
        } else {
            self.store().save_params(published.manifest.number, &now)
        };
        let faces = loaded.faces.clone();
        self.put(&mut changes, Loaded { faces, generation: Some(published) });
        Ok(kept?)
    }

    /// Ends the turn, after what others left to do meanwhile: none of them waits, so what goes wrong is logged.
    pub(super) fn end_turn(&self, gallery: &Gallery, held: Held<'_>) {
        let mut ending = held.end();
        while let Err((held, left)) = ending {
            if left.publish
                && let Err(error) = self.publish_held(gallery, &held, &Unwatched)
            {
                log::warn!("the index was not kept for the next start: {error}");
            }
            ending = held.end();
        }
    }
}

/// Notes up to which renewal a generation holds the vectors. Without the note they are all taken from the gallery again.
pub(super) fn mark(gallery: &Gallery, checksum: &str, renewal: i64) {
    if let Err(error) = gallery.mark_index(checksum, renewal) {
        log::warn!("what the index holds could not be noted: {error}");
    }
}

/// Work that ended because it was told to is no fault of the index.
pub(super) fn is_ended(error: &JobError) -> bool {
    matches!(error, JobError::Cancelled | JobError::Index(IndexError::Interrupted))
}
