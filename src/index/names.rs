//! What folders and files of an index are called.

use std::path::Path;

use super::IndexError;
use super::files::entry_names;

/// What says how a generation was made and which files belong to it.
pub(super) const MANIFEST_FILE: &str = "manifest.json";

/// Of an index that compares with every face: its rows, and as in others the faces by row.
pub(super) const FLAT_FILE: &str = "flat.faiss";
pub(super) const IDS_FILE: &str = "ids.bin";

/// Of an index that is built to a spec.
pub(super) const NATIVE_FILE: &str = "index.faiss";
pub(super) const ORDER_FILE: &str = "order.bin";
pub(super) const VECTORS_FILE: &str = "vectors.bin";
pub(super) const LSH_FILE: &str = "lsh.faiss";
pub(super) const LSH_CODES_FILE: &str = "lsh.codes";

/// Folder of the templates within an index's folder, and which faces each was made from.
pub(super) const TEMPLATES_DIR: &str = "templates";
pub(super) const MEMBERS_FILE: &str = "members.bin";

const GENERATION_PREFIX: &str = "gen-";
const TEMP_PREFIX: &str = "tmp-";
const BUILD_PREFIX: &str = "build-";

pub(super) fn generation_name(number: u64) -> String {
    format!("{GENERATION_PREFIX}{number:08}")
}

pub(super) fn temp_name(number: u64) -> String {
    format!("{TEMP_PREFIX}{number:08}-{}", std::process::id())
}

pub(super) fn build_name(number: u64) -> String {
    format!("{BUILD_PREFIX}{number:08}-{}", std::process::id())
}

/// What a killed publish leaves.
pub(super) fn is_temp(name: &str) -> bool {
    name.starts_with(TEMP_PREFIX)
}

/// What a killed build leaves.
pub(super) fn is_build(name: &str) -> bool {
    name.starts_with(BUILD_PREFIX)
}

pub(super) fn number_from_name(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(GENERATION_PREFIX)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The numbers of the generations in `dir`, rising, whether pointed to or not.
pub(super) fn generation_numbers(dir: &Path) -> Result<Vec<u64>, IndexError> {
    let mut numbers: Vec<_> = entry_names(dir)?.iter().filter_map(|name| number_from_name(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The number of the generation that is published next.
pub(super) fn next_number(dir: &Path) -> Result<u64, IndexError> {
    Ok(generation_numbers(dir)?.last().map_or(1, |last| last + 1))
}
