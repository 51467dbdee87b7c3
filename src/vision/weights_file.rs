//! Weights files: where they lie, their bytes, and what can be wrong with them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::vision::VisionError;

/// Folder of the weights that set-up lays down: `LIKENESS_WEIGHTS` where it is set, otherwise
/// `assets/weights` in the user's data folder. It may be missing; loading says so.
pub fn weights_dir() -> PathBuf {
    if let Some(folder) = std::env::var_os("LIKENESS_WEIGHTS").filter(|v| !v.is_empty()) {
        return folder.into();
    }
    match directories::ProjectDirs::from("", "", "likeness") {
        Some(dirs) => dirs.data_dir().join("assets").join("weights"),
        None => PathBuf::from("assets/weights"),
    }
}

/// Weights files above this are refused before they are read, in bytes.
pub(crate) const MAX_WEIGHTS_BYTES: u64 = 2 << 30;

/// The whole weights file, after a look at its length.
pub(crate) fn read_weights(path: &Path, max_bytes: u64) -> Result<Vec<u8>, VisionError> {
    let unreadable = |source| VisionError::UnreadableWeights { path: path.to_owned(), source };
    let metadata = match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(VisionError::MissingWeights { path: path.to_owned() });
        }
        other => other.map_err(unreadable)?,
    };
    if !metadata.is_file() {
        return Err(corrupt(path, "it is no plain file"));
    }
    if metadata.len() == 0 || metadata.len() > max_bytes {
        return Err(corrupt(path, format!("it has {} bytes, expected 1 to {max_bytes}", metadata.len())));
    }
    fs::read(path).map_err(unreadable)
}

pub(in crate::vision) fn corrupt(path: &Path, reason: impl Into<String>) -> VisionError {
    VisionError::CorruptWeights { path: path.to_owned(), reason: reason.into() }
}

/// libtorch's messages carry its own call stack; the first line says what happened.
pub(in crate::vision) fn first_line(error: &tch::TchError) -> String {
    let text = error.to_string();
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("no reason given");
    line.chars().take(300).collect()
}
