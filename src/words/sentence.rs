//! Sentences by key.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumberOptions;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::number;
use super::spoken::spoken;
use crate::types::Language;

/// A sentence by its key, with what it speaks of.
#[macro_export]
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::sentence($key, &[$((stringify!($name), $crate::words::Arg::from($value))),*])
    };
}

/// The files of a language, each in `assets/locale/<tag>`.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Texts of a language: the same files in each.
        fn texts(language: Language) -> Vec<&'static str> {
            match language {
                Language::English => vec![$(include_str!(concat!("../../assets/locale/en/", $name, ".ftl"))),*],
                Language::Chinese => vec![$(include_str!(concat!("../../assets/locale/zh-CN/", $name, ".ftl"))),*],
            }
        }
    };
}

files!(
    "advice",
    "app",
    "check",
    "cli",
    "cli-errors",
    "cli-identity",
    "cli-measure",
    "common",
    "compare",
    "detector",
    "engine",
    "enroll",
    "error-decode",
    "error-eval",
    "error-exchange",
    "error-index",
    "error-jobs",
    "error-store",
    "error-train",
    "error-types",
    "error-vectors",
    "error-vision",
    "evidence",
    "filter",
    "faces",
    "fonts",
    "format",
    "history",
    "intake",
    "issues",
    "job",
    "messages",
    "missing",
    "models",
    "naming",
    "params",
    "people",
    "phrases",
    "probe",
    "quality",
    "questions",
    "reasons",
    "record",
    "regions",
    "removal",
    "review",
    "roster",
    "search",
    "settings",
    "shortcuts",
    "tune",
    "tune-phrases",
    "usage",
    "widgets",
    "window"
);

pub(super) type Bundle = FluentBundle<FluentResource>;

fn bundle(language: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; 2] = [const { OnceLock::new() }; 2];
    BUNDLES[language as usize].get_or_init(|| read(language, &texts(language)).0)
}

/// The sentences of some texts, and what is wrong with them.
pub(super) fn read(language: Language, texts: &[&str]) -> (Bundle, Vec<String>) {
    let mut faults = Vec::new();
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Marks around what is put in help where writing directions mix, and stand in the way of searching and copying.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _| written(Language::English, value),
        Language::Chinese => |value, _| written(Language::Chinese, value),
    }));
    for text in texts {
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
            faults.extend(errors.iter().map(ToString::to_string));
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            faults.extend(errors.iter().map(ToString::to_string));
        }
    }
    (bundle, faults)
}

fn written(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let FluentNumberOptions { minimum_fraction_digits: digits, use_grouping, .. } = number.options;
    let digits = digits.unwrap_or(if number.value.fract() == 0.0 { 0 } else { 2 });
    Some(number::written(language, number.value, digits, use_grouping))
}

/// A sentence in this thread's language; see [`say!`]. What a language lacks is said in English, what English lacks by
/// its key.
pub fn sentence(key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    say_with(key, &args).unwrap_or_else(|| key.to_owned())
}

/// The same where there is such a key.
pub(super) fn say_with(key: &str, args: &FluentArgs<'_>) -> Option<String> {
    [spoken(), Language::English].into_iter().find_map(|language| {
        let bundle = bundle(language);
        let pattern = bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(args), &mut faults);
        debug_assert!(faults.is_empty(), "{key}: {faults:?}");
        Some(sentence.into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::speak;

    #[test]
    fn every_language_reads_without_fault() {
        for language in Language::ALL {
            assert_eq!(read(language, &texts(language)).1, Vec::<String>::new(), "{language:?}");
        }
    }

    #[test]
    fn every_file_of_sentences_is_read() {
        for language in Language::ALL {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/locale").join(language.tag());
            let there =
                std::fs::read_dir(&folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
            let known = texts(language);
            assert_eq!(there.filter(|text| !known.contains(&text.as_str())).collect::<Vec<_>>(), Vec::<String>::new());
        }
    }

    #[test]
    fn a_sentence_counts_and_names_in_the_language_of_its_thread() {
        assert_eq!(say!("faces", n = 1), "1 face");
        assert_eq!(say!("faces", n = 1_234_567), "1,234,567 faces");
        speak(Some(Language::Chinese));
        assert_eq!(say!("faces", n = 1), "1 张人脸");
        assert_eq!(say!("faces", n = 12_345), "12,345 张人脸");
        // Another thread has a language of its own.
        std::thread::scope(|scope| assert_eq!(scope.spawn(spoken).join().unwrap(), Language::English));
        assert_eq!(sentence("there-is-no-such-key", &[]), "there-is-no-such-key");
    }

    #[test]
    fn what_is_put_in_stays_as_it_is() {
        for version in ["{ $n }", "1.0 \"beta\"", "\u{202e}x", "版本", ""] {
            assert_eq!(say!("settings-version", version = version), format!("version {version}"));
        }
    }
}
