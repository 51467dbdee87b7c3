//! Times as cameras and programs write them into EXIF.

use std::ops::RangeInclusive;

/// Before the first photograph a year is a clock that was never set.
const YEARS: RangeInclusive<u16> = 1826..=9999;

/// `2019:07:03 14:05:00` to `2019-07-03T14:05:00`: local time, to the second.
///
/// Taken too: `/`, `-` and `.` between the parts of the date, `T` before the time, parts that are padded with blanks or
/// not at all, and behind the seconds a fraction, a zone (the time stays local) or AM and PM. `None` for blanks, zeros,
/// days that no calendar has, a date without a time, and dates that do not begin with the year.
pub(in crate::vision::decode) fn iso_time(written: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(written).ok()?.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let mut rest = text;
    let year = number(&mut rest, 4..=4)?;
    let mut parts = [0; 5];
    for (part, separators) in parts.iter_mut().zip([":/-.", ":/-.", " Tt", ":.", ":."]) {
        rest = rest.strip_prefix(|c| separators.contains(c))?;
        *part = number(&mut rest, 1..=2)?;
    }
    let [month, day, mut hour, minute, second] = parts;
    if rest.starts_with(|c: char| c.is_ascii_digit()) || !YEARS.contains(&year) {
        return None;
    }
    let end: String = rest.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    match (end.as_str(), hour) {
        ("PM", 1..=11) => hour += 12,
        ("AM", 12) => hour = 0,
        _ => {}
    }
    let small = |part: u16| i8::try_from(part).ok();
    // A camera may write second 60; the calendar has none.
    let second = if second == 60 { 59 } else { second };
    let year = i16::try_from(year).ok()?;
    let time =
        jiff::civil::DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0);
    time.ok().map(|time| time.to_string())
}

/// Takes a number of so many digits off the front, with blanks before it.
fn number(rest: &mut &str, digits: RangeInclusive<usize>) -> Option<u16> {
    let text = rest.trim_start_matches(' ');
    let length = text.bytes().take_while(u8::is_ascii_digit).count().min(*digits.end());
    let value = text[..length].parse().ok().filter(|_| digits.contains(&length))?;
    *rest = &text[length..];
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_of_writing_a_time_is_read() {
        for (written, read) in [
            ("2019:07:03 14:05:00", "2019-07-03T14:05:00"),
            ("2019/07/03 14:05:00", "2019-07-03T14:05:00"),
            ("2019-07-03T14:05:00", "2019-07-03T14:05:00"),
            ("2019.07.03 14.05.00", "2019-07-03T14:05:00"),
            ("2019:07:03  9:05:00", "2019-07-03T09:05:00"),
            ("2019: 7: 3  9: 5: 0", "2019-07-03T09:05:00"),
            ("2019:7:3 9:5:0", "2019-07-03T09:05:00"),
            ("2019-07-03T14:05:00.250+02:00", "2019-07-03T14:05:00"),
            ("2019-07-03T14:05:00Z", "2019-07-03T14:05:00"),
            ("2019:07:03 14:05:00-05:00", "2019-07-03T14:05:00"),
            ("2019:07:03 02:05:00 PM", "2019-07-03T14:05:00"),
            ("2019:07:03 12:05:00 am", "2019-07-03T00:05:00"),
            ("2019:07:03 12:05:00 PM", "2019-07-03T12:05:00"),
            ("  2019:07:03 14:05:60\0", "2019-07-03T14:05:59"),
        ] {
            assert_eq!(iso_time(written.as_bytes()).as_deref(), Some(read), "{written}");
        }
    }

    #[test]
    fn times_that_do_not_exist_are_no_times() {
        for written in [
            "0000:00:00 00:00:00",
            "0001:01:01 00:00:00",
            "2019:00:00 00:00:00",
            "2019:02:30 10:00:00",
            "2019:02:29 10:00:00",
            "2019:13:01 10:00:00",
            "    :  :     :  :  ",
            "                   ",
            "2019:07:03   :  :  ",
            "2019:07:03",
            "2019",
            "",
            "2019:07:03 25:00:00",
            "2019:07:03 24:00:00",
            "2019:07:03 10:61:00",
            "2019:07:03 10:00:61",
            "2019:07:03 10:00:000",
            "03/07/2019 14:05:00",
            "20190703 140500",
            "2019:07:03 14:05",
            "ab19:07:03 14:05:00",
        ] {
            assert_eq!(iso_time(written.as_bytes()), None, "{written}");
        }
        assert_eq!(iso_time(b"2019:07:03 14:05:\xFF\xFF"), None);
    }
}
