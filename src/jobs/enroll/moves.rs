//! Where the files of enrolled photos have gone: a photo follows its content, whatever its file is called.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::store::{FileStat, PhotoRecord};
use crate::types::PhotoId;
use crate::vision::decode::{DecodeParams, read_photo_file};

/// What the gallery knows of a file's content under another path.
#[derive(Debug, PartialEq)]
pub(super) enum Elsewhere {
    /// Nothing, or a copy of it that is still there: this file is a photo of its own.
    Nothing,
    /// The photo whose file this was, and which has no other now.
    Moved(Box<PhotoRecord>),
    /// The photo whose file this is, reached by another way: a link, or a second name.
    SameFile(PhotoId),
}

/// Looks for the photo that the file at `path`, with this content, is. `known` stands at the path already.
///
/// # Errors
/// The gallery cannot be read.
pub(super) fn elsewhere(
    engine: &Engine,
    path: &Path,
    file: &FileStat,
    hash: &[u8; 32],
    known: Option<PhotoId>,
) -> Result<Elsewhere, JobError> {
    let mut missing = None;
    for record in engine.gallery().photos_by_hash(hash)? {
        if Some(record.id) == known {
            continue;
        }
        match place_of(&record, path, file) {
            Place::Same => return Ok(Elsewhere::SameFile(record.id)),
            Place::Lost if missing.is_none() => missing = Some(record),
            Place::Lost | Place::Held => {}
        }
    }
    Ok(missing.map_or(Elsewhere::Nothing, |record| Elsewhere::Moved(Box::new(record))))
}

/// What is where a photo was last seen.
enum Place {
    /// Its own content, in a file of its own.
    Held,
    /// The very file that is looked at.
    Same,
    /// Nothing, or another content.
    Lost,
}

fn place_of(record: &PhotoRecord, path: &Path, file: &FileStat) -> Place {
    if record.missing_at.is_some() {
        return Place::Lost;
    }
    let there = match fs::metadata(&record.path) {
        Ok(metadata) => file_stat(&metadata),
        // A volume that is not mounted, or a folder that may not be read, is no sign that the file has gone.
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_mounted(&record.path, record.file.device) => {
            return Place::Lost;
        }
        Err(_) => return Place::Held,
    };
    if there.device.is_some() && (there.device, there.inode) == (file.device, file.inode) {
        // Where names do not differ by case, the old name still leads to the file.
        return if is_renamed_by_case(&record.path, path) { Place::Lost } else { Place::Same };
    }
    let is_content = |bytes: Vec<u8>| *blake3::hash(&bytes).as_bytes() == record.content_hash;
    let limit = DecodeParams::default().max_file_bytes;
    if there == record.file || read_photo_file(&record.path, limit).is_ok_and(is_content) {
        Place::Held
    } else {
        Place::Lost
    }
}

/// Both names lie in one folder, differ by case alone, and the folder lists the new one only.
fn is_renamed_by_case(old: &Path, new: &Path) -> bool {
    let (Some(old_name), Some(new_name)) = (old.file_name(), new.file_name()) else { return false };
    old_name != new_name
        && old.parent() == new.parent()
        && old_name.to_string_lossy().to_lowercase() == new_name.to_string_lossy().to_lowercase()
        && old
            .parent()
            .and_then(|folder| fs::read_dir(folder).ok())
            .is_some_and(|entries| !entries.filter_map(Result::ok).any(|entry| entry.file_name() == old_name))
}

/// The photos below `roots` that were not `seen` and whose files are gone. Folders that could not be read tell nothing,
/// nor does a place where another volume was mounted when the photo was enrolled.
///
/// # Errors
/// The gallery cannot be read.
pub(super) fn gone_below(
    engine: &Engine,
    roots: &[PathBuf],
    unreadable: &[PathBuf],
    seen: &HashSet<PathBuf>,
) -> Result<Vec<PhotoId>, JobError> {
    let mut gone = Vec::new();
    for root in roots.iter().filter(|root| root.is_dir()) {
        for (photo, path, device) in engine.gallery().places_under(root)? {
            if seen.contains(&path) || unreadable.iter().any(|folder| path.starts_with(folder)) {
                continue;
            }
            let is_absent = fs::metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            if is_absent && is_mounted(&path, device) {
                gone.push(photo);
            }
        }
    }
    gone.sort_unstable();
    gone.dedup();
    Ok(gone)
}

/// Whether the volume that a photo lay on is there, so that an absent file is a file that has gone.
///
/// Its nearest folder that is there tells: on the volume's own device it is; an empty folder is a place to mount
/// something on. Devices get other numbers when they are mounted again: a folder on any volume but the system's own is
/// not taken for one that stands in for a volume that is away.
fn is_mounted(path: &Path, device: Option<i64>) -> bool {
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else { return false };
    let on = |folder: &Path| fs::metadata(folder).ok().and_then(|metadata| file_stat(&metadata).device);
    if device.is_some() && on(folder) == device {
        return true;
    }
    let is_empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    match device {
        None => !is_empty,
        Some(_) => !is_empty && on(folder) != on(Path::new("/")),
    }
}

/// What tells an untouched file. A record from before format 3 has no more than length and time of change.
pub(super) fn is_untouched(record: &PhotoRecord, file: &FileStat) -> bool {
    let then = &record.file;
    let whole = then.ctime_millis.is_none() || then == file;
    whole && (then.bytes, then.mtime_millis) == (file.bytes, file.mtime_millis)
}

pub(in crate::jobs) fn file_stat(metadata: &Metadata) -> FileStat {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mtime_millis = modified.map_or(0, |passed| i64::try_from(passed.as_millis()).unwrap_or(0));
    let stat = FileStat { bytes: metadata.len(), mtime_millis, ..FileStat::default() };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        FileStat {
            ctime_millis: Some(metadata.ctime() * 1000 + metadata.ctime_nsec() / 1_000_000),
            // As bits: SQLite's numbers are signed.
            device: Some(metadata.dev() as i64),
            inode: Some(metadata.ino() as i64),
            ..stat
        }
    }
    #[cfg(not(unix))]
    stat
}
