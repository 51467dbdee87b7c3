use std::sync::{Arc, Mutex, PoisonError};

use crate::index::FaceFilter;
use crate::types::FaceQuery;

/// Filters of the latest searches: dragging a slider asks for the same one over and over.
#[derive(Debug, Default)]
pub(super) struct FilterCache(Mutex<Vec<Cached>>);

#[derive(Debug)]
struct Cached {
    query: FaceQuery,
    /// The gallery's, read before the filter was made: it is of use until the gallery has another.
    version: u64,
    filter: Arc<FaceFilter>,
}

impl FilterCache {
    const KEPT: usize = 4;

    pub(super) fn find(&self, query: &FaceQuery, version: u64) -> Option<Arc<FaceFilter>> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.retain(|entry| entry.version == version);
        cached.iter().find(|entry| entry.query == *query).map(|entry| Arc::clone(&entry.filter))
    }

    pub(super) fn keep(&self, query: &FaceQuery, version: u64, filter: &Arc<FaceFilter>) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= Self::KEPT {
            cached.remove(0);
        }
        cached.push(Cached { query: query.clone(), version, filter: Arc::clone(filter) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{FaceId, SubjectId};

    #[test]
    fn a_filter_is_kept_until_the_gallery_changes() {
        let cache = FilterCache::default();
        let query = |name: usize| FaceQuery { subjects: vec![SubjectId(name as i64)], ..FaceQuery::default() };
        let filter = Arc::new(FaceFilter::new(vec![FaceId(1)]));
        for name in 0..=FilterCache::KEPT {
            cache.keep(&query(name), 7, &filter);
        }
        assert!(cache.find(&query(0), 7).is_none(), "the oldest made room");
        assert!(cache.find(&query(1), 7).is_some_and(|found| Arc::ptr_eq(&found, &filter)));
        assert!(cache.find(&query(1), 8).is_none());
        assert!(cache.find(&query(1), 7).is_none(), "it is dropped, not merely passed over");
    }
}
