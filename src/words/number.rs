//! Numbers as a language writes them.

use std::cell::OnceCell;

use icu_decimal::input::Decimal;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use icu_locale_core::Locale;

use super::spoken::spoken;
use crate::types::Language;

/// A whole number in this thread's language: "1,234,567".
pub fn number(n: impl Into<u64>) -> String {
    // Beyond 2^53 the last digits are the nearest that a float has; nothing here counts so far.
    written(spoken(), n.into() as f64, 0, true)
}

/// What is no number, or has no end, is a dash.
pub(super) fn written(language: Language, value: f64, digits: usize, grouped: bool) -> String {
    let text = format!("{value:.digits$}");
    // The sign of what is rounded to nothing says nothing.
    let is_nothing = text.starts_with('-') && text.chars().all(|c| !c.is_ascii_digit() || c == '0');
    let text = if is_nothing { &text[1..] } else { &text };
    let Ok(decimal) = text.parse::<Decimal>() else { return "–".to_owned() };
    FORMATTERS.with(|formatters| {
        let slot = &formatters[2 * language as usize + usize::from(grouped)];
        match slot.get_or_init(|| formatter(language, grouped)) {
            Some(formatter) => formatter.format(&decimal).to_string(),
            None => text.to_owned(),
        }
    })
}

thread_local! {
    /// Of each language, without and with groups. They cannot be sent to another thread.
    static FORMATTERS: [OnceCell<Option<DecimalFormatter>>; 4] = const { [const { OnceCell::new() }; 4] };
}

fn formatter(language: Language, grouped: bool) -> Option<DecimalFormatter> {
    let locale: Locale = language.tag().parse().ok()?;
    let mut options = DecimalFormatterOptions::default();
    options.grouping_strategy = Some(if grouped { GroupingStrategy::Auto } else { GroupingStrategy::Never });
    DecimalFormatter::try_new(DecimalFormatterPreferences::from(&locale), options).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::speak;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        for (value, digits, text) in [
            (0.0, 0, "0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (1_234_567.891, 1, "1,234,567.9"),
            (0.5, 3, "0.500"),
            (-1234.5, 1, "-1,234.5"),
            (-0.0001, 2, "0.00"),
            (f64::NAN, 2, "–"),
            (f64::INFINITY, 0, "–"),
            (1e18, 0, "1,000,000,000,000,000,000"),
        ] {
            for language in Language::ALL {
                assert_eq!(written(language, value, digits, true), text, "{language:?}");
            }
        }
        assert_eq!(written(Language::English, 12_345.0, 0, false), "12345");
        speak(Some(Language::Chinese));
        assert_eq!(number(12_345u32), "12,345");
    }
}
