//! A weights file that is a program runs only where a person has said so.

use std::path::Path;

use crate::vision::VisionError;
use crate::vision::embed::NetEmbedder;
use crate::vision::spec::{Architecture, ModelManifest};
use crate::vision::torch_file::holds_program;

/// Loads the network of a file that is about to be imported.
///
/// # Errors
/// [`VisionError::RunsCode`] for a TorchScript file without consent; nothing of it has run then.
pub(super) fn load_with_consent(
    manifest: ModelManifest,
    file: &Path,
    may_run: bool,
) -> Result<NetEmbedder, VisionError> {
    if manifest.architecture == Architecture::TorchScript {
        match holds_program(file) {
            Ok(true) if may_run => {}
            Ok(true) => return Err(VisionError::RunsCode { path: file.to_owned() }),
            Ok(false) => return Err(no_script(file, "its archive holds no program")),
            Err(reason) if file.is_file() => return Err(no_script(file, &reason)),
            // What is not there is told of by who reads it.
            Err(_) => {}
        }
    }
    NetEmbedder::load(manifest, file)
}

fn no_script(file: &Path, reason: &str) -> VisionError {
    VisionError::CorruptWeights { path: file.to_owned(), reason: format!("it is no TorchScript file: {reason}") }
}
