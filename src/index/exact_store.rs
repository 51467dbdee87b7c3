//! Exact vectors in a memory-mapped file: rows of d values without a header, little-endian.

#![allow(unsafe_code, reason = "reads mapped numbers")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use half::f16;
use half::slice::HalfFloatSliceExt;
use memmap2::{Advice, Mmap};

use super::files::{Tick, available_memory_kib, copy_ticking, map_file, missing_or_io, note_synced};
use super::{IndexError, kernel};
use crate::types::Refine;

/// How values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    F16,
    F32,
}

impl Precision {
    pub fn from_refine(refine: Refine) -> Option<Self> {
        match refine {
            Refine::None => None,
            Refine::F16 => Some(Self::F16),
            Refine::F32 => Some(Self::F32),
        }
    }

    pub fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// Exact vectors by row. Only pages that are looked at take memory.
#[derive(Debug)]
pub(super) struct ExactStore {
    /// `None`: no rows, which cannot be mapped.
    map: Option<Arc<Mmap>>,
    precision: Precision,
    d: usize,
    rows: usize,
}

impl ExactStore {
    pub fn open(path: &Path, precision: Precision, d: usize, rows: usize) -> Result<Self, IndexError> {
        let map = map_file(path, (rows * d * precision.bytes()) as u64)?.map(Arc::new);
        if let Some(map) = &map {
            // Candidates lie anywhere, and reading ahead of them would only fill memory.
            let _ = map.advise(Advice::Random);
            // A row that is not in memory costs a search some hundred microseconds, one that is in memory but not yet
            // mapped a few, and it looks at dozens: files that memory has room for are brought in.
            if (map.len() as u64) / 1024 < available_memory_kib() / 2 {
                bring_in(Arc::clone(map));
            }
        }
        Ok(Self { map, precision, d, rows })
    }

    /// Waits until the file has been brought in, where it is.
    pub fn wait_until_in(&self) {
        // The thread that does it holds the map as well.
        while self.map.as_ref().is_some_and(|map| Arc::strong_count(map) > 1) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Inner product of the probe with a row; −∞ for a row that is not there.
    pub fn score(&self, probe: &[f32], row: usize) -> f32 {
        match self.precision {
            Precision::F16 => self.row::<f16>(row).map_or(f32::NEG_INFINITY, |values| kernel::dot_f16(probe, values)),
            Precision::F32 => self.row::<f32>(row).map_or(f32::NEG_INFINITY, |values| kernel::dot(probe, values)),
        }
    }

    /// Asks the system to bring a row in before it is needed.
    pub fn prefetch(&self, row: usize) {
        let length = self.d * self.precision.bytes();
        if let Some(bytes) = self.map.as_ref().and_then(|map| map.get(row * length..(row + 1) * length)) {
            kernel::prefetch(bytes);
        }
    }

    /// A row as f32, appended to `out`.
    pub fn read_row(&self, row: usize, out: &mut Vec<f32>) {
        match self.precision {
            Precision::F16 => out.extend(self.row::<f16>(row).unwrap_or_default().iter().map(|value| value.to_f32())),
            Precision::F32 => out.extend_from_slice(self.row::<f32>(row).unwrap_or_default()),
        }
    }

    fn row<T: Copy>(&self, row: usize) -> Option<&[T]> {
        if row >= self.rows {
            return None;
        }
        let map = self.map.as_ref()?;
        // SAFETY: f16 and f32 take any bits; maps begin at a page.
        let (head, values, _) = unsafe { map.align_to::<T>() };
        debug_assert!(head.is_empty());
        values.get(row * self.d..(row + 1) * self.d)
    }
}

/// Reads a mapped file into memory, on a thread of its own: searches go on meanwhile. Where the system cannot do so, pages
/// come in as they are looked at.
fn bring_in(map: Arc<Mmap>) {
    let work = move || {
        if map.advise(Advice::PopulateRead).is_err() {
            let _ = map.advise(Advice::WillNeed);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("index-warm".to_owned()).spawn(work) {
        log::warn!("{error}");
    }
}

/// Writes rows in a precision.
pub(super) struct StoreWriter<'a> {
    path: &'a Path,
    writer: BufWriter<File>,
    precision: Precision,
    halves: Vec<f16>,
}

impl<'a> StoreWriter<'a> {
    pub fn create(path: &'a Path, precision: Precision) -> Result<Self, IndexError> {
        let file = File::create(path).map_err(IndexError::io("write the index", path))?;
        Ok(Self { path, writer: BufWriter::with_capacity(1 << 20, file), precision, halves: Vec::new() })
    }

    /// Goes on behind the rows of another file, which is copied to `path` first.
    pub fn append_to_copy(
        from: &Path,
        path: &'a Path,
        precision: Precision,
        tick: Tick<'_>,
    ) -> Result<Self, IndexError> {
        let mut old = File::open(from).map_err(|source| missing_or_io(from, source))?;
        let mut writer = Self::create(path, precision)?;
        copy_ticking(&mut old, from, &mut writer.writer, path, tick)?;
        Ok(writer)
    }

    pub fn write(&mut self, values: &[f32]) -> Result<(), IndexError> {
        let written = match self.precision {
            Precision::F16 => {
                self.halves.resize(values.len(), f16::ZERO);
                self.halves.convert_from_f32_slice(values);
                // SAFETY: any f16 is two plain bytes; little-endian as every target we build for.
                let bytes = unsafe { self.halves.align_to::<u8>().1 };
                self.writer.write_all(bytes)
            }
            Precision::F32 => {
                // SAFETY: as above, four bytes.
                let bytes = unsafe { values.align_to::<u8>().1 };
                self.writer.write_all(bytes)
            }
        };
        written.map_err(IndexError::io("write the index", self.path))
    }

    pub fn finish(self) -> Result<(), IndexError> {
        let finish = || self.writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all();
        finish().map_err(IndexError::io("write the index", self.path))?;
        note_synced(self.path);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_either_precision() {
        let dir = tempfile::tempdir().unwrap();
        for (precision, tolerance) in [(Precision::F16, 1e-3), (Precision::F32, 1e-7)] {
            let path = dir.path().join("rows");
            let rows: Vec<f32> = (0..7 * 5).map(|i| (i as f32 * 0.3).sin()).collect();
            let mut writer = StoreWriter::create(&path, precision).unwrap();
            writer.write(&rows).unwrap();
            writer.finish().unwrap();
            let store = ExactStore::open(&path, precision, 5, 7).unwrap();
            let mut back = Vec::new();
            (0..7).for_each(|row| store.read_row(row, &mut back));
            assert!(back.iter().zip(&rows).all(|(a, b)| (a - b).abs() <= tolerance));
            let expected = kernel::dot(&rows[..5], &rows[30..]);
            assert!((store.score(&rows[..5], 6) - expected).abs() < 5.0 * tolerance);
            assert_eq!(store.score(&rows[..5], 7), f32::NEG_INFINITY);
            assert!(ExactStore::open(&path, precision, 5, 8).unwrap_err().asks_for_rebuild(), "too short");
        }
        assert!(ExactStore::open(&dir.path().join("none"), Precision::F16, 5, 1).unwrap_err().asks_for_rebuild());
    }
}
