//! Times of single searches: quantiles and a histogram of them.

use crate::types::Latency;

/// Quantiles by nearest rank: the q-quantile of n times is the ⌈q·n⌉-th smallest, so always a time that was measured.
///
/// With fewer than 100 times the 99th percentile is therefore the slowest. Times that are not finite are left out and
/// not counted. Without times everything is 0.
pub fn latency_from_millis(millis: &[f32]) -> Latency {
    let mut sorted: Vec<f32> = millis.iter().copied().filter(|time| time.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |quantile| nearest_rank(&sorted, quantile).unwrap_or_default();
    Latency { p50_millis: at(0.50), p95_millis: at(0.95), p99_millis: at(0.99), n: sorted.len() }
}

/// The `quantile` (0…1) of values in ascending order, by nearest rank; `None` without values.
pub fn nearest_rank(sorted: &[f32], quantile: f64) -> Option<f32> {
    // A product such as 0.95 · 20 may come out a hair above the whole number it is.
    let rank = (quantile * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted.get(rank.min(sorted.len()).checked_sub(1)?).copied()
}

/// How the bins of a histogram, or the values of an axis, are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Spacing {
    Linear,
    /// Equal ratios; values must be positive.
    #[default]
    Log,
}

/// Counts of values in neighbouring bins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Rising; one more than there are bins. Bin `i` reaches from `edges[i]` up to `edges[i + 1]`, the last one with its
    /// upper edge.
    pub edges: Vec<f32>,
    pub counts: Vec<usize>,
}

/// Counts `values` in `nbins` bins (at least 1) that reach from the smallest to the largest.
///
/// Values that are not finite are left out, with [`Spacing::Log`] also those of 0 and less. Equal values stand in the
/// middle of a range of their own. Without values there are no bins.
pub fn histogram(values: &[f32], nbins: usize, spacing: Spacing) -> Histogram {
    let nbins = nbins.max(1);
    let usable = |value: f32| value.is_finite() && (spacing == Spacing::Linear || value > 0.0);
    let place = |value: f32| match spacing {
        Spacing::Linear => f64::from(value),
        Spacing::Log => f64::from(value).ln(),
    };
    let places: Vec<f64> = values.iter().copied().filter(|&value| usable(value)).map(place).collect();
    let mut low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let mut high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if places.is_empty() {
        return Histogram::default();
    }
    if high - low < 1e-9 * high.abs().max(1e-9) {
        let margin = match spacing {
            Spacing::Linear => 0.05 * high.abs().max(1e-3),
            Spacing::Log => 0.05,
        };
        (low, high) = (low - margin, high + margin);
    }
    let width = (high - low) / nbins as f64;
    let mut counts = vec![0; nbins];
    for place in places {
        counts[(((place - low) / width) as usize).min(nbins - 1)] += 1;
    }
    let edge = |i: usize| {
        let place = low + width * i as f64;
        (if spacing == Spacing::Log { place.exp() } else { place }) as f32
    };
    Histogram { edges: (0..=nbins).map(edge).collect(), counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_counted_by_hand() {
        let times: Vec<f32> = (1..=20).rev().map(|i| i as f32).collect();
        let latency = latency_from_millis(&times);
        assert_eq!(latency, Latency { p50_millis: 10.0, p95_millis: 19.0, p99_millis: 20.0, n: 20 });
        let one = latency_from_millis(&[f32::NAN, 3.0, f32::INFINITY]);
        assert_eq!(one, Latency { p50_millis: 3.0, p95_millis: 3.0, p99_millis: 3.0, n: 1 });
        assert_eq!(latency_from_millis(&[]), Latency::default());
        assert_eq!(nearest_rank(&[1.0, 2.0], 0.0), Some(1.0));
        assert_eq!(nearest_rank(&[1.0, 2.0], 1.0), Some(2.0));
    }

    #[test]
    fn bins_counted_by_hand() {
        let linear = histogram(&[0.0, 1.0, 1.9, 4.0], 4, Spacing::Linear);
        assert_eq!(linear.edges, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(linear.counts, [1, 2, 0, 1]);
        let log = histogram(&[0.0, -1.0, 1.0, 5.0, 20.0, 100.0], 2, Spacing::Log);
        assert_eq!(log.counts, [2, 2]);
        assert!((log.edges[1] - 10.0).abs() < 1e-4, "{log:?}");
        assert_eq!(histogram(&[f32::NAN], 5, Spacing::Log), Histogram::default());
        let equal = histogram(&[2.0; 7], 3, Spacing::Log);
        assert_eq!(equal.counts, [0, 7, 0]);
        assert!(equal.edges[0] < 2.0 && equal.edges[3] > 2.0);
    }

    proptest! {
        #[test]
        fn every_value_falls_into_one_bin_within_its_edges(
            values in proptest::collection::vec(1e-3f32..1e3, 1..80),
            nbins in 1usize..30,
            log in any::<bool>(),
        ) {
            let spacing = if log { Spacing::Log } else { Spacing::Linear };
            let histogram = histogram(&values, nbins, spacing);
            prop_assert_eq!(histogram.counts.iter().sum::<usize>(), values.len());
            prop_assert_eq!(histogram.edges.len(), nbins + 1);
            prop_assert!(histogram.edges.is_sorted());
            let [first, last] = [histogram.edges[0], histogram.edges[nbins]];
            prop_assert!(values.iter().all(|&v| v >= first * 0.999 && v <= last * 1.001));
        }

        #[test]
        fn quantiles_are_measured_times_in_order(times in proptest::collection::vec(0f32..1e4, 1..200)) {
            let latency = latency_from_millis(&times);
            prop_assert!(latency.p50_millis <= latency.p95_millis && latency.p95_millis <= latency.p99_millis);
            for quantile in [latency.p50_millis, latency.p95_millis, latency.p99_millis] {
                prop_assert!(times.contains(&quantile));
            }
            let below = times.iter().filter(|&&time| time <= latency.p95_millis).count();
            prop_assert!(below as f64 >= 0.95 * times.len() as f64 - 1e-6);
        }
    }
}
