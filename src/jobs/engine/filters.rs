use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use walkdir::WalkDir;

use super::Engine;
use crate::index::FaceFilter;
use crate::jobs::error::JobError;
use crate::types::{FaceId, FaceListing, FaceQuery};

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

    fn find(&self, query: &FaceQuery, version: u64) -> Option<Arc<FaceFilter>> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.retain(|entry| entry.version == version);
        cached.iter().find(|entry| entry.query == *query).map(|entry| Arc::clone(&entry.filter))
    }

    fn keep(&self, query: &FaceQuery, version: u64, filter: &Arc<FaceFilter>) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= Self::KEPT {
            cached.remove(0);
        }
        cached.push(Cached { query: query.clone(), version, filter: Arc::clone(filter) });
    }
}

impl Engine {
    /// Tells a mistake in a filter from one that merely leaves nothing.
    ///
    /// # Errors
    /// A day that no calendar has, a name that nobody has, a folder without enrolled photos.
    pub fn check_filter(&self, query: &FaceQuery) -> Result<(), JobError> {
        Ok(self.gallery().check_query(&resolved(query))?)
    }

    /// The faces that pass; `None` where all do.
    pub(super) fn filter(&self, query: &FaceQuery) -> Result<Option<Arc<FaceFilter>>, JobError> {
        if query.is_empty() {
            return Ok(None);
        }
        let version = self.gallery().version();
        if let Some(filter) = self.filters.find(query, version) {
            return Ok(Some(filter));
        }
        let filter = Arc::new(FaceFilter::new(self.gallery().faces_matching(&resolved(query))?));
        self.filters.keep(query, version, &filter);
        Ok(Some(filter))
    }

    /// The faces of a list, in its order; links in its folder are followed.
    pub fn face_list(&self, listing: &FaceListing) -> Result<Vec<FaceId>, JobError> {
        let query = resolved(&listing.query);
        Ok(self.gallery().face_list(&FaceListing { query, ..listing.clone() })?)
    }
}

/// The folder as photos are enrolled under it: whole, and through its links. A folder that is gone may still have
/// photos in the gallery.
fn resolved(query: &FaceQuery) -> FaceQuery {
    let folder = query.folder.as_ref().map(|folder| {
        folder.canonicalize().or_else(|_| std::path::absolute(folder)).unwrap_or_else(|_| folder.clone())
    });
    let linked = folder.as_deref().map(links_below).unwrap_or_default();
    FaceQuery { folder, linked, ..query.clone() }
}

/// Where the links in a folder and below it lead: photos are stored under the path where their file lies, and a person
/// who linked them into a folder finds them there. Folders first. Trees with more than [`LOOKED_AT`] entries, which
/// nobody fills with links by hand, are looked at so far.
fn links_below(folder: &Path) -> Vec<PathBuf> {
    const LOOKED_AT: usize = 100_000;
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().take(LOOKED_AT).filter_map(Result::ok);
    let links = entries.filter(|entry| entry.path_is_symlink() && entry.depth() > 0);
    let (mut folders, photos): (Vec<PathBuf>, Vec<PathBuf>) =
        links.filter_map(|entry| entry.path().canonicalize().ok()).partition(|target| target.is_dir());
    folders.extend(photos);
    folders
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
