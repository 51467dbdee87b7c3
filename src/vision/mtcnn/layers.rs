//! What the three networks are made of: convolutions and dense layers by libtorch, PReLU and pooling here.
//!
//! libtorch's own max pooling and PReLU take longer than the convolutions they stand between, on maps as thin as
//! these. Pooling here also knows the true size of a map that lies in a larger one, which lets the levels of an
//! image pyramid share one input.

#![allow(unsafe_code, reason = "loops run over the memory of tensors that this module made")]

use tch::{Device, Kind, Tensor};

use super::simd;
use super::state_dict::{StateDict, tensor_of};
use crate::vision::VisionError;
use crate::vision::shared_tensor::SharedTensor;

/// `n` maps of `height`×`width` pixels with `channels` numbers each: f32, on the CPU, in the order
/// n, height, width, channel without gaps.
pub struct FeatureMap {
    tensor: Tensor,
    pub n: usize,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl FeatureMap {
    pub fn zeros(n: usize, height: usize, width: usize, channels: usize) -> Result<Self, VisionError> {
        let shape = [n as i64, height as i64, width as i64, channels as i64];
        Self::from_tensor(Tensor::f_zeros(shape, (Kind::Float, Device::Cpu))?)
    }

    /// Takes a tensor in this order, which nobody else holds.
    fn from_tensor(tensor: Tensor) -> Result<Self, VisionError> {
        let tensor = tensor.f_contiguous()?;
        match tensor.size()[..] {
            [n, height, width, channels] if tensor.kind() == Kind::Float && tensor.device() == Device::Cpu => {
                let [n, height, width, channels] = [n, height, width, channels].map(|side| side as usize);
                Ok(Self { tensor, n, height, width, channels })
            }
            ref other => Err(tch::TchError::Shape(format!("{other:?} is no feature map")).into()),
        }
    }

    fn count(&self) -> usize {
        self.n * self.height * self.width * self.channels
    }

    pub fn as_slice(&self) -> &[f32] {
        // SAFETY: `from_tensor` saw a contiguous tensor of this many floats in the CPU's memory, and the tensor
        // keeps them alive and in place as long as `self` lives. Nobody else writes to them.
        unsafe { std::slice::from_raw_parts(self.tensor.data_ptr().cast(), self.count()) }
    }

    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as above; `&mut self` makes this the only access.
        unsafe { std::slice::from_raw_parts_mut(self.tensor.data_ptr().cast(), self.count()) }
    }

    /// Numbers in one of the `n` maps.
    pub fn item_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Numbers in one row of a map.
    pub fn row_len(&self) -> usize {
        self.width * self.channels
    }
}

/// Pixels of a map: `width`×`height` from (`x`, `y`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// A convolution with stride 1 and without padding.
pub struct Conv {
    weight: SharedTensor,
    bias: SharedTensor,
}

impl Conv {
    /// `shape` is output channels, input channels, kernel side.
    pub fn load(dict: &StateDict, name: &str, [outputs, inputs, side]: [usize; 3]) -> Result<Self, VisionError> {
        let weight = dict.tensor(&format!("{name}.weight"), &[outputs, inputs, side, side])?;
        // Channels last, as the maps are.
        let weight = weight.as_tensor().f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])?;
        Ok(Self { weight: SharedTensor::new(weight), bias: dict.tensor(&format!("{name}.bias"), &[outputs])? })
    }

    pub fn forward(&self, map: &FeatureMap) -> Result<FeatureMap, VisionError> {
        let input = map.tensor.f_permute([0, 3, 1, 2])?;
        let (weight, bias) = (self.weight.as_tensor(), Some(self.bias.as_tensor()));
        // The general operator avoids oneDNN for small inputs, and is slower there than oneDNN on this layout.
        let output = if tch::utils::has_mkldnn() {
            input.f_mkldnn_convolution(weight, bias, [0, 0], [1, 1], [1, 1], 1)?
        } else {
            input.f_conv2d(weight, bias, [1, 1], [0, 0], [1, 1], 1)?
        };
        FeatureMap::from_tensor(output.f_permute([0, 2, 3, 1])?)
    }
}

/// One slope per channel for what is negative.
pub struct Prelu {
    /// The slopes over and over, so that a loop runs along rows without looking at channels.
    tiled: Vec<f32>,
    channels: usize,
}

/// Numbers of repeated slopes, about; longer rows are taken in blocks.
const TILE: usize = 4096;

