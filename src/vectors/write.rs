use std::io::{self, Write};
use std::path::Path;

use super::error::{VectorFileError, VectorsError};
use super::npy::NpyHeader;
use crate::files::Part;

/// How vectors lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorFormat {
    /// NumPy's, float32, with the number of rows in its header.
    Npy,
    /// For every vector its length (int32) and its values (float32), little-endian.
    Fvecs,
}

impl VectorFormat {
    /// # Errors
    /// The name ends in neither `.npy` nor `.fvecs`.
    pub fn from_path(path: &Path) -> Result<Self, VectorFileError> {
        match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("npy") => Ok(Self::Npy),
            Some("fvecs") => Ok(Self::Fvecs),
            _ => Err(wrong(path, VectorsError::Ending)),
        }
    }
}

/// Writes vectors in a stream. The file stands under its name only once it is whole: until [`VectorWriter::finish`] it
/// is called `….part`, and it is removed where the writer is dropped before that.
#[derive(Debug)]
pub struct VectorWriter {
    file: Part,
    format: VectorFormat,
    d: usize,
    expected: u64,
    written: u64,
    buffer: Vec<u8>,
}

impl VectorWriter {
    /// A file for `rows` vectors of `d` values, in the format that the name's ending asks for.
    ///
    /// # Errors
    /// Another ending; a file that cannot be made; a full disk.
    pub fn create(path: &Path, rows: u64, d: usize) -> Result<Self, VectorFileError> {
        let format = VectorFormat::from_path(path)?;
        let mut file = create(path)?;
        if format == VectorFormat::Npy {
            append(&mut file, &NpyHeader::bytes("<f4", &[rows, d as u64]))?;
        }
        Ok(Self { file, format, d, expected: rows, written: 0, buffer: Vec::new() })
    }

    /// Writes whole vectors, one after the other.
    ///
    /// # Errors
    /// More rows than announced; a full disk.
    pub fn write(&mut self, vectors: &[f32]) -> Result<(), VectorFileError> {
        for row in vectors.chunks(self.d.max(1)) {
            if row.len() != self.d || self.written == self.expected {
                let got = self.written + 1;
                return Err(wrong(self.file.path(), VectorsError::RowCount { expected: self.expected, got }));
            }
            self.buffer.clear();
            if self.format == VectorFormat::Fvecs {
                self.buffer.extend((self.d as i32).to_le_bytes());
            }
            self.buffer.extend(row.iter().flat_map(|value| value.to_le_bytes()));
            append(&mut self.file, &self.buffer)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Brings everything to the disk and gives the file its name, in place of one that stood there.
    ///
    /// # Errors
    /// Fewer rows than announced; a full disk.
    pub fn finish(self) -> Result<(), VectorFileError> {
        if self.written != self.expected {
            let reason = VectorsError::RowCount { expected: self.expected, got: self.written };
            return Err(wrong(self.file.path(), reason));
        }
        finish(self.file)
    }
}

/// Writes numbers as a 1-d `.npy` of int64; the file stands there whole or not at all.
///
/// # Errors
/// A file that cannot be made; a full disk.
pub fn write_ids(path: &Path, ids: &[u64]) -> Result<(), VectorFileError> {
    let mut file = create(path)?;
    append(&mut file, &NpyHeader::bytes("<i8", &[ids.len() as u64]))?;
    for chunk in ids.chunks(1 << 16) {
        let bytes: Vec<u8> = chunk.iter().flat_map(|id| id.to_le_bytes()).collect();
        append(&mut file, &bytes)?;
    }
    finish(file)
}

fn create(path: &Path) -> Result<Part, VectorFileError> {
    Part::create(path).map_err(|error| io_error(path, error))
}

fn append(file: &mut Part, bytes: &[u8]) -> Result<(), VectorFileError> {
    file.write_all(bytes).map_err(|error| io_error(file.path(), error))
}

fn finish(file: Part) -> Result<(), VectorFileError> {
    let path = file.path().to_path_buf();
    file.finish_export().map_err(|error| io_error(&path, error))
}

fn io_error(path: &Path, reason: io::Error) -> VectorFileError {
    match reason.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => wrong(path, VectorsError::DiskFull),
        _ => VectorFileError::Io { reason, path: path.to_path_buf() },
    }
}

fn wrong(path: &Path, reason: VectorsError) -> VectorFileError {
    VectorFileError::Vectors { reason, path: path.to_path_buf() }
}
