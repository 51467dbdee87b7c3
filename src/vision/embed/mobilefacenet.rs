//! MobileFaceNet (Chen et al. 2018, table 1), 112×112 → d: a network for weak machines, made of inverted residuals.

use tch::{TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layer::Layer;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{LAST_SIDE, MobileBlockLayers, MobileForm, MobileLayers};
use crate::vision::shared_tensor::SharedTensor;

/// In any of its forms, which are told apart by their tensors' names; norms are folded into the convolutions before them
/// when it is loaded.
pub(super) struct MobileFaceNet {
    layers: MobileLayers<Layer>,
    /// Weights and bias behind the planes, d×(planes·height·width) with the planes last.
    fc: Option<(SharedTensor, SharedTensor)>,
    d: usize,
}

impl MobileFaceNet {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
    pub(super) fn from_weights(weights: &Weights<'_>, form: MobileForm) -> Result<Self, VisionError> {
        let d = weights.d(form.last())?;
        let layers = MobileLayers::table(form, d).try_map(|layer| Layer::from_weights(weights, layer))?;
        let fc = match &layers.fc {
            Some(fc) => {
                let weight = weights.take(&format!("{}.weight", fc.name), &[d, fc.planes * LAST_SIDE * LAST_SIDE])?;
                // Channels are last in memory here, so the weights are put into the same order.
                let weight = weight.f_reshape([d, fc.planes, LAST_SIDE, LAST_SIDE])?.f_permute([0, 2, 3, 1])?;
                let bias = weights.shared(&format!("{}.bias", fc.name), &[d])?;
                Some((weights.share(&weight.f_reshape([d, -1])?)?, bias))
            }
            None => None,
        };
        Ok(Self { layers, fc, d: d as usize })
    }
}

impl MobileBlockLayers<Layer> {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let [expansion, depthwise, projection] = &self.layers;
        let mut branch = projection.forward(&depthwise.forward(&expansion.forward(input)?)?)?;
        if self.shortcut { branch.f_add_(input) } else { Ok(branch) }
    }
}

impl Backbone for MobileFaceNet {
    fn features(&self, input: &Tensor) -> Result<Features, TchError> {
        let mut x = input.shallow_clone();
        for layer in &self.layers.stem {
            x = layer.forward(&x)?;
        }
        let mut levels = Vec::new();
        for blocks in &self.layers.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        for layer in &self.layers.head {
            x = layer.forward(&x)?;
        }
        let rows = x.f_permute([0, 2, 3, 1])?.f_reshape([x.size()[0], -1])?;
        let embedding = match &self.fc {
            Some((weight, bias)) => rows.f_linear(weight.as_tensor(), Some(bias.as_tensor()))?,
            None => rows,
        };
        Ok(Features { levels, embedding })
    }

    fn d(&self) -> usize {
        self.d
    }
}
