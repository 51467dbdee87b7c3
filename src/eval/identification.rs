//! Open-set identification errors over a threshold, in the words of ISO/IEC 19795-1: FNIR (searches for enrolled people
//! that do not bring them) and FPIR (searches for people who are not enrolled that bring anybody).
//!
//! A candidate counts when its score is the threshold or more. A search that brought no such candidate at all is
//! `None`; NaN is treated the same way.

use super::people::{PersonScore, shares_at_or_above};
use crate::types::{Estimate, IdentificationPoint};

/// The curve over rising thresholds, at most `max_points` (2 or more) of it.
///
/// `mated` has, for every search for an enrolled person, the best score of the right subject among its candidates;
/// `nonmated`, for every search for a person who is not enrolled, the best score of anybody. Every distinct score is a
/// threshold, and one just above all of them where nothing is accepted. Where those are more than `max_points`, the
/// first, the last and those between are kept at which the errors, seen on logarithmic axes, have moved on by equal
/// steps: the tails, where operating points lie, keep their detail. Empty when either list is empty or without any
/// score. The intervals draw people, see [`shares_at_or_above`].
pub fn identification_points(
    mated: &[PersonScore],
    nonmated: &[PersonScore],
    max_points: usize,
) -> Vec<IdentificationPoint> {
    let (thresholds, counts) = thresholds(mated, nonmated);
    let kept = thinned(&counts, [mated.len(), nonmated.len()], max_points.max(2));
    let kept: Vec<f32> = kept.into_iter().map(|at| thresholds[at]).collect();
    points_at(mated, nonmated, &kept)
}

/// The errors at the lowest threshold at which at most the share `max_fpir` of nonmated searches raises an alarm. `None`
/// where there is no curve.
pub fn point_at_fpir(mated: &[PersonScore], nonmated: &[PersonScore], max_fpir: f64) -> Option<IdentificationPoint> {
    let (thresholds, counts) = thresholds(mated, nonmated);
    let at = counts.iter().position(|[_, alarms]| *alarms as f64 / nonmated.len() as f64 <= max_fpir)?;
    points_at(mated, nonmated, &thresholds[at..=at]).pop()
}

fn points_at(mated: &[PersonScore], nonmated: &[PersonScore], thresholds: &[f32]) -> Vec<IdentificationPoint> {
    let found = shares_at_or_above(mated, thresholds);
    let alarms = shares_at_or_above(nonmated, thresholds);
    let missed = |found: Estimate| Estimate { mean: 1.0 - found.mean, low: 1.0 - found.high, high: 1.0 - found.low };
    thresholds
        .iter()
        .zip(found.into_iter().zip(alarms))
        .map(|(&threshold, (found, fpir))| IdentificationPoint { threshold, fnir: missed(found), fpir })
        .collect()
}

/// Every threshold, rising, and how many searches err there in either way.
fn thresholds(mated: &[PersonScore], nonmated: &[PersonScore]) -> (Vec<f32>, Vec<[usize; 2]>) {
    if mated.is_empty() || nonmated.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (mated_scores, nonmated_scores) = (sorted(mated), sorted(nonmated));
    let mut thresholds = [&mated_scores[..], &nonmated_scores[..]].concat();
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    let Some(highest) = thresholds.last() else { return (Vec::new(), Vec::new()) };
    thresholds.push(highest.next_up());
    let at_or_above = |scores: &[f32], threshold| scores.len() - scores.partition_point(|&score| score < threshold);
    let counts = thresholds
        .iter()
        .map(|&threshold| {
            [mated.len() - at_or_above(&mated_scores, threshold), at_or_above(&nonmated_scores, threshold)]
        })
        .collect();
    (thresholds, counts)
}

/// The point with the highest threshold at which at most the share `max_fnir` of enrolled people is missed, so the one
/// with the fewest false alarms. `None` where even the lowest threshold misses more.
pub fn threshold_for_fnir(points: &[IdentificationPoint], max_fnir: f64) -> Option<IdentificationPoint> {
    points.iter().rev().find(|point| point.fnir.mean <= max_fnir).copied()
}

/// The point with the lowest threshold at which at most the share `max_fpir` of people who are not enrolled raises an
/// alarm, so the one that misses the fewest. `None` for an empty curve.
pub fn threshold_for_fpir(points: &[IdentificationPoint], max_fpir: f64) -> Option<IdentificationPoint> {
    points.iter().find(|point| point.fpir.mean <= max_fpir).copied()
}

/// Ascending, without what has no finite score.
fn sorted(searches: &[PersonScore]) -> Vec<f32> {
    // 0 and −0 are one threshold.
    let scores = searches.iter().filter_map(|search| search.score);
    let mut scores: Vec<f32> = scores.filter(|s| s.is_finite()).map(|s| s + 0.0).collect();
    scores.sort_by(f32::total_cmp);
    scores
}

