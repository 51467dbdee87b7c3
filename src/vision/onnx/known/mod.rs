//! Graphs whose layers are those of a network that Likeness has itself.
//!
//! An exporter writes the same network in many ways: norms folded or not, a `Flatten`, a `Reshape` or the arithmetic of
//! shapes before the fully connected layer, `Gemm` or `MatMul` and `Add`, names or numbers. All of that is gone once a
//! [`Plan`] is made, so what is compared is which layer follows which, with the sizes, strides, paddings and groups of
//! each, from the input to the output. What fits is given out as the tensors of the native network.

mod arrays;
mod ir_resnet;
mod mobilefacenet;
mod walk;

use std::collections::BTreeMap;

use super::plan::Plan;
use crate::vision::torch_file::FloatArray;
use arrays::Arrays;
use walk::Walk;

/// The native networks that a graph may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownKind {
    IrResnet50,
    MobileFaceNet,
}

/// A graph's tensors under the names of the native network.
pub(in crate::vision) struct KnownNetwork {
    pub kind: KnownKind,
    pub arrays: BTreeMap<String, FloatArray>,
}

/// `None` where the graph is another network, or one that the native form would not compute alike.
pub(super) fn find(plan: &Plan) -> Option<KnownNetwork> {
    let mut arrays = Arrays::default();
    if ir_resnet::read(&mut Walk::new(plan), &mut arrays).is_some() {
        return Some(KnownNetwork { kind: KnownKind::IrResnet50, arrays: arrays.into_map() });
    }
    mobilefacenet::read(plan).map(|arrays| KnownNetwork { kind: KnownKind::MobileFaceNet, arrays: arrays.into_map() })
}
