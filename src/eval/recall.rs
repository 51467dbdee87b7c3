//! How much of the true neighbours a search found. Scores are similarities: higher is nearer.

use std::collections::HashSet;
use std::hash::Hash;

use super::estimate::{mean_estimate, share_estimate};
use crate::types::Estimate;

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

    /// Of one probe, by score alone: no face that was found is one of the truth.
    fn recall(truth: &[f32], found: &[f32], k: usize, epsilon: f32) -> f64 {
        let faces =
            |scores: &[f32], first: usize| -> Vec<(usize, f32)> { (first..).zip(scores.iter().copied()).collect() };
        recall_report(&[faces(truth, 0)], &[faces(found, 1000)], k, epsilon).0.mean
    }

    #[test]
    fn counted_by_hand() {
        let truth = [0.9, 0.8, 0.7, 0.7];
        assert_eq!(recall(&truth, &[0.9, 0.8, 0.7], 3, 0.0), 1.0);
        assert_eq!(recall(&truth, &[0.9, 0.7, 0.5], 3, 0.0), 2.0 / 3.0);
        assert_eq!(recall(&truth, &[], 3, 0.0), 0.0);
        assert_eq!(recall(&truth, &[0.9, 0.8, 0.7, 0.7], 10, 0.0), 1.0, "only four exist");
        assert_eq!(recall(&truth, &[0.799], 1, 0.2), 1.0);
        assert_eq!(recall(&[0.9, 0.5, 0.5], &[0.9, 0.5], 2, 0.0), 1.0, "either of two equal neighbours is right");
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
        fn bounded_and_one_for_the_truth_itself(mut truth in proptest::collection::vec(-1f32..1.0, 1..30), k in 1usize..40,
                                                found in proptest::collection::vec(-1f32..1.0, 0..30)) {
            truth.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(recall(&truth, &truth, k, 0.0), 1.0);
            prop_assert!((0.0..=1.0).contains(&recall(&truth, &found, k, 0.0)));
        }
    }
}
