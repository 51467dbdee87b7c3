//! Errors of 1:1 comparison with their 95 % intervals.

use schemars::JsonSchema;
use serde::Serialize;

use crate::eval::det::{DetPoint, det_points};
use crate::eval::estimate::share_estimate;
use crate::eval::lfw::ScoredPair;
use crate::types::Estimate;

/// False match rates at which the true accept rate is told, where there are pairs enough.
pub const FMR_TARGETS: [f64; 4] = [1e-1, 1e-2, 1e-3, 1e-4];

/// Scores of comparisons; −∞ for those in which a face was not found, which no threshold accepts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub mated: Vec<f32>,
    pub nonmated: Vec<f32>,
}

/// Both errors at one threshold (inclusive), with Wilson's intervals over pairs.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct ThresholdPoint {
    pub threshold: f32,
    /// Share of nonmated pairs accepted.
    pub fmr: Estimate,
    /// Share of mated pairs accepted, 1 − FNMR.
    pub tar: Estimate,
    /// Share of pairs decided rightly.
    pub accuracy: Estimate,
}

/// The true accept rate at a false match rate.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct TarPoint {
    /// The false match rate that is not exceeded.
    pub fmr_target: f64,
    pub at: ThresholdPoint,
}

impl Scores {
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = &'a ScoredPair>) -> Self {
        let mut scores = Self::default();
        for pair in pairs {
            let score = pair.score.filter(|score| score.is_finite()).unwrap_or(f32::NEG_INFINITY);
            if pair.mated { scores.mated.push(score) } else { scores.nonmated.push(score) }
        }
        scores
    }

    pub fn at(&self, threshold: f32) -> ThresholdPoint {
        let accepted = |scores: &[f32]| scores.iter().filter(|score| **score >= threshold).count();
        let (mated, nonmated) = (accepted(&self.mated), accepted(&self.nonmated));
        let right = mated + self.nonmated.len() - nonmated;
        ThresholdPoint {
            threshold,
            fmr: share_estimate(nonmated, self.nonmated.len()),
            tar: share_estimate(mated, self.mated.len()),
            accuracy: share_estimate(right, self.mated.len() + self.nonmated.len()),
        }
    }

    /// The lowest threshold that accepts at most the share `fmr` of the nonmated scores: the next
    /// float above the first score that is one too many. `None` without nonmated scores, or where `fmr` is less than one of them.
    pub fn threshold_at_fmr(&self, fmr: f64) -> Option<f32> {
        // The product of 300 and 0.01 is to be 3, whatever the floats say.
        let allowed = (fmr * self.nonmated.len() as f64 + 1e-9).floor() as usize;
        if allowed == 0 {
            return None;
        }
        let mut falling: Vec<f32> =
            self.nonmated.iter().map(|s| if s.is_nan() { f32::NEG_INFINITY } else { *s }).collect();
        falling.sort_by(|a, b| b.total_cmp(a));
        match falling.get(allowed) {
            // Just above the first score that is one too many; those that tie with it go with it.
            Some(&refused) if refused.is_finite() => Some(refused.next_up()),
            // All that have a score may be accepted.
            _ => Some(-1.0),
        }
    }

    /// The error curve, at most `max_points` (2 or more) of it, dense where either error is small.
    pub fn det(&self, max_points: usize) -> Vec<DetPoint> {
        let mut points = det_points(&self.mated, &self.nonmated);
        points.retain(|point| point.threshold.is_finite());
        if points.len() <= max_points {
            return points;
        }
        let place = |share: f64, n: usize| ((share * n as f64 + 0.5) / n as f64).ln();
        let at = |point: &DetPoint| (place(point.fmr, self.nonmated.len()), place(point.fnmr, self.mated.len()));
        let mut way = 0.0;
        let ways: Vec<f64> = points
            .windows(2)
            .map(|pair| {
                let ((a, b), (c, d)) = (at(&pair[0]), at(&pair[1]));
                way += (c - a).abs() + (d - b).abs();
                way
            })
            .collect();
        let step = |i: usize| (ways[i] / way.max(f64::MIN_POSITIVE) * (max_points - 2) as f64) as usize;
        let last = points.len() - 1;
        let mut index = 0;
        points.retain(|_| {
            let i = index;
            index += 1;
            i == 0 || i == last || (i >= 2 && step(i - 1) != step(i - 2))
        });
        points
    }
}

