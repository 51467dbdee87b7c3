use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::{VectorFileError, VectorsError};
use super::npy::NpyHeader;

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
            _ => Err(VectorFileError::Vectors { reason: VectorsError::Ending, path: path.to_path_buf() }),
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
        let mut file = Part::create(path)?;
        if format == VectorFormat::Npy {
            file.write(&NpyHeader::bytes("<f4", &[rows, d as u64]))?;
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
                return Err(self.file.error(VectorsError::RowCount { expected: self.expected, got }));
            }
            self.buffer.clear();
            if self.format == VectorFormat::Fvecs {
                self.buffer.extend((self.d as i32).to_le_bytes());
            }
            self.buffer.extend(row.iter().flat_map(|value| value.to_le_bytes()));
            self.file.write(&self.buffer)?;
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
            return Err(self.file.error(reason));
        }
        self.file.finish()
    }
}

/// Writes numbers as a 1-d `.npy` of int64; the file stands there whole or not at all.
///
/// # Errors
/// A file that cannot be made; a full disk.
pub fn write_ids(path: &Path, ids: &[u64]) -> Result<(), VectorFileError> {
    let mut file = Part::create(path)?;
    file.write(&NpyHeader::bytes("<i8", &[ids.len() as u64]))?;
    for chunk in ids.chunks(1 << 16) {
        let bytes: Vec<u8> = chunk.iter().flat_map(|id| id.to_le_bytes()).collect();
        file.write(&bytes)?;
    }
    file.finish()
}

/// A file on its way to its name.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    part: PathBuf,
    /// `None` once it has its name.
    file: Option<BufWriter<File>>,
}

impl Part {
    fn create(path: &Path) -> Result<Self, VectorFileError> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(|reason| VectorFileError::Io { reason, path: path.to_path_buf() })?;
        Ok(Self { path: path.to_path_buf(), part, file: Some(BufWriter::with_capacity(1 << 20, file)) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), VectorFileError> {
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        written.map_err(|error| self.io_error(error))
    }

    fn finish(mut self) -> Result<(), VectorFileError> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let named = file.flush().and_then(|()| file.get_ref().sync_all());
        crate::store::share_as_the_session_says(&self.part);
        let named = named.and_then(|()| std::fs::rename(&self.part, &self.path));
        named.map_err(|error| {
            let _ = std::fs::remove_file(&self.part);
            self.io_error(error)
        })
    }

    fn io_error(&self, reason: std::io::Error) -> VectorFileError {
        match reason.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => self.error(VectorsError::DiskFull),
            _ => VectorFileError::Io { reason, path: self.path.clone() },
        }
    }

    fn error(&self, reason: VectorsError) -> VectorFileError {
        VectorFileError::Vectors { reason, path: self.path.clone() }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is still in memory need not reach the disk first.
            let _ = file.into_parts();
            let _ = std::fs::remove_file(&self.part);
        }
    }
}
