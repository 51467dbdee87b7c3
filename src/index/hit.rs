//! What is found, and its order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::types::FaceId;

/// A face found in an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub face: FaceId,
    /// Inner product with the probe: the cosine similarity, −1…1 up to rounding, higher is more alike.
    pub score: f32,
}

/// Best first: falling score, then rising id.
pub(super) fn by_rank(a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then(a.face.cmp(&b.face))
}

/// The `k` best of what it is offered.
#[derive(Clone, Debug)]
pub(super) struct Best {
    k: usize,
    /// The worst on top.
    heap: BinaryHeap<Ranked>,
}

impl Best {
    pub fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::with_capacity(k + 1) }
    }

    pub fn offer(&mut self, hit: Hit) {
        if self.heap.len() < self.k {
            self.heap.push(Ranked(hit));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && Ranked(hit) < *worst
        {
            *worst = Ranked(hit);
        }
    }

    /// Best first.
    pub fn into_hits(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|ranked| ranked.0).collect()
    }
}

/// Orders a heap so that the worst hit is on top.
#[derive(Clone, Copy, Debug)]
struct Ranked(Hit);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        by_rank(&self.0, &other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}
