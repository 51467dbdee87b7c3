//! IR-ResNet-50, by the table of layers that `vision::embed` runs.

use tch::nn::Path;
use tch::{TchError, Tensor};

use super::layers::{Features, Layer, Linear, Modes, Norm, at};
use crate::vision::layout::{IrBlockLayers, IrLayers};

pub(super) struct IrResnet50 {
    stem: Layer,
    stages: Vec<Vec<Block>>,
    norm: Norm,
    fc: Linear,
    features: Norm,
}

struct Block {
    norm: Norm,
    layers: IrBlockLayers<Layer>,
}

impl IrResnet50 {
    pub(super) fn new(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let layers = IrLayers::table().try_map(|layer| Layer::new(root, layer))?;
        let (flat, outputs) = (layers.flat(), layers.outputs);
        let mut stages = Vec::with_capacity(layers.stages.len());
        for blocks in layers.stages {
            let with_norm = |layers: IrBlockLayers<Layer>| {
                let (name, planes) = &layers.norm;
                Ok::<_, TchError>(Block { norm: Norm::new(&at(root, name), *planes)?, layers })
            };
            stages.push(blocks.into_iter().map(with_norm).collect::<Result<_, _>>()?);
        }
        Ok(Self {
            stem: layers.stem,
            stages,
            norm: Norm::new(&at(root, "bn2"), outputs)?,
            fc: Linear::new(&at(root, "fc"), flat, d)?,
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
    fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let IrBlockLayers { first, second, shortcut, .. } = &self.layers;
        let inner = first.forward(&self.norm.forward(input, train)?, train)?;
        let branch = second.forward(&inner, train)?;
        match shortcut {
            Some(shortcut) => branch.f_add(&shortcut.forward(input, train)?),
            None => branch.f_add(input),
        }
    }
}
