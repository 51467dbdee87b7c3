//! IR-ResNet-50; the form is that of `vision::embed::ir_resnet`.

use tch::nn::Path;
use tch::{TchError, Tensor};

use super::backbone::Features;
use super::layers::{Activation, ConvForm, Layer, Linear, Modes, Norm, at};
use crate::vision::embed::layout::{IR_STAGES, LAST_SIDE};

pub(super) struct IrResnet50 {
    stem: Layer,
    stages: Vec<Vec<Block>>,
    norm: Norm,
    fc: Linear,
    features: Norm,
}

struct Block {
    norm: Norm,
    first: Layer,
    second: Layer,
    shortcut: Option<Layer>,
}

impl IrResnet50 {
    pub(super) fn new(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let slopes = Activation::prelu(&at(root, "prelu"), 64)?;
        let stem = Layer::new(root, "conv1", "bn1", ConvForm::new([64, 3, 3, 3], 1), slopes)?;
        let mut inputs = 64;
        let mut stages = Vec::new();
        for (stage, (outputs, count)) in IR_STAGES.into_iter().enumerate() {
            let mut blocks = Vec::new();
            for i in 0..count {
                let path = at(root, &format!("layer{}.{i}", stage + 1));
                blocks.push(Block::new(&path, inputs, outputs, if i == 0 { 2 } else { 1 })?);
                inputs = outputs;
            }
            stages.push(blocks);
        }
        Ok(Self {
            stem,
            stages,
            norm: Norm::new(&at(root, "bn2"), inputs)?,
            fc: Linear::new(&at(root, "fc"), inputs * LAST_SIDE * LAST_SIDE, d)?,
            features: Norm::new(&at(root, "features"), d)?,
        })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        let mut x = self.stem.forward(input, modes.body)?;
        let mut levels = Vec::new();
        for (i, blocks) in self.stages.iter().enumerate() {
            let train = modes.of_stage(i, self.stages.len());
            for block in blocks {
                x = block.forward(&x, train)?;
            }
            levels.push(x.shallow_clone());
        }
        let rows = self.norm.forward(&x, modes.last)?.f_flatten(1, -1)?;
        let embedding = self.features.forward(&self.fc.forward_with_dropout(&rows, modes.last)?, modes.last)?;
        Ok(Features { levels: levels.split_off(1), embedding })
    }
}

impl Block {
    fn new(path: &Path<'_>, inputs: i64, outputs: i64, stride: i64) -> Result<Self, TchError> {
        let slopes = Activation::prelu(&at(path, "prelu"), outputs)?;
        let shortcut = if stride == 1 {
            None
        } else {
            let form = ConvForm::new([outputs, inputs, 1, 1], stride);
            Some(Layer::new(path, "downsample.0", "downsample.1", form, Activation::None)?)
        };
        let second = ConvForm::new([outputs, outputs, 3, 3], stride);
        Ok(Self {
            norm: Norm::new(&at(path, "bn1"), inputs)?,
            first: Layer::new(path, "conv1", "bn2", ConvForm::new([outputs, inputs, 3, 3], 1), slopes)?,
            second: Layer::new(path, "conv2", "bn3", second, Activation::None)?,
            shortcut,
        })
    }

    fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let inner = self.first.forward(&self.norm.forward(input, train)?, train)?;
        let branch = self.second.forward(&inner, train)?;
        match &self.shortcut {
            Some(shortcut) => branch.f_add(&shortcut.forward(input, train)?),
            None => branch.f_add(input),
        }
    }
}
