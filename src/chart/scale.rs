//! Axes of charts: where a value stands, which values are marked, and how a mark is written. Charts of the window and
//! of exported files share it.

/// How values stand along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    #[default]
    Linear,
    /// By the logarithm; what is 0 or less stands at the low end.
    Log,
    /// Shares 0…1 by the logarithm of what is missing to 1, so that 0.9, 0.99 and 0.999 are equally far apart.
    /// 0.9999 and more stand together at the high end.
    Nines,
}

/// Smaller values stand with it on a logarithmic axis.
const LOG_FLOOR: f64 = 1e-6;
/// Of a share, the part missing to 1 that can still be told.
const NINES_FLOOR: f64 = 1e-4;

impl Scale {
    /// Place along the axis; rises with the value.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(LOG_FLOOR).log10(),
            Self::Nines => -(1.0 - value).clamp(NINES_FLOOR, 1.0).log10(),
        }
    }

    /// The value that stands there.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10f64.powf(place),
            Self::Nines if place >= -NINES_FLOOR.log10() => 1.0,
            Self::Nines => 1.0 - 10f64.powf(-place),
        }
    }

    /// Values worth a mark between two places, rising; about `wanted` of them on a linear axis, twice as many at most on a
    /// logarithmic one.
    pub fn ticks(self, low: f64, high: f64, wanted: usize) -> Vec<f64> {
        let is_sound = low.is_finite() && high.is_finite() && low < high;
        if !is_sound {
            return Vec::new();
        }
        match self {
            Self::Linear => linear_ticks(low, high, wanted),
            Self::Log => log_ticks(low, high, wanted),
            Self::Nines => {
                const SHARES: [f64; 13] = [0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0];
                let within = |share: &f64| (low..=high).contains(&self.place(*share));
                SHARES.into_iter().filter(within).collect()
            }
        }
    }
}

fn linear_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let rough = (high - low) / wanted.max(1) as f64;
    let decade = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade);
    let step = steps.into_iter().find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(rough);
    let first = (low / step - 1e-10).ceil() as i64;
    let last = (high / step + 1e-10).floor() as i64;
    (first..=last.min(first.saturating_add(100))).map(|n| rounded(n as f64 * step)).collect()
}

/// Between two places, powers of ten.
fn log_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let decades = high - low;
    let marks: &[f64] = match decades {
        // Many decades are marked every second or third.
        d if d > 8.0 => {
            let stride = (d / 8.0).ceil() as usize;
            let exponents = (low.ceil() as i32..=high.floor() as i32).step_by(stride);
            return exponents.map(|e| rounded(10f64.powi(e))).collect();
        }
        d if d > wanted as f64 / 2.0 => &[1.0],
        d if d > 1.2 => &[1.0, 2.0, 5.0],
        d if d > 0.6 => &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
        _ => {
            // Less than a factor of four: what is round on a linear axis is round here too.
            return linear_ticks(10f64.powf(low), 10f64.powf(high), wanted);
        }
    };
    let within = |tick: &f64| (low - 1e-10..=high + 1e-10).contains(&tick.log10());
    let mut ticks = Vec::new();
    for exponent in low.floor() as i32..=high.ceil() as i32 {
        let decade = 10f64.powi(exponent);
        ticks.extend(marks.iter().map(|m| rounded(m * decade)).filter(within));
    }
    ticks
}

/// Without the last digits, where a sum or a power left them crooked.
fn rounded(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

/// "0", "0.05", "120", "4,000", "2.5 G": as short as a mark can be.
pub fn tick_text(value: f64) -> String {
    let size = value.abs();
    let (scaled, unit) = match size {
        s if s >= 1e9 => (value / 1e9, " G"),
        s if s >= 1e6 => (value / 1e6, " M"),
        s if s >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let text = match scaled.abs() {
        0.0 => "0".to_owned(),
        s if s < 1e-3 => format!("{scaled:.0e}"),
        s if s < 10.0 => {
            let text = format!("{scaled:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => {
            let text = format!("{scaled:.1}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    format!("{text}{unit}").replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_rise_and_go_round() {
        for (scale, values) in
            [(Scale::Linear, [0.0, 0.5, 1.0]), (Scale::Log, [0.001, 1.0, 1000.0]), (Scale::Nines, [0.0, 0.9, 0.999])]
        {
            let places = values.map(|value| scale.place(value));
            assert!(places[0] < places[1] && places[1] < places[2], "{scale:?}");
            for (value, place) in values.into_iter().zip(places) {
                assert!((scale.value(place) - value).abs() < 1e-9, "{scale:?} {value}");
            }
        }
        assert_eq!(Scale::Nines.place(1.0), 4.0);
        assert_eq!(Scale::Nines.value(4.0), 1.0);
        assert!(Scale::Log.place(0.0).is_finite());
    }

    #[test]
    fn ticks_lie_within_and_are_few() {
        for scale in [Scale::Linear, Scale::Log, Scale::Nines] {
            for (low, high) in [(0.0, 1.0), (-2.3, 3.7), (0.1, 0.12), (0.9, 4.2), (-6.0, 9.0)] {
                let ticks = scale.ticks(low, high, 6);
                assert!(ticks.len() < 32, "{scale:?} {low} {high}: {}", ticks.len());
                for tick in &ticks {
                    let place = scale.place(*tick);
                    assert!(place >= low - 1e-9 && place <= high + 1e-9, "{scale:?}: {tick} from {low} to {high}");
                }
                assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{scale:?}: {ticks:?}");
            }
            assert!(scale.ticks(f64::NAN, 1.0, 5).is_empty());
            assert!(scale.ticks(1.0, 1.0, 5).is_empty());
        }
        assert_eq!(Scale::Log.ticks(0.0, 1.0, 5), [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0]);
    }

    #[test]
    fn marks_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.05, "0.05"),
            (0.9995, "0.9995"),
            (12.0, "12"),
            (120.5, "120.5"),
            (4000.0, "4000"),
            (20_000.0, "20 k"),
            (2.5e9, "2.5 G"),
            (-3.0, "\u{2212}3"),
            (0.0001, "1e\u{2212}4"),
        ] {
            assert_eq!(tick_text(value), text);
        }
    }
}
