use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::error::{MAX_VALUES, VectorFileError, VectorsError};
use super::npy::{self, Failure, NpyHeader};
use crate::types::Embedding;

/// Reads all vectors of a `.npy` or `.fvecs` file, in order, and normalises them. Which of the two it is shows in its
/// first bytes; the name's ending decides nothing.
///
/// # Errors
/// What is wrong with the file, with the row where it is one row; vectors whose length is not `expected_d`.
pub fn read_vectors(path: &Path, expected_d: usize) -> Result<Vec<Embedding>, VectorFileError> {
    read(path, expected_d).map_err(|failure| match failure {
        Failure::Io(reason) => VectorFileError::Io { reason, path: path.to_path_buf() },
        Failure::Vectors(reason) => VectorFileError::Vectors { reason, path: path.to_path_buf() },
    })
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

#[cfg(test)]
mod tests;
