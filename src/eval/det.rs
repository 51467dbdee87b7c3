//! Verification errors over a threshold, in the words of ISO/IEC 19795-1: FMR (false match rate, nonmated pairs that
//! are accepted) and FNMR (false nonmatch rate, mated pairs that are rejected). TAR is 1 − FNMR.
//!
//! A pair is accepted when its score is the threshold or more. Failures to detect have no score; callers give them
//! as −∞, which no threshold accepts. NaN is treated the same way.

/// One operating point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetPoint {
    pub threshold: f32,
    /// Share of nonmated pairs accepted, 0…1.
    pub fmr: f64,
    /// Share of mated pairs rejected, 0…1.
    pub fnmr: f64,
}

/// The curve: a point per distinct finite score as threshold, ascending, and one above all scores (threshold +∞,
/// FMR 0, FNMR 1). Along it FMR falls and FNMR rises. Empty when either list is empty.
pub fn det_points(mated: &[f32], nonmated: &[f32]) -> Vec<DetPoint> {
    if mated.is_empty() || nonmated.is_empty() {
        return Vec::new();
    }
    let (mated, nonmated) = (sorted(mated), sorted(nonmated));
    let mut thresholds: Vec<f32> = mated.iter().chain(&nonmated).copied().filter(|s| s.is_finite()).collect();
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    thresholds.push(f32::INFINITY);
    thresholds
        .into_iter()
        .map(|threshold| DetPoint {
            threshold,
            fmr: share_accepted(&nonmated, threshold),
            fnmr: 1.0 - share_accepted(&mated, threshold),
        })
        .collect()
}

/// True accept rate at the lowest threshold whose FMR is `fmr` or less: no interpolation between points.
///
/// With fewer than 1/`fmr` nonmated pairs that is the threshold just above the highest nonmated score. `None` when
/// either list is empty.
pub fn tar_at_fmr(mated: &[f32], nonmated: &[f32], fmr: f64) -> Option<f64> {
    let points = det_points(mated, nonmated);
    points.iter().find(|point| point.fmr <= fmr).map(|point| 1.0 - point.fnmr)
}

/// Ascending, with NaN as −∞.
fn sorted(scores: &[f32]) -> Vec<f32> {
    let mut scores: Vec<f32> = scores.iter().map(|&s| if s.is_nan() { f32::NEG_INFINITY } else { s }).collect();
    scores.sort_by(f32::total_cmp);
    scores
}

/// `scores` ascending.
fn share_accepted(scores: &[f32], threshold: f32) -> f64 {
    let rejected = scores.partition_point(|&score| score < threshold);
    (scores.len() - rejected) as f64 / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counted_by_hand() {
        let points = det_points(&[0.9, 0.6], &[0.6, 0.1]);
        let expected = [(0.1, 1.0, 0.0), (0.6, 0.5, 0.0), (0.9, 0.0, 0.5), (f32::INFINITY, 0.0, 1.0)];
        let found: Vec<_> = points.iter().map(|p| (p.threshold, p.fmr, p.fnmr)).collect();
        assert_eq!(found, expected);
        assert_eq!(tar_at_fmr(&[0.9, 0.6], &[0.6, 0.1], 0.5), Some(1.0));
        assert_eq!(tar_at_fmr(&[0.9, 0.6], &[0.6, 0.1], 0.49), Some(0.5));
        assert_eq!(tar_at_fmr(&[0.2], &[0.3], 0.0), Some(0.0));
        assert_eq!(tar_at_fmr(&[], &[0.3], 0.1), None);
    }

    #[test]
    fn failures_are_never_accepted() {
        assert_eq!(tar_at_fmr(&[f32::NEG_INFINITY, 0.5], &[f32::NAN, 0.1], 0.0), Some(0.5));
    }

    proptest! {
        #[test]
        fn the_curve_is_monotone_and_ends_at_the_corners(
            mated in proptest::collection::vec(-1f32..1.0, 1..40),
            nonmated in proptest::collection::vec(-1f32..1.0, 1..40),
        ) {
            let points = det_points(&mated, &nonmated);
            prop_assert!(points.windows(2).all(|w| w[0].threshold < w[1].threshold));
            prop_assert!(points.windows(2).all(|w| w[0].fmr >= w[1].fmr && w[0].fnmr <= w[1].fnmr));
            prop_assert_eq!((points[0].fmr, points[0].fnmr), (1.0, 0.0));
            let last = points[points.len() - 1];
            prop_assert_eq!((last.fmr, last.fnmr), (0.0, 1.0));
            let loose = tar_at_fmr(&mated, &nonmated, 0.3);
            prop_assert!(tar_at_fmr(&mated, &nonmated, 0.1) <= loose);
        }
    }
}
