//! Clearing away what nobody needs in an index folder.

use std::fs;
use std::path::Path;

use super::IndexError;
use super::files::entry_names;
use super::names::{MANIFEST_FILE, generation_numbers, is_build, is_temp, number_from_name};

/// Generations that are kept: the current one and the newest of the others.
const KEPT: usize = 4;

/// Deletes what a killed publish left, and old generations. With `builds` also half-built indexes: only right when
/// nobody can be building.
///
/// The caller holds the publishing lock, so that no temporary folder is anybody's work in progress. What cannot be
/// deleted (Windows, a reader has it open) stays for the next time.
pub(super) fn clean_up(dir: &Path, current: Option<u64>, builds: bool) -> Result<(), IndexError> {
    let mut kept: Vec<u64> = generation_numbers(dir)?.into_iter().rev().filter(|n| Some(*n) != current).collect();
    // What a killed publish left unpointed to is newer than the current one; it is kept as one that was rolled back.
    kept.truncate(KEPT - 1);
    kept.extend(current);
    for name in entry_names(dir)? {
        let is_needed = match number_from_name(&name) {
            // A folder without a manifest is no generation, whatever its name.
            Some(number) => kept.contains(&number) && dir.join(&name).join(MANIFEST_FILE).exists(),
            None => !(is_temp(&name) || builds && is_build(&name)),
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
