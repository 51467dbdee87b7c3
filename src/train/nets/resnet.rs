//! Bottleneck ResNet-50, by the table of layers that `vision::embed` runs.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use super::layers::{Features, Layer, Linear, Modes, Norm, at};
use crate::vision::layout::{BottleneckBlockLayers, BottleneckLayers};

pub(super) struct Resnet50 {
    layers: BottleneckLayers<Layer>,
    fc: Linear,
    features: Option<Norm>,
}

impl Resnet50 {
    /// `has_features`: whether a norm stands behind the last layer.
    pub(super) fn new(root: &Path<'_>, d: i64, has_features: bool) -> Result<Self, TchError> {
        let layers = BottleneckLayers::table().try_map(|layer| Layer::new(root, layer))?;
        let features = if has_features { Some(Norm::new(&at(root, "features"), d)?) } else { None };
        Ok(Self { fc: Linear::new(&at(root, "fc"), layers.outputs, d)?, layers, features })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        let stem = self.layers.stem.forward(input, modes.body)?;
        let mut x = stem.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        let mut levels = Vec::new();
        for (i, blocks) in self.layers.stages.iter().enumerate() {
            let train = modes.of_stage(i, self.layers.stages.len());
            for block in blocks {
                x = block.forward(&x, train)?;
            }
            levels.push(x.shallow_clone());
        }
        let pooled = x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?;
        let mut embedding = self.fc.forward_with_dropout(&pooled, modes.last)?;
        if let Some(features) = &self.features {
            embedding = features.forward(&embedding, modes.last)?;
        }
        Ok(Features { levels: levels.split_off(1), embedding })
    }
}

impl BottleneckBlockLayers<Layer> {
    fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let mut branch = self.layers[0].forward(input, train)?;
        for layer in &self.layers[1..] {
            branch = layer.forward(&branch, train)?;
        }
        match &self.shortcut {
            Some(shortcut) => branch.f_add(&shortcut.forward(input, train)?)?.f_relu(),
            None => branch.f_add(input)?.f_relu(),
        }
    }
}
