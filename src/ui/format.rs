//! Numbers, times and names as people read them.

use std::path::Path;

use crate::say;

pub use crate::words::{duration, number as count};

/// "0.42 ms", "7.3 ms", "180 ms", "1.9 s".
pub fn millis(value: f32) -> String {
    match value {
        v if !v.is_finite() || v < 0.0 => say!("format-unknown"),
        v if v < 1.0 => format!("{v:.2} ms"),
        v if v < 10.0 => format!("{v:.1} ms"),
        v if v < 1000.0 => format!("{v:.0} ms"),
        v => format!("{:.1} s", v / 1000.0),
    }
}

/// "0.8", "12.4", "1,240": a rate without its unit.
pub fn rate(value: f32) -> String {
    match value {
        v if !v.is_finite() || v < 0.0 => say!("format-unknown"),
        v if v < 100.0 => format!("{v:.1}"),
        v => count(v.round() as u64),
    }
}

/// "812 MB", "1.4 GB", in powers of 1,000.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut scaled = value as f64;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    if unit >= 3 && scaled < 100.0 {
        format!("{scaled:.1} {}", UNITS[unit])
    } else {
        format!("{scaled:.0} {}", UNITS[unit])
    }
}

/// A cosine similarity: three decimals, a real minus sign.
pub fn score(value: f32) -> String {
    if value.is_finite() { format!("{value:.3}").replace('-', "\u{2212}") } else { say!("format-no-score") }
}

/// "3 July 2019, 14:05" from "2019-07-03T14:05:00"; what it cannot read it shows as it is.
pub fn taken_at(stamp: &str) -> String {
    match date_parts(stamp) {
        Some((date, Some(time))) => say!("format-moment", date = date, time = time),
        Some((date, None)) => date,
        None => stamp.to_owned(),
    }
}

/// The day alone, for columns.
pub fn taken_on(stamp: &str) -> String {
    date_parts(stamp).map_or_else(|| stamp.to_owned(), |(date, _)| date)
}

/// "14:05" of local time, from milliseconds since 1970-01-01 UTC.
pub fn time_of_day(millis: i64) -> String {
    local(millis).map_or_else(String::new, |at| at.strftime("%H:%M").to_string())
}

/// "3 July 2019, 14:05" of local time.
pub fn moment(millis: i64) -> String {
    local(millis).map_or_else(String::new, |at| taken_at(&at.strftime("%Y-%m-%dT%H:%M").to_string()))
}

fn local(millis: i64) -> Option<jiff::Zoned> {
    Some(jiff::Timestamp::from_millisecond(millis).ok()?.to_zoned(jiff::tz::TimeZone::system()))
}

fn date_parts(stamp: &str) -> Option<(String, Option<String>)> {
    let (date, time) = stamp.split_once(['T', ' ']).unwrap_or((stamp, ""));
    let mut parts = date.split('-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month: usize = parts.next()?.parse().ok()?;
    let day: u32 = parts.next()?.parse().ok()?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let time = time.get(..5).filter(|t| t.as_bytes()[2] == b':').map(str::to_owned);
    // A year carries no separators.
    Some((say!("format-date", day = day, month = month, year = year.to_string()), time))
}

/// The last part of a path, for a label; the whole belongs into the tooltip.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The folder of a photo, for a second line.
pub fn folder(path: &Path) -> String {
    path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}

/// With a capital at its beginning.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_separators() {
        assert_eq!(count(0u64), "0");
        assert_eq!(count(999u64), "999");
        assert_eq!(count(1_000u64), "1,000");
        assert_eq!(count(1_234_567u64), "1,234,567");
    }

    #[test]
    fn sizes_scores_and_dates() {
        assert_eq!(bytes(812_400_000), "812 MB");
        assert_eq!(bytes(1_440_000_000), "1.4 GB");
        assert_eq!(bytes(999_999), "1 MB");
        assert_eq!(score(-0.0421), "\u{2212}0.042");
        assert_eq!(score(f32::NAN), "no score");
        assert_eq!(millis(0.416), "0.42 ms");
        assert_eq!(millis(1_940.0), "1.9 s");
        assert_eq!(taken_at("2019-07-03T14:05:00"), "3 July 2019, 14:05");
        assert_eq!(taken_on("2019-07-03T14:05:00"), "3 July 2019");
        assert_eq!(taken_at("sometime"), "sometime");
        assert_eq!(taken_on("2019-13-03"), "2019-13-03");
        assert_eq!(taken_at("2019-07-03T1é:05"), "3 July 2019");
    }
}
