//! Faces that an enrollment brings: each joins a group or founds one at once, and gets a suggestion.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::keep_ids;
use super::suggested::best_of_each;
use super::weak::is_weak;
use crate::groups::{Bonds, Graph, Item, Parameters, group};
use crate::index::{FaceIndex, Hit, TieredIndex, inner_product};
use crate::jobs::work::JobError;
use crate::store::{Changed, Gallery, GroupMove, NewSuggestion, Run, Target, UnknownFace};
use crate::types::{Embedding, FaceId, GroupId};

/// Faces that are grouped anew around one that arrives, at most: its neighbours with their groups.
const AROUND: usize = 200;

/// Groups the faces that came to the index; those that have a name, or that a person ignored, are passed over. What became
/// of each is a change of its own, of one batch.
///
/// # Errors
/// The gallery cannot be written.
pub(in crate::jobs) fn place_arrivals(
    gallery: &Gallery,
    index: &TieredIndex,
    model: (&str, f32),
    run: &Run,
    arrived: &[(FaceId, &Embedding)],
) -> Result<Vec<Changed>, JobError> {
    let (model, threshold) = model;
    let ids: Vec<FaceId> = arrived.iter().map(|(face, _)| *face).collect();
    let work = Arrivals { gallery, model, parameters: Parameters::for_threshold(threshold), threshold };
    let embedding_of: HashMap<FaceId, &Embedding> = arrived.iter().copied().collect();
    let (mut changes, mut suggestions) = (Vec::new(), Vec::new());
    for face in gallery.unknown_among(&ids)? {
        let Some(embedding) = embedding_of.get(&face.id) else { continue };
        let hits = index.search(embedding, work.parameters.k + 1)?;
        suggestions.extend(work.suggest(&face, &hits)?);
        let moves = work.place(&face, &hits)?;
        if !moves.is_empty() {
            changes.push(gallery.group_arrivals(run, &moves)?);
        }
    }
    if !suggestions.is_empty() {
        gallery.put_suggestions(model, Some(&ids), &suggestions)?;
    }
    Ok(changes)
}

struct Arrivals<'a> {
    gallery: &'a Gallery,
    model: &'a str,
    parameters: Parameters,
    threshold: f32,
}

impl Arrivals<'_> {
    fn suggest(&self, face: &UnknownFace, hits: &[Hit]) -> Result<Vec<NewSuggestion>, JobError> {
        let near = hits.iter().filter(|hit| hit.score >= self.threshold).map(|hit| (hit.face, hit.score));
        let ids: Vec<FaceId> = near.clone().map(|(other, _)| other).collect();
        let told = self.gallery.told_of(&ids)?;
        Ok(best_of_each(face.id, near, |other| told.get(other).copied()))
    }

    /// Groups its neighbours and their groups anew together with it, so that what it joins may become one, too.
    fn place(&self, face: &UnknownFace, hits: &[Hit]) -> Result<Vec<GroupMove>, JobError> {
        let near = hits.iter().filter(|hit| hit.score >= self.parameters.threshold && hit.face != face.id);
        let near: Vec<FaceId> = near.map(|hit| hit.face).collect();
        let known = self.gallery.unknown_among(&near)?;
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let around = self.around(face, &known)?;
        let ids: Vec<FaceId> = around.iter().map(|face| face.id).collect();
        let vectors = self.gallery.vectors(&ids, self.model)?;
        let (faces, vectors): (Vec<&UnknownFace>, Vec<Vec<f32>>) =
            around.iter().zip(vectors).filter_map(|(face, vector)| Some((face, vector?))).unzip();
        let items: Vec<Item<'_>> = faces
            .iter()
            .zip(&vectors)
            .map(|(face, vector)| Item { vector, photo: face.photo.0, subject: None, is_weak: is_weak(face) })
            .collect();
        let place: HashMap<FaceId, u32> = faces.iter().map(|face| face.id).zip(0..).collect();
        let grouping = group(&items, &self.graph(&vectors), &self.bonds(&place)?, &self.parameters);
        let mut groups: Vec<Vec<FaceId>> = vec![Vec::new(); grouping.groups];
        for (face, label) in faces.iter().zip(&grouping.labels) {
            groups[*label as usize].push(face.id);
        }
        groups.retain(|group| group.len() > 1);
        let before: Vec<_> = faces.iter().map(|face| (face.id, face.group)).collect();
        // Who is left out here may still go with what was not looked at: only the whole grouping sends faces away.
        let mut moves = keep_ids::moves(&before, &groups);
        moves.retain(|one| one.to != Target::Alone);
        Ok(moves)
    }

    /// The face, those near it, and as many of their groups' faces as there is room for, nearest groups first.
    fn around(&self, face: &UnknownFace, near: &[UnknownFace]) -> Result<Vec<UnknownFace>, JobError> {
        let mut ids: BTreeSet<FaceId> = near.iter().map(|other| other.id).chain([face.id]).collect();
        let mut seen: HashSet<GroupId> = HashSet::new();
        for group in near.iter().chain([face]).filter_map(|other| other.group) {
            if seen.insert(group) {
                let members = self.gallery.faces_of_group(group)?;
                let room = AROUND.saturating_sub(ids.len());
                ids.extend(members.into_iter().take(room));
            }
        }
        Ok(self.gallery.unknown_among(&ids.into_iter().collect::<Vec<_>>())?)
    }

    fn graph(&self, vectors: &[Vec<f32>]) -> Graph {
        let least = self.parameters.threshold;
        let list = |(at, a): (usize, &Vec<f32>)| {
            let later = vectors.iter().enumerate().skip(at + 1);
            let scored = later.map(|(other, b)| (other as u32, inner_product(a, b)));
            scored.filter(|(_, score)| *score >= least).collect()
        };
        Graph::new(vectors.iter().enumerate().map(list).collect())
    }

    fn bonds(&self, place: &HashMap<FaceId, u32>) -> Result<Bonds, JobError> {
        let mut bonds = Bonds::default();
        for (face, at) in place {
            for other in self.gallery.apart_from(*face)? {
                if let Some(other) = place.get(&other) {
                    bonds.keep_apart(*at, *other);
                }
            }
        }
        Ok(bonds)
    }
}
