//! What the native networks share: weights that never change once they are loaded.

use tch::{Device, TchError, Tensor};

use crate::vision::layout::EPSILON;
use crate::vision::shared_tensor::SharedTensor;

/// A convolution with bias and square kernel; a norm behind it is folded into its weights.
pub(super) struct Conv {
    weight: SharedTensor,
    bias: SharedTensor,
    stride: i64,
    padding: i64,
    /// Whether the padding stands at the right and at the bottom alone.
    pads_behind: bool,
    groups: i64,
}

impl Conv {
    /// `weight` out×in×k×k, `bias` of length out, both float.
    pub(super) fn new(
        weight: &Tensor,
        bias: &Tensor,
        stride: i64,
        padding: i64,
        device: Device,
    ) -> Result<Self, TchError> {
        Ok(Self {
            weight: SharedTensor::new(channels_last(&weight.f_to_device(device)?)?),
            bias: SharedTensor::new(bias.f_to_device(device)?.f_contiguous()?),
            stride,
            padding,
            pads_behind: false,
            groups: 1,
        })
    }

    /// The same in so many groups of planes.
    pub(super) fn with_groups(self, groups: i64) -> Self {
        Self { groups, ..self }
    }

    /// The same with its padding at the right and at the bottom alone where `pads_behind`.
    pub(super) fn with_padding_behind(self, pads_behind: bool) -> Self {
        Self { pads_behind, ..self }
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias, stride) = (self.weight.as_tensor(), Some(self.bias.as_tensor()), [self.stride; 2]);
        if self.pads_behind {
            let padded = input.f_constant_pad_nd([0, self.padding, 0, self.padding])?;
            return padded.f_conv2d(weight, bias, stride, [0, 0], [1, 1], self.groups);
        }
        input.f_conv2d(weight, bias, stride, [self.padding; 2], [1, 1], self.groups)
    }
}

/// A norm that is run as it stands, with its stored statistics.
pub(super) struct Norm {
    pub weight: SharedTensor,
    pub bias: SharedTensor,
    pub mean: SharedTensor,
    pub variance: SharedTensor,
}

impl Norm {
    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias) = (Some(self.weight.as_tensor()), Some(self.bias.as_tensor()));
        let (mean, variance) = (Some(self.mean.as_tensor()), Some(self.variance.as_tensor()));
        input.f_batch_norm(weight, bias, mean, variance, false, 0.0, EPSILON, false)
    }
}

/// The same tensor with its channels next to each other in memory.
fn channels_last(tensor: &Tensor) -> Result<Tensor, TchError> {
    tensor.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])
}
