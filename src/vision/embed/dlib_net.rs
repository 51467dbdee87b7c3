//! dlib's face recognition network: 29 convolutions, 150×150 RGB → 128.

use std::path::Path;

use tch::{Device, Kind, TchError, Tensor};

use super::dlib::{self, BLOCKS, D, FoldedConv, LAST_PLANES};
use super::layers::Conv;
use super::{Net, corrupt, read_weights};
use crate::vision::VisionError;
use crate::vision::manifest::{ChannelOrder, InputSpec};
use crate::vision::shared_tensor::SharedTensor;

/// A ResNet after He et al. 2016 with half the filters of ResNet-34 and fewer layers, by dlib's author
/// (blog.dlib.net, February 2017). Shortcuts have no weights: where planes or pixels differ in number, the
/// smaller side is filled up with zeros.
pub(super) struct DlibNet {
    stem: Conv,
    blocks: Vec<Block>,
    /// 256×128, always float.
    fc: SharedTensor,
}

struct Block {
    first: Conv,
    second: Conv,
    down: bool,
}

impl DlibNet {
    /// # Errors
    /// A missing, foreign or damaged file, and a manifest whose input is not the one that the file states.
    pub(super) fn load(path: &Path, input: &InputSpec, device: Device, kind: Kind) -> Result<Self, VisionError> {
        let weights = dlib::parse(&read_weights(path, dlib::MAX_BYTES)?)
            .map_err(|e| corrupt(path, format!("it is not dlib's face recognition network: {e}")))?;
        let same_mean = input.mean.iter().zip(weights.mean).all(|(a, b)| (a - b).abs() < 1e-2);
        if !same_mean || input.std != [256.0; 3] || input.channel_order != ChannelOrder::Rgb {
            let [r, g, b] = weights.mean;
            let reason = format!("the file takes RGB with mean {r} {g} {b} and std 256, the manifest says otherwise");
            return Err(corrupt(path, reason));
        }
        let mut convs = weights.convs.iter().map(|conv| conv_on_device(conv, device, kind));
        let mut next = || {
            let conv = convs.next().unwrap_or_else(|| Err(TchError::Shape("a convolution is missing".to_owned())))?;
            Ok::<_, VisionError>(conv)
        };
        let stem = next()?;
        let mut blocks = Vec::with_capacity(BLOCKS.len());
        for spec in BLOCKS {
            blocks.push(Block { first: next()?, second: next()?, down: spec.down });
        }
        let fc = Tensor::f_from_slice(&weights.fc)?.f_reshape([LAST_PLANES as i64, D as i64])?.f_to_device(device)?;
        Ok(Self { stem, blocks, fc: SharedTensor::new(fc) })
    }
}

fn conv_on_device(conv: &FoldedConv, device: Device, kind: Kind) -> Result<Conv, TchError> {
    let spec = conv.spec;
    let [outputs, inputs, kernel] = [spec.outputs, spec.inputs, spec.kernel].map(|n| n as i64);
    let weight = Tensor::f_from_slice(&conv.filters)?.f_reshape([outputs, inputs, kernel, kernel])?.f_to_kind(kind)?;
    let bias = Tensor::f_from_slice(&conv.bias)?.f_to_kind(kind)?;
    Conv::new(&weight, &bias, spec.stride as i64, spec.padding() as i64, device)
}

impl Net for DlibNet {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let mut x = self.stem.forward(input)?.f_relu_()?.f_max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false)?;
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        x.f_mean_dim([2, 3].as_slice(), false, Kind::Float)?.f_matmul(self.fc.as_tensor())
    }

    fn d(&self) -> Option<usize> {
        Some(D)
    }
}

impl Block {
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
