//! Sets of rows and of faces.

use std::sync::{Arc, Mutex, PoisonError};

use super::faiss::WantedRows;
use crate::types::FaceId;

/// A set of row numbers, one bit each.
#[derive(Clone, Debug, Default)]
pub(super) struct RowSet {
    /// Lowest bit first.
    bytes: Vec<u8>,
    rows: usize,
    count: usize,
}

impl RowSet {
    /// An empty set of numbers below `rows`.
    pub fn empty(rows: usize) -> Self {
        Self { bytes: vec![0; rows.div_ceil(8)], rows, count: 0 }
    }

    /// All numbers below `rows`.
    pub fn all(rows: usize) -> Self {
        let mut bytes = vec![u8::MAX; rows.div_ceil(8)];
        if let Some(last) = bytes.last_mut().filter(|_| !rows.is_multiple_of(8)) {
            *last = (1 << (rows % 8)) - 1;
        }
        Self { bytes, rows, count: rows }
    }

    pub fn insert(&mut self, row: usize) {
        let (byte, bit) = (row / 8, 1 << (row % 8));
        if row < self.rows && self.bytes[byte] & bit == 0 {
            self.bytes[byte] |= bit;
            self.count += 1;
        }
    }

    pub fn remove(&mut self, row: usize) {
        if self.contains(row) {
            self.bytes[row / 8] &= !(1 << (row % 8));
            self.count -= 1;
        }
    }

    pub fn contains(&self, row: usize) -> bool {
        self.bytes.get(row / 8).is_some_and(|byte| byte & (1 << (row % 8)) != 0)
    }

    /// How many are in it.
    pub fn count(&self) -> usize {
        self.count
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows)
            .step_by(8)
            .zip(&self.bytes)
            .flat_map(|(first, &byte)| (0..8).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| first + bit))
    }

    /// What is here and not in `other`.
    pub fn without(mut self, other: &Self) -> Self {
        if other.count > 0 {
            for (byte, gone) in self.bytes.iter_mut().zip(&other.bytes) {
                *byte &= !gone;
            }
            self.count = self.bytes.iter().map(|byte| byte.count_ones() as usize).sum();
        }
        self
    }

    pub fn as_wanted(&self) -> WantedRows<'_> {
        WantedRows { bytes: &self.bytes, rows: self.rows }
    }
}

/// The faces that a search may answer with.
#[derive(Debug, Default)]
pub struct FaceFilter {
    /// Rising.
    faces: Vec<FaceId>,
    /// The rows of these faces in the parts of an index that were searched last, by the part's key.
    rows: Mutex<Vec<(u64, Arc<RowSet>)>>,
}

impl FaceFilter {
    /// Rows of so many parts are remembered: a trained index and its tail, and the ones before a swap.
    const REMEMBERED: usize = 4;

    pub fn new(mut faces: Vec<FaceId>) -> Self {
        faces.sort_unstable();
        faces.dedup();
        Self { faces, rows: Mutex::default() }
    }

    /// Rising.
    pub fn faces(&self) -> &[FaceId] {
        &self.faces
    }

    pub fn contains(&self, face: FaceId) -> bool {
        self.faces.binary_search(&face).is_ok()
    }

    /// The rows of these faces in the part of an index that has this key; `find` makes them where they are not known.
    pub(super) fn rows(&self, key: u64, find: impl FnOnce(&Self) -> RowSet) -> Arc<RowSet> {
        let known = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rows)) = known.iter().find(|(known, _)| *known == key) {
            return Arc::clone(rows);
        }
        drop(known);
        let rows = Arc::new(find(self));
        let mut known = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::REMEMBERED {
            known.remove(0);
        }
        known.push((key, Arc::clone(&rows)));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_sets_hold_what_was_put_in() {
        let mut set = RowSet::empty(20);
        for row in [0, 7, 8, 19, 19, 20, 1000] {
            set.insert(row);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 7, 8, 19]);
        assert_eq!(set.count(), 4);
        assert!(set.contains(19) && !set.contains(1) && !set.contains(20) && !set.contains(10_000));
        let mut gone = RowSet::empty(20);
        gone.insert(8);
        let left = set.without(&gone);
        assert_eq!((left.iter().collect::<Vec<_>>(), left.count()), (vec![0, 7, 19], 3));
    }

    #[test]
    fn rows_of_a_filter_are_found_once_for_each_part() {
        let filter = FaceFilter::new([5, 3, 5].map(FaceId).to_vec());
        assert_eq!(filter.faces(), [3, 5].map(FaceId));
        let find = |row| {
            move |_: &FaceFilter| {
                let mut rows = RowSet::empty(10);
                rows.insert(row);
                rows
            }
        };
        assert!(filter.rows(1, find(2)).contains(2));
        assert!(filter.rows(1, find(3)).contains(2), "remembered");
        assert!(filter.rows(2, find(3)).contains(3));
    }
}
