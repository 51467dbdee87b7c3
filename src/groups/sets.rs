//! Sets of items that become one.

use super::Grouping;

/// Sets that become one.
pub(super) struct Sets {
    pub parent: Vec<u32>,
}

impl Sets {
    pub fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    pub fn root(&self, item: u32) -> u32 {
        let mut root = item;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        root
    }

    pub fn unite(&mut self, a: u32, b: u32) {
        let (first, second) = (self.root(a), self.root(b));
        let (keep, drop) = (first.min(second), first.max(second));
        self.parent[drop as usize] = keep;
        // Short ways from now on.
        (self.parent[a as usize], self.parent[b as usize]) = (keep, keep);
    }

    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.parent.len()];
        for item in 0..self.parent.len() as u32 {
            sizes[self.root(item) as usize] += 1;
        }
        sizes
    }

    pub fn grouping(&self) -> Grouping {
        Grouping::from_roots((0..self.parent.len() as u32).map(|item| self.root(item)))
    }
}
