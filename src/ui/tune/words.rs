//! Figures of searches as people read them.

use crate::app::{Knob, params_told};
use crate::say;
use crate::types::{Estimate, IndexSpec, ProbeSet, SearchParams, Telling};
use crate::ui::format;
use crate::words::{told, told_all};

/// "1 in 200", or "6 in 10" for larger shares; `None` for nothing at all. Share 0…1.
pub fn one_in(share: f64) -> Option<String> {
    match rough(share) {
        Rough::Nothing => None,
        Rough::All => Some(say!("tune-share-all")),
        Rough::Tenths(n) => Some(say!("tune-share-tenths", n = n)),
        Rough::OneIn(n) => Some(say!("tune-share-one-in", n = n)),
    }
}

/// A share as people remember it.
enum Rough {
    Nothing,
    OneIn(u64),
    Tenths(u64),
    All,
}

fn rough(share: f64) -> Rough {
    match share {
        s if s.is_nan() || s <= 0.0 => Rough::Nothing,
        s if s >= 0.995 => Rough::All,
        s if s > 0.2 => Rough::Tenths((s * 10.0).round().clamp(1.0, 9.0) as u64),
        s => Rough::OneIn((1.0 / s).round().min(1e15) as u64),
    }
}

/// What recall@k means: "misses 1 in 7 of the true 10 nearest".
pub fn missed_neighbours(recall: f64, k: usize) -> String {
    match one_in(1.0 - recall) {
        None => say!("tune-misses-none", k = k),
        Some(share) => say!("tune-misses", share = share, k = k),
    }
}

/// What one-recall@1 means, as a sentence: "1 in 200 probes does not get its nearest face first."
pub fn missed_first(one_recall: f64) -> String {
    match rough(1.0 - one_recall) {
        Rough::Nothing => say!("tune-every-first"),
        Rough::OneIn(n) => say!("tune-one-not-first", n = n),
        Rough::Tenths(n) => say!("tune-tenths-not-first", n = n),
        Rough::All => say!("tune-none-first"),
    }
}

/// A share 0…1 with the digits that matter near 1: "0.85", "0.985", "0.9985".
pub fn share(value: f64) -> String {
    match value {
        v if !v.is_finite() => say!("format-unknown"),
        v if v < 0.9 => format!("{v:.3}"),
        v if v < 1.0 => format!("{v:.4}"),
        v => format!("{v:.3}"),
    }
}

/// "0.978 – 0.986, 95 %".
pub fn interval(estimate: Estimate) -> String {
    format!("{} \u{2013} {}", share(estimate.low), share(estimate.high))
}

/// Shares near 0: "0.5 %", "0.031 %".
pub fn percent(value: f64) -> String {
    let percent = value * 100.0;
    match percent {
        p if !p.is_finite() => say!("format-unknown"),
        0.0 => "0 %".to_owned(),
        p if p < 0.01 => format!("{p:.4} %"),
        p if p < 0.1 => format!("{p:.3} %"),
        p if p < 10.0 => format!("{p:.2} %"),
        p => format!("{p:.1} %"),
    }
}

/// The same as the mark of an axis: "0.1 %", "10 %".
pub fn percent_mark(value: f64) -> String {
    format!("{} %", crate::app::tick_text(value * 100.0))
}

/// What the probes are, for a line below a chart.
pub fn probes(set: &ProbeSet) -> String {
    match set {
        ProbeSet::GallerySample { nq, noise } => {
            say!("tune-probes-sample", n = format::count(*nq as u64), noise = format!("{noise:.2}"))
        }
        ProbeSet::HeldOut { nq } => say!("tune-probes-held-out", n = format::count(*nq as u64)),
        ProbeSet::File { path } => say!("tune-probes-file", file = format::file_name(path)),
        ProbeSet::PastSearches => say!("tune-probes-past"),
    }
}

/// The parameters that a search by this spec has: "nprobe 64, refine ×4".
pub fn params_text(spec: &IndexSpec, params: &SearchParams) -> String {
    told_all(&params_told(spec, params))
}

/// A knob's name.
pub fn knob(knob: Knob) -> String {
    phrase(knob.title())
}

/// What lower layers say in English, in the language of the window.
pub fn phrase(english: &str) -> String {
    told(&Telling::phrase(english))
}

/// The name of a preset as the beginning of a line: "Honest impostors".
pub fn preset(name: &str) -> String {
    const ABBREVIATED: [&str; 4] = ["ivf", "pq", "hnsw", "lsh"];
    let word = |word: &str| match ABBREVIATED.iter().any(|short| word.starts_with(short)) {
        true => word.to_uppercase(),
        false => word.to_owned(),
    };
    let text = name.split('-').map(word).collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// The first characters of a digest.
pub fn digest(whole: &str) -> String {
    whole.chars().take(12).collect()
}

/// "3 July 2023, 14:05" in local time, from milliseconds since 1970-01-01 UTC.
pub fn stamp(millis: i64) -> String {
    let Ok(at) = jiff::Timestamp::from_millisecond(millis) else { return say!("tune-unknown-time") };
    let local = at.to_zoned(jiff::tz::TimeZone::system());
    format::taken_at(&local.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_said_in_words() {
        assert_eq!(missed_neighbours(0.857, 10), "misses 1 in 7 of the true 10 nearest");
        assert_eq!(missed_neighbours(1.0, 10), "misses none of the true 10 nearest");
        assert_eq!(missed_neighbours(0.4, 20), "misses 6 in 10 of the true 20 nearest");
        assert_eq!(missed_neighbours(0.0, 5), "misses all of the true 5 nearest");
        assert_eq!(missed_first(0.995), "1 in 200 probes does not get its nearest face first.");
        assert_eq!(missed_first(0.4), "6 in 10 probes do not get their nearest face first.");
        assert_eq!(missed_first(1.0), "Every probe gets its nearest face first.");
        assert_eq!(one_in(f64::NAN), None);
        assert_eq!(one_in(0.0005).as_deref(), Some("1 in 2,000"));
    }

    #[test]
    fn shares_keep_the_digits_that_matter() {
        assert_eq!(share(0.8531), "0.853");
        assert_eq!(share(0.99851), "0.9985");
        assert_eq!(share(1.0), "1.000");
        assert_eq!(percent(0.005), "0.50 %");
        assert_eq!(percent(0.00031), "0.031 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(stamp(i64::MAX), "at an unknown time");
    }
}
