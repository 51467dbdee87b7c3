//! What libjpeg's own words say of a file.

use super::super::params::MAX_DECODER_MEMORY;
use super::super::{DecodeError, PhotoFormat};

pub(super) fn corrupt(detail: String) -> DecodeError {
    if detail.contains("remature end") {
        return truncated();
    }
    if detail.contains("Insufficient memory") || detail.contains("Backing store") {
        return DecodeError::TooMuchMemory { format: PhotoFormat::Jpeg, limit: MAX_DECODER_MEMORY };
    }
    DecodeError::Corrupt { format: PhotoFormat::Jpeg, detail }
}

pub(super) fn truncated() -> DecodeError {
    DecodeError::Truncated { format: PhotoFormat::Jpeg }
}
