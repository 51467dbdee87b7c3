use std::collections::HashSet;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::control::JobControl;
use super::error::JobError;
use crate::vision::decode::is_photo_name;

/// The photos under some files and folders.
#[derive(Debug, Default, PartialEq)]
pub struct Walk {
    /// Absolute, each once, in the order of their names.
    pub photos: Vec<PathBuf>,
    /// Files whose names are not those of photos.
    pub not_photos: u64,
    /// Folders that were looked through.
    pub folders: Vec<PathBuf>,
    /// Folders and links that could not be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Looks through `sources`, following links. A file named outright counts as a photo whatever its name.
///
/// # Errors
/// A source that does not exist; cancellation.
pub fn walk(sources: &[PathBuf], control: &JobControl) -> Result<Walk, JobError> {
    let mut walk = Walk::default();
    let mut seen = HashSet::new();
    for source in sources {
        let root = source.canonicalize().map_err(|_| JobError::NoSuchSource(source.clone()))?;
        if root.is_file() {
            add(&mut walk, &mut seen, root);
            continue;
        }
        for entry in WalkDir::new(&root).follow_links(true).sort_by_file_name() {
            control.checkpoint()?;
            match entry {
                Ok(entry) if entry.file_type().is_dir() => walk.folders.push(entry.into_path()),
                Ok(entry) if !is_photo_name(entry.path()) => walk.not_photos += 1,
                Ok(entry) => {
                    let path = if entry.path_is_symlink() { resolved(entry.path()) } else { entry.into_path() };
                    add(&mut walk, &mut seen, path);
                }
                Err(error) => {
                    let path = error.path().unwrap_or(&root).to_path_buf();
                    let reason = match error.loop_ancestor() {
                        Some(ancestor) => format!("the link leads back to {}", ancestor.display()),
                        None => error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
                    };
                    walk.unreadable.push((path, reason));
                }
            }
        }
    }
    Ok(walk)
}

fn add(walk: &mut Walk, seen: &mut HashSet<PathBuf>, path: PathBuf) {
    if seen.insert(path.clone()) {
        walk.photos.push(path);
    }
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn finds_each_photo_once_and_counts_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        for name in ["b.jpg", "a.PNG", "notes.txt", "sub/c.heic"] {
            fs::write(root.join(name), b"x").unwrap();
        }
        symlink(root.join("b.jpg"), root.join("sub/again.jpg")).unwrap();
        symlink(&root, root.join("sub/loop")).unwrap();
        let walk = walk(&[root.clone(), root.join("b.jpg")], &JobControl::default()).unwrap();
        let names: Vec<_> = walk.photos.iter().map(|p| p.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.PNG", "b.jpg", "sub/c.heic"]);
        assert_eq!(walk.not_photos, 1);
        assert_eq!(walk.unreadable.len(), 1, "{:?}", walk.unreadable);
        assert!(walk.unreadable[0].1.contains("leads back"));
    }

    #[test]
    fn a_missing_source_is_named() {
        let error = walk(&["/no/such/folder".into()], &JobControl::default()).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }

    #[test]
    fn stops_when_cancelled() {
        let dir = tempfile::tempdir().unwrap();
        let control = JobControl::default();
        control.cancel();
        assert!(matches!(walk(&[dir.path().into()], &control), Err(JobError::Cancelled)));
    }
}
