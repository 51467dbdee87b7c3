//! Bringing an index into use: made ready beside the one in use, brought level with the gallery, then swapped in one step.

use std::cell::Cell;
use std::time::Duration;

use super::changes::{Levelled, Params};
use super::index::{Journal, LiveIndex, Loaded, Members};
use super::level::{drop_renewed, level, tiered};
use super::turn::Held;
use crate::index::{BuildWatch, Generation, IndexError, LoadedIndex, TieredIndex, Unwatched, moment};
use crate::jobs::work::JobError;
use crate::store::Gallery;
use crate::types::{FaceId, SubjectId};

/// What is to be brought into use.
pub(super) struct Ready {
    pub index: TieredIndex,
    /// The gallery's renewal up to which it holds the vectors.
    pub mark: i64,
    pub hand_on: Params,
}

impl LiveIndex {
    /// Brings into use what `prepare` makes from the gallery; everybody goes on with the one in use meanwhile. `confirm` makes
    /// it the generation that is current on the disk; until it has done so nothing has changed. Returns how many faces were
    /// added to what was made ready.
    ///
    /// # Errors
    /// Those of both; [`JobError::Cancelled`] before `confirm` has ended.
    pub(super) fn bring_in(
        &self,
        gallery: &Gallery,
        _held: &Held<'_>,
        watch: &dyn BuildWatch,
        prepare: impl FnOnce() -> Result<Ready, JobError>,
        confirm: impl FnOnce(&TieredIndex) -> Result<Option<Generation>, JobError>,
    ) -> Result<usize, JobError> {
        let _journal = self.begin_journal();
        moment("journal begun");
        let ready = prepare()?;
        moment("made ready");
        let levelled = drop_renewed(&ready.index, gallery, self.model(), ready.mark)?;
        moment("between renewals and level");
        let added = level(&ready.index, gallery, self.model(), watch)?;
        moment("level");
        watch.checkpoint()?;
        let generation = confirm(&ready.index)?;
        moment("confirmed");
        let loaded = Loaded { faces: ready.index.into(), generation };
        self.swap(gallery, loaded, ready.hand_on, Levelled { renewal: levelled, added })?;
        Ok(added)
    }

    /// Loads a generation as `open` reads it, with the templates of the subjects of now.
    ///
    /// # Errors
    /// Those of `open`; its templates are damaged.
    pub(super) fn ready_generation(
        &self,
        gallery: &Gallery,
        hand_on: Params,
        open: impl FnOnce() -> Result<(LoadedIndex, Generation), IndexError>,
    ) -> Result<(Ready, Generation), JobError> {
        let (index, generation) = open()?;
        let manifest = &generation.manifest;
        let labels = self.labels_for(gallery, manifest.record.spec.templates)?;
        moment("labels read");
        let params = self.store().load_params(manifest.number).unwrap_or(manifest.params);
        let index = tiered(index, &generation, &labels, params)?;
        let mark = gallery.index_mark(&generation.checksum)?;
        Ok((Ready { index, mark, hand_on }, generation))
    }

    /// Who has which subject, where templates are made from it; a process that follows another remembers it.
    pub(super) fn labels_for(&self, gallery: &Gallery, templates: bool) -> Result<Vec<(FaceId, SubjectId)>, JobError> {
        let labels = if templates { gallery.labels()? } else { Vec::new() };
        *self.members() = (templates && !self.store().is_writable()).then(|| members_of(&labels));
        Ok(labels)
    }

    /// Loads the generation that is current on the disk.
    pub(super) fn load_current(&self, gallery: &Gallery, held: &Held<'_>) -> Result<(), JobError> {
        let current = Cell::new(None);
        let prepare = || {
            let open = || {
                let loaded = self.store().load_current(self.model(), self.faces_d())?;
                loaded.ok_or(IndexError::NoGeneration(1))
            };
            let (ready, generation) = self.ready_generation(gallery, Params::Own, open)?;
            current.set(Some(generation));
            Ok(ready)
        };
        self.bring_in(gallery, held, &Unwatched, prepare, |_| Ok(current.take())).map(|_| ())
    }

    /// Makes an earlier generation the current one and loads it; faces enrolled since it was built are added.
    ///
    /// # Errors
    /// It is not there or damaged; [`JobError::Cancelled`]; then nothing has changed.
    pub(in crate::jobs) fn roll_back(
        &self,
        gallery: &Gallery,
        number: u64,
        watch: &dyn BuildWatch,
    ) -> Result<(), JobError> {
        let held = self.turn().take(watch)?;
        let generation = Cell::new(None);
        let prepare = || {
            let open = || self.store().load_generation(number, self.model(), self.faces_d(), watch);
            let (ready, loaded) = self.ready_generation(gallery, Params::Own, open)?;
            generation.set(Some(loaded));
            Ok(ready)
        };
        let confirm = |_: &TieredIndex| {
            let generation = generation.take();
            if let Some(generation) = &generation {
                self.store().point_back(generation)?;
            }
            // A person has chosen.
            self.settle_debt();
            Ok(generation)
        };
        let done = self.bring_in(gallery, &held, watch, prepare, confirm).map(|_| ());
        self.end_turn(gallery, held);
        done
    }

    /// Until whoever loads it for the first time is done.
    pub(in crate::jobs) fn wait_for_start(&self) -> Result<(), JobError> {
        loop {
            // Who has only made it known may not have begun.
            drop(self.turn().take(&Unwatched)?);
            let (is_started, has_failed) = {
                let changing = self.changing();
                (changing.is_started, changing.has_failed)
            };
            match (is_started, has_failed) {
                (true, _) => return Ok(()),
                (false, true) => return Err(JobError::Worker("the index could not be loaded".to_owned())),
                (false, false) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// For whoever waits in [`Self::wait_for_start`].
    pub(in crate::jobs) fn give_up_start(&self) {
        self.changing().has_failed = true;
    }

    fn begin_journal(&self) -> JournalEnd<'_> {
        self.changing().journal = Some(Journal::default());
        JournalEnd(self)
    }
}

/// Ends the journal, whichever way the work went.
struct JournalEnd<'a>(&'a LiveIndex);

impl Drop for JournalEnd<'_> {
    fn drop(&mut self) {
        self.0.changing().journal = None;
    }
}

/// The faces of each subject.
pub(super) fn members_of(labels: &[(FaceId, SubjectId)]) -> Members {
    let mut members = Members::new();
    for (face, subject) in labels {
        members.entry(*subject).or_default().push(*face);
    }
    members
}
