use std::collections::BTreeMap;

use tch::{Device, Kind, Tensor};

use super::walk::{ConvLayer, NormLayer};
use crate::vision::layout::EPSILON;
use crate::vision::torch_file::FloatArray;

/// Tensors by name. What cannot be copied is `None`, as is everything here that does not fit.
#[derive(Default)]
pub(super) struct Arrays(BTreeMap<String, FloatArray>);

impl Arrays {
    pub(super) fn into_map(self) -> BTreeMap<String, FloatArray> {
        self.0
    }

    /// The numbers of `tensor` in another shape.
    pub(super) fn put(&mut self, name: String, tensor: &Tensor, shape: &[i64]) -> Option<()> {
        let plain = tensor.f_to_device(Device::Cpu).ok()?.f_to_kind(Kind::Float).ok()?.f_contiguous().ok()?;
        if shape.iter().product::<i64>() != plain.numel() as i64 {
            return None;
        }
        let mut data = vec![0.0; plain.numel()];
        plain.f_copy_data(&mut data, plain.numel()).ok()?;
        let shape = shape.iter().map(|&side| side as usize).collect();
        self.0.insert(name, FloatArray { shape, data });
        Some(())
    }

    pub(super) fn put_zeros(&mut self, name: String, count: i64) {
        self.fill(name, 0.0, count);
    }

    fn fill(&mut self, name: String, value: f32, count: i64) {
        let count = count as usize;
        self.0.insert(name, FloatArray { shape: vec![count], data: vec![value; count] });
    }

    /// A convolution whose norm is folded already, as convolution without bias and a norm that only adds it.
    pub(super) fn put_conv(&mut self, conv: &str, norm: &str, layer: &ConvLayer<'_>) -> Option<()> {
        let shape = layer.weight.size();
        self.put(format!("{conv}.weight"), layer.weight, &shape)?;
        self.put_shift(norm, layer.bias, shape[0])
    }

    /// A convolution with its bias.
    pub(super) fn put_conv_with_bias(&mut self, name: &str, layer: &ConvLayer<'_>) -> Option<()> {
        let shape = layer.weight.size();
        self.put(format!("{name}.weight"), layer.weight, &shape)?;
        match layer.bias {
            Some(bias) => self.put(format!("{name}.bias"), bias, &shape[..1]),
            None => {
                self.fill(format!("{name}.bias"), 0.0, shape[0]);
                Some(())
            }
        }
    }

    /// A norm that does nothing but add `shift`: the native one adds ε to the variance again.
    pub(super) fn put_shift(&mut self, norm: &str, shift: Option<&Tensor>, planes: i64) -> Option<()> {
        self.fill(format!("{norm}.weight"), 1.0, planes);
        match shift {
            Some(shift) => self.put(format!("{norm}.bias"), shift, &[planes])?,
            None => self.fill(format!("{norm}.bias"), 0.0, planes),
        }
        self.fill(format!("{norm}.running_mean"), 0.0, planes);
        self.fill(format!("{norm}.running_var"), (1.0 - EPSILON) as f32, planes);
        Some(())
    }

    pub(super) fn put_norm(&mut self, name: &str, norm: &NormLayer<'_>) -> Option<()> {
        let planes = norm.scale.numel() as i64;
        let mut part = |part: &str, tensor: &Tensor| self.put(format!("{name}.{part}"), tensor, &[planes]);
        part("weight", norm.scale)?;
        part("bias", norm.shift)?;
        part("running_mean", norm.mean)?;
        // Files state ε in 32 bits; another one than the native network's is part of the variance then.
        let other = norm.epsilon - EPSILON;
        if other.abs() < 1e-9 {
            return part("running_var", norm.variance);
        }
        part("running_var", &norm.variance.f_add_scalar(other).ok()?.f_clamp_min(0.0).ok()?)
    }
}
