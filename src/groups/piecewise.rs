//! Grouping piece by piece: two faces that no chain of neighbours joins never meet in a group, so that each piece is grouped
//! alone, on any core and in any order, and comes to the same.

use std::collections::HashMap;

use super::linkage::group;
use super::sets::Sets;
use super::{Bonds, Graph, Item, Parameters};

/// How much the threshold rises for a piece that is too large.
const STEP: f32 = 0.02;

/// What hangs together by scores of `threshold` and more, at least two items each, the largest first. A piece of more than
/// `cap` items falls apart by a threshold that rises until none is larger, or no pair is left that differs.
pub fn pieces(graph: &Graph, threshold: f32, cap: usize) -> Vec<Vec<u32>> {
    let all: Vec<u32> = (0..graph.len() as u32).collect();
    let mut whole = Vec::new();
    let mut open = vec![(all, threshold)];
    while let Some((items, threshold)) = open.pop() {
        for piece in apart(graph, &items, threshold) {
            if piece.len() > cap && threshold + STEP < 1.0 {
                open.push((piece, threshold + STEP));
            } else if piece.len() > 1 {
                whole.push(piece);
            }
        }
    }
    whole.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    whole
}

/// The pieces of some items, each in rising order.
fn apart(graph: &Graph, items: &[u32], threshold: f32) -> Vec<Vec<u32>> {
    let place: HashMap<u32, u32> = items.iter().zip(0..).map(|(item, at)| (*item, at)).collect();
    let mut sets = Sets::new(items.len());
    for (item, at) in items.iter().zip(0..) {
        let near = graph.of(*item).iter().take_while(|(_, score)| *score >= threshold);
        near.filter_map(|(other, _)| place.get(other)).for_each(|other| sets.unite(at, *other));
    }
    let mut pieces: HashMap<u32, Vec<u32>> = HashMap::new();
    for (item, at) in items.iter().zip(0..) {
        pieces.entry(sets.root(at)).or_default().push(*item);
    }
    pieces.into_values().collect()
}

/// The groups of at least two within a piece, in the order of their first items; see [`group`]. `items`, `graph` and `bonds`
/// are those of all.
pub fn group_piece(
    items: &[Item<'_>],
    graph: &Graph,
    bonds: &Bonds,
    parameters: &Parameters,
    piece: &[u32],
) -> Vec<Vec<u32>> {
    let place: HashMap<u32, u32> = piece.iter().zip(0..).map(|(item, at)| (*item, at)).collect();
    let own: Vec<Item<'_>> = piece.iter().map(|item| items[*item as usize]).collect();
    let list = |item: &u32| {
        let near = graph.of(*item).iter().filter(|(_, score)| *score >= parameters.threshold);
        near.filter_map(|(other, score)| Some((*place.get(other)?, *score))).collect()
    };
    let grouping = group(&own, &Graph::new(piece.iter().map(list).collect()), &bonds.within(&place), parameters);
    let mut groups = vec![Vec::new(); grouping.groups];
    for (item, label) in piece.iter().zip(&grouping.labels) {
        groups[*label as usize].push(*item);
    }
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    proptest! {
        /// Piece by piece comes to what grouping all at once comes to, photos, subjects, weak faces and bonds among it.
        #[test]
        fn pieces_make_no_difference(
            angles in proptest::collection::vec((0.0f32..360.0, 0i64..30, any::<bool>()), 0..40),
            foes in proptest::collection::vec((0u32..40, 0u32..40), 0..8),
        ) {
            let vectors: Vec<[f32; 2]> = angles.iter().map(|(a, ..)| [a.to_radians().cos(), a.to_radians().sin()]).collect();
            let items: Vec<Item<'_>> = vectors
                .iter()
                .zip(&angles)
                .map(|(vector, (_, photo, is_weak))| Item { vector, photo: *photo, subject: None, is_weak: *is_weak })
                .collect();
            let near = |a: &[f32; 2]| vectors.iter().zip(0..).map(|(b, at)| (at, cosine(a, b))).collect::<Vec<_>>();
            let graph = Graph::new(vectors.iter().map(near).collect());
            let mut bonds = Bonds::default();
            foes.iter().for_each(|(a, b)| bonds.keep_apart(*a, *b));
            let parameters = Parameters { k: 8, threshold: 0.9, weak_extra: 0.05 };
            let whole = group(&items, &graph, &bonds, &parameters);
            let mut expected = vec![Vec::new(); whole.groups];
            whole.labels.iter().zip(0..).for_each(|(label, at)| expected[*label as usize].push(at));
            expected.retain(|group: &Vec<u32>| group.len() > 1);
            let mut found: Vec<Vec<u32>> = pieces(&graph, parameters.threshold, 1000)
                .iter()
                .flat_map(|piece| group_piece(&items, &graph, &bonds, &parameters, piece))
                .collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_piece_that_is_too_large_falls_apart_where_it_is_thinnest() {
        // Two threes, near each other within (.9) and joined by one pair of .61.
        let near = |a: u32, b: u32| vec![(a, 0.9), (b, 0.9)];
        let mut lists = vec![near(1, 2), near(0, 2), near(0, 1), near(4, 5), near(3, 5), near(3, 4)];
        lists[2].push((3, 0.61));
        let graph = Graph::new(lists);
        assert_eq!(pieces(&graph, 0.6, 6).len(), 1);
        assert_eq!(pieces(&graph, 0.6, 5), [vec![0, 1, 2], vec![3, 4, 5]]);
        // What is the same throughout stays one, however large.
        let same = Graph::new((0..9).map(|_| (0..9).map(|other| (other, 1.0)).collect()).collect());
        assert_eq!(pieces(&same, 0.6, 3), [(0..9).collect::<Vec<u32>>()]);
        assert!(pieces(&Graph::default(), 0.6, 3).is_empty());
    }
}
