//! Which measured points are worth having, and which one meets a goal.

use thiserror::Error;

use crate::types::{Goal, OperatingPoint};

/// What recall is paid with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Median time of a search, milliseconds.
    #[default]
    P50,
    /// 99th percentile of the time of a search, milliseconds.
    P99,
    /// Memory of the index, bytes.
    Ram,
    /// Time to train and fill the index, seconds.
    Build,
}

impl Cost {
    /// In the unit that the variant names.
    pub fn of(self, point: &OperatingPoint) -> f64 {
        match self {
            Self::P50 => f64::from(point.latency.p50_millis),
            Self::P99 => f64::from(point.latency.p99_millis),
            Self::Ram => point.ram_bytes as f64,
            Self::Build => f64::from(point.build_secs),
        }
    }
}

/// Places of the points that no other beats in recall at k without costing more, by rising cost, and so by rising
/// recall.
///
/// Of points alike in both the first is taken. Points whose recall or cost is NaN are passed over.
pub fn pareto_front(points: &[OperatingPoint], cost: Cost) -> Vec<usize> {
    let pairs: Vec<[f64; 2]> = points.iter().map(|point| [point.recall_at_k.mean, cost.of(point)]).collect();
    front_of(&pairs)
}

/// As [`pareto_front`], of (recall, cost).
fn front_of(pairs: &[[f64; 2]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).filter(|&i| pairs[i].iter().all(|value| !value.is_nan())).collect();
    // Cheap before dear, then high recall before low; the sort is stable, so the first of equals stays first.
    order.sort_by(|&a, &b| pairs[a][1].total_cmp(&pairs[b][1]).then(pairs[b][0].total_cmp(&pairs[a][0])));
    let mut best_recall = f64::NEG_INFINITY;
    order.retain(|&i| {
        let is_better = pairs[i][0] > best_recall;
        best_recall = best_recall.max(pairs[i][0]);
        is_better
    });
    order
}

/// No point meets the goal: the one that comes nearest, and what it misses. What is not missed is 0.
#[derive(Clone, Debug, Default, PartialEq, Error)]
#[error("{}", near_miss_text(self))]
pub struct NearMiss {
    /// `None` where nothing was measured.
    pub nearest: Option<usize>,
    /// Recall, or share of people, by the worse end of the interval.
    pub found_too_little: f64,
    pub p50_millis_over: f32,
    pub ram_bytes_over: u64,
}

/// Whether a point finds what the goal asks for: recall at k by the lower end of its interval, or people missed by the upper
/// end. Exact search misses no neighbour, however few probes were measured.
pub fn has_quality(point: &OperatingPoint, goal: &Goal) -> bool {
    error_of(point, goal) <= allowed_error(goal)
}

/// Whether a point meets the goal: what it finds, p50 and memory, each limit inclusive.
pub fn meets(point: &OperatingPoint, goal: &Goal) -> bool {
    has_quality(point, goal) && point.latency.p50_millis <= goal.max_p50_millis && point.ram_bytes <= goal.max_ram_bytes
}

/// The worse end of the share of neighbours, or of people, that a point misses. A point without is as good as one that
/// found nothing.
fn error_of(point: &OperatingPoint, goal: &Goal) -> f64 {
    let error = match goal.missed {
        Some(_) => point.fnir.map_or(1.0, |fnir| fnir.high),
        None if point.spec.is_exact() => 0.0,
        None => 1.0 - point.recall_at_k.low,
    };
    if error.is_nan() { 1.0 } else { error }
}

fn allowed_error(goal: &Goal) -> f64 {
    // A hair more, for a recall that is what it was asked to be but for rounding.
    goal.missed.map_or(1.0 - goal.min_recall_at_k, |missed| missed.max_fnir) + 1e-12
}

/// The point with the lowest p50 among those that meet the goal, see [`meets`]. Of equally fast ones the one with the higher recall, then the smaller one.
///
/// # Errors
/// Where none meets it, the point that comes nearest: the factors by which it misses too many neighbours, takes too
/// long and takes too much memory have the smallest product.
pub fn best_point(points: &[OperatingPoint], goal: &Goal) -> Result<usize, NearMiss> {
    let meeting = (0..points.len()).filter(|&i| meets(&points[i], goal));
    let best = meeting.min_by(|&a, &b| {
        let (a, b) = (&points[a], &points[b]);
        let by_time = a.latency.p50_millis.total_cmp(&b.latency.p50_millis);
        by_time.then(b.recall_at_k.mean.total_cmp(&a.recall_at_k.mean)).then(a.ram_bytes.cmp(&b.ram_bytes))
    });
    best.ok_or_else(|| near_miss(points, goal))
}

