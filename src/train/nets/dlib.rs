//! dlib's ResNet; the form is that of `vision::embed::dlib_net`. Its norms are folded, so none of its layers has modes.

use tch::nn::Path;
use tch::{Kind, TchError, Tensor};

use super::backbone::Features;
use super::layers::{Activation, Conv, ConvForm, Layer, Linear, at};
use crate::vision::embed::layout::{DLIB_STAGES, DLIB_STEM_PLANES, DlibBlock, dlib_block_name};

pub(super) struct DlibResnet {
    stem: Layer,
    stages: Vec<Vec<Block>>,
    fc: Linear,
}

struct Block {
    first: Layer,
    second: Layer,
    down: bool,
}

impl DlibResnet {
    pub(super) fn new(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let stem = ConvForm { padding: 0, ..ConvForm::new([DLIB_STEM_PLANES, 3, 7, 7], 2) };
        let stem = Layer::without_norm(Conv::new(&at(root, "stem"), stem, true)?, Activation::Relu);
        let mut stages = Vec::with_capacity(DLIB_STAGES.len());
        let (mut count, mut planes) = (0, DLIB_STEM_PLANES);
        for specs in DLIB_STAGES {
            let mut blocks = Vec::with_capacity(specs.len());
            for spec in specs {
                blocks.push(Block::new(&at(root, &dlib_block_name(count)), *spec)?);
                (count, planes) = (count + 1, spec.outputs);
            }
            stages.push(blocks);
        }
        Ok(Self { stem, stages, fc: Linear::without_bias(&at(root, "fc"), planes, d)? })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Features, TchError> {
        let stem = self.stem.forward(input, false)?;
        let mut x = stem.f_max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false)?;
        let mut levels = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        let embedding = self.fc.forward(&x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?)?;
        Ok(Features { levels: levels.drain(1..4).collect(), embedding })
    }
}

impl Block {
    fn new(path: &Path<'_>, spec: DlibBlock) -> Result<Self, TchError> {
        let DlibBlock { inputs, outputs, down } = spec;
        let first = if down {
            ConvForm { padding: 0, ..ConvForm::new([outputs, inputs, 3, 3], 2) }
        } else {
            ConvForm::new([outputs, inputs, 3, 3], 1)
        };
        let second = ConvForm::new([outputs, outputs, 3, 3], 1);
        Ok(Self {
            first: Layer::without_norm(Conv::new(&at(path, "first"), first, true)?, Activation::Relu),
            second: Layer::without_norm(Conv::new(&at(path, "second"), second, true)?, Activation::None),
            down,
        })
    }

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
