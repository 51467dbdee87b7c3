#![allow(unsafe_code, reason = "the standard library asks neither for free space nor for rights")]

//! What is asked of the system: whether a folder can be written, how much room is left.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

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
