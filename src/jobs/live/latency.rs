use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The times of the latest searches.
#[derive(Debug, Default)]
pub(in crate::jobs) struct LatencyLog(Mutex<VecDeque<f32>>);

impl LatencyLog {
    const KEPT: usize = 4096;

    pub(in crate::jobs) fn record(&self, millis: f32) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == Self::KEPT {
            log.pop_front();
        }
        log.push_back(millis);
    }

    /// Oldest first; `None` before the first search.
    pub(in crate::jobs) fn millis(&self) -> Option<Vec<f32>> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (!log.is_empty()).then(|| log.iter().copied().collect())
    }
}
