//! What lower layers tell, in words.

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentValue};

use super::sentence::say_with;
use super::spoken::in_language;
use crate::types::{Language, Telling, Told};

/// The same in English, whatever is spoken: what scripts read does not change with the language.
pub fn english(telling: &Telling) -> String {
    in_language(Language::English, || told(telling))
}

/// Several, with commas between.
pub fn told_all(tellings: &[Telling]) -> String {
    let comma = say_with("params-comma", &FluentArgs::new()).unwrap_or_default();
    tellings.iter().map(told).collect::<Vec<_>>().join(&comma)
}

/// A telling in this thread's language. What no language has words for (a later version wrote it) is said by its code
/// and what it speaks of.
pub fn told(telling: &Telling) -> String {
    let args: FluentArgs<'_> = telling
        .args
        .iter()
        .map(|(name, value)| {
            let value: FluentValue<'_> = match value {
                Told::Number(number) => (*number).into(),
                Told::Text(text) => text.as_str().into(),
                Told::Telling(within) => told(within).into(),
            };
            (Cow::Borrowed(name.as_ref()), value)
        })
        .collect();
    say_with(&telling.code, &args).unwrap_or_else(|| telling.plain())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tell;
    use crate::types::{EmbeddingError, Language, Tell};
    use crate::words::speak;

    #[test]
    fn a_telling_is_said_in_the_language_of_its_thread() {
        let within = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let telling =
            tell!("store-io", action = Telling::phrase("read the gallery"), source = &within, path = Path::new("/a"));
        assert_eq!(told(&telling), "could not read the gallery: the rights on it do not allow that: /a");
        assert_eq!(told(&EmbeddingError::Empty.telling()), EmbeddingError::Empty.to_string());
        speak(Some(Language::Chinese));
        assert_eq!(told(&telling), "无法读取图库：权限不允许：/a");
    }

    #[test]
    fn what_nobody_has_words_for_is_still_told() {
        let later = r#"{"code":"of-a-later-version","args":{"n":3.0,"path":"/a","why":{"code":"io-not-found"}}}"#;
        let later: Telling = serde_json::from_str(later).unwrap();
        assert_eq!(told(&later), "of-a-later-version, n 3, path /a, why io-not-found");
        assert_eq!(told(&Telling::phrase("do as never before")), "do as never before");
    }
}
