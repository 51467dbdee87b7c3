//! Bottleneck ResNet-50, 112×112 → d, with weights from safetensors or a state dict.

use tch::{Kind, TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layer::Layer;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{BottleneckBlockLayers, BottleneckLayers};
use crate::vision::shared_tensor::SharedTensor;

/// The ResNet-50 of He et al. 2016 with 1×1-3×3-1×1 blocks, for small pictures.
///
/// Tensor names are those of torchvision's `resnet50` state dict, and so are all layers but two: `conv1` is 3×3 with
/// stride 1 (64×3×3×3; torchvision's is 7×7 with stride 2, which would leave a face of 112 pixels 4×4 at the end
/// instead of 7×7), and `fc` gives the embedding (d×2048). A norm `features` over the d numbers may stand behind it.
/// The 3×3 max pooling with stride 2 behind the stem stays, and the stride of a stage stands in its 3×3 convolution.
///
/// Every norm stands behind a convolution or the last layer and is folded into it.
pub(super) struct Resnet50 {
    layers: BottleneckLayers<Layer>,
    fc: SharedTensor,
    fc_bias: SharedTensor,
    d: usize,
}

impl Resnet50 {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
    pub(super) fn from_weights(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let layers = BottleneckLayers::table().try_map(|layer| Layer::from_weights(weights, layer))?;
        let d = weights.d("fc.bias")?;
        let mut fc = weights.take("fc.weight", &[d, layers.outputs])?;
        let mut bias = weights.take("fc.bias", &[d])?;
        if weights.has("features.weight") {
            let (scale, shift) = weights.scale_and_shift("features", d)?;
            fc = fc.f_mul(&scale.f_reshape([-1, 1])?)?;
            bias = bias.f_mul(&scale)?.f_add(&shift)?;
        }
        Ok(Self { layers, fc: weights.share(&fc)?, fc_bias: weights.share(&bias)?, d: d as usize })
    }
}

impl BottleneckBlockLayers<Layer> {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let [first, second, third] = &self.layers;
        let mut branch = third.forward(&second.forward(&first.forward(input)?)?)?;
        match &self.shortcut {
            Some(shortcut) => branch.f_add_(&shortcut.forward(input)?)?.f_relu_(),
            None => branch.f_add_(input)?.f_relu_(),
        }
    }
}

impl Backbone for Resnet50 {
    fn features(&self, input: &Tensor) -> Result<Features, TchError> {
        let stem = self.layers.stem.forward(input)?;
        let mut x = stem.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        let mut levels = Vec::new();
        for blocks in &self.layers.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        let pooled = x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?;
        let embedding = pooled.f_linear(self.fc.as_tensor(), Some(self.fc_bias.as_tensor()))?;
        Ok(Features { levels: levels.split_off(1), embedding })
    }

    fn d(&self) -> usize {
        self.d
    }
}
