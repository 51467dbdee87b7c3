//! dlib's face recognition network: 29 convolutions, 150×150 RGB → 128.

use tch::{Kind, TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layer::Layer;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{DlibBlockLayers, DlibLayers};
use crate::vision::shared_tensor::SharedTensor;
use crate::vision::spec::{ChannelOrder, InputSpec};

/// A ResNet after He et al. 2016 with half the filters of ResNet-34 and fewer layers, by dlib's author
/// (blog.dlib.net, February 2017). Shortcuts have no weights: where planes or pixels differ in number, the
/// smaller side is filled up with zeros.
pub(super) struct DlibNet {
    layers: DlibLayers<Layer>,
    /// d×256, always float.
    fc: SharedTensor,
    d: usize,
}

impl DlibNet {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name; a manifest whose
    /// input is not the one that the file states, where it states one.
    pub(super) fn from_weights(weights: &Weights<'_>, input: &InputSpec) -> Result<Self, VisionError> {
        check_input(weights, input)?;
        let layers = DlibLayers::table().try_map(|layer| Layer::from_weights(weights, layer))?;
        let d = weights.d("fc.weight")?;
        let fc = weights.share_in(&weights.take("fc.weight", &[d, layers.outputs])?, Kind::Float)?;
        Ok(Self { layers, fc, d: d as usize })
    }
}

/// dlib's own file says what is taken from the pixels.
fn check_input(weights: &Weights<'_>, input: &InputSpec) -> Result<(), VisionError> {
    if !weights.has("input.mean") {
        return Ok(());
    }
    let mean = Vec::<f64>::try_from(weights.take("input.mean", &[3])?)?;
    let same_mean = input.mean.iter().zip(&mean).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-2);
    if same_mean && input.std == [256.0; 3] && input.channel_order == ChannelOrder::Rgb {
        return Ok(());
    }
    let shown: Vec<String> = mean.iter().map(|value| format!("{value:.3}")).collect();
    Err(weights
        .refused(format!("the file takes RGB with mean {} and std 256, the manifest says otherwise", shown.join(" "))))
}

impl Backbone for DlibNet {
    fn features(&self, input: &Tensor) -> Result<Features, TchError> {
        let mut x = self.layers.stem.forward(input)?.f_max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false)?;
        let mut levels = Vec::with_capacity(self.layers.stages.len());
        for blocks in &self.layers.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        let embedding = x.f_mean_dim([2i64, 3].as_slice(), false, Kind::Float)?;
        let embedding = embedding.f_linear(self.fc.as_tensor(), None::<&Tensor>)?;
        Ok(Features { levels: levels.drain(1..4).collect(), embedding })
    }

    fn d(&self) -> usize {
        self.d
    }
}

impl DlibBlockLayers<Layer> {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let mut branch = self.second.forward(&self.first.forward(input)?)?;
        if !self.down {
            return branch.f_add_(input)?.f_relu_();
        }
        let shortcut = input.f_avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)?;
        // dlib's tensors count as zero outside their size, and the sum is as large as the larger one.
        let ([_, planes, height, width], [_, _, inner_height, inner_width]) = (sizes(&shortcut)?, sizes(&branch)?);
        if (inner_height, inner_width) != (height, width) {
            branch = branch.f_constant_pad_nd([0, width - inner_width, 0, height - inner_height])?;
        }
        let _changed_in_place = branch.f_narrow(1, 0, planes)?.f_add_(&shortcut)?;
        branch.f_relu_()
    }
}

fn sizes(tensor: &Tensor) -> Result<[i64; 4], TchError> {
    let size = tensor.size();
    size.try_into().map_err(|s: Vec<i64>| TchError::Shape(format!("expected four sizes, got {s:?}")))
}
