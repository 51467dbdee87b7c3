use thiserror::Error;

use crate::tell;
use crate::types::{Tell, Telling};

/// Why what another program wrote cannot be used.
#[derive(Debug, Error)]
pub enum ExchangeError {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("it is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("it is cut short or damaged")]
    Cut,
    #[error("it is no text in UTF-8 or UTF-16")]
    NotText,
    #[error("it is no well-formed XML: {0}")]
    Xml(String),
    #[error("it declares a document type, which is not read")]
    Dtd,
    #[error("it has too many or too deeply nested elements")]
    TooComplex,
    #[error("it has no RDF, as XMP has it")]
    NotXmp,
    #[error("its regions are for a picture of another shape, {0}×{1}")]
    OtherPicture(f64, f64),
    #[error("it cannot be said which way up its regions are")]
    Unclear,
    #[error("its regions have a form that cannot be added to")]
    OtherForm,
    #[error("it is not in UTF-8, and only such a file is changed")]
    NotUtf8,
    #[error("row {row}: {reason}")]
    Row { row: u64, reason: String },
    #[error("it has no column that says which face or which photo")]
    NoColumns,
}

impl Tell for ExchangeError {
    fn telling(&self) -> Telling {
        match self {
            Self::Io(error) => error.telling(),
            Self::TooLarge { limit } => tell!("exchange-too-large", limit = *limit),
            Self::Cut => tell!("exchange-cut"),
            Self::NotText => tell!("exchange-not-text"),
            Self::Xml(reason) => tell!("exchange-xml", reason = reason),
            Self::Dtd => tell!("exchange-dtd"),
            Self::TooComplex => tell!("exchange-too-complex"),
            Self::NotXmp => tell!("exchange-not-xmp"),
            Self::OtherPicture(width, height) => {
                tell!("exchange-other-picture", width = width.to_string(), height = height.to_string())
            }
            Self::Unclear => tell!("exchange-unclear"),
            Self::OtherForm => tell!("exchange-other-form"),
            Self::NotUtf8 => tell!("exchange-not-utf8"),
            Self::Row { row, reason } => tell!("exchange-row", row = row.to_string(), reason = reason),
            Self::NoColumns => tell!("exchange-no-columns"),
        }
    }
}
