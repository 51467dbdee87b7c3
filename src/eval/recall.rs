//! How much of the true neighbours a search found. Scores are similarities: higher is nearer.

use std::collections::HashSet;
use std::hash::Hash;

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