fn near_miss(points: &[OperatingPoint], goal: &Goal) -> NearMiss {
    let nearest = (0..points.len()).min_by(|&a, &b| {
        let [a, b] = [&points[a], &points[b]].map(|point| (excess(point, goal), point.latency.p50_millis));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let Some(point) = nearest.map(|i| &points[i]) else { return NearMiss::default() };
    NearMiss {
        nearest,
        found_too_little: (error_of(point, goal) - allowed_error(goal)).max(0.0),
        p50_millis_over: (point.latency.p50_millis - goal.max_p50_millis).max(0.0),
        ram_bytes_over: point.ram_bytes.saturating_sub(goal.max_ram_bytes),
    }
}

/// Logarithm of the product of the factors by which a point is beyond the goal; 0 within it.
fn excess(point: &OperatingPoint, goal: &Goal) -> f64 {
    let factor = |got: f64, limit: f64, smallest: f64| (got.max(smallest) / limit.max(smallest)).ln().max(0.0);
    factor(error_of(point, goal), allowed_error(goal), 1e-6)
        + factor(f64::from(point.latency.p50_millis), f64::from(goal.max_p50_millis), 1e-6)
        + factor(point.ram_bytes as f64, goal.max_ram_bytes as f64, 1.0)
}

fn near_miss_text(miss: &NearMiss) -> String {
    if miss.nearest.is_none() {
        return "no point has been measured yet: run a sweep first".to_owned();
    }
    let mut misses = Vec::new();
    if miss.found_too_little > 0.0 {
        misses.push(format!("{:.4} of what is to be found", miss.found_too_little));
    }
    if miss.p50_millis_over > 0.0 {
        misses.push(format!("{:.3} ms at the median", miss.p50_millis_over));
    }
    if miss.ram_bytes_over > 0 {
        misses.push(format!("{:.1} MB of memory", miss.ram_bytes_over as f64 / 1e6));
    }
    format!("no measured point meets the goal; the nearest one misses it by {}", misses.join(", "))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::types::{Circumstances, Estimate, IndexSpec, Latency, MissedGoal, SearchParams, Structure};
    use proptest::prelude::*;

    pub(crate) fn point(recall: f64, p50_millis: f32, ram_bytes: u64) -> OperatingPoint {
        let estimate = Estimate { mean: recall, low: recall, high: recall };
        OperatingPoint {
            spec: IndexSpec { structure: Structure::Ivf { nlist: 16 }, ..IndexSpec::FLAT },
            params: SearchParams::default(),
            ntotal: 1000,
            d: 512,
            k: 10,
            nq: 100,
            batch: 1,
            threads: 1,
            recall_at_k: estimate,
            one_recall_at_1: estimate,
            recall_mated: None,
            recall_nonmated: None,
            one_recall_mated: None,
            fnir: None,
            circumstances: Circumstances::default(),
            latency: Latency { p50_millis, p95_millis: 2.0 * p50_millis, p99_millis: 3.0 * p50_millis, n: 100 },
            probes_per_sec: 1000.0 / f64::from(p50_millis),
            ram_bytes,
            disk_bytes: 0,
            build_secs: 1.0,
        }
    }

    #[test]
    fn front_counted_by_hand() {
        let points =
            [point(0.9, 1.0, 5), point(0.8, 2.0, 1), point(0.95, 3.0, 5), point(0.9, 1.0, 5), point(f64::NAN, 0.1, 1)];
        assert_eq!(pareto_front(&points, Cost::P50), [0, 2]);
        assert_eq!(pareto_front(&points, Cost::P99), [0, 2]);
        assert_eq!(pareto_front(&points, Cost::Ram), [1, 2]);
        assert_eq!(pareto_front(&points, Cost::Build), [2]);
        assert!(pareto_front(&[], Cost::P50).is_empty());
    }

    #[test]
    fn the_fastest_point_within_the_goal() {
        let goal = Goal { min_recall_at_k: 0.9, missed: None, max_p50_millis: 5.0, max_ram_bytes: 100 };
        let points = [point(0.99, 4.0, 100), point(0.9, 2.0, 50), point(0.89, 1.0, 50), point(0.99, 1.0, 101)];
        assert_eq!(best_point(&points, &goal), Ok(1));
        assert_eq!(best_point(&points[..1], &goal), Ok(0), "limits are inclusive");
        let equal = [point(0.9, 2.0, 50), point(0.95, 2.0, 50), point(0.95, 2.0, 40)];
        assert_eq!(best_point(&equal, &goal), Ok(2));
    }

    #[test]
    fn the_worse_end_of_the_interval_decides() {
        let goal = Goal { min_recall_at_k: 0.9, missed: None, max_p50_millis: 5.0, max_ram_bytes: 100 };
        let unsure =
            |mean, low| OperatingPoint { recall_at_k: Estimate { mean, low, high: 1.0 }, ..point(mean, 1.0, 1) };
        assert!(!meets(&unsure(0.95, 0.89), &goal) && meets(&unsure(0.91, 0.9), &goal));
        let exact = OperatingPoint { spec: IndexSpec::FLAT, ..unsure(1.0, 0.8) };
        assert!(meets(&exact, &goal), "it misses nothing");
        let people = Goal { missed: Some(MissedGoal { max_fnir: 0.05, threshold: 0.3 }), ..goal };
        let missing =
            |mean, high| OperatingPoint { fnir: Some(Estimate { mean, low: 0.0, high }), ..point(0.1, 1.0, 1) };
        assert!(meets(&missing(0.03, 0.05), &people) && !meets(&missing(0.03, 0.051), &people));
        assert!(!meets(&exact, &people), "nobody was searched for");
    }

    #[test]
    fn the_nearest_point_says_what_it_misses() {
        let goal = Goal { min_recall_at_k: 0.99, missed: None, max_p50_millis: 5.0, max_ram_bytes: 100 };
        // Misses twice as many neighbours; takes three times the time; ten times the memory.
        let points = [point(0.98, 4.0, 100), point(0.99, 15.0, 100), point(1.0, 1.0, 1000)];
        let miss = best_point(&points, &goal).unwrap_err();
        assert_eq!(miss.nearest, Some(0));
        assert!((miss.found_too_little - 0.01).abs() < 1e-9 && miss.p50_millis_over == 0.0 && miss.ram_bytes_over == 0);
        assert!(miss.to_string().contains("0.0100 of what is to be found"), "{miss}");
        let miss = best_point(&points[1..], &goal).unwrap_err();
        assert_eq!((miss.nearest, miss.p50_millis_over), (Some(1 - 1), 10.0));
        let none = best_point(&[], &goal).unwrap_err();
        assert_eq!(none.nearest, None);
        assert!(none.to_string().contains("sweep"));
    }

    proptest! {
        /// Against the definition, pair by pair, on a coarse grid so that ties are frequent.
        #[test]
        fn front_is_what_the_definition_says(grid in proptest::collection::vec((0u8..8, 0u8..8), 0..40)) {
            let pairs: Vec<[f64; 2]> = grid.iter().map(|&(r, c)| [f64::from(r), f64::from(c)]).collect();
            let beats = |a: [f64; 2], b: [f64; 2]| a[0] >= b[0] && a[1] <= b[1] && a != b;
            let mut expected: Vec<usize> = (0..pairs.len())
                .filter(|&i| !pairs.iter().any(|&other| beats(other, pairs[i])) && !pairs[..i].contains(&pairs[i]))
                .collect();
            let mut found = front_of(&pairs);
            prop_assert!(found.windows(2).all(|w| pairs[w[0]][1] < pairs[w[1]][1] && pairs[w[0]][0] < pairs[w[1]][0]));
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn what_is_chosen_meets_the_goal_and_nothing_faster_does(
            grid in proptest::collection::vec((0u8..6, 1u8..6, 1u8..6), 0..30),
            limits in (0u8..6, 1u8..6, 1u8..6),
        ) {
            let points: Vec<_> = grid.iter()
                .map(|&(r, t, m)| point(f64::from(r) / 5.0, f32::from(t), u64::from(m))).collect();
            let goal = Goal {
                min_recall_at_k: f64::from(limits.0) / 5.0,
                missed: None,
                max_p50_millis: f32::from(limits.1),
                max_ram_bytes: u64::from(limits.2),
            };
            let meets = |p: &OperatingPoint| p.recall_at_k.mean >= goal.min_recall_at_k
                && p.latency.p50_millis <= goal.max_p50_millis && p.ram_bytes <= goal.max_ram_bytes;
            match best_point(&points, &goal) {
                Ok(best) => {
                    prop_assert!(meets(&points[best]));
                    prop_assert!(!points.iter().any(|p| meets(p)
                        && p.latency.p50_millis < points[best].latency.p50_millis));
                }
                Err(miss) => {
                    prop_assert!(!points.iter().any(meets));
                    prop_assert_eq!(miss.nearest.is_none(), points.is_empty());
                    if miss.nearest.is_some() {
                        prop_assert!(miss.found_too_little > 0.0 || miss.p50_millis_over > 0.0 || miss.ram_bytes_over > 0);
                    }
                }
            }
        }
    }
}
