use crate::eval::det::tar_at_fmr;

/// A pair and how alike its faces are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredPair {
    /// Cosine similarity; `None` where no face was detected in one of the photos. NaN is treated as `None`.
    pub score: Option<f32>,
    pub mated: bool,
}

/// What `evaluate` reports. Shares are 0…1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LfwReport {
    /// Mean over folds of the accuracy at the threshold chosen on the other folds.
    pub accuracy: f64,
    /// Population standard deviation of the accuracy over folds (divided by the number of folds); 0 for one fold.
    pub std: f64,
    /// The threshold with the highest accuracy over all pairs.
    pub threshold: f32,
    /// Mated pairs accepted where at most 1 nonmated pair of 100 is, over all pairs.
    pub tar_at_fmr_1e2: f64,
    /// Mated pairs accepted where at most 1 nonmated pair of 1,000 is, over all pairs.
    pub tar_at_fmr_1e3: f64,
    pub pairs: usize,
    /// Pairs without a score.
    pub failures: usize,
    /// Mean score of the mated pairs that have one; NaN without any.
    pub mated_mean: f64,
    /// Mean score of the nonmated pairs that have one; NaN without any.
    pub nonmated_mean: f64,
}

/// Evaluates scored pairs by the protocol: for each fold the threshold is [`best_threshold`] of the other folds.
///
/// - A pair is accepted as mated when its score is the threshold or more.
/// - A pair without a score counts as rejected, at every threshold: right when nonmated, wrong when mated.
/// - With one fold there are no others, so its threshold is chosen on itself: an upper bound, and no cross-validation.
/// - Folds without pairs are left out. Without any pair every share is 0 and the means are NaN.
/// - TAR at an FMR is taken over all pairs at the lowest threshold that keeps the FMR, without interpolation; 0 where
///   either kind of pair is missing.
pub fn evaluate(folds: &[Vec<ScoredPair>]) -> LfwReport {
    let folds: Vec<&[ScoredPair]> = folds.iter().map(Vec::as_slice).filter(|fold| !fold.is_empty()).collect();
    let all: Vec<ScoredPair> = folds.concat();
    let accuracies: Vec<f64> = (0..folds.len())
        .map(|held_out| {
            let training: Vec<ScoredPair> = match folds.len() {
                1 => all.clone(),
                _ => folds
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != held_out)
                    .flat_map(|(_, f)| f.iter().copied())
                    .collect(),
            };
            accuracy_at(folds[held_out], best_threshold(&training))
        })
        .collect();
    let (accuracy, std) = mean_and_std(&accuracies);
    let scores = |mated: bool| -> Vec<f32> { all.iter().filter(|p| p.mated == mated).map(score_or_lowest).collect() };
    let (mated, nonmated) = (scores(true), scores(false));
    LfwReport {
        accuracy,
        std,
        threshold: best_threshold(&all),
        tar_at_fmr_1e2: tar_at_fmr(&mated, &nonmated, 1e-2).unwrap_or(0.0),
        tar_at_fmr_1e3: tar_at_fmr(&mated, &nonmated, 1e-3).unwrap_or(0.0),
        pairs: all.len(),
        failures: all.iter().filter(|pair| score_or_lowest(pair) == f32::NEG_INFINITY).count(),
        mated_mean: mean_of_finite(&mated),
        nonmated_mean: mean_of_finite(&nonmated),
    }
}

/// The threshold with the most right decisions on `pairs`, found by trying every one that makes a difference.
///
/// Decisions change only at scores, so the candidates are the midpoints between neighbouring distinct scores, the
/// lowest score itself (accept all that have one) and the next float above the highest (accept none). Of equally good
/// ones the middle candidate is taken, the lower of two: it stands farthest from the scores on which it would fail.
/// 0 without scores.
pub fn best_threshold(pairs: &[ScoredPair]) -> f32 {
    let mut scored: Vec<(f32, bool)> =
        pairs.iter().map(|pair| (score_or_lowest(pair), pair.mated)).filter(|(score, _)| score.is_finite()).collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(&(lowest, _)) = scored.first() else { return 0.0 };
    // Right decisions on scored pairs when everything is accepted; each passed pair turns to rejected.
    let mut right = scored.iter().filter(|(_, mated)| *mated).count() as i64;
    let mut candidates = vec![(lowest, right)];
    for (at, &(score, mated)) in scored.iter().enumerate() {
        right += if mated { -1 } else { 1 };
        match scored.get(at + 1) {
            Some(&(next, _)) if next == score => {}
            Some(&(next, _)) => candidates.push((between(score, next), right)),
            None => candidates.push((score.next_up(), right)),
        }
    }
    let most = candidates.iter().map(|(_, right)| *right).max().unwrap_or(0);
    let best: Vec<f32> = candidates.into_iter().filter(|(_, right)| *right == most).map(|(t, _)| t).collect();
    best[(best.len() - 1) / 2]
}

/// A value above `low` and at most `high`.
fn between(low: f32, high: f32) -> f32 {
    let middle = low + (high - low) / 2.0;
    if middle > low { middle } else { high }
}

fn accuracy_at(pairs: &[ScoredPair], threshold: f32) -> f64 {
    let right = pairs.iter().filter(|pair| (score_or_lowest(pair) >= threshold) == pair.mated).count();
    right as f64 / pairs.len().max(1) as f64
}

fn score_or_lowest(pair: &ScoredPair) -> f32 {
    pair.score.filter(|score| score.is_finite()).unwrap_or(f32::NEG_INFINITY)
}

