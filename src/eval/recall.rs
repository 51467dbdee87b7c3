//! How much of the true neighbours a search found. Scores are similarities: higher is nearer.

use std::collections::HashSet;
use std::hash::Hash;

use super::estimate::{mean_estimate, share_estimate};
use crate::types::Estimate;

/// Share of the first `k` results that are as near as the true `k`-th neighbour: intersection recall with ties counted,
/// as ann-benchmarks defines it.
///
/// `truth` holds the true neighbours' scores of one probe, best first; `found` the scores of the results, in any order,
/// as the same exact measure gives them. A result whose score is that of the `k`-th true neighbour or more (within
/// `epsilon`, 0 or more) is right, whichever of several equal faces it is. Where fewer than `k` neighbours exist, the
/// last one is the bar and their number the denominator. An empty truth gives 1.
pub fn recall_at_k(truth: &[f32], found: &[f32], k: usize, epsilon: f32) -> f64 {
    let wanted = k.min(truth.len());
    let Some(bar) = wanted.checked_sub(1).map(|last| truth[last] - epsilon) else { return 1.0 };
    let right = found.iter().take(k).filter(|&&score| score >= bar).count();
    right.min(wanted) as f64 / wanted as f64
}

/// Share of the first `k` true ids among the first `k` found ids: intersection recall without ties.
///
/// Repeated ids count once. An empty truth gives 1.
pub fn intersection_at_k<T: Eq + Hash>(truth: &[T], found: &[T], k: usize) -> f64 {
    let truth: HashSet<&T> = truth.iter().take(k).collect();
    if truth.is_empty() {
        return 1.0;
    }
    let found: HashSet<&T> = found.iter().take(k).collect();
    truth.intersection(&found).count() as f64 / truth.len() as f64
}

/// 1-recall@R of Faiss: whether the one true nearest neighbour is among the first `r` found. Its mean over probes is
/// the measure.
pub fn one_recall_at_r<T: Eq>(nearest: &T, found: &[T], r: usize) -> bool {
    found.iter().take(r).any(|id| id == nearest)
}

/// Recall at k and one-recall@1 over many probes, each with its interval, ties counted in both.
///
/// `truths` and `founds` hold a list of (id, score) a probe, best first. The scores of `founds` must come from the same
/// exact measure as those of `truths`, within `epsilon`; an id that is among the first k of the truth is right whatever
/// its score. Ids found twice count once. One-recall@1 asks whether the first face found is the nearest one or as near.
/// A probe without a list in `founds` found nothing; probes without true neighbours are left out.
pub fn recall_report<Id: Eq + Hash, L: AsRef<[(Id, f32)]>>(
    truths: &[L],
    founds: &[L],
    k: usize,
    epsilon: f32,
) -> (Estimate, Estimate) {
    let mut recalls = Vec::with_capacity(truths.len());
    let mut firsts = 0;
    for (at, truth) in truths.iter().enumerate() {
        let truth = truth.as_ref();
        let wanted = &truth[..k.min(truth.len())];
        let (Some(nearest), Some(last)) = (wanted.first(), wanted.last()) else { continue };
        let found = founds.get(at).map(AsRef::as_ref).unwrap_or_default();
        let ids: HashSet<&Id> = wanted.iter().map(|(id, _)| id).collect();
        let mut seen = HashSet::new();
        let is_right = |(id, score): &(Id, f32)| *score >= last.1 - epsilon || ids.contains(id);
        let right = found.iter().take(k).filter(|face| seen.insert(&face.0) && is_right(face)).count();
        recalls.push(right.min(wanted.len()) as f64 / wanted.len() as f64);
        let is_first = |(id, score): &(Id, f32)| *id == nearest.0 || *score >= nearest.1 - epsilon;
        firsts += usize::from(found.first().is_some_and(is_first));
    }
    (mean_estimate(&recalls), share_estimate(firsts, recalls.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counted_by_hand() {
        let truth = [0.9, 0.8, 0.7, 0.7];
        assert_eq!(recall_at_k(&truth, &[0.9, 0.8, 0.7], 3, 0.0), 1.0);
        assert_eq!(recall_at_k(&truth, &[0.9, 0.7, 0.5], 3, 0.0), 2.0 / 3.0);
        assert_eq!(recall_at_k(&truth, &[], 3, 0.0), 0.0);
        assert_eq!(recall_at_k(&truth, &[0.9, 0.8, 0.7, 0.7], 10, 0.0), 1.0, "only four exist");
        assert_eq!(recall_at_k(&[], &[0.1], 3, 0.0), 1.0);
        assert_eq!(recall_at_k(&truth, &[0.9], 0, 0.0), 1.0);
        assert_eq!(recall_at_k(&truth, &[0.799], 1, 0.2), 1.0);
    }

    #[test]
    fn either_of_two_equal_neighbours_is_right_by_score_but_not_by_id() {
        assert_eq!(recall_at_k(&[0.9, 0.5, 0.5], &[0.9, 0.5], 2, 0.0), 1.0);
        assert_eq!(intersection_at_k(&["a", "b", "c"], &["a", "c"], 2), 0.5);
    }

    #[test]
    fn repeated_ids_do_not_count_twice() {
        assert_eq!(intersection_at_k(&[1, 2], &[1, 1], 2), 0.5);
    }

    #[test]
    fn the_nearest_must_be_within_r() {
        assert!(one_recall_at_r(&7, &[3, 7], 2));
        assert!(!one_recall_at_r(&7, &[3, 7], 1));
        assert!(!one_recall_at_r(&7, &[], 5));
    }

    #[test]
    fn a_report_counted_by_hand() {
        let truths = [vec![(1, 0.9), (2, 0.8), (3, 0.8)], vec![(4, 0.9), (5, 0.9)], vec![], vec![(6, 0.5)]];
        let founds = [vec![(1, 0.9), (3, 0.8), (2, 0.8)], vec![(5, 0.9), (5, 0.9)], vec![(1, 0.1)]];
        let (recall, first) = recall_report(&truths, &founds, 2, 0.0);
        // 1 (a tie), 1/2 (one face twice), left out, 0 (nothing found).
        assert_eq!(recall.mean, 0.5);
        assert_eq!(first.mean, 2.0 / 3.0, "the tied nearest face counts");
        assert!(recall.low > 0.0 && recall.low < 0.5 && recall.high > 0.5);
        let nothing: [Vec<(u8, f32)>; 0] = [];
        assert_eq!(recall_report(&nothing, &nothing, 10, 0.0).0, Estimate { mean: 0.0, low: 0.0, high: 1.0 });
        assert_eq!(recall_report(&truths, &truths, 10, 0.0).0.mean, 1.0);
        assert_eq!(recall_report(&truths, &truths, 0, 0.0).1.high, 1.0);
    }

    proptest! {
        #[test]
        fn bounded_and_one_for_the_truth_itself(mut truth in proptest::collection::vec(-1f32..1.0, 0..30), k in 0usize..40,
                                                found in proptest::collection::vec(-1f32..1.0, 0..30)) {
            truth.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(recall_at_k(&truth, &truth, k, 0.0), 1.0);
            prop_assert!((0.0..=1.0).contains(&recall_at_k(&truth, &found, k, 0.0)));
        }
    }
}
