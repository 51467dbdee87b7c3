//! What the numbers of a storage are.

use half::{bf16, f16};

/// Elements of a storage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum StorageKind {
    Float,
    Double,
    Half,
    BFloat16,
    /// Integers and truth values of so many bytes.
    Other(usize),
}

impl StorageKind {
    pub(super) fn from_class(class: &str) -> Option<Self> {
        Some(match class.strip_prefix("torch.")? {
            "FloatStorage" => Self::Float,
            "DoubleStorage" => Self::Double,
            "HalfStorage" => Self::Half,
            "BFloat16Storage" => Self::BFloat16,
            "LongStorage" => Self::Other(8),
            "IntStorage" => Self::Other(4),
            "ShortStorage" => Self::Other(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" => Self::Other(1),
            _ => return None,
        })
    }

    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Float => 4,
            Self::Double => 8,
            Self::Half | Self::BFloat16 => 2,
            Self::Other(bytes) => bytes,
        }
    }

    /// One element, of exactly the length that [`Self::bytes`] says; `None` for what is no float.
    pub(super) fn number(self, bytes: &[u8]) -> Option<f32> {
        Some(match self {
            Self::Float => f32::from_le_bytes(bytes.try_into().ok()?),
            Self::Double => f64::from_le_bytes(bytes.try_into().ok()?) as f32,
            Self::Half => f16::from_le_bytes(bytes.try_into().ok()?).to_f32(),
            Self::BFloat16 => bf16::from_le_bytes(bytes.try_into().ok()?).to_f32(),
            Self::Other(_) => return None,
        })
    }
}
