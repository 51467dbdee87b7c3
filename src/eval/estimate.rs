//! Means and shares with their 95 % confidence intervals.

use super::interval::{score_interval, wilson_interval};
use crate::types::Estimate;

/// What nothing was measured for: mean 0, interval 0…1.
const UNKNOWN: Estimate = Estimate { mean: 0.0, low: 0.0, high: 1.0 };

/// The share of `hits` among `n`, with Wilson's interval. Without observations the interval is 0…1.
pub fn share_estimate(hits: usize, n: usize) -> Estimate {
    if n == 0 {
        return UNKNOWN;
    }
    let hits = hits.min(n);
    let [low, high] = wilson_interval(hits, n);
    enclosing(hits as f64 / n as f64, low, high)
}

/// The mean of values 0…1, recalls of single probes for instance.
///
/// The interval is Wilson's with the spread that was seen in place of the spread of yes and no, so it stays within
/// 0…1, and a hundred recalls of exactly 1 do not pass for certainty. The spread is taken with one 0 and one 1 added,
/// which matters only to small samples. Values outside 0…1 are clamped and NaN is left out; without values the
/// interval is 0…1.
pub fn mean_estimate(values: &[f64]) -> Estimate {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values.iter().filter(|value| !value.is_nan()).map(|value| value.clamp(0.0, 1.0)) {
        n += 1.0;
        sum += value;
        squares += value * value;
    }
    if n == 0.0 {
        return UNKNOWN;
    }
    let mean = sum / n;
    let (wide_n, wide_mean) = (n + 2.0, (sum + 1.0) / (n + 2.0));
    let variance = ((squares + 1.0) / wide_n - wide_mean * wide_mean).max(0.0);
    // 1 for yes and no, less for values in between: the same interval as from so many more observations.
    let spread = (variance / (wide_mean * (1.0 - wide_mean))).clamp(1e-9, 1.0);
    let [low, high] = score_interval(mean, n / spread);
    enclosing(mean, low, high)
}

/// Rounding may put an end of the interval on the wrong side of a mean of 0 or 1.
fn enclosing(mean: f64, low: f64, high: f64) -> Estimate {
    Estimate { mean, low: low.min(mean), high: high.max(mean) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counted_by_hand() {
        // Wilson for 8 of 10: 0.490 to 0.943.
        let share = share_estimate(8, 10);
        assert_eq!(share.mean, 0.8);
        assert!((share.low - 0.490).abs() < 1e-3 && (share.high - 0.943).abs() < 1e-3, "{share:?}");
        assert_eq!(share_estimate(0, 0), UNKNOWN);
        assert_eq!(mean_estimate(&[]), UNKNOWN);
        assert_eq!(mean_estimate(&[f64::NAN]), UNKNOWN);
    }

    #[test]
    fn yes_and_no_give_the_interval_of_a_share() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 4 != 0))).collect();
        let (mean, share) = (mean_estimate(&values), share_estimate(150, 200));
        assert_eq!(mean.mean, share.mean);
        assert!((mean.low - share.low).abs() < 1e-6 && (mean.high - share.high).abs() < 1e-6, "{mean:?} {share:?}");
    }

    #[test]
    fn large_samples_give_the_normal_interval() {
        // Uniform on 0…1: the standard deviation is 1/√12, so ± 1.96/√12/100 for 10,000 values.
        let values: Vec<f64> = (0..10_000).map(|i| (f64::from(i) + 0.5) / 1e4).collect();
        let estimate = mean_estimate(&values);
        let half = 1.96 / 12f64.sqrt() / 100.0;
        assert!(
            (estimate.low - (0.5 - half)).abs() < 1e-4 && (estimate.high - (0.5 + half)).abs() < 1e-4,
            "{estimate:?}"
        );
    }

    #[test]
    fn perfect_recalls_are_not_certainty() {
        let perfect = mean_estimate(&[1.0; 100]);
        assert!(perfect.high == 1.0 && (0.95..0.98).contains(&perfect.low), "{perfect:?}");
        let mut one_less = vec![1.0; 99];
        one_less.push(0.9);
        assert!(mean_estimate(&one_less).low < perfect.low + 0.01);
    }

    proptest! {
        #[test]
        fn bounded_and_around_the_mean(values in proptest::collection::vec(0f64..=1.0, 1..60)) {
            let estimate = mean_estimate(&values);
            prop_assert!(0.0 <= estimate.low && estimate.low <= estimate.mean, "{estimate:?}");
            prop_assert!(estimate.mean <= estimate.high && estimate.high <= 1.0, "{estimate:?}");
            let more: Vec<f64> = values.iter().cycle().take(values.len() * 16).copied().collect();
            let narrower = mean_estimate(&more);
            prop_assert!(narrower.high - narrower.low < estimate.high - estimate.low + 1e-12);
        }
    }
}
