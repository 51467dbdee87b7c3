//! The operators. Each is made from a node's attributes when a file is read, and then only run.

mod compare;
mod conv;
mod elementwise;
mod form;
mod index;
mod linear;
mod make;
mod norm;
mod planes_norm;
mod pool;
mod quantize;
mod reduce;
mod resize;
mod shape;
mod table;
mod unary;
mod window;

use std::cell::Cell;

use tch::{Device, Kind, Tensor};

use super::attributes::Attributes;
use super::error::OpError;
use super::tensor_data::MAX_ELEMENTS;
pub(super) use form::{ConvForm, Form};
pub(super) use table::{Maker, operator_info};
pub use table::{OperatorInfo, supported_operators};

/// Multiplications that one run may take, at most: ten times what a ResNet-100 needs for 32 crops.
const MAX_WORK: u64 = 1 << 43;

/// What a node does to its inputs. Changes none of them.
pub(super) trait Operator: Send + Sync {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError>;

    /// What it computes, where that is looked for.
    fn form(&self) -> Form {
        Form::Other
    }
}

type Made = Result<Box<dyn Operator>, OpError>;

/// What a node says beside its inputs.
pub(super) struct Spec<'a> {
    pub op_type: &'a str,
    pub attributes: Attributes<'a>,
    /// Version of the operators that the file speaks.
    pub opset: i64,
    /// For each input that is there whether its type in the file is known, and which one it is.
    pub types: Vec<Option<Option<i32>>>,
}

/// The operators of a node, one for each of its `outputs`; `None` where there is none of that name.
///
/// # Errors
/// Attributes of another type, out of range, or unknown.
pub(super) fn build(spec: &Spec<'_>, outputs: usize) -> Result<Option<Vec<Box<dyn Operator>>>, OpError> {
    let operators = match table::operator_info(spec.op_type).map(|operator| operator.maker) {
        Some(Maker::Node(make)) => vec![make(spec)?],
        Some(Maker::Parts(make)) => (0..outputs).map(|i| make(spec, i, outputs)).collect::<Result<_, _>>()?,
        Some(Maker::Graph) | None => return Ok(None),
    };
    spec.attributes.finish()?;
    Ok(Some(operators))
}

/// The tensors on one device: what was an integer may be on the processor still.
fn on_one_device(tensors: &[&Tensor]) -> Result<Vec<Tensor>, OpError> {
    let device = tensors.iter().map(|tensor| tensor.device()).find(|device| *device != Device::Cpu);
    let device = device.unwrap_or(Device::Cpu);
    Ok(tensors.iter().map(|tensor| tensor.f_to_device(device)).collect::<Result<_, _>>()?)
}

/// What may still be spent in one run.
pub(super) struct Budget {
    work: Cell<u64>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { work: Cell::new(MAX_WORK) }
    }

    fn spend(&self, work: u64) -> Result<(), OpError> {
        let left = self.work.get().checked_sub(work);
        self.work.set(left.ok_or_else(|| OpError::new("the graph takes more steps than a face network needs"))?);
        Ok(())
    }
}

/// The tensors that go into a node, with their names.
pub(super) struct Inputs<'a> {
    pub tensors: Vec<Option<&'a Tensor>>,
    pub names: Vec<&'a str>,
    pub budget: &'a Budget,
}

impl<'a> Inputs<'a> {
    /// Input `i`, which the node cannot do without.
    fn tensor(&self, i: usize) -> Result<&'a Tensor, OpError> {
        self.optional(i).ok_or_else(|| OpError::new(format!("its input {i} is missing")))
    }

    fn optional(&self, i: usize) -> Option<&'a Tensor> {
        self.tensors.get(i).copied().flatten()
    }

    /// Input `i` in words, for what is wrong with it.
    fn describe(&self, i: usize) -> String {
        let name = self.names.get(i).copied().unwrap_or_default();
        let shape = self.optional(i).map(Tensor::size).unwrap_or_default();
        format!("the tensor “{name}” has the shape {shape:?}")
    }

    /// Input `i` as a short list of integers.
    fn ints(&self, i: usize) -> Result<Option<Vec<i64>>, OpError> {
        let Some(tensor) = self.optional(i) else { return Ok(None) };
        if tensor.size().len() > 1 || tensor.numel() > 64 || tensor.kind() != Kind::Int64 {
            return Err(OpError::new(format!("{}, expected a short list of integers", self.describe(i))));
        }
        Ok(Some(Vec::try_from(&tensor.f_reshape([-1])?)?))
    }

    /// Input `i` as a short list of floats.
    fn floats(&self, i: usize) -> Result<Option<Vec<f32>>, OpError> {
        let Some(tensor) = self.optional(i) else { return Ok(None) };
        if tensor.size().len() > 1 || tensor.numel() > 64 || !tensor.is_floating_point() {
            return Err(OpError::new(format!("{}, expected a short list of floats", self.describe(i))));
        }
        Ok(Some(Vec::try_from(&tensor.f_reshape([-1])?.f_to_device(tch::Device::Cpu)?)?))
    }

    /// Allows an output of this shape that takes `work` multiplications for each element; its number of elements.
    fn allow(&self, shape: &[i64], work: i64) -> Result<(), OpError> {
        let elements = shape.iter().try_fold(1i64, |n, &side| n.checked_mul(side.max(0)));
        let Some(elements) = elements.filter(|&n| n <= MAX_ELEMENTS) else {
            return Err(OpError::new(format!("its output would have the shape {shape:?}, which is too large")));
        };
        self.budget.spend(elements.unsigned_abs().saturating_mul(work.unsigned_abs().max(1)))
    }
}

/// The axis of a tensor with `rank` axes; negative ones count from the end.
fn axis_of(axis: i64, rank: usize) -> Result<usize, OpError> {
    let rank = rank as i64;
    let found = if axis < 0 { axis.saturating_add(rank) } else { axis };
    if (0..rank).contains(&found) {
        return Ok(found as usize);
    }
    Err(OpError::new(format!("there is no axis {axis} among {rank}")))
}

/// Several axes, each at most once.
fn axes_of(axes: &[i64], rank: usize) -> Result<Vec<usize>, OpError> {
    let mut found = axes.iter().map(|&axis| axis_of(axis, rank)).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    if found.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(OpError::new(format!("the axes {axes:?} name one twice")));
    }
    Ok(found)
}

/// The shape that two shapes are stretched to.
fn broadcast_shape(a: &[i64], b: &[i64]) -> Result<Vec<i64>, OpError> {
    let rank = a.len().max(b.len());
    let side = |shape: &[i64], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    (0..rank)
        .map(|i| match (side(a, i), side(b, i)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(OpError::new(format!("the shapes {a:?} and {b:?} do not go together"))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_count_from_both_ends_and_once() {
        assert_eq!(axes_of(&[-1, 0], 4).unwrap(), [0, 3]);
        for axes in [&[4][..], &[-5], &[i64::MIN], &[1, -3]] {
            assert!(axes_of(axes, 4).is_err(), "{axes:?}");
        }
    }

    #[test]
    fn shapes_are_stretched_where_they_are_one() {
        assert_eq!(broadcast_shape(&[2, 1, 5], &[3, 1]).unwrap(), [2, 3, 5]);
        assert_eq!(broadcast_shape(&[], &[0, 4]).unwrap(), [0, 4]);
        assert!(broadcast_shape(&[2, 3], &[2]).is_err());
    }
}
