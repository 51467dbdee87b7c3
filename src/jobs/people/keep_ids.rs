//! Giving new groups the ids of the old ones that they go on from.

use std::collections::{BTreeMap, HashMap};

use crate::store::{GroupMove, Target};
use crate::types::{FaceId, GroupId};

/// What changes when `groups`, at least two faces each, take the place of those that the faces are in. `faces` are all that
/// there are to group, with the group of each.
///
/// The two with the most faces in common are one, then the next two; what is left are new groups, the largest first.
pub(super) fn moves(faces: &[(FaceId, Option<GroupId>)], groups: &[Vec<FaceId>]) -> Vec<GroupMove> {
    let before: HashMap<FaceId, GroupId> = faces.iter().filter_map(|(face, group)| Some((*face, (*group)?))).collect();
    let mut common: BTreeMap<(GroupId, usize), usize> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for old in group.iter().filter_map(|face| before.get(face)) {
            *common.entry((*old, at)).or_default() += 1;
        }
    }
    let mut pairs: Vec<((GroupId, usize), usize)> = common.into_iter().collect();
    pairs.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut target: Vec<Option<Target>> = vec![None; groups.len()];
    let mut is_taken = std::collections::HashSet::new();
    for ((old, at), _) in pairs {
        if target[at].is_none() && is_taken.insert(old) {
            target[at] = Some(Target::Group(old));
        }
    }
    let mut new: Vec<usize> = (0..groups.len()).filter(|at| target[*at].is_none()).collect();
    new.sort_by(|a, b| groups[*b].len().cmp(&groups[*a].len()).then(groups[*a].cmp(&groups[*b])));
    for (number, at) in (0..).zip(&new) {
        target[*at] = Some(Target::New(number));
    }
    let mut to: HashMap<FaceId, Target> = HashMap::new();
    // New ones in their order, so that the order of their ids is that of their sizes.
    let known = (0..groups.len()).filter(|at| matches!(target[*at], Some(Target::Group(_))));
    let order: Vec<usize> = known.chain(new.iter().copied()).collect();
    let mut moves = Vec::new();
    for at in order {
        let Some(target) = target[at] else { continue };
        for face in &groups[at] {
            to.insert(*face, target);
            if Some(target) != before.get(face).copied().map(Target::Group) {
                moves.push(GroupMove { face: *face, to: target });
            }
        }
    }
    let alone = faces.iter().filter(|(face, group)| group.is_some() && !to.contains_key(face));
    moves.extend(alone.map(|(face, _)| GroupMove { face: *face, to: Target::Alone }));
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(groups: &[i64]) -> Vec<(FaceId, Option<GroupId>)> {
        groups.iter().zip(1..).map(|(group, face)| (FaceId(face), (*group > 0).then_some(GroupId(*group)))).collect()
    }

    fn f(ids: &[i64]) -> Vec<FaceId> {
        ids.iter().copied().map(FaceId).collect()
    }

    #[test]
    fn groups_go_on_under_the_id_of_those_they_share_most_with() {
        let to = |face, to| GroupMove { face: FaceId(face), to };
        let old = faces(&[7, 7, 7, 8, 8, 0, 0]);
        assert_eq!(moves(&old, &[f(&[1, 2, 3]), f(&[4, 5])]), []);
        // 3 goes over to the eights, and a new group begins.
        let found = moves(&old, &[f(&[6, 7]), f(&[1, 2]), f(&[3, 4, 5])]);
        assert_eq!(found, [to(3, Target::Group(GroupId(8))), to(6, Target::New(0)), to(7, Target::New(0))]);
        // Two become one under the larger's id; one splits, and its larger part keeps the id.
        assert_eq!(moves(&old, &[f(&[1, 2, 3, 4, 5])]), [4, 5].map(|face| to(face, Target::Group(GroupId(7)))));
        let split = moves(&old, &[f(&[1, 3]), f(&[4, 5])]);
        assert_eq!(split, [to(2, Target::Alone)]);
        // The larger of the new ones gets the first id.
        let new = moves(&faces(&[0; 5]), &[f(&[1, 2]), f(&[3, 4, 5])]);
        assert_eq!(new[0], to(3, Target::New(0)));
        assert_eq!(new[4], to(2, Target::New(1)));
    }
}
