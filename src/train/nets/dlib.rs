//! dlib's ResNet, by the table of layers that `vision::embed` runs. Its norms are folded, so none of its layers has modes.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use super::layers::{Features, Layer, Linear, at};
use crate::vision::layout::{DlibBlockLayers, DlibLayers};

pub(super) struct DlibResnet {
    layers: DlibLayers<Layer>,
    fc: Linear,
}

impl DlibResnet {
    pub(super) fn new(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let layers = DlibLayers::table().try_map(|layer| Layer::new(root, layer))?;
        Ok(Self { fc: Linear::without_bias(&at(root, "fc"), layers.outputs, d)?, layers })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Features, TchError> {
        let stem = self.layers.stem.forward(input, false)?;
        let mut x = stem.f_max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false)?;
        let mut levels = Vec::with_capacity(self.layers.stages.len());
        for blocks in &self.layers.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        let embedding = self.fc.forward(&x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?)?;
        Ok(Features { levels: levels.drain(1..4).collect(), embedding })
    }
}

impl DlibBlockLayers<Layer> {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let branch = self.second.forward(&self.first.forward(input, false)?, false)?;
        if !self.down {
            return branch.f_add(input)?.f_relu();
        }
        let shortcut = input.f_avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)?;
        // Whichever has fewer planes, rows or columns counts as zero beyond them.
        let (of_shortcut, of_branch) = (shortcut.size(), branch.size());
        let more = |i: usize| of_shortcut[i] - of_branch[i];
        let branch = branch.f_constant_pad_nd([0, more(3), 0, more(2)])?;
        shortcut.f_constant_pad_nd([0, 0, 0, 0, 0, -more(1)])?.f_add(&branch)?.f_relu()
    }
}
