//! What happens to the gallery, taken into the index in use and noted for the one that is being made ready.

use std::collections::HashSet;

use super::index::{LiveIndex, Loaded};
use crate::index::{FaceIndex, TieredIndex, moment};
use crate::jobs::work::JobError;
use crate::store::Gallery;
use crate::types::{Embedding, FaceId, SubjectId};

/// Faces brought level while others wait.
const AT_ONCE: usize = 512;

impl LiveIndex {
    /// Takes in what a change of the gallery meant, which stands there by now: faces that came, went or got another vector,
    /// and subjects with another set of faces. The one way in which anything comes into the index in use, whoever did it:
    /// what is taken in is what the gallery says while nobody else changes the index, so that the last word counts.
    pub(in crate::jobs) fn follow(
        &self,
        gallery: &Gallery,
        faces: &[FaceId],
        subjects: &[SubjectId],
    ) -> Result<(), JobError> {
        if faces.is_empty() && subjects.is_empty() {
            return Ok(());
        }
        moment("before a change is followed");
        let mut changes = self.changing();
        if let Some(journal) = &mut changes.journal {
            journal.faces.extend(faces);
            journal.subjects.extend(subjects);
        }
        changes.is_unpublished |= !faces.is_empty();
        let index = self.faces();
        take_in(&index, gallery, self.model(), faces)?;
        moment("between faces and names");
        name(&index, gallery, subjects)
    }

    /// Adds what the gallery has and the index has not, and removes what is gone; a few at a time, so that nobody waits
    /// long. Returns how many came.
    pub(in crate::jobs) fn level(&self, gallery: &Gallery) -> Result<usize, JobError> {
        let wanted: HashSet<FaceId> = gallery.embedding_ids(self.model())?.into_iter().collect();
        let present: HashSet<FaceId> = self.faces().ids().into_iter().collect();
        let other: Vec<FaceId> = wanted.symmetric_difference(&present).copied().collect();
        for faces in other.chunks(AT_ONCE) {
            self.follow(gallery, faces, &[])?;
        }
        Ok(wanted.difference(&present).count())
    }

    /// The same, and gives faces that got another vector since the index was last level the one of now.
    pub(in crate::jobs) fn level_renewed(&self, gallery: &Gallery) -> Result<(), JobError> {
        let since = self.changing().levelled;
        let (renewed, last) = gallery.renewals(self.model(), since)?;
        for faces in renewed.chunks(AT_ONCE) {
            self.follow(gallery, faces, &[])?;
        }
        self.level(gallery)?;
        let mut changes = self.changing();
        changes.levelled = changes.levelled.max(last);
        Ok(())
    }

    /// Puts an index in the place of the one in use, with what has happened since the journal was begun. Where it cannot
    /// take that in it is in use all the same, and behind.
    pub(super) fn swap(
        &self,
        gallery: &Gallery,
        loaded: Loaded,
        hand_on: Params,
        level: Levelled,
    ) -> Result<(), JobError> {
        let mut changes = self.changing();
        let journal = changes.journal.take().unwrap_or_default();
        let (faces, subjects): (Vec<_>, Vec<_>) =
            (journal.faces.into_iter().collect(), journal.subjects.into_iter().collect());
        changes.is_unpublished = level.added > 0 || !faces.is_empty();
        let behind = take_in_later(&loaded.faces, gallery, self.model(), faces, level.renewal).and_then(|last| {
            changes.levelled = last;
            name(&loaded.faces, gallery, &subjects)
        });
        moment("before the swap");
        let own = self.own_params();
        let before = self.loaded();
        let is_alike = before.faces.spec() == loaded.faces.spec();
        let mut kept = Ok(());
        match (hand_on, *own) {
            // Of a process that only reads.
            (_, Some(params)) if is_alike => loaded.faces.set_params(params),
            (Params::InUse, _) => {
                let params = before.faces.params();
                if params != loaded.faces.params() {
                    loaded.faces.set_params(params);
                    if let Some(generation) = &loaded.generation {
                        kept = self.store().save_params(generation.manifest.number, &params);
                    }
                }
            }
            (Params::Own, _) => {}
        }
        self.put(&mut changes, loaded);
        drop(own);
        behind?;
        Ok(kept?)
    }
}

/// How an index was brought level before it takes over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levelled {
    /// The gallery's last renewal that it knows of.
    pub renewal: i64,
    /// Faces that its files lack.
    pub added: usize,
}

/// Which parameters an index has that takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Params {
    /// Those that it was built with or that were chosen for it since.
    Own,
    /// Those of the index before it, as they are at the swap.
    InUse,
}

/// The faces as the gallery has them now.
fn take_in(index: &TieredIndex, gallery: &Gallery, model: &str, faces: &[FaceId]) -> Result<(), JobError> {
    if faces.is_empty() {
        return Ok(());
    }
    let present = gallery.present_embeddings(faces, model)?;
    let (ids, embeddings): (Vec<FaceId>, Vec<Embedding>) = present.into_iter().unzip();
    let there: HashSet<FaceId> = ids.iter().copied().collect();
    let gone: Vec<FaceId> =
        faces.iter().copied().filter(|face| !there.contains(face) && index.contains(*face)).collect();
    moment("between gallery and index");
    Ok(index.replace(&gone, &ids, &embeddings)?)
}

/// The same for an index that is level with the gallery up to a renewal, which need not be told of what it has. Returns the
/// last renewal.
fn take_in_later(
    index: &TieredIndex,
    gallery: &Gallery,
    model: &str,
    faces: Vec<FaceId>,
    levelled: i64,
) -> Result<i64, JobError> {
    let (renewed, last) = gallery.renewals(model, levelled)?;
    let present: HashSet<FaceId> =
        gallery.present_embeddings(&faces, model)?.into_iter().map(|(face, _)| face).collect();
    let mut other: Vec<FaceId> =
        faces.into_iter().filter(|face| present.contains(face) != index.contains(*face)).collect();
    other.extend(renewed);
    other.sort_unstable();
    other.dedup();
    take_in(index, gallery, model, &other)?;
    Ok(last)
}

fn name(index: &TieredIndex, gallery: &Gallery, subjects: &[SubjectId]) -> Result<(), JobError> {
    if !index.has_templates() {
        return Ok(());
    }
    for subject in subjects {
        index.set_subject(*subject, &gallery.faces_of_subject(*subject)?)?;
    }
    Ok(())
}
