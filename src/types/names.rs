//! How names of people are written and compared.

use std::sync::LazyLock;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};

/// The name without outer white space and with single spaces inside; line breaks and other control characters
/// (folder names may hold them) count as white space. Empty where nothing is left.
pub fn tidy_name(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Names with the same key are written differently at most: NFKC and full case folding (Unicode's toNFKC_Casefold but
/// for characters that are ignored by default), white space and control characters around words left out of account.
/// Empty where no name is left.
pub fn name_key(name: &str) -> String {
    static NFKC: LazyLock<icu_normalizer::ComposingNormalizerBorrowed<'static>> =
        LazyLock::new(ComposingNormalizer::new_nfkc);
    let folded = CaseMapper::new().fold_string(&NFKC.normalize(&tidy_name(name))).into_owned();
    NFKC.normalize(&folded).into_owned()
}

/// What a name is looked for by: its key without accents, so that "rene" finds René. Scripts in which marks are letters keep
/// them.
pub fn search_key(name: &str) -> String {
    static NFD: LazyLock<icu_normalizer::DecomposingNormalizerBorrowed<'static>> =
        LazyLock::new(DecomposingNormalizer::new_nfd);
    static NFC: LazyLock<icu_normalizer::ComposingNormalizerBorrowed<'static>> =
        LazyLock::new(ComposingNormalizer::new_nfc);
    let key = name_key(name);
    if key.is_ascii() {
        return key;
    }
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let bare: String = NFD.normalize(&key).chars().filter(|c| !is_accent(c)).collect();
    NFC.normalize(&bare).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        assert_eq!(tidy_name("  Ada \n\t Lovelace\u{7}"), "Ada Lovelace");
        assert_eq!(tidy_name(" \u{a0}\n"), "");
    }

    #[test]
    fn names_are_looked_for_without_accents() {
        for (name, key) in [
            ("Ren\u{e9} \u{c5}str\u{f6}m", "rene astrom"),
            ("\u{738b}\u{5c0f}\u{660e}", "\u{738b}\u{5c0f}\u{660e}"),
            ("\u{ae40}\u{bbfc}\u{c218}", "\u{ae40}\u{bbfc}\u{c218}"),
            ("\u{304c}", "\u{304c}"),
            ("Ada", "ada"),
        ] {
            assert_eq!(search_key(name), key);
        }
    }

    #[test]
    fn names_that_are_written_differently_have_one_key() {
        for (one, other) in [
            ("Ren\u{e9}", "Rene\u{301}"),
            ("STRASSE", "stra\u{df}e"),
            ("  Ada\t Berg\n", "ada berg"),
            ("\u{ff21}da", "Ada"),
            ("Ødegård", "ØDEGÅRD"),
            ("Иван", "иван"),
            ("ﬁona", "FIONA"),
            ("\u{3a3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}", "\u{3c3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c3}"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} and {other}");
        }
        assert_ne!(name_key("Ada"), name_key("Adah"));
        assert_ne!(name_key("Rene"), name_key("René"));
        assert_eq!(name_key(" \u{7} "), "");
    }
}
