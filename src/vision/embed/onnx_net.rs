use std::path::Path;

use tch::{Device, TchError, Tensor};

use super::net::Net;
use crate::vision::VisionError;
use crate::vision::onnx::OnnxModel;
use crate::vision::weights_file::corrupt;

/// A network from an ONNX file, in either order of axes.
pub(super) struct OnnxNet {
    model: OnnxModel,
}

impl OnnxNet {
    /// # Errors
    /// What [`OnnxModel::read`] finds, and an input that is no pictures of three colours.
    pub(super) fn load(path: &Path, device: Device) -> Result<Self, VisionError> {
        Self::new(path, OnnxModel::read_to(path, device)?)
    }

    /// # Errors
    /// An input that is no pictures of three colours.
    pub(super) fn new(path: &Path, model: OnnxModel) -> Result<Self, VisionError> {
        let input = model.input();
        let planes = if input.has_channels_last() { Some(&Some(3)) } else { input.shape.get(1) };
        if input.shape.len() != 4 || !matches!(planes, Some(None | Some(3))) {
            let reason = format!(
                "its input “{}” has the shape {:?}; pictures are N×3×height×width or N×height×width×3",
                input.name, input.shape
            );
            return Err(corrupt(path, reason));
        }
        Ok(Self { model })
    }
}

impl Net for OnnxNet {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let ordered = if self.model.input().has_channels_last() { Some(input.f_permute([0, 2, 3, 1])?) } else { None };
        let output = self.model.run(ordered.as_ref().unwrap_or(input)).map_err(|e| TchError::Torch(e.to_string()))?;
        // Some graphs end in planes of one pixel.
        match output.size()[..] {
            [n, d, 1, 1] => output.f_reshape([n, d]),
            _ => Ok(output),
        }
    }

    fn d(&self) -> Option<usize> {
        None
    }
}
