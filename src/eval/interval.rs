/// 95 % score interval of a share (Wilson 1927); 0…1 where nothing was counted.
pub fn wilson_interval(hits: usize, n: usize) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    score_interval(hits as f64 / n as f64, n as f64)
}

/// The score interval of a share `p` (0…1) over `n` yes-or-no observations; `n` is positive and need not be whole.
pub(super) fn score_interval(p: f64, n: f64) -> [f64; 2] {
    let z = 1.96f64;
    let middle = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).max(0.0).sqrt();
    let scale = 1.0 + z * z / n;
    [((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_of_known_counts() {
        // Worked out by hand: 8 of 10 gives 0.490 to 0.943.
        let [low, high] = wilson_interval(8, 10);
        assert!((low - 0.490).abs() < 1e-3 && (high - 0.943).abs() < 1e-3, "{low} {high}");
        assert_eq!(wilson_interval(0, 0), [0.0, 1.0]);
        assert!(wilson_interval(0, 50)[0] == 0.0 && wilson_interval(50, 50)[1] > 0.999_999);
    }
}
