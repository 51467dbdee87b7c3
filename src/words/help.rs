//! What the command line's help says in other languages than English, which stands in the doc comments.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentValue};

use super::sentence::{Bundle, read};
use crate::types::Language;

/// What `--help` says of a command or an argument, or its `attribute`. None where there is nothing of the kind, and for
/// every key in English.
pub fn help(
    language: Language,
    key: &str,
    attribute: Option<&str>,
    args: &[(&'static str, FluentValue<'_>)],
) -> Option<String> {
    static CHINESE: OnceLock<Bundle> = OnceLock::new();
    let bundle = match language {
        Language::English => return None,
        Language::Chinese => CHINESE.get_or_init(|| read(language, &[include_str!("../../assets/help/zh-CN.ftl")]).0),
    };
    let message = bundle.get_message(key)?;
    let pattern = match attribute {
        Some(attribute) => message.get_attribute(attribute)?.value(),
        None => message.value()?,
    };
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    let mut faults = Vec::new();
    let sentence = bundle.format_pattern(pattern, Some(&args), &mut faults);
    debug_assert!(faults.is_empty(), "{key}: {faults:?}");
    Some(sentence.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_reads_without_fault() {
        let faults = read(Language::Chinese, &[include_str!("../../assets/help/zh-CN.ftl")]).1;
        assert_eq!(faults, Vec::<String>::new());
        assert!(help(Language::Chinese, "clap-usage", None, &[]).is_some());
        assert_eq!(help(Language::English, "clap-usage", None, &[]), None);
        assert_eq!(help(Language::Chinese, "no-such-key", None, &[]), None);
        assert_eq!(help(Language::Chinese, "clap-usage", Some("more"), &[]), None);
    }
}