impl Prelu {
    pub fn load(dict: &StateDict, name: &str, channels: usize) -> Result<Self, VisionError> {
        let slopes = dict.floats(&format!("{name}.weight"), &[channels])?;
        let tiled = slopes.iter().copied().cycle().take(TILE / channels * channels).collect();
        Ok(Self { tiled, channels })
    }

    /// In place; `values` is channels last.
    pub fn apply(&self, values: &mut [f32]) {
        for block in values.chunks_mut(self.tiled.len()) {
            simd::prelu(block, &self.tiled);
        }
    }

    /// PReLU, then the maximum of each `window`×`window` pixels in steps of two; the last windows may be cut off by
    /// the edge (PyTorch's `ceil_mode`). Reads `area` of map `item`; writes to `output` from pixel `to` (x, y) on.
    pub fn max_pool_area(
        &self,
        (map, item, area): (&FeatureMap, usize, Area),
        window: usize,
        (output, to): (&mut FeatureMap, [usize; 2]),
        scratch: &mut Vec<f32>,
    ) {
        let channels = self.channels;
        let (row_len, out_row_len) = (map.row_len(), output.row_len());
        let input = &map.as_slice()[item * map.item_len()..][..map.item_len()];
        let out_start = item * output.item_len() + to[1] * out_row_len + to[0] * channels;
        let (out_width, out_height) = (pooled_side(area.width, window), pooled_side(area.height, window));
        let count = area.width * channels;
        scratch.resize(count.max(scratch.len()), 0.0);
        let best = &mut scratch[..count];
        let out = &mut output.as_mut_slice()[out_start..];
        for (i, out) in out.chunks_mut(out_row_len).take(out_height).enumerate() {
            let rows = 2 * i..area.height.min(2 * i + window);
            for (nth, y) in rows.enumerate() {
                let row = &input[(area.y + y) * row_len + area.x * channels..][..count];
                let fold = if nth == 0 { simd::prelu_into } else { simd::prelu_max_into };
                for (best, row) in best.chunks_mut(self.tiled.len()).zip(row.chunks(self.tiled.len())) {
                    fold(best, row, &self.tiled);
                }
            }
            let out = &mut out[..out_width * channels];
            match channels {
                10 => simd::max_along_row::<10>(out, best, window),
                28 => simd::max_along_row::<28>(out, best, window),
                32 => simd::max_along_row::<32>(out, best, window),
                48 => simd::max_along_row::<48>(out, best, window),
                64 => simd::max_along_row::<64>(out, best, window),
                _ => max_along_row(out, best, window, channels),
            }
        }
    }

    /// The same over whole maps.
    pub fn max_pool(&self, map: &FeatureMap, window: usize) -> Result<FeatureMap, VisionError> {
        let (height, width) = (pooled_side(map.height, window), pooled_side(map.width, window));
        let mut output = FeatureMap::zeros(map.n, height, width, map.channels)?;
        let area = Area { x: 0, y: 0, width: map.width, height: map.height };
        let mut scratch = Vec::new();
        for item in 0..map.n {
            self.max_pool_area((map, item, area), window, (&mut output, [0, 0]), &mut scratch);
        }
        Ok(output)
    }
}

/// Pixels left of `side` after pooling in steps of two; `side` is at least `window`.
pub fn pooled_side(side: usize, window: usize) -> usize {
    side.saturating_sub(window).div_ceil(2) + 1
}

/// [`simd::max_along_row`] for a number of channels that none of the networks has.
fn max_along_row(out: &mut [f32], row: &[f32], window: usize, channels: usize) {
    for (i, out) in out.chunks_exact_mut(channels).enumerate() {
        out.fill(f32::NEG_INFINITY);
        let pixels = &row[2 * i * channels..row.len().min((2 * i + window) * channels)];
        for pixel in pixels.chunks_exact(channels) {
            for (best, &value) in out.iter_mut().zip(pixel) {
                *best = best.max(value);
            }
        }
    }
}

/// A dense layer: `outputs` numbers from `inputs`.
pub struct Dense {
    weight: SharedTensor,
    bias: SharedTensor,
    outputs: usize,
}

