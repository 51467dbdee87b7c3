#![allow(unsafe_code, reason = "the standard library does not set the umask")]

use std::fs::Permissions;
use std::io;
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
        && let Err(error) = std::fs::set_permissions(new_file, Permissions::from_mode(0o666 & !umask))
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
