use std::path::Path;

use crate::tell;
use crate::types::Telling;

/// Shows the photo in the desktop's file manager, or its folder where it is gone. Returns what went wrong.
pub(super) fn show_in_folder(path: &Path) -> Option<Telling> {
    let folder = path.parent().unwrap_or(path);
    let shown = if path.exists() { opener::reveal(path) } else { opener::open(folder) };
    let error = shown.err()?;
    log::warn!("the file manager was not opened: {error}");
    Some(tell!("window-no-file-manager", folder = folder))
}
