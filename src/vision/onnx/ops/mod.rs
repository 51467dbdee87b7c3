//! The operators. Each is made from a node's attributes when a file is read, and then only run.

mod axes;
mod compare;
mod conv;
mod elementwise;
mod form;
mod index;
mod inputs;
mod linear;
mod make;
mod norm;
mod operator;
mod planes_norm;
mod pool;
mod quantize;
mod reduce;
mod resize;
mod shape;
mod table;
mod unary;
mod window;

pub(super) use form::{ConvForm, Form};
pub(super) use inputs::{Budget, Inputs};
pub(super) use operator::{Operator, Spec};
pub(super) use table::{Maker, build, operator_info};
pub use table::{OperatorInfo, supported_operators};

use crate::vision::error::OpError;
use axes::{axes_of, axis_of, broadcast_shape};
use inputs::on_one_device;
use operator::Made;
