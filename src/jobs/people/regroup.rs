//! Grouping one person anew: what was confirmed stays, and so do those that go with it; the others become groups.

use std::collections::HashMap;

use crate::groups::{Bonds, Graph, Item, Parameters, group};
use crate::index::{FaceIndex, FlatIndex};
use crate::jobs::engine::Engine;
use crate::jobs::work::{JobControl, JobError};
use crate::store::{Change, Changed, PersonFace};
use crate::types::{Embedding, FaceId, NamedBy, SubjectId};

/// Faces compared at once.
const BATCH: usize = 256;

/// What became of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Regrouped {
    pub stay: usize,
    /// Faces that lost the name, a list each group.
    pub left: Vec<Vec<FaceId>>,
    pub changed: Changed,
}

/// Groups the faces of a subject by the model in use: confirmed ones stay together whatever they look like, and the largest
/// group stays where none is confirmed. The others lose the name; it is one batch.
///
/// # Errors
/// The gallery is open for reading only; [`crate::store::StoreError::NoSuchSubjectId`]; [`JobError::Cancelled`].
pub fn regroup_person(engine: &Engine, subject: SubjectId, control: &JobControl) -> Result<Regrouped, JobError> {
    engine.ensure_writable()?;
    let manifest = engine.manifest();
    let parameters = Parameters::for_threshold(manifest.threshold);
    let (faces, embeddings) = person(engine, subject, &manifest.name)?;
    let graph = neighbours(&embeddings, manifest.d, parameters.k, control)?;
    let is_confirmed = |face: &PersonFace| face.named_by == Some(NamedBy::Person);
    let items: Vec<Item<'_>> = faces
        .iter()
        .zip(&embeddings)
        .map(|(face, embedding)| Item {
            vector: embedding.as_slice(),
            photo: face.photo.0,
            subject: is_confirmed(face).then_some(subject.0),
            is_weak: face.quality < Parameters::SOUND_QUALITY,
        })
        .collect();
    let place: HashMap<FaceId, u32> = faces.iter().map(|face| face.face).zip(0..).collect();
    let mut bonds = Bonds::default();
    for (a, b) in engine.gallery().kept_apart()? {
        if let (Some(a), Some(b)) = (place.get(&a), place.get(&b)) {
            bonds.keep_apart(*a, *b);
        }
    }
    let grouping = group(&items, &graph, &bonds, &parameters);
    control.checkpoint()?;
    let mut groups: Vec<Vec<FaceId>> = vec![Vec::new(); grouping.groups];
    for (face, label) in faces.iter().zip(&grouping.labels) {
        groups[*label as usize].push(face.face);
    }
    let confirmed = faces.iter().position(is_confirmed).map(|at| grouping.labels[at] as usize);
    let largest = (0..groups.len()).max_by_key(|at| (groups[*at].len(), std::cmp::Reverse(*at)));
    let stay = confirmed.or(largest).map_or_else(Vec::new, |at| std::mem::take(&mut groups[at]));
    groups.retain(|group| !group.is_empty());
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    let changed = engine.change(&Change::Regroup { subject, leave: groups.clone() })?;
    Ok(Regrouped { stay: stay.len(), left: groups, changed })
}

/// The faces of a subject that have an embedding; the others stay what they are.
pub(super) fn person(
    engine: &Engine,
    subject: SubjectId,
    model: &str,
) -> Result<(Vec<PersonFace>, Vec<Embedding>), JobError> {
    let faces = engine.gallery().faces_of_person(subject)?;
    let ids: Vec<FaceId> = faces.iter().map(|face| face.face).collect();
    let vectors = engine.gallery().vectors(&ids, model)?;
    let whole = faces.into_iter().zip(vectors);
    Ok(whole.filter_map(|(face, vector)| Some((face, Embedding::try_from_raw(vector?).ok()?))).unzip())
}

/// Compared each with each.
pub(super) fn neighbours(
    embeddings: &[Embedding],
    d: usize,
    k: usize,
    control: &JobControl,
) -> Result<Graph, JobError> {
    let index = FlatIndex::new(d)?;
    let ids: Vec<FaceId> = (0..embeddings.len() as i64).map(FaceId).collect();
    index.add(&ids, embeddings)?;
    let mut lists = Vec::with_capacity(embeddings.len());
    for probes in embeddings.chunks(BATCH) {
        control.checkpoint()?;
        for hits in index.search_batch(probes, k + 1)? {
            lists.push(hits.iter().map(|hit| (hit.face.0 as u32, hit.score)).collect());
        }
    }
    Ok(Graph::new(lists))
}
