use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file, or a folder with all that is in it, that is deleted with this value. What is not there, or has another name by
/// then, needs no deleting; what cannot be deleted is told in the log.
#[derive(Debug)]
pub struct DeletedOnDrop(Option<PathBuf>);

impl DeletedOnDrop {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(Some(path.into()))
    }

    /// Where it lies; empty once it is kept.
    pub fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// It stays.
    pub fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for DeletedOnDrop {
    fn drop(&mut self) {
        let Some(path) = self.0.take() else { return };
        let deleted = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match deleted {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                log::warn!("could not delete {}: {error}", path.display());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_go_and_what_is_kept_or_moved_stays() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "1").unwrap();
        fs::write(at("kept"), "2").unwrap();
        fs::create_dir_all(at("folder/within")).unwrap();
        fs::create_dir(at("moved")).unwrap();
        // A link goes, and not what it leads to.
        std::os::unix::fs::symlink(at("kept"), at("link")).unwrap();
        let [_file, mut kept, folder, _moved, _link, _none] =
            ["file", "kept", "folder", "moved", "link", "none"].map(|name| DeletedOnDrop::new(at(name)));
        assert_eq!(folder.path(), at("folder"));
        kept.keep();
        fs::rename(at("moved"), at("elsewhere")).unwrap();
        drop((_file, kept, folder, _moved, _link, _none));
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["elsewhere", "kept"]);
    }
}
