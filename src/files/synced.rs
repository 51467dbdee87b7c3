use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The folder that a file lies in, which for a bare name is the one that the process stands in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file and waits until it is on the disk. A process that dies meanwhile leaves a part of it: for files in a
/// folder that has its name only when all are written.
///
/// # Errors
/// The folder is not there or cannot be written; a full disk.
pub fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Waits until the content of a file that another library wrote is on the disk.
///
/// # Errors
/// It is not there or cannot be written; a full disk.
pub fn sync_file(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Waits until a folder's entries are on the disk. File systems that know nothing of the kind are not asked twice.
///
/// # Errors
/// It is not there or cannot be read.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}
