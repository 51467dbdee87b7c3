//! Which photos are in work, written down so that it outlives the process.
//!
//! A crash inside a C library cannot be caught. So every worker has a slot in a small file of the run, and writes into it
//! the path of the photo that it takes. What a process wrote is in the system's hands at once, so nothing needs to be
//! forced to the disk: a crash of the machine itself is no photo's fault. The next run finds what stands in files whose
//! process is gone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::files::DeletedOnDrop;
use crate::store::{bytes_from_path, path_from_bytes};

/// Bytes of a slot: two for the length, and a path of the longest kind that the system takes.
const SLOT: u64 = 2 + 4096;

const FOLDER: &str = "in-flight";

/// The journal of one run, locked while it runs and removed at its end.
#[derive(Debug)]
pub(super) struct Journal {
    /// Goes before its lock does.
    _deleted: DeletedOnDrop,
    file: File,
}

/// A photo in work. When dropped, also by a panic, it is done.
pub(super) struct InWork<'a> {
    journal: &'a Journal,
    slot: usize,
}

impl Journal {
    /// `run` is a number that no other run of this data folder has.
    pub(super) fn open(data_dir: &Path, run: i64) -> io::Result<Self> {
        let folder = data_dir.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("run-{run}"));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        file.lock()?;
        Ok(Self { _deleted: DeletedOnDrop::new(path), file })
    }

    pub(super) fn enter(&self, slot: usize, photo: &Path) -> InWork<'_> {
        let bytes = bytes_from_path(photo);
        if let Ok(length) = u16::try_from(bytes.len())
            && u64::from(length) <= SLOT - 2
        {
            self.write(slot, &[length.to_le_bytes().as_slice(), &bytes].concat());
        }
        InWork { journal: self, slot }
    }

    /// A journal that cannot be written – the disk is full, say – leaves the photo unguarded and the run as it is.
    fn write(&self, slot: usize, bytes: &[u8]) {
        if let Err(error) = self.file.write_all_at(bytes, slot as u64 * SLOT) {
            log::debug!("the photo in work could not be noted: {error}");
        }
    }
}

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        self.journal.write(self.slot, &[0, 0]);
    }
}

/// What was in work in runs whose process is gone, and the files that say so.
#[derive(Debug, Default)]
pub(super) struct LeftOver {
    pub(super) photos: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl LeftOver {
    /// Reads every journal that no running process holds. One that cannot be read is as good as none.
    pub(super) fn find(data_dir: &Path) -> Self {
        let mut found = Self::default();
        let Ok(entries) = fs::read_dir(data_dir.join(FOLDER)) else { return found };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let Ok(file) = File::open(&path) else { continue };
            match file.try_lock() {
                Ok(()) => found.photos.extend(photos_in(&fs::read(&path).unwrap_or_default())),
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => {
                    log::debug!("{error}: {}", path.display());
                    continue;
                }
            }
            found.files.push(path);
        }
        found
    }

    /// To be called once the photos are on record elsewhere.
    pub(super) fn forget(self) {
        for file in self.files {
            let _ = fs::remove_file(file);
        }
    }
}

fn photos_in(journal: &[u8]) -> Vec<PathBuf> {
    let path = |slot: &[u8]| {
        let length = usize::from(u16::from_le_bytes([*slot.first()?, *slot.get(1)?]));
        (length > 0).then(|| slot.get(2..2 + length).map(path_from_bytes)).flatten()
    };
    journal.chunks(SLOT as usize).filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_work_is_left_over_and_only_of_runs_that_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), 1).unwrap();
        let first = journal.enter(0, Path::new("/a/1.jpg"));
        let _second = journal.enter(1, Path::new("/a/2.jpg"));
        drop(first);
        assert_eq!(LeftOver::find(dir.path()).photos, Vec::<PathBuf>::new(), "the run is alive");
        // A process that is killed lets go of the lock and removes nothing.
        let bytes = fs::read(journal._deleted.path()).unwrap();
        fs::write(dir.path().join(FOLDER).join("run-0"), bytes).unwrap();
        let left = LeftOver::find(dir.path());
        assert_eq!(left.photos, [PathBuf::from("/a/2.jpg")]);
        left.forget();
        assert_eq!(LeftOver::find(dir.path()).photos, Vec::<PathBuf>::new());
        drop(_second);
        drop(journal);
        assert_eq!(fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 0);
    }

    #[test]
    fn a_torn_journal_tells_what_it_can() {
        assert_eq!(photos_in(&[]), Vec::<PathBuf>::new());
        assert_eq!(photos_in(&[9]), Vec::<PathBuf>::new());
        assert_eq!(photos_in(&[9, 0, b'/', b'a']), Vec::<PathBuf>::new());
    }
}
