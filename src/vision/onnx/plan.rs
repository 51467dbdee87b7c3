use std::collections::HashMap;

use tch::Tensor;

use super::OnnxError;
use super::ops::{Budget, Inputs, Operator};
use crate::vision::shared_tensor::SharedTensor;

/// Elements that may be alive at once, at most: two gigabytes of floats.
const MAX_LIVE_ELEMENTS: usize = 1 << 29;

/// A value of the graph: its input, a weight, or what a node gives.
pub(super) type ValueId = usize;

/// The nodes of a graph in an order in which each finds what it needs.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) constants: HashMap<ValueId, SharedTensor>,
    pub(super) input: ValueId,
    pub(super) output: ValueId,
    /// Of all values.
    pub(super) names: Vec<String>,
}

/// One node.
pub(super) struct Step {
    /// For messages.
    pub node: String,
    pub op_type: String,
    pub operator: Box<dyn Operator>,
    /// `None` for an optional input that is left out.
    pub inputs: Vec<Option<ValueId>>,
    pub output: ValueId,
    /// Values that no later step needs.
    pub free: Vec<ValueId>,
}

impl Step {
    /// Runs the node on what `value` gives.
    pub(super) fn run<'a>(
        &self,
        value: impl Fn(ValueId) -> Option<&'a Tensor>,
        names: &'a [String],
        budget: &Budget,
    ) -> Result<Tensor, OnnxError> {
        let fail = |reason: String| OnnxError::Node { node: self.node.clone(), op_type: self.op_type.clone(), reason };
        let mut tensors = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            tensors.push(match input {
                None => None,
                Some(id) => Some(value(*id).ok_or_else(|| fail(format!("“{}” is not there", names[*id])))?),
            });
        }
        let names = self.inputs.iter().map(|input| input.map_or("", |id| names[id].as_str())).collect();
        self.operator.run(&Inputs { tensors, names, budget }).map_err(|e| fail(e.0))
    }
}

impl Plan {
    /// One pass. What is no longer needed is let go at once.
    pub(super) fn run(&self, input: &Tensor) -> Result<Tensor, OnnxError> {
        let budget = Budget::new();
        let mut values: Vec<Option<Tensor>> = Vec::new();
        values.resize_with(self.names.len(), || None);
        let mut live = input.numel();
        values[self.input] = Some(input.shallow_clone());
        for step in &self.steps {
            let value = |id: ValueId| values[id].as_ref().or_else(|| Some(self.constants.get(&id)?.as_tensor()));
            let output = step.run(value, &self.names, &budget)?;
            live += output.numel();
            if live > MAX_LIVE_ELEMENTS {
                return Err(OnnxError::TooMuch(format!("the memory is full at the node “{}”", step.node)));
            }
            values[step.output] = Some(output);
            for &id in &step.free {
                live -= values[id].take().map_or(0, |gone| gone.numel());
            }
        }
        values[self.output].take().ok_or_else(|| OnnxError::Graph("the graph gives no output".to_owned()))
    }

    /// Says for each step what no later one needs.
    pub(super) fn mark_last_uses(&mut self) {
        let mut needed = vec![false; self.names.len()];
        needed[self.output] = true;
        for step in self.steps.iter_mut().rev() {
            step.free.clear();
            for id in step.inputs.iter().flatten().chain([&step.output]) {
                if !needed[*id] && !self.constants.contains_key(id) {
                    needed[*id] = true;
                    step.free.push(*id);
                }
            }
        }
    }
}
