//! Looking through folders for photos, one find at a time, so that work begins with the first.

mod left_out;

use crate::tell;
use crate::types::{Tell, Telling};
use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use self::left_out::is_left_out;
use crate::jobs::work::{JobControl, JobError};
use crate::vision::decode::{Beside, Content, is_photo_name, photo_content};

/// A photo's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Canonical: one file has one such path, whichever links lead to it, and keeps it when a link is taken away. This
    /// is what the gallery stores.
    pub path: PathBuf,
    /// As the person sees it. Where that is through a link, its folder is another one than that of `path`.
    pub shown: PathBuf,
}

impl Found {
    /// Seen in another folder than the one in which the file lies: somebody has put it there by a link.
    pub fn is_linked(&self) -> bool {
        self.shown.parent() != self.path.parent()
    }
}

/// What a walk meets.
#[derive(Clone, Debug, PartialEq)]
pub enum Met {
    /// Each file once, in the order of the names.
    Photo(Found),
    /// The file of a photo that was met before, by a link or a second name.
    Again(Found),
    /// A folder that is looked through.
    Folder(PathBuf),
    /// A folder or link that cannot be read, with the reason.
    Unreadable(PathBuf, Telling),
    /// A file that is no photo by name, nor by content where the name does not tell.
    PassedOver(PathBuf),
    /// A camera's raw file whose photo lies beside it under the same name.
    RawBesidePhoto(PathBuf),
    /// A folder of thumbnails, earlier versions or trash, which is not looked through.
    LeftOut(PathBuf),
}

/// The photos under some files and folders.
#[derive(Debug, Default, PartialEq)]
pub struct Walk {
    /// Absolute, each once, in the order of their names.
    pub photos: Vec<PathBuf>,
    /// Folders and links that could not be read, with the reason.
    pub unreadable: Vec<(PathBuf, Telling)>,
}

/// Looks through `sources` to the end, as [`walk_each`] does.
///
/// # Errors
/// A source that does not exist; cancellation.
pub fn walk(sources: &[PathBuf], control: &JobControl) -> Result<Walk, JobError> {
    let mut walk = Walk::default();
    walk_each(sources, control, &mut |met| {
        match met {
            Met::Photo(found) => walk.photos.push(found.path),
            Met::Unreadable(path, reason) => walk.unreadable.push((path, reason)),
            _ => {}
        }
        Ok(())
    })?;
    Ok(walk)
}

/// Looks through `sources`, following links, and tells what it meets at once. A file named outright counts as a photo
/// whatever its name and content, and a folder named outright is looked through whatever it is called.
///
/// # Errors
/// A source that does not exist; cancellation; what `tell` returns.
pub fn walk_each(
    sources: &[PathBuf],
    control: &JobControl,
    tell: &mut dyn FnMut(Met) -> Result<(), JobError>,
) -> Result<(), JobError> {
    let mut seen = Seen::default();
    for source in sources {
        let root = source.canonicalize().map_err(|_| JobError::NoSuchSource(source.clone()))?;
        let shown_root = std::path::absolute(source).unwrap_or_else(|_| source.clone());
        if root.is_file() {
            tell(seen.met(Found { shown: seen_at(&shown_root, &root), path: root.clone() }, fs::metadata(&root).ok()))?;
            continue;
        }
        let (mut folders, mut beside) = (Folders::default(), Beside::default());
        let mut entries = WalkDir::new(&root).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            control.checkpoint()?;
            let met = match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if entry.depth() > 0 && is_left_out(entry.path()) {
                        entries.skip_current_dir();
                        Met::LeftOut(entry.into_path())
                    } else {
                        Met::Folder(entry.into_path())
                    }
                }
                Ok(entry) => match content(&entry, &mut beside) {
                    Content::NoPhoto => Met::PassedOver(entry.into_path()),
                    Content::RawBesidePhoto => Met::RawBesidePhoto(entry.into_path()),
                    Content::Photo => {
                        let path = folders.resolved(&entry);
                        let below = entry.path().strip_prefix(&root).unwrap_or(entry.path());
                        let shown = seen_at(&shown_root.join(below), &path);
                        seen.met(Found { path, shown }, entry.metadata().ok())
                    }
                },
                Err(error) => {
                    let path = error.path().unwrap_or(&root).to_path_buf();
                    let reason = match error.loop_ancestor() {
                        Some(ancestor) => tell!("issue-link-loop", folder = ancestor),
                        None => error.io_error().map_or_else(|| error.to_string().into(), Tell::telling),
                    };
                    Met::Unreadable(path, reason)
                }
            };
            tell(met)?;
        }
    }
    Ok(())
}

