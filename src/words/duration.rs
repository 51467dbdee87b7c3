use crate::say;

/// A time in this thread's language: "under a second", "42 s", "3 min 05 s", "2 h 10 min", "3 days 4 h".
pub fn duration(secs: f32) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return say!("format-unknown");
    }
    let whole = secs.round() as u64;
    match whole {
        0 => say!("format-under-a-second"),
        1..60 => say!("format-seconds", secs = whole),
        60..3600 => say!("format-minutes", minutes = whole / 60, secs = format!("{:02}", whole % 60)),
        3600..86_400 => say!("format-hours", hours = whole / 3600, minutes = format!("{:02}", whole % 3600 / 60)),
        _ => say!("format-days", days = whole / 86_400, hours = whole % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_humane() {
        assert_eq!(duration(0.2), "under a second");
        assert_eq!(duration(42.4), "42 s");
        assert_eq!(duration(185.0), "3 min 05 s");
        assert_eq!(duration(7_800.0), "2 h 10 min");
        assert_eq!(duration(100_000.0), "1 day 3 h");
        assert_eq!(duration(f32::NAN), "unknown");
    }
}
