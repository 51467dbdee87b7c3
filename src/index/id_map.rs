//! Which face stands at which row, in memory-mapped files.

#![allow(unsafe_code, reason = "reads mapped numbers")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use memmap2::Mmap;

use super::IndexError;
use super::files::{corrupt, map_file, missing_or_io, note_synced, write_synced};
use super::rows::{FaceFilter, RowSet};
use crate::types::FaceId;

/// Faces by row, and rows by face. Only pages that are looked at take memory.
#[derive(Debug)]
pub(super) struct IdMap {
    /// i64 by row.
    ids: Option<Mmap>,
    /// u32 rows in rising order of their faces.
    order: Option<Mmap>,
    rows: usize,
}

impl IdMap {
    /// Opens what [`IdMap::write`] wrote.
    ///
    /// # Errors
    /// [`IndexError::Corrupt`] where ids are negative or not distinct.
    pub fn open(ids_path: &Path, order_path: &Path, rows: usize) -> Result<Self, IndexError> {
        let map =
            Self { ids: map_file(ids_path, rows as u64 * 8)?, order: map_file(order_path, rows as u64 * 4)?, rows };
        let order = map.order();
        let mut last = -1;
        for &row in order {
            let face = map.ids().get(row as usize).copied().unwrap_or(-1);
            if face <= last {
                return Err(corrupt(ids_path, "its ids are not distinct"));
            }
            last = face;
        }
        Ok(map)
    }

    /// Writes the ids by row and the order of the rows by face.
    pub fn write(ids_path: &Path, order_path: &Path, ids: &[FaceId]) -> Result<(), IndexError> {
        write_ids(ids_path, ids)?;
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by_key(|&row| ids[row as usize]);
        let bytes: Vec<u8> = order.iter().flat_map(|row| row.to_le_bytes()).collect();
        write_synced(order_path, &bytes)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn face(&self, row: usize) -> Option<FaceId> {
        self.ids().get(row).copied().map(FaceId)
    }

    pub fn row(&self, face: FaceId) -> Option<usize> {
        let ids = self.ids();
        let order = self.order();
        let at = order.binary_search_by_key(&face.0, |&row| ids[row as usize]).ok()?;
        Some(order[at] as usize)
    }

    /// Every face, by row.
    pub fn faces(&self) -> impl Iterator<Item = FaceId> + '_ {
        self.ids().iter().copied().map(FaceId)
    }

    /// The rows of a filter's faces.
    pub fn rows_of(&self, filter: &FaceFilter) -> RowSet {
        let mut rows = RowSet::empty(self.rows);
        if filter.faces().len() * 16 < self.rows {
            filter.faces().iter().filter_map(|&face| self.row(face)).for_each(|row| rows.insert(row));
        } else {
            // Both lists in rising order of faces, side by side.
            let (ids, mut wanted) = (self.ids(), filter.faces().iter().peekable());
            for &row in self.order() {
                let face = FaceId(ids[row as usize]);
                while wanted.next_if(|&&next| next < face).is_some() {}
                if wanted.peek() == Some(&&face) {
                    rows.insert(row as usize);
                }
            }
        }
        rows
    }

    fn ids(&self) -> &[i64] {
        // SAFETY: i64 takes any bits; maps begin at a page; little-endian as every target we build for.
        self.ids.as_deref().map_or(&[], |map| unsafe { map.align_to::<i64>().1 })
    }

    fn order(&self) -> &[u32] {
        // SAFETY: as above.
        self.order.as_deref().map_or(&[], |map| unsafe { map.align_to::<u32>().1 })
    }
}

/// Faces by row, in a file: little-endian i64.
pub(super) fn write_ids(path: &Path, ids: &[FaceId]) -> Result<(), IndexError> {
    let write = || {
        let mut writer = BufWriter::new(File::create(path)?);
        for id in ids {
            writer.write_all(&id.0.to_le_bytes())?;
        }
        writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    write().map_err(IndexError::io("write the index", path))?;
    note_synced(path);
    Ok(())
}

/// What [`write_ids`] wrote.
///
/// # Errors
/// [`IndexError::Corrupt`].
pub(super) fn read_ids(path: &Path) -> Result<Vec<FaceId>, IndexError> {
    let bytes = fs::read(path).map_err(|source| missing_or_io(path, source))?;
    let (chunks, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(corrupt(path, "its length is no multiple of 8"));
    }
    Ok(chunks.iter().map(|chunk| FaceId(i64::from_le_bytes(*chunk))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_found_by_row_and_rows_by_face() {
        let dir = tempfile::tempdir().unwrap();
        let [ids, order] = ["ids", "order"].map(|name| dir.path().join(name));
        let faces = [1i64 << 40, 3, 9, 5, 0].map(FaceId);
        IdMap::write(&ids, &order, &faces).unwrap();
        let map = IdMap::open(&ids, &order, 5).unwrap();
        for (row, &face) in faces.iter().enumerate() {
            assert_eq!((map.row(face), map.face(row)), (Some(row), Some(face)));
        }
        assert_eq!((map.row(FaceId(4)), map.face(5)), (None, None));
        for wanted in [vec![3, 0, 7], vec![9]] {
            let filter = FaceFilter::new(wanted.iter().copied().map(FaceId).collect());
            let rows = map.rows_of(&filter);
            assert!(rows.iter().all(|row| filter.contains(faces[row])));
            assert_eq!(rows.count(), faces.iter().filter(|face| filter.contains(**face)).count());
        }
        IdMap::write(&ids, &order, &[3, 3].map(FaceId)).unwrap();
        assert!(IdMap::open(&ids, &order, 2).unwrap_err().asks_for_rebuild(), "twice the same");
        assert!(IdMap::open(&ids, &order, 3).unwrap_err().asks_for_rebuild(), "too short");
    }
}
