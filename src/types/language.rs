use serde::{Deserialize, Serialize};

/// A language that the program speaks. Stored by its tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    pub const ALL: [Language; 2] = [Self::English, Self::Chinese];

    /// BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// As those who speak it write it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The language of a tag ("zh-Hans") or a locale of the system ("zh_CN.UTF-8"); none for one that is not spoken.
    ///
    /// Traditional script is not taken for simplified.
    pub fn from_locale(locale: &str) -> Option<Self> {
        let locale = locale.split(['.', '@']).next().unwrap_or_default().replace('_', "-").to_lowercase();
        let mut parts = locale.split('-');
        match parts.next()? {
            "en" => Some(Self::English),
            "zh" if !parts.any(|part| ["hant", "tw", "hk", "mo"].contains(&part)) => Some(Self::Chinese),
            _ => None,
        }
    }

    /// What the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set; English where it is
    /// none of ours.
    pub fn of_environment() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        locale.and_then(|locale| Self::from_locale(&locale)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_of_the_system_name_a_language_or_none() {
        for (locale, language) in [
            ("en_US.UTF-8", Some(Language::English)),
            ("en", Some(Language::English)),
            ("zh_CN.UTF-8", Some(Language::Chinese)),
            ("zh-Hans-SG", Some(Language::Chinese)),
            ("zh", Some(Language::Chinese)),
            ("zh_CN@pinyin", Some(Language::Chinese)),
            ("zh_TW.UTF-8", None),
            ("zh-Hant", None),
            ("C", None),
            ("de_DE.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Language::from_locale(locale), language, "{locale}");
        }
        for language in Language::ALL {
            assert_eq!(Language::from_locale(language.tag()), Some(language));
        }
    }
}
