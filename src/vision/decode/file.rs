use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{DecodeError, PhotoFormat};

/// Endings that a walk through folders takes as photos.
const EXTENSIONS: [&str; 15] =
    ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "bmp", "dib", "gif", "heic", "heif", "hif", "avif"];

/// Whether a file's name ends like a photo's, upper or lower case. The content is not looked at.
///
/// Names that begin with a dot are not photos: macOS lays `._name.jpg` companions without pixels beside them.
pub fn is_photo_name(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    !hidden && EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Endings of cameras' raw files that hold a picture made by the camera, see [`PhotoFormat::Raw`].
const RAW: [&str; 25] = [
    "3fr", "arw", "cr2", "cr3", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos", "nef", "nrw", "orf", "ori",
    "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "gpr",
];

/// Endings of files that begin like photos and are none, or whose picture is not what can be decoded here: raw files that
/// are built otherwise, JPEG 2000, and the small pictures that cameras lay beside films.
const NEVER: [&str; 11] = ["crw", "j2c", "j2k", "jp2", "jpf", "jpx", "k25", "lrv", "mrw", "thm", "x3f"];

/// The photos of the folder that was asked for last, by what they are called without their endings.
#[derive(Debug, Default)]
pub struct Beside {
    folder: Option<PathBuf>,
    photos: HashSet<OsString>,
}

impl Beside {
    /// Whether a raw file's photo is there a second time, as the camera or its person has laid it beside: a file in the
    /// same folder that is called alike and ends like a photo, in large letters or small. Then the raw file is left out.
    fn is_developed(&mut self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_stem()) else { return false };
        if self.folder.as_deref() != Some(folder) {
            self.photos = photos_in(folder);
            self.folder = Some(folder.to_path_buf());
        }
        self.photos.contains(name)
    }
}

/// What the photos of a folder are called, without their endings; none where it cannot be read.
fn photos_in(folder: &Path) -> HashSet<OsString> {
    let Ok(entries) = std::fs::read_dir(folder) else { return HashSet::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let photos = paths.filter(|path| is_photo_name(path) && path.is_file());
    photos.filter_map(|path| path.file_stem().map(ToOwned::to_owned)).collect()
}

/// What a file is whose name does not say that it is a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Photo,
    /// A camera's raw file whose photo lies beside it under the same name.
    RawBesidePhoto,
    NoPhoto,
}

/// Tells by the first bytes. Files with hidden names and with endings that are never a photo's are not opened. TIFF
/// counts only without any ending, and raw files only with one of theirs. `beside` is to be the same for all files of a
/// walk, so that each folder is read once.
pub fn photo_content(path: &Path, beside: &mut Beside) -> Content {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let ends_in = |endings: &[&str]| extension.as_deref().is_some_and(|ending| endings.contains(&ending));
    let is_raw = ends_in(&RAW);
    if hidden || ends_in(&NEVER) {
        return Content::NoPhoto;
    }
    let mut start = Vec::with_capacity(SNIFFED as usize);
    let read = open(path).and_then(|file| file.take(SNIFFED).read_to_end(&mut start));
    let is_photo = match read.ok().and_then(|_| PhotoFormat::sniff(&start).ok()) {
        Some(PhotoFormat::Tiff) => extension.is_none() || is_raw,
        Some(PhotoFormat::Raw) => is_raw,
        Some(_) => true,
        None => false,
    };
    match is_photo {
        true if is_raw && beside.is_developed(path) => Content::RawBesidePhoto,
        true => Content::Photo,
        false => Content::NoPhoto,
    }
}

/// Bytes that tell every format.
const SNIFFED: u64 = 512;

