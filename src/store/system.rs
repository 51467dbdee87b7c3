#![allow(unsafe_code, reason = "the standard library asks neither for the umask nor for free space or rights")]

//! What is asked of the system: who may read new files, whether a folder can be written, how much room is left.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

/// The umask that the person's session gave this process, kept by [`keep_files_private`].
static SESSION_UMASK: OnceLock<u32> = OnceLock::new();

/// From now on every file and folder that this process makes is its owner's alone, whatever the session says: gallery,
/// log, index, settings, models, training. To be called once, before the first thread. What a person asks to have
/// written elsewhere is made theirs again with [`share_as_the_session_says`].
pub fn keep_files_private() {
    // SAFETY: umask takes a number, touches no memory and cannot fail.
    let before = unsafe { libc::umask(0o077) };
    let _ = SESSION_UMASK.set(u32::from(before as u16));
}

/// Gives a new file that a person exported the rights that it would have had without [`keep_files_private`]. A file
/// system without rights (FAT) need not take them.
pub fn share_as_the_session_says(new_file: &Path) {
    if let Some(umask) = SESSION_UMASK.get()
        && let Err(error) = std::fs::set_permissions(new_file, std::fs::Permissions::from_mode(0o666 & !umask))
    {
        log::debug!("{error}: {}", new_file.display());
    }
}

/// Writes a file that a person asked for, with the rights of the person's session; one that was there keeps its own.
///
/// # Errors
/// As [`std::fs::write`].
pub fn write_export(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    std::fs::write(path, bytes)?;
    if is_new {
        share_as_the_session_says(path);
    }
    Ok(())
}

/// Writes a file of the program's own: it is as it was or as it shall be, also after a power cut and where two processes
/// write it at the same time.
///
/// # Errors
/// The folder is not there or cannot be written; a full disk. The file is as it was then.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".tmp-{}", std::process::id()));
    let part = Path::new(&part);
    let written = File::create(part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(part);
    }
    written?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether this process could write here: the rights allow it, and the file system is not mounted for reading only.
/// False where there is nothing.
pub(super) fn is_writable(path: &Path) -> bool {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: the path ends with a zero byte and lives over the call.
    unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), libc::W_OK, libc::AT_EACCESS) == 0 }
}

/// Bytes that can still be written to the file system of `path`.
///
/// # Errors
/// There is nothing at `path`, or its file system does not tell.
pub(super) fn free_space(path: &Path) -> io::Result<u64> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: statvfs is plain numbers, for which zeros are fine; the call fills it in and keeps no pointer.
    let stat = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(path.as_ptr(), &mut stat) != 0 {
            return Err(io::Error::last_os_error());
        }
        stat
    };
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_understood() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_writable(dir.path()));
        assert!(!is_writable(&dir.path().join("nothing")));
        assert!(free_space(dir.path()).unwrap() > 0);
        assert!(free_space(&dir.path().join("nothing")).is_err());
    }
}
