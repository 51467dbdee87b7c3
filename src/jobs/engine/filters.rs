use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::Engine;
use crate::index::FaceFilter;
use crate::jobs::work::JobError;
use crate::types::{FaceId, FaceListing, FaceQuery};

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
