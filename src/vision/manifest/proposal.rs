//! What is known of a weights file before it is imported.

use std::path::Path;

use image::RgbImage;

use super::consent::load_with_consent;
use super::import::ImportRequest;
use crate::vision::VisionError;
use crate::vision::spec::{Architecture, ChannelOrder, InputSpec, ModelManifest};

impl ImportRequest {
    /// What the file's directory and the manifest beside it say, without the network: its `d` is not known.
    ///
    /// # Errors
    /// As [`ImportRequest::proposal`].
    pub fn unproven(&self, file: &Path) -> Result<ModelManifest, VisionError> {
        self.manifest(file)
    }

    /// The manifest that importing `file` by this request would write, but for the checksum: the network is loaded and
    /// run once, which tells its `d`.
    ///
    /// # Errors
    /// As [`super::ModelRegistry::import`], but for the trial on faces.
    pub fn proposal(&self, file: &Path) -> Result<ModelManifest, VisionError> {
        let mut manifest = self.manifest(file)?;
        let embedder = load_with_consent(manifest.clone(), file, self.may_run_code)?;
        let [width, height] = manifest.input.template.size;
        let crop = RgbImage::from_fn(width, height, |x, y| image::Rgb([x, y, x ^ y].map(|value| value as u8)));
        manifest.d = embedder.raw_rows(&[crop])?.first().map_or(0, Vec::len);
        Ok(manifest)
    }
}

/// Whether the file, or the manifest beside it, says what values the network takes; else they are a guess.
pub fn input_is_stated(file: &Path, proposal: &ModelManifest) -> bool {
    let values = |input: &InputSpec| (input.channel_order, input.mean, input.std);
    let guess = (ChannelOrder::Rgb, InputSpec::ARCFACE.mean, InputSpec::ARCFACE.std);
    ImportRequest::from_file(file).mean.is_some()
        || match proposal.architecture {
            Architecture::DlibResnet => true,
            Architecture::Onnx => values(&proposal.input) != guess,
            _ => false,
        }
}
