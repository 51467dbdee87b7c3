//! Bottleneck ResNet-50; the form is that of `vision::embed::resnet`.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use super::backbone::Features;
use super::layers::{Activation, ConvForm, Layer, Linear, Modes, Norm, at};
use crate::vision::embed::layout::{BOTTLENECK_EXPANSION, BOTTLENECK_STAGES};

pub(super) struct Resnet50 {
    stem: Layer,
    stages: Vec<Vec<Block>>,
    fc: Linear,
    features: Option<Norm>,
}

struct Block {
    layers: [Layer; 3],
    shortcut: Option<Layer>,
}

impl Resnet50 {
    /// `has_features`: whether a norm stands behind the last layer.
    pub(super) fn new(root: &Path<'_>, d: i64, has_features: bool) -> Result<Self, TchError> {
        let stem = Layer::new(root, "conv1", "bn1", ConvForm::new([64, 3, 3, 3], 1), Activation::Relu)?;
        let mut inputs = 64;
        let mut stages = Vec::new();
        for (stage, (between, count)) in BOTTLENECK_STAGES.into_iter().enumerate() {
            let mut blocks = Vec::new();
            for i in 0..count {
                let path = at(root, &format!("layer{}.{i}", stage + 1));
                blocks.push(Block::new(&path, inputs, between, if i == 0 && stage > 0 { 2 } else { 1 })?);
                inputs = between * BOTTLENECK_EXPANSION;
            }
            stages.push(blocks);
        }
        let features = if has_features { Some(Norm::new(&at(root, "features"), d)?) } else { None };
        Ok(Self { stem, stages, fc: Linear::new(&at(root, "fc"), inputs, d)?, features })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        let stem = self.stem.forward(input, modes.body)?;
        let mut x = stem.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        let mut levels = Vec::new();
        for (i, blocks) in self.stages.iter().enumerate() {
            let train = modes.of_stage(i, self.stages.len());
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

impl Block {
    fn new(path: &Path<'_>, inputs: i64, between: i64, stride: i64) -> Result<Self, TchError> {
        let outputs = between * BOTTLENECK_EXPANSION;
        let shortcut = if inputs == outputs {
            None
        } else {
            let form = ConvForm::new([outputs, inputs, 1, 1], stride);
            Some(Layer::new(path, "downsample.0", "downsample.1", form, Activation::None)?)
        };
        let layer = |i: usize, form: ConvForm, activation: Activation| {
            Layer::new(path, &format!("conv{i}"), &format!("bn{i}"), form, activation)
        };
        let layers = [
            layer(1, ConvForm::new([between, inputs, 1, 1], 1), Activation::Relu)?,
            layer(2, ConvForm::new([between, between, 3, 3], stride), Activation::Relu)?,
            layer(3, ConvForm::new([outputs, between, 1, 1], 1), Activation::None)?,
        ];
        Ok(Self { layers, shortcut })
    }

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
