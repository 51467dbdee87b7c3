use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::tell;
use crate::types::{EmbeddingError, Tell, Telling};

/// Values that are read into memory at most: 4 GB of them.
pub(super) const MAX_VALUES: u64 = 1 << 30;

/// Why a file of vectors came to nothing, with its path.
#[derive(Debug, Error)]
pub enum VectorFileError {
    #[error("{reason}: {path}")]
    Io { reason: io::Error, path: PathBuf },
    #[error("{reason}: {path}")]
    Vectors { reason: VectorsError, path: PathBuf },
}

/// Why a file of vectors could not be read or written. Rows are counted from 0, as NumPy counts them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VectorsError {
    #[error("this is no file of vectors: it must be a .npy array (2-d, float32 or float64) or .fvecs")]
    NotVectors,
    #[error("the .npy header cannot be read ({0})")]
    Header(String),
    #[error("the array holds {0} instead of float32 (<f4) or float64 (<f8); save it with .astype('float32')")]
    ValueType(String),
    #[error("the array has {0} dimensions instead of 2, a row for each vector")]
    NotTwoDimensional(usize),
    #[error("the array is stored by columns; save numpy.ascontiguousarray of it")]
    ByColumns,
    #[error("its vectors have {found} values, those of the gallery {expected}: they come from another model")]
    WrongLength { found: u64, expected: usize },
    #[error("row {row}: {reason}")]
    Row { row: u64, reason: EmbeddingError },
    #[error("row {row} has {found} values, the rows before it {expected}")]
    Uneven { row: u64, found: i64, expected: usize },
    #[error("the file is cut off: {missing} bytes are missing")]
    Truncated { missing: u64 },
    #[error("{extra} bytes stand behind the last vector: the file was not written whole, or is another kind of file")]
    Trailing { extra: u64 },
    #[error("there are no vectors in it")]
    Empty,
    #[error("{rows} vectors of {d} values are more than are read at once ({MAX_VALUES} values)")]
    TooLarge { rows: u64, d: usize },
    #[error("the name of a file of vectors ends in .npy or .fvecs")]
    Ending,
    #[error("{got} rows were written where {expected} were announced")]
    RowCount { expected: u64, got: u64 },
    #[error("the disk is full")]
    DiskFull,
}

impl Tell for VectorsError {
    fn telling(&self) -> Telling {
        match self {
            Self::NotVectors => tell!("vectors-not-vectors"),
            Self::Header(reason) => tell!("vectors-header", reason = reason),
            Self::ValueType(found) => tell!("vectors-value-type", found = found),
            Self::NotTwoDimensional(found) => tell!("vectors-not-two-dimensional", found = *found),
            Self::ByColumns => tell!("vectors-by-columns"),
            Self::WrongLength { found, expected } => {
                tell!("vectors-wrong-length", found = *found, expected = *expected)
            }
            Self::Row { row, reason } => tell!("vectors-row", row = *row, reason = reason),
            Self::Uneven { row, found, expected } => {
                tell!("vectors-uneven", row = *row, found = *found, expected = *expected)
            }
            Self::Truncated { missing } => tell!("vectors-truncated", missing = *missing),
            Self::Trailing { extra } => tell!("vectors-trailing", extra = *extra),
            Self::Empty => tell!("vectors-empty"),
            Self::TooLarge { rows, d } => tell!("vectors-too-large", rows = *rows, d = *d, max = MAX_VALUES),
            Self::Ending => tell!("vectors-ending"),
            Self::RowCount { expected, got } => tell!("vectors-row-count", expected = *expected, got = *got),
            Self::DiskFull => tell!("io-storage-full"),
        }
    }
}