/// Reads a regular file (or a link to one) whole. Never blocks on a pipe or a device.
///
/// # Errors
/// [`DecodeError::NotAFile`] for folders, pipes, sockets and devices, [`DecodeError::FileTooLarge`] above `max_bytes`,
/// [`DecodeError::Empty`], and [`DecodeError::Unreadable`] for what the system refuses.
pub fn read_photo_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, DecodeError> {
    // Looked at before opening, since opening a device can have effects; and again after, since it may have changed.
    require_regular(&std::fs::metadata(path)?)?;
    let file = open(path)?;
    let metadata = file.metadata()?;
    require_regular(&metadata)?;
    if metadata.len() > max_bytes {
        return Err(DecodeError::FileTooLarge { bytes: metadata.len(), limit: max_bytes });
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        0 => Err(DecodeError::Empty),
        grown if grown > max_bytes => Err(DecodeError::FileTooLarge { bytes: grown, limit: max_bytes }),
        _ => Ok(bytes),
    }
}

#[cfg(unix)]
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Without this flag opening a pipe waits for a writer; regular files ignore it.
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

fn require_regular(metadata: &Metadata) -> Result<(), DecodeError> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(DecodeError::NotAFile { what: "a folder" })
    } else {
        Err(DecodeError::NotAFile { what: "a pipe, socket or device" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_by_ending_only() {
        for name in ["a.jpg", "A.JPG", "b/c.HeIc", "x.y.tiff", "é.webp", "p.avif"] {
            assert!(is_photo_name(Path::new(name)), "{name}");
        }
        for name in ["jpg", ".jpg", "._a.jpg", "a.txt", "a.jpg.part", "a.mp4", "", "/"] {
            assert!(!is_photo_name(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn raw_files_count_by_ending_and_content_and_give_way_to_a_photo_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        for (name, content) in [("1.NEF", &b"MM\0* and so on"[..]), ("2.raf", b"FUJIFILMCCD-RAW 0201")] {
            assert_eq!(photo_content(&file(name, content), &mut Beside::default()), Content::Photo, "{name}");
        }
        for (name, content) in
            [("3.nef", &b"text"[..]), ("4.unheard", b"MM\0* and so on"), ("5.X3F", b"MM\0* and so on"), ("6", b"IIRO")]
        {
            assert_eq!(photo_content(&file(name, content), &mut Beside::default()), Content::NoPhoto, "{name}");
        }
        for ending in ["JPG", "jpeg", "TIFF", "Jpg", "PNG", "avif"] {
            let photo = file(&format!("1.{ending}"), b"a photo");
            let found = photo_content(&dir.path().join("1.NEF"), &mut Beside::default());
            assert_eq!(found, Content::RawBesidePhoto, "{ending}");
            std::fs::remove_file(photo).unwrap();
        }
        // Another name, a folder, and what is no photo's ending.
        file("12.jpg", b"a photo");
        file("1.xmp", b"notes");
        std::fs::create_dir(dir.path().join("1.jpg")).unwrap();
        assert_eq!(photo_content(&dir.path().join("1.NEF"), &mut Beside::default()), Content::Photo);
    }

    #[test]
    fn folders_and_missing_and_large_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("folder.jpg");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(read_photo_file(&folder, 10).unwrap_err().kind(), "not-a-file");
        assert_eq!(read_photo_file(&dir.path().join("no.jpg"), 10).unwrap_err().kind(), "unreadable");
        let file = dir.path().join("a.jpg");
        std::fs::write(&file, b"12345678901").unwrap();
        assert_eq!(read_photo_file(&file, 10).unwrap_err().kind(), "file-too-large");
        assert_eq!(read_photo_file(&file, 11).unwrap().len(), 11);
        std::fs::write(&file, b"").unwrap();
        assert_eq!(read_photo_file(&file, 10).unwrap_err().kind(), "empty");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_named_jpg_does_not_block() {
        use std::os::unix::ffi::OsStrExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe.jpg");
        let c_path = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: the string is terminated and outlives the call.
        #[allow(unsafe_code, reason = "the standard library makes no pipes with names")]
        let made = unsafe { libc::mkfifo(c_path.as_ptr(), 0o600) };
        assert_eq!(made, 0);
        assert_eq!(read_photo_file(&path, 10).unwrap_err().kind(), "not-a-file");
    }
}
