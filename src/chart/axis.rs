//! One axis: from values to places on the page, and where its ticks stand.

use super::scale::Scale;
use crate::eval::latency::Spacing;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub spacing: Spacing,
    /// Ends in values; both positive where the spacing is logarithmic.
    pub ends: [f64; 2],
    /// Where the ends lie on the page, pixels.
    pub pixels: [f64; 2],
}

impl Axis {
    /// Values beyond an end lie on it.
    pub(super) fn pixel_of(&self, value: f64) -> f64 {
        let [from, to] = self.ends.map(|end| self.placed(end));
        let share = (self.placed(value) - from) / (to - from);
        // NaN, too, falls on an end.
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.pixels[0] + share * (self.pixels[1] - self.pixels[0])
    }

    fn placed(&self, value: f64) -> f64 {
        match self.spacing {
            Spacing::Linear => value,
            Spacing::Log => value.max(f64::MIN_POSITIVE).ln(),
        }
    }

    /// Rising values, about 4 to 12 of them, round in the decimal system.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let (low, high) = (self.ends[0].min(self.ends[1]), self.ends[0].max(self.ends[1]));
        match self.spacing {
            Spacing::Linear => Scale::Linear.ticks(low, high, 6),
            Spacing::Log => Scale::Log.ticks(low.log10(), high.log10(), 8),
        }
    }
}

/// A number as short as it can be read: `0.05`, `1,000`, `1e-7`.
pub(super) fn number_text(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:e}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let grouped = grouped(whole);
    fraction.map_or_else(|| grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}

/// Commas between thousands.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn axis(spacing: Spacing, ends: [f64; 2]) -> Axis {
        Axis { spacing, ends, pixels: [0.0, 100.0] }
    }

    #[test]
    fn places_and_ticks_by_hand() {
        let log = axis(Spacing::Log, [0.1, 10.0]);
        assert!((log.pixel_of(1.0) - 50.0).abs() < 1e-9);
        assert_eq!((log.pixel_of(0.0), log.pixel_of(1e9)), (0.0, 100.0));
        assert_eq!(log.ticks(), [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]);
        assert_eq!(axis(Spacing::Linear, [0.0, 1.0]).ticks(), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(axis(Spacing::Linear, [0.93, 1.0]).ticks().last(), Some(&1.0));
        assert_eq!(axis(Spacing::Log, [1.1, 1.7]).ticks(), [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]);
        let falling = Axis { spacing: Spacing::Log, ends: [0.1, 0.001], pixels: [200.0, 0.0] };
        assert!((falling.pixel_of(0.01) - 100.0).abs() < 1e-9);
        assert_eq!(falling.ticks().first(), Some(&0.001));
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0, 0.05, 0.999, 1.0, 2500.0, 1_234_567.0, 1e-7, -1000.0].map(number_text);
        assert_eq!(texts, ["0", "0.05", "0.999", "1", "2,500", "1,234,567", "1e-7", "-1,000"]);
    }

    proptest! {
        #[test]
        fn ticks_are_few_rising_and_within(low in 1e-6f64..1e6, ratio in 1.01f64..1e7, log in any::<bool>()) {
            let spacing = if log { Spacing::Log } else { Spacing::Linear };
            let axis = axis(spacing, [low, low * ratio]);
            let ticks = axis.ticks();
            prop_assert!((2..=16).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.windows(2).all(|w| w[0] < w[1]), "{ticks:?}");
            prop_assert!(ticks.iter().all(|&t| t > low * 0.999 && t < low * ratio * 1.001), "{ticks:?}");
        }
    }
}
