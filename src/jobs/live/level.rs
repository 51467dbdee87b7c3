//! Bringing an index level with the gallery.

use std::collections::HashSet;

use crate::index::{BuildWatch, FaceIndex, Generation, LoadedIndex, TieredIndex, assemble, moment};
use crate::jobs::work::JobError;
use crate::store::Gallery;
use crate::types::{Embedding, FaceId, SearchParams, SubjectId};

/// Vectors handed to the index at a time while it is built from the gallery.
const CHUNK: usize = 4096;

/// A loaded generation as it is searched, with the templates of these subjects.
pub(super) fn tiered(
    index: LoadedIndex,
    generation: &Generation,
    labels: &[(FaceId, SubjectId)],
    params: SearchParams,
) -> Result<TieredIndex, JobError> {
    match index {
        LoadedIndex::Flat(flat) => {
            let index = TieredIndex::from_flat(flat);
            index.set_params(params);
            Ok(index)
        }
        LoadedIndex::Trained(trained) => Ok(assemble(trained, &generation.built(), labels, params)?),
    }
}

/// Takes out the faces of which an index holds an older vector than the gallery: those renewed after `since`. Returns the
/// gallery's last renewal.
pub(super) fn drop_renewed(index: &TieredIndex, gallery: &Gallery, model: &str, since: i64) -> Result<i64, JobError> {
    let (renewed, last) = gallery.renewals(model, since)?;
    let stale: Vec<FaceId> = renewed.into_iter().filter(|face| index.contains(*face)).collect();
    if !stale.is_empty() {
        index.remove(&stale)?;
    }
    Ok(last)
}

/// Adds the gallery's embeddings that are missing in an index which nobody uses yet, and removes what is no longer in the
/// gallery. Returns how many were added.
pub(super) fn level(
    index: &TieredIndex,
    gallery: &Gallery,
    model: &str,
    watch: &dyn BuildWatch,
) -> Result<usize, JobError> {
    const STAGE: &str = "Bringing the index level";
    watch.checkpoint()?;
    watch.progress(STAGE, 0, 0);
    let wanted: HashSet<FaceId> = gallery.embedding_ids(model)?.into_iter().collect();
    let present: HashSet<FaceId> = index.ids().into_iter().collect();
    let stale: Vec<FaceId> = present.difference(&wanted).copied().collect();
    if !stale.is_empty() {
        index.remove(&stale)?;
    }
    moment("between ids and vectors");
    let missing = wanted.difference(&present).count();
    if missing == 0 {
        return Ok(0);
    }
    let mut ids = Vec::with_capacity(CHUNK);
    let mut embeddings = Vec::with_capacity(CHUNK);
    let (mut looked_at, mut added) = (0, 0);
    gallery.for_each_embedding(model, |face, vector| -> Result<(), JobError> {
        looked_at += 1;
        if looked_at % CHUNK == 0 {
            watch.checkpoint()?;
            watch.progress(STAGE, looked_at.min(wanted.len()), wanted.len());
        }
        if present.contains(&face) {
            return Ok(());
        }
        // A vector that is not one is left out of the index rather than spoiling it; its face stays enrolled.
        match Embedding::try_from_raw(vector.to_vec()) {
            Ok(embedding) if embedding.d() == index.d() => {
                ids.push(face);
                embeddings.push(embedding);
                added += 1;
            }
            Ok(_) | Err(_) => log::warn!("the embedding of face {face} is damaged and was left out of the index"),
        }
        if ids.len() == CHUNK {
            index.add(&ids, &embeddings)?;
            ids.clear();
            embeddings.clear();
        }
        Ok(())
    })?;
    index.add(&ids, &embeddings)?;
    Ok(added)
}
