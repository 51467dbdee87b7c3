//! What lies in an index folder, and clearing away what nobody needs.

use std::fs;
use std::path::{Path, PathBuf};

use super::IndexError;
use super::manifest::MANIFEST_FILE;

const GENERATION_PREFIX: &str = "gen-";
const TEMP_PREFIX: &str = "tmp-";
const BUILD_PREFIX: &str = "build-";

/// Generations that are kept: the current one and the newest of the others.
const KEPT: usize = 4;

pub(super) fn generation_name(number: u64) -> String {
    format!("{GENERATION_PREFIX}{number:08}")
}

pub(super) fn temp_name(number: u64) -> String {
    format!("{TEMP_PREFIX}{number:08}-{}", std::process::id())
}

pub(super) fn build_name(number: u64) -> String {
    format!("{BUILD_PREFIX}{number:08}-{}", std::process::id())
}

pub(super) fn number_from_name(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(GENERATION_PREFIX)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The numbers of the generations in `dir`, rising, whether pointed to or not.
pub(super) fn generation_numbers(dir: &Path) -> Result<Vec<u64>, IndexError> {
    let mut numbers: Vec<_> = names(dir)?.iter().filter_map(|name| number_from_name(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Deletes what a killed publish left, and old generations. With `builds` also half-built indexes: only right when
/// nobody can be building.
///
/// The caller holds the publishing lock, so that no temporary folder is anybody's work in progress. What cannot be
/// deleted (Windows, a reader has it open) stays for the next time.
pub(super) fn sweep(dir: &Path, current: Option<u64>, builds: bool) -> Result<(), IndexError> {
    let mut kept: Vec<u64> = generation_numbers(dir)?.into_iter().rev().filter(|n| Some(*n) != current).collect();
    // What a killed publish left unpointed to is newer than the current one; it is kept as one that was rolled back.
    kept.truncate(KEPT - 1);
    kept.extend(current);
    for name in names(dir)? {
        let is_needed = match number_from_name(&name) {
            // A folder without a manifest is no generation, whatever its name.
            Some(number) => kept.contains(&number) && dir.join(&name).join(MANIFEST_FILE).exists(),
            None => !(name.starts_with(TEMP_PREFIX) || builds && name.starts_with(BUILD_PREFIX)),
        };
        if !is_needed {
            let path = dir.join(&name);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            if let Err(e) = removed {
                log::warn!("could not delete an old index: {e}: {}", path.display());
            }
        }
    }
    Ok(())
}

/// Names that are no UTF-8 are not ours. A folder that nobody made yet has none.
fn names(dir: &Path) -> Result<Vec<String>, IndexError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(IndexError::io("list the index folder", dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(IndexError::io("list the index folder", dir))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

/// Deletes a file or folder unless it is kept: what an error leaves behind halfway.
pub(super) struct Unfinished(Option<PathBuf>);

impl Unfinished {
    pub(super) fn new(path: &Path) -> Self {
        Self(Some(path.to_path_buf()))
    }

    pub(super) fn keep(mut self) -> PathBuf {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            if let Err(e) = removed {
                log::warn!("could not delete {e}: {}", path.display());
            }
        }
    }
}