/// The true accept rate at each of [`FMR_TARGETS`] for which there is at least one nonmated pair to accept wrongly. The
/// threshold is taken on these very scores; the intervals take it as given.
pub fn tar_points(scores: &Scores) -> Vec<TarPoint> {
    let point = |fmr: f64| Some(TarPoint { fmr_target: fmr, at: scores.at(scores.threshold_at_fmr(fmr)?) });
    if scores.mated.is_empty() { Vec::new() } else { FMR_TARGETS.into_iter().filter_map(point).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        let nonmated: Vec<f32> = (0..100).map(|i| i as f32 / 100.0).collect();
        let scores = Scores { mated: vec![0.95, 0.985, 0.5, f32::NEG_INFINITY], nonmated };
        // One of 100 may be accepted, 0.99: just above 0.98, so 0.985 is in and 0.95 is not.
        let points = tar_points(&scores);
        assert_eq!(points.iter().map(|p| p.fmr_target).collect::<Vec<_>>(), [1e-1, 1e-2]);
        assert_eq!(points[1].at.threshold, 0.98f32.next_up());
        assert_eq!((points[1].at.fmr.mean, points[1].at.tar.mean), (0.01, 0.25));
        // Ten of 100: 0.90 and up; above 0.89, so 0.95 comes in.
        assert_eq!((points[0].at.fmr.mean, points[0].at.tar.mean), (0.1, 0.5));
        // Wilson for 1 of 4: 0.0456 to 0.6994.
        let tar = points[1].at.tar;
        assert!((tar.low - 0.0456).abs() < 1e-3 && (tar.high - 0.6994).abs() < 1e-3, "{tar:?}");
        // At 0.97: 3 nonmated accepted, 1 mated accepted; right are 1 + 97 of 104.
        assert!((scores.at(0.97).accuracy.mean - 98.0 / 104.0).abs() < 1e-12);
    }

    #[test]
    fn ties_are_refused_together_and_few_pairs_say_nothing() {
        let tied = Scores { mated: vec![0.5, 0.6], nonmated: [vec![0.5; 5], vec![0.1; 5]].concat() };
        let at = tar_points(&tied)[0].at;
        assert_eq!((at.fmr.mean, at.tar.mean), (0.0, 0.5));
        assert!(tar_points(&Scores { mated: vec![0.5], nonmated: vec![0.1; 9] }).is_empty());
        assert!(tar_points(&Scores::default()).is_empty());
        // Three hundred pairs allow exactly three at 1e-2.
        let scores = Scores { mated: vec![1.0], nonmated: (0..300).map(|i| i as f32 * 1e-3).collect() };
        assert_eq!(tar_points(&scores)[1].at.fmr.mean, 0.01);
        // Faces that were never found are never accepted.
        let lost = Scores { mated: vec![f32::NEG_INFINITY, 0.2], nonmated: vec![f32::NEG_INFINITY; 20] };
        assert_eq!(tar_points(&lost)[0].at.tar.mean, 0.5);
    }

    #[test]
    fn a_thinned_curve_keeps_its_ends() {
        let scores = Scores {
            mated: (0..900).map(|i| 0.2 + i as f32 / 1200.0).collect(),
            nonmated: (0..900).map(|i| i as f32 / 1800.0).collect(),
        };
        let (whole, thin) = (scores.det(10_000), scores.det(50));
        assert!(thin.len() <= 50 && thin.len() > 25, "{}", thin.len());
        assert_eq!((thin.first(), thin.last()), (whole.first(), whole.last()));
    }
}
