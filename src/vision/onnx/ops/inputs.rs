//! What goes into an operator, and what it may spend.

use std::cell::Cell;

use tch::{Device, Kind, Tensor};

use crate::vision::error::OpError;
use crate::vision::onnx::tensor_data::MAX_ELEMENTS;

/// Multiplications that one run may take, at most: ten times what a ResNet-100 needs for 32 crops.
const MAX_WORK: u64 = 1 << 43;

/// What may still be spent in one run.
pub(in crate::vision::onnx) struct Budget {
    work: Cell<u64>,
}

impl Budget {
    pub(in crate::vision::onnx) fn new() -> Self {
        Self { work: Cell::new(MAX_WORK) }
    }

    fn spend(&self, work: u64) -> Result<(), OpError> {
        let left = self.work.get().checked_sub(work);
        self.work.set(left.ok_or_else(|| OpError::new("the graph takes more steps than a face network needs"))?);
        Ok(())
    }
}

/// The tensors that go into a node, with their names.
pub(in crate::vision::onnx) struct Inputs<'a> {
    pub tensors: Vec<Option<&'a Tensor>>,
    pub names: Vec<&'a str>,
    pub budget: &'a Budget,
}

impl<'a> Inputs<'a> {
    /// Input `i`, which the node cannot do without.
    pub(super) fn tensor(&self, i: usize) -> Result<&'a Tensor, OpError> {
        self.optional(i).ok_or_else(|| OpError::new(format!("its input {i} is missing")))
    }

    pub(super) fn optional(&self, i: usize) -> Option<&'a Tensor> {
        self.tensors.get(i).copied().flatten()
    }

    /// Input `i` in words, for what is wrong with it.
    pub(super) fn describe(&self, i: usize) -> String {
        let name = self.names.get(i).copied().unwrap_or_default();
        let shape = self.optional(i).map(Tensor::size).unwrap_or_default();
        format!("the tensor “{name}” has the shape {shape:?}")
    }

    /// Input `i` as a short list of integers.
    pub(super) fn ints(&self, i: usize) -> Result<Option<Vec<i64>>, OpError> {
        let Some(tensor) = self.optional(i) else { return Ok(None) };
        if tensor.size().len() > 1 || tensor.numel() > 64 || tensor.kind() != Kind::Int64 {
            return Err(OpError::new(format!("{}, expected a short list of integers", self.describe(i))));
        }
        Ok(Some(Vec::try_from(&tensor.f_reshape([-1])?)?))
    }

    /// Input `i` as a short list of floats.
    pub(super) fn floats(&self, i: usize) -> Result<Option<Vec<f32>>, OpError> {
        let Some(tensor) = self.optional(i) else { return Ok(None) };
        if tensor.size().len() > 1 || tensor.numel() > 64 || !tensor.is_floating_point() {
            return Err(OpError::new(format!("{}, expected a short list of floats", self.describe(i))));
        }
        Ok(Some(Vec::try_from(&tensor.f_reshape([-1])?.f_to_device(tch::Device::Cpu)?)?))
    }

    /// Allows an output of this shape that takes `work` multiplications for each element; its number of elements.
    pub(super) fn allow(&self, shape: &[i64], work: i64) -> Result<(), OpError> {
        let elements = shape.iter().try_fold(1i64, |n, &side| n.checked_mul(side.max(0)));
        let Some(elements) = elements.filter(|&n| n <= MAX_ELEMENTS) else {
            return Err(OpError::new(format!("its output would have the shape {shape:?}, which is too large")));
        };
        self.budget.spend(elements.unsigned_abs().saturating_mul(work.unsigned_abs().max(1)))
    }
}

/// The tensors on one device: what was an integer may be on the processor still.
pub(super) fn on_one_device(tensors: &[&Tensor]) -> Result<Vec<Tensor>, OpError> {
    let device = tensors.iter().map(|tensor| tensor.device()).find(|device| *device != Device::Cpu);
    let device = device.unwrap_or(Device::Cpu);
    Ok(tensors.iter().map(|tensor| tensor.f_to_device(device)).collect::<Result<_, _>>()?)
}
