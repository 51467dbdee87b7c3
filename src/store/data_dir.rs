use crate::tell;
use crate::types::Telling;
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::{StoreError, system};

/// The folder that holds everything a user's Likeness keeps: gallery, index, imported models, settings.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// While this lives, no other process takes the lock of the same data folder. The system lets go of it when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataDir {
    /// `flag` (`--data-dir`) wins over `LIKENESS_DATA_DIR`, which wins over the user's data folder. The folder is
    /// created where it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// [`StoreError::NoHome`] where neither is given and the system names no home; [`StoreError::Io`].
    pub fn resolve(flag: Option<&Path>) -> Result<Self, StoreError> {
        Self::resolve_from(flag, std::env::var_os("LIKENESS_DATA_DIR").as_deref())
    }

    fn resolve_from(flag: Option<&Path>, env: Option<&OsStr>) -> Result<Self, StoreError> {
        let named = flag.or(env.filter(|value| !value.is_empty()).map(Path::new));
        let path = match named {
            Some(path) => path.to_path_buf(),
            None => ProjectDirs::from("", "", "likeness").ok_or(StoreError::NoHome)?.data_dir().join("gallery"),
        };
        let fail = |action| {
            let path = path.clone();
            move |source| StoreError::Io { action, path, source }
        };
        let path = std::path::absolute(&path).map_err(fail("find the data folder"))?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(fail("create the data folder"))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether anything can be written here: not so on read-only media.
    pub fn is_writable(&self) -> bool {
        system::is_writable(&self.path)
    }

    /// Whether other people of this computer can look into a folder that was there before, which is theirs to know who
    /// made it so: it is told and not changed.
    #[cfg(unix)]
    pub fn is_open_to_others(&self) -> bool {
        use std::os::unix::fs::PermissionsExt;
        self.is_writable() && std::fs::metadata(&self.path).is_ok_and(|folder| folder.permissions().mode() & 0o077 != 0)
    }

    pub fn gallery_path(&self) -> PathBuf {
        self.path.join("gallery.sqlite")
    }

    /// Holds one folder per model.
    pub fn index_dir(&self) -> PathBuf {
        self.path.join("index")
    }

    pub fn models_dir(&self) -> PathBuf {
        self.path.join("models")
    }

    pub fn settings_path(&self) -> PathBuf {
        self.path.join("settings.json")
    }

    /// Claims the right to write: to the gallery, to indexes, models and settings. Reading needs no lock, so a search
    /// on the command line works beside an open window.
    ///
    /// # Errors
    /// [`StoreError::Locked`] says which process holds it; [`StoreError::ReadOnlyFolder`].
    pub fn try_lock(&self) -> Result<DataLock, StoreError> {
        if !self.is_writable() {
            return Err(StoreError::ReadOnlyFolder { path: self.path.clone() });
        }
        let path = self.path.join("lock");
        let fail = |action| {
            let path = path.clone();
            move |source| StoreError::Io { action, path, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(fail("open the lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { holder: holder_from(&mut file), path: self.path.clone() });
            }
            Err(TryLockError::Error(source)) => return Err(fail("take the lock")(source)),
        }
        file.set_len(0).map_err(fail("write the lock"))?;
        file.rewind().map_err(fail("write the lock"))?;
        writeln!(file, "{}", std::process::id()).map_err(fail("write the lock"))?;
        Ok(DataLock { _file: file })
    }
}

fn holder_from(file: &mut File) -> Telling {
    let mut text = String::new();
    // Windows does not let others read a locked file; then the number stays unknown.
    let read = file.take(32).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) if pid == std::process::id() => tell!("store-holder-self"),
        (Ok(_), Ok(pid)) => tell!("store-holder-process", process = pid.to_string()),
        _ => tell!("store-holder-other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
        let flag = DataDir::resolve_from(Some(&a), Some(b.as_os_str())).unwrap();
        assert_eq!(flag.path(), a);
        assert!(a.is_dir() && !b.exists());
        let env = DataDir::resolve_from(None, Some(b.as_os_str())).unwrap();
        assert_eq!(env.gallery_path(), b.join("gallery.sqlite"));
    }

    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::resolve_from(Some(&dir.path().join("x/y")), None).unwrap();
        assert_eq!(std::fs::metadata(data.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_read_is_known_as_such() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::resolve_from(Some(dir.path()), None).unwrap();
        for (mode, is_open) in [(0o700, false), (0o750, true), (0o701, true)] {
            set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(data.is_open_to_others(), is_open, "{mode:o}");
            DataDir::resolve_from(Some(dir.path()), None).unwrap();
            assert_eq!(
                std::fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777,
                mode,
                "it is left as it is"
            );
        }
    }

    #[test]
    fn the_lock_names_its_holder_and_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::resolve_from(Some(dir.path()), None).unwrap();
        let lock = data.try_lock().unwrap();
        // A second handle of the same process conflicts just as one of another process does.
        let refusal = data.try_lock().unwrap_err();
        assert!(matches!(refusal, StoreError::Locked { .. }), "{refusal}");
        #[cfg(unix)]
        assert!(refusal.to_string().contains("store-holder-self"), "{refusal}");
        drop(lock);
        data.try_lock().unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let refusal = DataDir::resolve_from(Some(&file), None).unwrap_err();
        assert!(refusal.to_string().contains(&*file.to_string_lossy()), "{refusal}");
    }
}
