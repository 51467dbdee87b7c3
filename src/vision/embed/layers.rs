//! What the native networks share: weights that never change once they are loaded.

use tch::{Device, TchError, Tensor};

use super::layout::EPSILON;
use crate::vision::shared_tensor::SharedTensor;

/// A convolution with bias and square kernel; a norm behind it is folded into its weights.
pub(super) struct Conv {
    weight: SharedTensor,
    bias: SharedTensor,
    stride: i64,
    padding: i64,
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
            groups: 1,
        })
    }

    /// The same in so many groups of planes.
    pub(super) fn with_groups(self, groups: i64) -> Self {
        Self { groups, ..self }
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (stride, padding) = ([self.stride; 2], [self.padding; 2]);
        input.f_conv2d(self.weight.as_tensor(), Some(self.bias.as_tensor()), stride, padding, [1, 1], self.groups)
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