/// A way to a folder that merely begins with a link (`/tmp` of some systems) shows the same folder: what counts is the
/// name of the folder that the photo is seen in.
fn seen_at(shown: &Path, path: &Path) -> PathBuf {
    let folder = |path: &Path| path.parent().and_then(Path::file_name).map(ToOwned::to_owned);
    if folder(shown) == folder(path) { path.to_path_buf() } else { shown.to_path_buf() }
}

/// By its name, or by its first bytes where the name says nothing or something unknown.
fn content(entry: &DirEntry, beside: &mut Beside) -> Content {
    match () {
        () if is_photo_name(entry.path()) => Content::Photo,
        () if entry.file_type().is_file() => photo_content(entry.path(), beside),
        () => Content::NoPhoto,
    }
}

/// The files met so far.
#[derive(Default)]
struct Seen {
    paths: HashSet<PathBuf>,
    files: HashSet<(u64, u64)>,
}

impl Seen {
    fn met(&mut self, found: Found, metadata: Option<Metadata>) -> Met {
        let is_new = match metadata.as_ref().and_then(file_id) {
            Some(id) => self.files.insert(id),
            None => self.paths.insert(found.path.clone()),
        };
        if is_new { Met::Photo(found) } else { Met::Again(found) }
    }
}

/// Device and inode, which are one file's whatever its names.
#[cfg(unix)]
fn file_id(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Where the folders of a walk really lie; asked once for each folder.
#[derive(Default)]
struct Folders(HashMap<PathBuf, PathBuf>);

impl Folders {
    fn resolved(&mut self, entry: &DirEntry) -> PathBuf {
        let path = entry.path();
        if entry.path_is_symlink() {
            return path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return path.to_path_buf() };
        if let Some(known) = self.0.get(folder) {
            return known.join(name);
        }
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        // Files of one folder come one after another, but for its sub-folders: few need to be kept.
        if self.0.len() >= 64 {
            self.0.clear();
        }
        let path = real.join(name);
        self.0.insert(folder.to_path_buf(), real);
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn each(sources: &[PathBuf]) -> Vec<Met> {
        let mut met = Vec::new();
        let mut tell = |one| {
            met.push(one);
            Ok(())
        };
        walk_each(sources, &JobControl::default(), &mut tell).unwrap();
        met
    }

    #[test]
    fn finds_each_photo_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        for name in ["b.jpg", "a.PNG", "notes.txt", "sub/c.heic"] {
            fs::write(root.join(name), b"x").unwrap();
        }
        symlink(root.join("b.jpg"), root.join("sub/again.jpg")).unwrap();
        fs::hard_link(root.join("b.jpg"), root.join("sub/same.jpg")).unwrap();
        symlink(&root, root.join("sub/loop")).unwrap();
        let walk = walk(&[root.clone(), root.join("b.jpg")], &JobControl::default()).unwrap();
        let names: Vec<_> = walk.photos.iter().map(|p| p.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.PNG", "b.jpg", "sub/c.heic"]);
        assert_eq!(walk.unreadable.len(), 1, "{:?}", walk.unreadable);
        assert!(walk.unreadable[0].1.code == "issue-link-loop");
        let again = each(&[root.clone(), root.join("b.jpg")]).into_iter().filter(|met| matches!(met, Met::Again(_)));
        assert_eq!(again.count(), 3);
    }

    #[test]
    fn content_decides_where_the_name_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let jpeg = b"\xFF\xD8\xFF\xE0 and so on".as_slice();
        let tiff = b"II*\0 and so on".as_slice();
        for (name, bytes) in [
            ("IMG_1", jpeg),
            ("photo.txt", jpeg),
            ("photo.jpg_large", jpeg),
            ("raw.CR2", tiff),
            ("raw.crw", tiff),
            ("photo.nef", tiff),
            ("raw.unheard", tiff),
            ("movie.thm", jpeg),
            (".hidden", jpeg),
            ("notes.txt", b"text".as_slice()),
            ("empty", b"".as_slice()),
        ] {
            fs::write(root.join(name), bytes).unwrap();
        }
        let walk = walk(std::slice::from_ref(&root), &JobControl::default()).unwrap();
        let names: Vec<_> = walk.photos.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["IMG_1", "photo.jpg_large", "photo.nef", "photo.txt", "raw.CR2"]);
        fs::write(root.join("photo.jpg"), jpeg).unwrap();
        let met = each(std::slice::from_ref(&root));
        assert!(met.contains(&Met::RawBesidePhoto(root.join("photo.nef"))), "its photo lies beside it now");
    }

    #[test]
    fn folders_of_thumbnails_are_left_out_and_told_but_not_where_they_are_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["@eaDir/1.jpg", ".thumbnails", "Album/.dtrash", "Album/thumbnails"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("small.jpg"), b"x").unwrap();
        }
        let met = each(std::slice::from_ref(&root));
        let photos: Vec<_> = met.iter().filter(|met| matches!(met, Met::Photo(_))).collect();
        let album = root.join("Album/thumbnails/small.jpg");
        assert_eq!(photos, [&Met::Photo(Found { path: album.clone(), shown: album })]);
        let left_out: Vec<_> = met.iter().filter(|met| matches!(met, Met::LeftOut(_))).cloned().collect();
        assert_eq!(left_out, [".thumbnails", "@eaDir", "Album/.dtrash"].map(|name| Met::LeftOut(root.join(name))));
        assert_eq!(walk(&[root.join("@eaDir")], &JobControl::default()).unwrap().photos.len(), 1);
    }

    #[test]
    fn a_linked_photo_is_shown_in_the_folder_of_the_link_and_lies_in_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["pool", "people/Ada", "albums"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("pool/1.jpg"), b"x").unwrap();
        symlink(root.join("pool/1.jpg"), root.join("people/Ada/portrait.jpg")).unwrap();
        symlink(root.join("pool"), root.join("people/Bob")).unwrap();
        let met = |source: &str| {
            let photos = each(&[root.join(source)]).into_iter();
            photos
                .filter_map(|met| match met {
                    Met::Photo(found) | Met::Again(found) => Some(found),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let path = root.join("pool/1.jpg");
        let ada = Found { path: path.clone(), shown: root.join("people/Ada/portrait.jpg") };
        let bob = Found { path: path.clone(), shown: root.join("people/Bob/1.jpg") };
        assert_eq!(met("people"), [ada, bob.clone()]);
        assert_eq!(met("people/Bob"), [bob], "a source that is a link itself");
        let direct = met("pool");
        assert_eq!(direct, [Found { path: path.clone(), shown: path }]);
        assert!(!direct[0].is_linked());
    }

    #[test]
    fn a_missing_source_is_named() {
        let error = walk(&["/no/such/folder".into()], &JobControl::default()).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }

    #[test]
    fn stops_when_cancelled_and_when_nobody_listens() {
        let dir = tempfile::tempdir().unwrap();
        let control = JobControl::default();
        let mut refuse = |_| Err(JobError::NothingToDo);
        let sources = [dir.path().to_path_buf()];
        assert!(matches!(walk_each(&sources, &control, &mut refuse), Err(JobError::NothingToDo)));
        control.cancel();
        assert!(matches!(walk(&sources, &control), Err(JobError::Cancelled)));
    }
}
