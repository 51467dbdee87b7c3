//! What an operator is and what it is made from.

use tch::Tensor;

use super::form::Form;
use super::inputs::Inputs;
use crate::vision::error::OpError;
use crate::vision::onnx::attributes::Attributes;

/// What a node does to its inputs. Changes none of them.
pub(in crate::vision::onnx) trait Operator: Send + Sync {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError>;

    /// What it computes, where that is looked for.
    fn form(&self) -> Form {
        Form::Other
    }
}

pub(super) type Made = Result<Box<dyn Operator>, OpError>;

/// What a node says beside its inputs.
pub(in crate::vision::onnx) struct Spec<'a> {
    pub op_type: &'a str,
    pub attributes: Attributes<'a>,
    /// Version of the operators that the file speaks.
    pub opset: i64,
    /// For each input that is there whether its type in the file is known, and which one it is.
    pub types: Vec<Option<Option<i32>>>,
}