/// Places of at most `max_points` (2 or more) of the counts of the two errors among `totals`.
fn thinned(counts: &[[usize; 2]], totals: [usize; 2], max_points: usize) -> Vec<usize> {
    if counts.len() <= max_points {
        return (0..counts.len()).collect();
    }
    // Half a search is added, so that 0 has a logarithm.
    let place = |at: &[usize; 2], i: usize| ((at[i] as f64 + 0.5) / totals[i] as f64).ln();
    let mut way = vec![0.0];
    for pair in counts.windows(2) {
        let step: f64 = (0..2).map(|i| (place(&pair[1], i) - place(&pair[0], i)).abs()).sum();
        way.push(way[way.len() - 1] + step);
    }
    let whole = way[way.len() - 1].max(f64::MIN_POSITIVE);
    let step_of = |i: usize| (way[i] / whole * (max_points - 1) as f64) as usize;
    let last = counts.len() - 1;
    // Where rounding leaves the last point short of the last step, it takes the place of the one before it.
    let mut kept: Vec<usize> = (0..counts.len()).filter(|&i| i == 0 || step_of(i) != step_of(i - 1)).collect();
    if kept.last() != Some(&last) {
        kept.truncate(max_points - 1);
        kept.push(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each search is for another person.
    fn each(scores: &[Option<f32>]) -> Vec<PersonScore> {
        (0..).zip(scores).map(|(person, score)| PersonScore { person, score: *score }).collect()
    }

    fn shares(points: &[IdentificationPoint]) -> Vec<(f32, f64, f64)> {
        points.iter().map(|p| (p.threshold, p.fnir.mean, p.fpir.mean)).collect()
    }

    #[test]
    fn counted_by_hand() {
        let mated = each(&[Some(0.9), Some(0.6), None, Some(0.4)]);
        let nonmated = each(&[Some(0.6), Some(0.1)]);
        let points = identification_points(&mated, &nonmated, 100);
        let expected =
            [(0.1, 0.25, 1.0), (0.4, 0.25, 0.5), (0.6, 0.5, 0.5), (0.9, 0.75, 0.0), (0.9f32.next_up(), 1.0, 0.0)];
        assert_eq!(shares(&points), expected);
        assert_eq!(threshold_for_fnir(&points, 0.25).unwrap().threshold, 0.4);
        assert_eq!(threshold_for_fnir(&points, 0.2), None);
        assert_eq!(threshold_for_fpir(&points, 0.5).unwrap().threshold, 0.4);
        assert_eq!(point_at_fpir(&mated, &nonmated, 0.5), threshold_for_fpir(&points, 0.5));
        assert_eq!(threshold_for_fpir(&points, 0.0).unwrap().threshold, 0.9);
        assert_eq!(threshold_for_fnir(&points, 1.0).unwrap().threshold, 0.9f32.next_up());
    }

    #[test]
    fn without_searches_or_scores_there_is_no_curve() {
        let one = each(&[Some(0.5)]);
        assert!(identification_points(&[], &one, 10).is_empty());
        assert!(identification_points(&one, &[], 10).is_empty());
        assert!(identification_points(&each(&[None, Some(f32::NAN)]), &each(&[None]), 10).is_empty());
        assert_eq!(point_at_fpir(&one, &[], 0.5), None);
        assert_eq!(threshold_for_fpir(&[], 0.5), None);
    }

    #[test]
    fn a_thinned_curve_keeps_its_tails() {
        let mated: Vec<_> = (0..5000).map(|i| Some(0.3 + 0.7 * i as f32 / 5000.0)).collect();
        let nonmated: Vec<_> = (0..5000).map(|i| Some(0.5 * i as f32 / 5000.0)).collect();
        let points = identification_points(&each(&mated), &each(&nonmated), 200);
        assert!((150..=200).contains(&points.len()), "{}", points.len());
        let fpir = threshold_for_fpir(&points, 0.001).unwrap().fpir.mean;
        assert!(fpir > 0.0007, "{fpir}");
        let fnir = threshold_for_fnir(&points, 0.001).unwrap().fnir.mean;
        assert!(fnir > 0.0007, "{fnir}");
    }

    proptest! {
        #[test]
        fn monotone_whole_and_within_its_limit(
            mated in proptest::collection::vec(proptest::option::of(-1f32..1.0), 1..60),
            nonmated in proptest::collection::vec(proptest::option::of(-1f32..1.0), 1..60),
            max_points in 2usize..80,
        ) {
            let (mated, nonmated) = (each(&mated), each(&nonmated));
            let all = identification_points(&mated, &nonmated, usize::MAX);
            let points = identification_points(&mated, &nonmated, max_points);
            prop_assert!(points.len() <= max_points);
            prop_assert_eq!(points.first(), all.first());
            prop_assert_eq!(points.last(), all.last());
            prop_assert!(points.iter().all(|point| all.contains(point)));
            prop_assert!(all.windows(2).all(|w| w[0].threshold < w[1].threshold));
            prop_assert!(all.windows(2).all(|w| w[0].fnir.mean <= w[1].fnir.mean && w[0].fpir.mean >= w[1].fpir.mean));
            if let Some(last) = all.last() {
                prop_assert_eq!((last.fnir.mean, last.fpir.mean), (1.0, 0.0));
                for point in &all {
                    let missed = mated.iter().filter(|s| s.score.is_none_or(|s| s < point.threshold)).count();
                    prop_assert!((point.fnir.mean - missed as f64 / mated.len() as f64).abs() < 1e-12);
                    prop_assert!(point.fnir.low <= point.fnir.mean && point.fnir.mean <= point.fnir.high);
                }
            }
        }
    }
}
