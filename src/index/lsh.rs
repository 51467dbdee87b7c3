//! A prefilter by locality-sensitive hashing: Faiss turns a vector into bits by a random rotation, and vectors whose
//! bits differ in few places go on to be scored.
//!
//! The hashes are compared here rather than by Faiss: one pass counts how often each distance occurs, which tells the
//! distance up to which candidates are wanted, so that no heap is kept.

use std::cell::RefCell;
use std::path::Path;

use memmap2::Mmap;

use super::faiss::Native;
use super::files::map_file;
use super::{IndexError, kernel};
use crate::types::SearchParams;

#[derive(Debug)]
pub(super) struct LshPrefilter {
    native: Native,
    /// `code_bytes` a row.
    codes: Option<Mmap>,
    code_bytes: usize,
}

thread_local! {
    /// Distances of the last scan on this thread, kept so that no search asks for megabytes.
    static DISTANCES: RefCell<Vec<u16>> = const { RefCell::new(Vec::new()) };
}

impl LshPrefilter {
    /// Faiss' factory text for this many bits: rotated, cut at the median.
    pub fn factory(nbits: u32) -> String {
        format!("LSH{nbits}rt")
    }

    pub fn open(native: Native, codes: &Path, nbits: u32, rows: usize) -> Result<Self, IndexError> {
        let code_bytes = nbits as usize / 8;
        let codes = map_file(codes, (rows * code_bytes) as u64)?;
        Ok(Self { native, codes, code_bytes })
    }

    /// Memory that scans keep in use.
    pub fn bytes(&self) -> u64 {
        self.codes.as_deref().map_or(0, |codes| codes.len() as u64)
    }

    /// The rows nearest to the probe by Hamming distance: those within the radius where one is set, else the
    /// `lsh_candidates` nearest and all that tie with the last of them. `is_in` keeps to some rows; `None` for all.
    pub fn candidates(
        &self,
        probe: &[f32],
        params: &SearchParams,
        at_least: usize,
        is_in: Option<&dyn Fn(usize) -> bool>,
    ) -> Result<Vec<u32>, IndexError> {
        let code = self.native.lsh_codes(probe, self.code_bytes)?;
        let codes = self.codes.as_deref().unwrap_or_default();
        DISTANCES.with_borrow_mut(|distances| {
            let mut counts = vec![0u32; self.code_bytes * 8 + 1];
            kernel::hamming_scan(&code, codes, distances, &mut counts);
            if let Some(is_in) = is_in {
                // The counts hold rows that are not asked for: count again.
                counts.fill(0);
                for (row, &distance) in distances.iter().enumerate() {
                    counts[distance as usize] += u32::from(is_in(row));
                }
            }
            let limit = match params.lsh_radius {
                Some(radius) => radius.min(u32::from(u16::MAX)) as u16,
                None => distance_of_rank(&counts, at_least.max(params.lsh_candidates as usize)),
            };
            Ok(kernel::rows_within(distances, limit)
                .filter(|row| is_in.is_none_or(|is_in| is_in(*row)))
                .map(|row| row as u32)
                .collect())
        })
    }
}

/// The smallest distance within which there are `n` or more.
fn distance_of_rank(counts: &[u32], n: usize) -> u16 {
    let mut sum = 0;
    let reached = counts.iter().position(|&count| {
        sum += count as usize;
        sum >= n
    });
    reached.unwrap_or(counts.len()) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_lets_enough_through() {
        assert_eq!(distance_of_rank(&[1, 0, 3, 5], 1), 0);
        assert_eq!(distance_of_rank(&[1, 0, 3, 5], 2), 2);
        assert_eq!(distance_of_rank(&[1, 0, 3, 5], 9), 3);
        assert_eq!(distance_of_rank(&[1, 0, 3, 5], 10), 4);
    }
}
