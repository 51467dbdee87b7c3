//! What can be wrong with an ONNX file.

use crate::tell;
use crate::types::{Tell, Telling};
use thiserror::Error;

use tch::TchError;

/// Why an ONNX file cannot be used.
#[derive(Debug, Error)]
pub enum OnnxError {
    #[error("it is no whole ONNX file: {0}")]
    Malformed(String),
    #[error("it asks for more than a face network needs: {0}")]
    TooMuch(String),
    #[error("the operator {op_type} of the node “{node}” is not supported")]
    Unsupported { node: String, op_type: String },
    #[error("the node “{node}” ({op_type}): {reason}")]
    Node { node: String, op_type: String, reason: String },
    #[error("the tensor “{name}” {reason}")]
    Tensor { name: String, reason: String },
    #[error("the data of the tensor “{name}” should be in “{location}”: {reason}")]
    ExternalData { name: String, location: String, reason: String },
    #[error("{0}")]
    Graph(String),
    #[error("the neural network library failed: {}", first_line(.0))]
    Tch(#[from] TchError),
}

/// What an operator has against its attributes or inputs; the node's name is put in front by whoever runs it.
#[derive(Debug)]
pub(in crate::vision) struct OpError(pub String);

impl OpError {
    pub(in crate::vision) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<TchError> for OpError {
    fn from(error: TchError) -> Self {
        Self(first_line(&error))
    }
}

/// libtorch's messages carry its own call stack; the first line says what happened.
fn first_line(error: &TchError) -> String {
    let text = error.to_string();
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("no reason given");
    line.chars().take(300).collect()
}

impl Tell for OnnxError {
    fn telling(&self) -> Telling {
        match self {
            Self::Malformed(reason) => tell!("onnx-malformed", reason = reason),
            Self::TooMuch(reason) => tell!("onnx-too-much", reason = reason),
            Self::Unsupported { node, op_type } => tell!("onnx-unsupported", node = node, op = op_type),
            Self::Node { node, op_type, reason } => tell!("onnx-node", node = node, op = op_type, reason = reason),
            Self::Tensor { name, reason } => tell!("onnx-tensor", name = name, reason = reason),
            Self::ExternalData { name, location, reason } => {
                tell!("onnx-external-data", name = name, location = location, reason = reason)
            }
            Self::Graph(reason) => tell!("onnx-graph", reason = reason),
            Self::Tch(error) => tell!("vision-library-failed", reason = first_line(error)),
        }
    }
}
