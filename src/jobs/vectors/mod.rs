//! Files of vectors: `.npy` as NumPy writes it and `.fvecs` as the collections of vector search come.

mod npy;
mod write;

use crate::tell;
use crate::types::{Tell, Telling};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use thiserror::Error;

use super::JobError;
use crate::types::{Embedding, EmbeddingError};
use npy::NpyHeader;
pub use write::{VectorFormat, VectorWriter, write_ids};

/// Values that are read into memory at most: 4 GB of them.
const MAX_VALUES: u64 = 1 << 30;

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

/// Reads all vectors of a `.npy` or `.fvecs` file, in order, and normalises them. Which of the two it is shows in its
/// first bytes; the name's ending decides nothing.
///
/// # Errors
/// What is wrong with the file, with the row where it is one row; vectors whose length is not `expected_d`.
pub fn read_vectors(path: &Path, expected_d: usize) -> Result<Vec<Embedding>, JobError> {
    read(path, expected_d).map_err(|failure| match failure {
        Failure::Io(reason) => JobError::Io { reason, path: path.to_path_buf() },
        Failure::Vectors(reason) => JobError::Vectors { reason, path: path.to_path_buf() },
    })
}

enum Failure {
    Io(std::io::Error),
    Vectors(VectorsError),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<VectorsError> for Failure {
    fn from(error: VectorsError) -> Self {
        Self::Vectors(error)
    }
}

fn read(path: &Path, expected_d: usize) -> Result<Vec<Embedding>, Failure> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(VectorsError::NotVectors.into());
    }
    let bytes = metadata.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut start = Vec::new();
    reader.by_ref().take(8).read_to_end(&mut start)?;
    if start.is_empty() {
        return Err(VectorsError::Empty.into());
    }
    if start.starts_with(npy::MAGIC) {
        let header = NpyHeader::read(start[6..].try_into().ok(), &mut reader)?;
        read_npy(&mut reader, &header, bytes, expected_d)
    } else {
        read_fvecs(&mut start.chain(&mut reader), bytes, expected_d)
    }
}

fn read_npy(
    reader: &mut impl Read,
    header: &NpyHeader,
    bytes: u64,
    expected_d: usize,
) -> Result<Vec<Embedding>, Failure> {
    let is_double = match header.descr.as_str() {
        "<f4" | "=f4" => false,
        "<f8" | "=f8" => true,
        other => return Err(VectorsError::ValueType(other.to_owned()).into()),
    };
    let &[rows, found] = &header.shape[..] else {
        return Err(VectorsError::NotTwoDimensional(header.shape.len()).into());
    };
    if rows == 0 {
        return Err(VectorsError::Empty.into());
    }
    check_length(found, expected_d)?;
    if header.fortran_order && rows > 1 && found > 1 {
        return Err(VectorsError::ByColumns.into());
    }
    check_size(rows, expected_d)?;
    let row_bytes = expected_d * if is_double { 8 } else { 4 };
    check_bytes(rows * row_bytes as u64, bytes - header.data_begin.min(bytes))?;
    let mut row_buffer = vec![0; row_bytes];
    let mut vectors = Vec::with_capacity(rows as usize);
    for row in 0..rows {
        reader.read_exact(&mut row_buffer)?;
        let values = if is_double {
            // A finite double beyond the range of a float becomes infinite here and is refused with its row.
            row_buffer.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect()
        } else {
            floats(&row_buffer)
        };
        vectors.push(embedding(row, values)?);
    }
    Ok(vectors)
}

fn read_fvecs(reader: &mut impl Read, bytes: u64, expected_d: usize) -> Result<Vec<Embedding>, Failure> {
    let mut d_bytes = [0; 4];
    if bytes < 4 {
        return Err(VectorsError::NotVectors.into());
    }
    let row_bytes = 4 + 4 * expected_d as u64;
    let mut vectors = Vec::new();
    let mut row_buffer = vec![0; 4 * expected_d];
    let (mut row, mut left) = (0, bytes);
    while left > 0 {
        if left < 4 {
            return Err(VectorsError::Truncated { missing: row_bytes - left }.into());
        }
        reader.read_exact(&mut d_bytes)?;
        let found = i32::from_le_bytes(d_bytes);
        if i64::from(found) != expected_d as i64 {
            // Without a header only the length of the rows tells such a file from any other.
            let is_plausible = found > 0 && found <= 1 << 20 && bytes.is_multiple_of(4 + 4 * found as u64);
            return Err(match row {
                0 if is_plausible => VectorsError::WrongLength { found: found as u64, expected: expected_d },
                0 => VectorsError::NotVectors,
                _ => VectorsError::Uneven { row, found: i64::from(found), expected: expected_d },
            }
            .into());
        }
        if row == 0 {
            check_size(bytes / row_bytes, expected_d)?;
            vectors.reserve((bytes / row_bytes) as usize);
        }
        if left < row_bytes {
            return Err(VectorsError::Truncated { missing: row_bytes - left }.into());
        }
        reader.read_exact(&mut row_buffer)?;
        vectors.push(embedding(row, floats(&row_buffer))?);
        left -= row_bytes;
        row += 1;
    }
    Ok(vectors)
}

fn check_length(found: u64, expected: usize) -> Result<(), VectorsError> {
    if found == expected as u64 { Ok(()) } else { Err(VectorsError::WrongLength { found, expected }) }
}

fn check_size(rows: u64, d: usize) -> Result<(), VectorsError> {
    let fits = rows.checked_mul(d as u64).is_some_and(|values| values <= MAX_VALUES);
    if fits { Ok(()) } else { Err(VectorsError::TooLarge { rows, d }) }
}

fn check_bytes(wanted: u64, there: u64) -> Result<(), VectorsError> {
    match wanted.cmp(&there) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(VectorsError::Truncated { missing: wanted - there }),
        std::cmp::Ordering::Less => Err(VectorsError::Trailing { extra: there - wanted }),
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn embedding(row: u64, values: Vec<f32>) -> Result<Embedding, VectorsError> {
    Embedding::try_from_raw(values).map_err(|reason| VectorsError::Row { row, reason })
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

#[cfg(test)]
mod tests;
