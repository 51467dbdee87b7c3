//! Files that appear whole or not at all.

use std::io::Write;
use std::path::Path;

use super::error::TrainError;
use crate::files::Part;

/// Writes a file of a run, which one process at a time writes.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let write = || {
        let mut part = Part::create(path)?;
        part.write_all(bytes)?;
        part.finish()
    };
    write().map_err(TrainError::io("the file cannot be written", path))
}
