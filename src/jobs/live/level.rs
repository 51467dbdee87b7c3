//! Bringing an index level with the gallery.

use std::collections::HashSet;

use crate::index::{FaceIndex, Generation, IndexStore, LoadedIndex, TieredIndex, assemble};
use crate::jobs::work::JobError;
use crate::store::Gallery;
use crate::types::{Embedding, FaceId};

/// Vectors handed to the index at a time while it is built from the gallery.
const CHUNK: usize = 4096;

/// A loaded generation as it is searched, with the templates of the subjects of now.
pub(super) fn tiered(
    store: &IndexStore,
    index: LoadedIndex,
    generation: &Generation,
    gallery: &Gallery,
) -> Result<TieredIndex, JobError> {
    let trained = match index {
        LoadedIndex::Flat(flat) => return Ok(TieredIndex::from_flat(flat)),
        LoadedIndex::Trained(trained) => trained,
    };
    let manifest = &generation.manifest;
    let labels = if manifest.record.spec.templates { gallery.labels()? } else { Vec::new() };
    let params = store.load_params(manifest.number).unwrap_or(manifest.params);
    Ok(assemble(trained, &generation.built(), &labels, params)?)
}

/// Removes the faces of which a generation holds an older vector than the gallery. Returns the gallery's last renewal.
pub(super) fn drop_renewed(
    index: &TieredIndex,
    gallery: &Gallery,
    model: &str,
    generation: Option<&Generation>,
) -> Result<i64, JobError> {
    let since = generation.map_or(Ok(0), |generation| gallery.index_mark(&generation.checksum))?;
    let (renewed, last) = gallery.renewals(model, since)?;
    let stale: Vec<FaceId> = renewed.into_iter().filter(|face| index.contains(*face)).collect();
    if !stale.is_empty() {
        index.remove(&stale)?;
    }
    Ok(last)
}

/// Adds the gallery's embeddings that are missing in the index and removes what is no longer in the gallery.
/// Returns how many were added.
pub(super) fn level(index: &TieredIndex, gallery: &Gallery, model: &str) -> Result<usize, JobError> {
    let wanted: HashSet<FaceId> = gallery.embedding_ids(model)?.into_iter().collect();
    let present: HashSet<FaceId> = index.ids().into_iter().collect();
    let stale: Vec<FaceId> = present.difference(&wanted).copied().collect();
    if !stale.is_empty() {
        index.remove(&stale)?;
    }
    let missing = wanted.difference(&present).count();
    if missing == 0 {
        return Ok(0);
    }
    let mut ids = Vec::with_capacity(CHUNK);
    let mut embeddings = Vec::with_capacity(CHUNK);
    gallery.for_each_embedding(model, |face, vector| -> Result<(), JobError> {
        if present.contains(&face) {
            return Ok(());
        }
        // A vector that is not one is left out of the index rather than spoiling it; its face stays enrolled.
        match Embedding::try_from_raw(vector.to_vec()) {
            Ok(embedding) if embedding.d() == index.d() => {
                ids.push(face);
                embeddings.push(embedding);
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
    Ok(missing)
}
