use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What a lower layer has to say: a code and what it speaks of. Words for it are found at the edge, in the person's
/// language; see [`tell!`](crate::tell) and `words::told`.
///
/// Stored and sent as `{"code": "store-busy", "args": {"path": "/x"}}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Telling {
    /// A key of `assets/locale`; stays the same between versions.
    pub code: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<Cow<'static, str>, Told>,
}

/// What is stored in the place of a telling: earlier versions kept the English sentence.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Coded {
        code: String,
        #[serde(default)]
        args: BTreeMap<Cow<'static, str>, Told>,
    },
}

impl From<Stored> for Telling {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Text(english) => Self::phrase(&english),
            Stored::Coded { code, args } => Self { code: Cow::Owned(code), args },
        }
    }
}

/// Something that a [`Telling`] speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// Counted, and written as the language writes numbers.
    Number(f64),
    /// Put in as it is: a name, a path, the number of a face.
    Text(String),
    /// A reason within: words of its own.
    Telling(Telling),
}

/// Whatever can be told: errors first.
pub trait Tell {
    fn telling(&self) -> Telling;
}

impl Telling {
    pub fn new<const N: usize>(code: &'static str, args: [(&'static str, Told); N]) -> Self {
        let args = args.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        Self { code: Cow::Borrowed(code), args }
    }

    /// A part of a sentence that stands in the program in English: its code is made of its words.
    pub fn phrase(english: &str) -> Self {
        let words = english.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let code = words.fold("phrase".to_owned(), |code, word| code + "-" + &word.to_ascii_lowercase());
        Self { code: Cow::Owned(code), args: BTreeMap::from([(Cow::Borrowed("english"), english.into())]) }
    }

    /// For logs: the text that it was made of, else its code and what it speaks of. People read `words::told`.
    pub fn plain(&self) -> String {
        if let Some(Told::Text(english)) = self.args.get("english") {
            return english.clone();
        }
        let args = self.args.iter().map(|(name, value)| match value {
            Told::Number(number) => format!(", {name} {number}"),
            Told::Text(text) => format!(", {name} {text}"),
            Told::Telling(within) => format!(", {name} {}", within.plain()),
        });
        args.fold(self.code.to_string(), |said, arg| said + &arg)
    }
}

/// Text without a code, as the program had it before there were codes, and as others say it: a panic, a library.
impl From<String> for Telling {
    fn from(text: String) -> Self {
        Self::phrase(&text)
    }
}

impl From<&Telling> for Telling {
    fn from(telling: &Telling) -> Self {
        telling.clone()
    }
}

impl From<&str> for Telling {
    fn from(text: &str) -> Self {
        Self::phrase(text)
    }
}

impl Tell for Telling {
    fn telling(&self) -> Telling {
        self.clone()
    }
}

/// `tell!("store-busy", path = path)`: a [`Telling`](crate::types::Telling). `tests/words` knows its keys and names.
#[macro_export]
macro_rules! tell {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::types::Telling::new($key, [$((stringify!($name), $crate::types::Told::from($value))),*])
    };
}

impl<T: Tell> From<&T> for Told {
    fn from(within: &T) -> Self {
        Self::Telling(within.telling())
    }
}

impl From<Telling> for Told {
    fn from(within: Telling) -> Self {
        Self::Telling(within)
    }
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Told {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Told {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&Path> for Told {
    fn from(path: &Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<&PathBuf> for Told {
    fn from(path: &PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

/// Numbers beyond 2^53 are told as the nearest that a float has.
macro_rules! numbers {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Told {
            fn from(number: $kind) -> Self {
                Self::Number(number as f64)
            }
        })*
    };
}

numbers!(u8, u32, i32, u64, i64, usize, f32, f64);

impl Tell for std::io::Error {
    /// What the system says; the frequent ones have words of their own.
    fn telling(&self) -> Telling {
        use std::io::ErrorKind::{
            IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, StorageFull,
        };
        match self.kind() {
            NotFound => crate::tell!("io-not-found"),
            PermissionDenied => crate::tell!("io-permission-denied"),
            StorageFull => crate::tell!("io-storage-full"),
            ReadOnlyFilesystem => crate::tell!("io-read-only"),
            IsADirectory => crate::tell!("io-is-a-folder"),
            NotADirectory => crate::tell!("io-not-a-folder"),
            _ => crate::tell!("io-other", reason = self.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_comes_back_as_it_was_stored() {
        let within = crate::tell!("io-not-found");
        let telling = crate::tell!("store-io", path = Path::new("/a b/c"), n = 3u64, source = within);
        let stored = serde_json::to_string(&telling).unwrap();
        assert_eq!(stored, r#"{"code":"store-io","args":{"n":3.0,"path":"/a b/c","source":{"code":"io-not-found"}}}"#);
        assert_eq!(serde_json::from_str::<Telling>(&stored).unwrap(), telling);
    }
}
