//! Which faces of a photo are which of those that it had.

use crate::types::{BBox, Embedding, FaceId, SubjectId};

/// Boxes that overlap by more than this (IoU) stand in one place.
const SAME_PLACE_IOU: f32 = 0.5;

/// A face that the photo had, in the gallery or as a tombstone.
#[derive(Clone, Debug)]
pub(super) struct OldFace {
    pub id: FaceId,
    pub bbox: BBox,
    /// By the model of now.
    pub embedding: Option<Embedding>,
    pub subject: Option<SubjectId>,
    pub is_gone: bool,
    /// It was seen on the pixels that the photo has now.
    pub same_pixels: bool,
}

/// A face that was found now.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewFace<'a> {
    pub bbox: BBox,
    pub embedding: &'a Embedding,
}

/// For each new face the old one that it is for certain: they stand in one place, and either on the same pixels or
/// their embeddings reach the model's threshold. Each face is used once, the nearest first; faces that are in the
/// gallery go before tombstones.
pub(super) fn match_faces(old: &[OldFace], new: &[NewFace<'_>], threshold: f32) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (o, old_face) in old.iter().enumerate() {
        for (n, new_face) in new.iter().enumerate() {
            let iou = old_face.bbox.iou(&new_face.bbox);
            let is_alike = || score(old_face, new_face).is_some_and(|score| score >= threshold);
            if iou > SAME_PLACE_IOU && (old_face.same_pixels || is_alike()) {
                pairs.push((old_face.is_gone, iou, o, n));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let mut matches = vec![None; new.len()];
    let mut is_used = vec![false; old.len()];
    for (_, _, o, n) in pairs {
        if !is_used[o] && matches[n].is_none() {
            is_used[o] = true;
            matches[n] = Some(o);
        }
    }
    matches
}

/// For each new face without a certain match the old one, named and in the gallery, that it may be: one that resembles
/// it, else the one in its place, else the only one that is left where one is left on both sides. Each is offered once.
pub(super) fn doubts(
    old: &[OldFace],
    new: &[NewFace<'_>],
    matches: &[Option<usize>],
    threshold: f32,
) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    let left = |o: &usize| !old[*o].is_gone && old[*o].subject.is_some() && !matches.contains(&Some(*o));
    let left: Vec<usize> = (0..old.len()).filter(left).collect();
    let unknown: Vec<usize> = (0..new.len()).filter(|n| matches[*n].is_none()).collect();
    let is_only = left.len() == 1 && unknown.len() == 1;
    for &o in &left {
        for &n in &unknown {
            let (iou, score) = (old[o].bbox.iou(&new[n].bbox), score(&old[o], &new[n]).unwrap_or(-1.0));
            if iou > SAME_PLACE_IOU || score >= threshold || is_only {
                pairs.push((score >= threshold, score, o, n));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let mut offered = vec![None; new.len()];
    let mut is_used = vec![false; old.len()];
    for (_, _, o, n) in pairs {
        if !is_used[o] && offered[n].is_none() {
            is_used[o] = true;
            offered[n] = Some(o);
        }
    }
    offered
}

fn score(old: &OldFace, new: &NewFace<'_>) -> Option<f32> {
    let old = old.embedding.as_ref().filter(|embedding| embedding.d() == new.embedding.d())?;
    Some(old.score(new.embedding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32) -> BBox {
        BBox { x1: x, y1: 0.0, x2: x + 10.0, y2: 10.0 }
    }

    fn unit(axis: usize) -> Embedding {
        Embedding::try_from_raw((0..4).map(|i| f32::from(u8::from(i == axis))).collect()).unwrap()
    }

    fn old(x: f32, axis: usize) -> OldFace {
        OldFace {
            id: FaceId(1),
            bbox: square(x),
            embedding: Some(unit(axis)),
            subject: Some(SubjectId(1)),
            is_gone: false,
            same_pixels: false,
        }
    }

    fn matches(old: &[OldFace], new: &[(f32, usize)], same_pixels: bool) -> Vec<Option<usize>> {
        let embeddings: Vec<_> = new.iter().map(|(_, axis)| unit(*axis)).collect();
        let faces: Vec<_> =
            new.iter().zip(&embeddings).map(|((x, _), embedding)| NewFace { bbox: square(*x), embedding }).collect();
        let old: Vec<_> = old.iter().map(|face| OldFace { same_pixels, ..face.clone() }).collect();
        match_faces(&old, &faces, 0.5)
    }

    #[test]
    fn boxes_are_matched_nearest_first_and_once() {
        // 1 overlaps both old boxes; 0 takes it with the larger overlap, 10 finds its own.
        let two = [old(0.0, 0), old(3.0, 0)];
        assert_eq!(matches(&two, &[(1.0, 0), (3.5, 0)], true), [Some(0), Some(1)]);
        assert_eq!(matches(&two[..1], &[(1.0, 0), (0.0, 0)], true), [None, Some(0)]);
        assert_eq!(matches(&two[..1], &[(8.0, 0)], true), [None]);
        assert_eq!(matches(&[], &[(0.0, 0)], true), [None]);
    }

    #[test]
    fn another_person_in_the_same_place_is_no_match() {
        assert_eq!(matches(&[old(0.0, 0)], &[(0.0, 1)], false), [None]);
        assert_eq!(matches(&[old(0.0, 0)], &[(0.0, 0)], false), [Some(0)]);
        assert_eq!(matches(&[old(0.0, 0)], &[(0.0, 1)], true), [Some(0)], "the same pixels by another network, say");
        // Two people who have changed places overlap with the wrong old face, and match none.
        assert_eq!(matches(&[old(0.0, 0), old(30.0, 1)], &[(0.0, 1), (30.0, 0)], false), [None, None]);
    }

    #[test]
    fn a_tombstone_is_matched_after_the_living() {
        let gone = OldFace { is_gone: true, ..old(0.0, 0) };
        assert_eq!(matches(std::slice::from_ref(&gone), &[(0.0, 1)], false), [None]);
        assert_eq!(matches(std::slice::from_ref(&gone), &[(0.0, 0)], false), [Some(0)]);
        assert_eq!(matches(&[gone, old(4.0, 0)], &[(1.0, 0)], false), [Some(1)]);
    }

    #[test]
    fn doubts_offer_the_likeness_first_and_then_the_place() {
        let offered = |old: &[OldFace], new: &[(f32, usize)]| {
            let embeddings: Vec<_> = new.iter().map(|(_, axis)| unit(*axis)).collect();
            let faces: Vec<_> = new
                .iter()
                .zip(&embeddings)
                .map(|((x, _), embedding)| NewFace { bbox: square(*x), embedding })
                .collect();
            let matches = match_faces(old, &faces, 0.5);
            doubts(old, &faces, &matches, 0.5)
        };
        assert_eq!(offered(&[old(0.0, 0)], &[(0.0, 1), (50.0, 2)]), [Some(0), None]);
        assert_eq!(offered(&[old(0.0, 0)], &[(0.0, 1), (50.0, 0)]), [None, Some(0)]);
        assert_eq!(offered(&[old(0.0, 0), old(30.0, 1)], &[(0.0, 1), (30.0, 0)]), [Some(1), Some(0)]);
        assert_eq!(offered(&[old(0.0, 0)], &[(70.0, 1), (50.0, 0)]), [None, Some(0)]);
        assert_eq!(offered(&[old(0.0, 0)], &[(70.0, 1)]), [Some(0)]);
        assert_eq!(offered(&[old(0.0, 0)], &[(70.0, 1), (90.0, 2)]), [None, None]);
        let nameless = OldFace { subject: None, ..old(0.0, 0) };
        assert_eq!(offered(&[nameless], &[(0.0, 1)]), [None]);
    }
}
