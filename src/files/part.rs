use std::fs::{self, File};
use std::io::{self, BufWriter, IntoInnerError, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::deleted::DeletedOnDrop;
use super::rights::share_as_the_session_says;
use super::synced::{folder_of, sync_file, sync_folder};

/// A file on its way to its name: it is called `….part` until [`Part::finish`], and goes where it is dropped before that.
/// What a process that was killed left under that name is written over, so that one process at a time may write it.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    part: DeletedOnDrop,
    /// `None` at the end.
    file: Option<BufWriter<File>>,
}

impl Part {
    /// # Errors
    /// The folder is not there or cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::create_as(path, ".part")
    }

    fn create_as(path: &Path, ending: &str) -> io::Result<Self> {
        let mut part = path.as_os_str().to_owned();
        part.push(ending);
        let file = BufWriter::with_capacity(1 << 20, File::create(&part)?);
        Ok(Self { path: path.to_path_buf(), part: DeletedOnDrop::new(part), file: Some(file) })
    }

    /// The name that it gets at last.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings everything to the disk and gives the file its name, in place of one that stood there.
    ///
    /// # Errors
    /// A full disk. What stood there stands then.
    pub fn finish(self) -> io::Result<()> {
        let path = self.path.clone();
        self.name(false)?;
        sync_folder(folder_of(&path))
    }

    /// The same for a file that a person asked for, with the rights of the person's session.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn finish_export(self) -> io::Result<()> {
        self.name(true)
    }

    fn name(mut self, is_export: bool) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
        }
        if is_export {
            share_as_the_session_says(self.part.path());
        }
        fs::rename(self.part.path(), &self.path)?;
        self.part.keep();
        Ok(())
    }

    fn open(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open()?.flush()
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.open()?.seek(to)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is still in memory need not reach the disk first.
            let _ = file.into_parts();
        }
    }
}

/// Writes a file that is as it was or as it shall be, also after a power cut and where two processes write it at the same
/// time.
///
/// # Errors
/// The folder is not there or cannot be written; a full disk. The file is as it was then.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = Part::create_as(path, &format!(".tmp-{}", std::process::id()))?;
    part.write_all(bytes)?;
    part.finish()
}

/// Gives a file that another library wrote its name, once it is on the disk, in place of one that stood there.
///
/// # Errors
/// A file that is not there; a full disk; names on two file systems.
pub fn put_in_place(part: &Path, path: &Path) -> io::Result<()> {
    sync_file(part)?;
    fs::rename(part, path)?;
    sync_folder(folder_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_leaves_nothing_when_it_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        fs::write(&path, "before").unwrap();
        // Left by a process that was killed.
        fs::write(dir.path().join("a.bin.part"), "longer than what comes").unwrap();
        let mut part = Part::create(&path).unwrap();
        part.write_all(b"??cd").unwrap();
        part.seek(SeekFrom::Start(0)).unwrap();
        part.write_all(b"ab").unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), names(dir.path()).len()), (&b"before"[..], 2));
        part.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abcd");
        let mut given_up = Part::create(&path).unwrap();
        given_up.write_all(&[1; 3 << 20]).unwrap();
        drop(given_up);
        assert_eq!((fs::read(&path).unwrap().as_slice(), names(dir.path())), (&b"abcd"[..], vec!["a.bin".to_owned()]));
    }

    #[test]
    fn what_cannot_be_named_leaves_what_stood_there() {
        let dir = tempfile::tempdir().unwrap();
        // A folder stands in the way.
        let path = dir.path().join("taken");
        fs::create_dir_all(path.join("within")).unwrap();
        assert!(write_whole(&path, b"new").is_err());
        let mut part = Part::create(&path).unwrap();
        part.write_all(b"new").unwrap();
        assert!(part.finish_export().is_err());
        assert_eq!(names(dir.path()), ["taken"]);
        assert!(write_whole(&dir.path().join("no folder/x"), b"new").is_err());
        write_whole(&dir.path().join("x"), b"new").unwrap();
        fs::write(dir.path().join("y.part"), b"newer").unwrap();
        put_in_place(&dir.path().join("y.part"), &dir.path().join("x")).unwrap();
        assert_eq!((fs::read(dir.path().join("x")).unwrap().as_slice(), names(dir.path()).len()), (&b"newer"[..], 2));
    }
}
