//! Lines that every command may print, and paths as lines carry them.

mod common;
mod path;

pub(super) use common::{ErrorLine, IssueLine, ProgressLine};
pub(super) use path::{DataPath, FilePath, FolderPath, PhotoPath, ProbePath, WeightsPath};
