//! Whom a face resembles, by its nearest neighbours.

use crate::store::NewSuggestion;
use crate::types::{FaceId, SubjectId};

/// People suggested for a face, at most: who is rejected makes room for the next.
const SUGGESTED: usize = 3;

/// The nearest face of each of the first people among the hits, best first. `told` says whose a face is, `None` within for
/// one that is ignored.
pub(super) fn best_of_each(
    face: FaceId,
    hits: impl Iterator<Item = (FaceId, f32)>,
    told: impl Fn(&FaceId) -> Option<Option<SubjectId>>,
) -> Vec<NewSuggestion> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for (nearest, score) in hits {
        if let Some(who) = told(&nearest).filter(|who| nearest != face && !seen.contains(who)) {
            seen.push(who);
            found.push(NewSuggestion { face, nearest, score });
        }
        if found.len() == SUGGESTED {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_suggested_once_by_the_nearest_face() {
        let hits = [(1, 1.0), (2, 0.9), (3, 0.8), (4, 0.7), (5, 0.6), (6, 0.5), (7, 0.4)];
        let told = |face: &FaceId| match face.0 {
            2 | 3 => Some(Some(SubjectId(8))),
            5 => Some(None),
            6 | 7 => Some(Some(SubjectId(face.0))),
            _ => None,
        };
        let found = best_of_each(FaceId(1), hits.into_iter().map(|(face, score)| (FaceId(face), score)), told);
        assert_eq!(found.iter().map(|one| one.nearest.0).collect::<Vec<_>>(), [2, 5, 6]);
    }
}