fn mean_and_std(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

fn mean_of_finite(scores: &[f32]) -> f64 {
    let finite: Vec<f64> = scores.iter().filter(|s| s.is_finite()).map(|&s| f64::from(s)).collect();
    finite.iter().sum::<f64>() / finite.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(score: f32, mated: bool) -> ScoredPair {
        ScoredPair { score: Some(score), mated }
    }

    fn failed(mated: bool) -> ScoredPair {
        ScoredPair { score: None, mated }
    }

    #[test]
    fn threshold_is_the_middle_of_the_gap() {
        assert_eq!(best_threshold(&[pair(0.75, true), pair(0.25, false)]), 0.5);
        assert_eq!(best_threshold(&[pair(0.5, false), pair(0.5, false)]), 0.5f32.next_up());
        assert_eq!(best_threshold(&[pair(0.5, true)]), 0.5);
        assert_eq!(best_threshold(&[failed(true)]), 0.0);
        // Accepting all three (2 right) equals rejecting the lowest two (2 right); between them 1 is right.
        let tied = [pair(0.0, true), pair(0.5, false), pair(1.0, true)];
        assert_eq!(best_threshold(&tied), 0.0);
    }

    #[test]
    fn counted_by_hand() {
        // Fold 1 separates at 0.5, fold 2 at 0.3; a mated pair of fold 2 is found to be 0.4.
        let folds = [
            vec![pair(0.75, true), pair(0.25, false)],
            vec![pair(0.4, true), pair(0.2, false), failed(true), failed(false)],
        ];
        let report = evaluate(&folds);
        // Threshold of fold 2 for fold 1: between 0.2 and 0.4 -> 0.3: both right. Of fold 1 for fold 2: 0.5: the mated
        // 0.4 is wrong, the failed mated pair is wrong, two nonmated are right.
        assert_eq!(report.accuracy, (1.0 + 0.5) / 2.0);
        assert_eq!(report.std, 0.25);
        assert_eq!((report.pairs, report.failures), (6, 2));
        assert_eq!(report.tar_at_fmr_1e2, 2.0 / 3.0);
        assert!((report.mated_mean - 0.575).abs() < 1e-6 && (report.nonmated_mean - 0.225).abs() < 1e-6);
        assert!((report.threshold - 0.325).abs() < 1e-6);
    }

    #[test]
    fn one_fold_is_judged_by_its_own_threshold() {
        let report = evaluate(&[vec![pair(0.9, true), pair(0.1, false)]]);
        assert_eq!((report.accuracy, report.std), (1.0, 0.0));
    }

    #[test]
    fn nothing_to_evaluate_is_no_crash() {
        let report = evaluate(&[]);
        assert_eq!((report.accuracy, report.pairs), (0.0, 0));
        assert_eq!(evaluate(&[vec![], vec![]]).pairs, 0);
        let only_failures = evaluate(&[vec![failed(true)], vec![failed(false)]]);
        assert_eq!((only_failures.accuracy, only_failures.failures), (0.5, 2));
        assert_eq!(evaluate(&[vec![pair(f32::NAN, true), pair(0.1, false)]]).failures, 1);
    }

    fn any_fold() -> impl Strategy<Value = Vec<ScoredPair>> {
        let any_pair = (proptest::option::weighted(0.9, -1f32..1.0), any::<bool>());
        proptest::collection::vec(any_pair.prop_map(|(score, mated)| ScoredPair { score, mated }), 1..20)
    }

    proptest! {
        #[test]
        fn perfect_separation_gives_one(
            folds in proptest::collection::vec(
                (proptest::collection::vec(0.5f32..1.0, 1..9), proptest::collection::vec(-1f32..0.4, 1..9)), 2..6)
        ) {
            // The thresholds lie in the gap of the training folds, so all folds must share one gap that is wide enough.
            let folds: Vec<Vec<ScoredPair>> = folds
                .into_iter()
                .map(|(m, n)| {
                    let edges = [pair(0.5, true), pair(0.4, false)];
                    m.into_iter().map(|s| pair(s, true)).chain(n.into_iter().map(|s| pair(s, false))).chain(edges).collect()
                })
                .collect();
            let report = evaluate(&folds);
            prop_assert_eq!((report.accuracy, report.std), (1.0, 0.0));
            prop_assert_eq!((report.tar_at_fmr_1e2, report.tar_at_fmr_1e3), (1.0, 1.0));
            prop_assert!((0.4..=0.5).contains(&report.threshold));
        }

        #[test]
        fn order_inside_a_fold_changes_nothing(folds in proptest::collection::vec(any_fold(), 1..5), by in 0usize..20) {
            let turned: Vec<Vec<ScoredPair>> = folds
                .iter()
                .map(|fold| {
                    let mut fold = fold.clone();
                    let by = by % fold.len();
                    fold.rotate_left(by);
                    fold.reverse();
                    fold
                })
                .collect();
            let (a, b) = (evaluate(&folds), evaluate(&turned));
            prop_assert_eq!((a.accuracy, a.std, a.threshold, a.tar_at_fmr_1e2), (b.accuracy, b.std, b.threshold, b.tar_at_fmr_1e2));
        }

        #[test]
        fn no_other_threshold_does_better(fold in any_fold(), other in -1.1f32..1.1) {
            prop_assert!(accuracy_at(&fold, best_threshold(&fold)) >= accuracy_at(&fold, other));
        }
    }
}
