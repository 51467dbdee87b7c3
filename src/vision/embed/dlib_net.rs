//! dlib's face recognition network: 29 convolutions, 150×150 RGB → 128.

use tch::{Kind, TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layers::Conv;
use super::layout::{DLIB_STAGES, DLIB_STEM_PLANES, DlibBlock, dlib_block_name};
use super::weights::{ConvSpec, Weights};
use crate::vision::VisionError;
use crate::vision::manifest::{ChannelOrder, InputSpec};
use crate::vision::shared_tensor::SharedTensor;

/// A ResNet after He et al. 2016 with half the filters of ResNet-34 and fewer layers, by dlib's author
/// (blog.dlib.net, February 2017). Shortcuts have no weights: where planes or pixels differ in number, the
/// smaller side is filled up with zeros.
pub(super) struct DlibNet {
    stem: Conv,
    stages: Vec<Vec<Block>>,
    /// d×256, always float.
    fc: SharedTensor,
    d: usize,
}

struct Block {
    first: Conv,
    second: Conv,
    down: bool,
}

impl DlibNet {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name; a manifest whose
    /// input is not the one that the file states, where it states one.
    pub(super) fn from_weights(weights: &Weights<'_>, input: &InputSpec) -> Result<Self, VisionError> {
        check_input(weights, input)?;
        let stem = ConvSpec { padding: 0, ..ConvSpec::new([DLIB_STEM_PLANES, 3, 7, 7], 2) };
        let stem = weights.conv("stem", stem)?;
        let mut stages = Vec::with_capacity(DLIB_STAGES.len());
        let mut count = 0;
        for specs in DLIB_STAGES {
            let mut blocks = Vec::with_capacity(specs.len());
            for spec in specs {
                blocks.push(Block::from_weights(weights, &dlib_block_name(count), *spec)?);
                count += 1;
            }
            stages.push(blocks);
        }
        let planes = DLIB_STAGES.last().and_then(|blocks| blocks.last()).map_or(0, |block| block.outputs);
        let d = weights.d("fc.weight")?;
        let fc = weights.share_in(&weights.take("fc.weight", &[d, planes])?, Kind::Float)?;
        Ok(Self { stem, stages, fc, d: d as usize })
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
        let mut x = self.stem.forward(input)?.f_relu_()?.f_max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false)?;
        let mut levels = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
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

impl Block {
    fn from_weights(weights: &Weights<'_>, name: &str, spec: DlibBlock) -> Result<Self, VisionError> {
        let DlibBlock { inputs, outputs, down } = spec;
        // Padded only where the stride is 1.
        let first = if down {
            ConvSpec { padding: 0, ..ConvSpec::new([outputs, inputs, 3, 3], 2) }
        } else {
            ConvSpec::new([outputs, inputs, 3, 3], 1)
        };
        let second = ConvSpec::new([outputs, outputs, 3, 3], 1);
        Ok(Self {
            first: weights.conv(&format!("{name}.first"), first)?,
            second: weights.conv(&format!("{name}.second"), second)?,
            down,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let inner = self.first.forward(input)?.f_relu_()?;
        let mut branch = self.second.forward(&inner)?;
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