impl Dense {
    /// Several layers on the same input as one, whose outputs follow each other in this order.
    pub fn load_together(dict: &StateDict, layers: &[(&str, usize)], inputs: usize) -> Result<Self, VisionError> {
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        for &(name, outputs) in layers {
            weight.extend(dict.floats(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(dict.floats(&format!("{name}.bias"), &[outputs])?);
        }
        Self::new(&weight, &bias)
    }

    /// A layer on a whole map of `channels`×`side`×`side`. The published weights expect the map flattened in the
    /// order width, height, channel; here it lies as height, width, channel.
    pub fn load_on_map(
        dict: &StateDict,
        name: &str,
        outputs: usize,
        channels: usize,
        side: usize,
    ) -> Result<Self, VisionError> {
        let inputs = channels * side * side;
        let published = dict.floats(&format!("{name}.weight"), &[outputs, inputs])?;
        let mut weight = Vec::with_capacity(published.len());
        for row in published.chunks_exact(inputs) {
            for y in 0..side {
                for x in 0..side {
                    weight.extend_from_slice(&row[(x * side + y) * channels..][..channels]);
                }
            }
        }
        Self::new(&weight, dict.floats(&format!("{name}.bias"), &[outputs])?)
    }

    fn new(weight: &[f32], bias: &[f32]) -> Result<Self, VisionError> {
        let (outputs, inputs) = (bias.len(), weight.len() / bias.len());
        Ok(Self {
            weight: SharedTensor::new(tensor_of(weight, &[outputs, inputs])?),
            bias: SharedTensor::new(tensor_of(bias, &[outputs])?),
            outputs,
        })
    }

    /// `n` rows of outputs, as a map of one pixel each.
    pub fn forward(&self, map: &FeatureMap) -> Result<FeatureMap, VisionError> {
        let rows = map.tensor.f_view([map.n as i64, map.item_len() as i64])?;
        let output = rows.f_linear(self.weight.as_tensor(), Some(self.bias.as_tensor()))?;
        FeatureMap::from_tensor(output.f_view([map.n as i64, 1, 1, self.outputs as i64])?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prelu(slopes: &[f32]) -> Prelu {
        Prelu { tiled: slopes.repeat(3), channels: slopes.len() }
    }

    proptest! {
        #[test]
        fn pooling_agrees_with_the_library(
            (height, width) in (3usize..20, 3usize..20),
            window in 2usize..4,
            channels in proptest::sample::select(vec![5usize, 10, 28]),
        ) {
            let mut map = FeatureMap::zeros(2, height, width, channels).unwrap();
            for (i, v) in map.as_mut_slice().iter_mut().enumerate() {
                *v = ((i * 7919) % 1009) as f32 / 500.0 - 1.0;
            }
            let slopes: Vec<f32> = (0..channels).map(|c| c as f32 / 10.0 - 0.5).collect();
            let ours = prelu(&slopes).max_pool(&map, window).unwrap();

            let side = [window as i64, window as i64];
            let theirs = map.tensor.permute([0, 3, 1, 2]).prelu(&Tensor::from_slice(&slopes));
            let theirs = theirs.max_pool2d(side, [2, 2], [0, 0], [1, 1], true).permute([0, 2, 3, 1]).contiguous();
            prop_assert_eq!(theirs.size(), vec![2, ours.height as i64, ours.width as i64, channels as i64]);
            let theirs: Vec<f32> = theirs.view([-1]).try_into().unwrap();
            prop_assert_eq!(ours.as_slice(), &theirs[..]);
        }
    }

    #[test]
    fn an_area_is_pooled_as_if_it_stood_alone() {
        let mut large = FeatureMap::zeros(1, 9, 11, 10).unwrap();
        for (i, v) in large.as_mut_slice().iter_mut().enumerate() {
            *v = ((i * 31) % 17) as f32 - 8.0;
        }
        let area = Area { x: 2, y: 4, width: 5, height: 3 };
        let mut alone = FeatureMap::zeros(1, area.height, area.width, 10).unwrap();
        for y in 0..area.height {
            let from = (area.y + y) * large.row_len() + area.x * 10;
            let row = large.as_slice()[from..from + area.width * 10].to_vec();
            alone.as_mut_slice()[y * area.width * 10..][..area.width * 10].copy_from_slice(&row);
        }
        let prelu = prelu(&[0.5; 10]);
        let expected = prelu.max_pool(&alone, 2).unwrap();
        let mut output = FeatureMap::zeros(1, 6, 6, 10).unwrap();
        prelu.max_pool_area((&large, 0, area), 2, (&mut output, [1, 2]), &mut Vec::new());
        for y in 0..expected.height {
            let ours = &output.as_slice()[((y + 2) * 6 + 1) * 10..][..expected.row_len()];
            assert_eq!(ours, &expected.as_slice()[y * expected.row_len()..][..expected.row_len()]);
        }
    }
}
