//! From the nodes of a file to a plan: names become numbers, nodes are put in order, what nobody needs is left out, and
//! what depends on no input is worked out.

use std::collections::{HashMap, HashSet};

use tch::{Device, Tensor};

use super::OnnxError;
use super::attributes::Attributes;
use super::external::ExternalFiles;
use super::fold::{channels_last, folded_norm, use_counts};
use super::ops::{self, Budget, Form, Maker, operator_info};
use super::plan::{Plan, Step, ValueId};
use super::proto::{GraphProto, NodeProto, TensorProto, ValueInfoProto, attribute_type};
use super::tensor_data::tensor_from_proto;
use crate::vision::error::OpError;
use crate::vision::shared_tensor::SharedTensor;

/// Longest chain of nodes. A ResNet-100 has 300.
const MAX_NODES: usize = 50_000;
/// Elements of all tensors that are worked out when a file is read, at most.
const MAX_FOLDED_ELEMENTS: usize = 1 << 28;

/// The plan, and what the file says about its input.
pub(super) fn plan_from_graph<'a>(
    graph: &'a GraphProto,
    opset: i64,
    files: &mut ExternalFiles,
    device: Device,
) -> Result<(Plan, &'a ValueInfoProto), OnnxError> {
    if !graph.sparse_initializer.is_empty() {
        return Err(OnnxError::Graph("it has sparse tensors, which are not supported".to_owned()));
    }
    if graph.node.len() > MAX_NODES {
        return Err(OnnxError::TooMuch(format!("more than {MAX_NODES} nodes")));
    }
    let mut weights = HashMap::new();
    for tensor in &graph.initializer {
        if weights.insert(tensor.name.as_str(), tensor).is_some() {
            return Err(OnnxError::Tensor { name: tensor.name.clone(), reason: "is there twice".to_owned() });
        }
    }
    let input = only(graph.input.iter().filter(|i| !weights.contains_key(i.name.as_str())), "input")?;
    let output = only(graph.output.iter(), "output")?;
    let mut builder = Builder {
        ids: HashMap::new(),
        names: Vec::new(),
        constants: HashMap::new(),
        steps: Vec::new(),
        budget: Budget::new(),
        elements: 0,
        opset,
        types: HashMap::new(),
        unsupported_outputs: HashMap::new(),
        files,
        device,
    };
    let input_id = builder.new_value(&input.name);
    builder.ids.insert(&input.name, input_id);
    for node in order(graph, &input.name, &output.name, &weights)? {
        builder.add(node, &weights)?;
    }
    let output_id = builder.value(&output.name, &weights)?;
    let Builder { names, constants, steps, .. } = builder;
    let constants = constants.into_iter().map(|(id, tensor)| (id, SharedTensor::new(tensor))).collect();
    let mut plan = Plan { steps, constants, input: input_id, output: output_id, names };
    if plan.constants.contains_key(&output_id) {
        return Err(OnnxError::Graph(format!("its output “{}” does not depend on its input", output.name)));
    }
    fold_norms(&mut plan)?;
    let used: HashSet<ValueId> = plan.steps.iter().flat_map(|step| step.inputs.iter().flatten()).copied().collect();
    plan.constants.retain(|id, _| used.contains(id));
    plan.mark_last_uses();
    Ok((plan, input))
}

fn only<'a>(values: impl Iterator<Item = &'a ValueInfoProto>, what: &str) -> Result<&'a ValueInfoProto, OnnxError> {
    let values: Vec<_> = values.collect();
    match values[..] {
        [value] => Ok(value),
        _ => {
            let names: Vec<&str> = values.iter().take(8).map(|value| value.name.as_str()).collect();
            let n = values.len();
            Err(OnnxError::Graph(format!("an embedder has one {what}, this graph has {n}: {}", names.join(", "))))
        }
    }
}

/// What a node is called in messages.
fn label(node: &NodeProto) -> String {
    if !node.name.is_empty() {
        return node.name.clone();
    }
    node.output.iter().find(|name| !name.is_empty()).map_or("without a name".to_owned(), |name| format!("→ {name}"))
}

/// The nodes that the output needs, each behind those that it needs itself.
fn order<'a>(
    graph: &'a GraphProto,
    input: &str,
    output: &str,
    weights: &HashMap<&str, &TensorProto>,
) -> Result<Vec<&'a NodeProto>, OnnxError> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (i, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if makers.insert(name, i).is_some() || name == input || weights.contains_key(name.as_str()) {
                return Err(OnnxError::Graph(format!("two nodes give the tensor “{name}”")));
            }
        }
    }
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Begun,
        Done,
    }
    let mut states = vec![State::New; graph.node.len()];
    let mut ordered = Vec::new();
    let Some(&last) = makers.get(output) else {
        return Err(OnnxError::Graph(format!("no node gives the output “{output}”")));
    };
    // Depth first with a stack of its own: a long chain must not fill the thread's.
    let mut stack = vec![(last, 0)];
    states[last] = State::Begun;
    while let Some((i, next)) = stack.pop() {
        let node = &graph.node[i];
        let Some(name) = node.input.get(next) else {
            states[i] = State::Done;
            ordered.push(node);
            continue;
        };
        stack.push((i, next + 1));
        if name.is_empty() || name == input || weights.contains_key(name.as_str()) {
            continue;
        }
        let Some(&maker) = makers.get(name.as_str()) else {
            let reason = format!("nothing gives its input “{name}”");
            return Err(OnnxError::Node { node: label(node), op_type: node.op_type.clone(), reason });
        };
        match states[maker] {
            State::Done => {}
            State::New => {
                states[maker] = State::Begun;
                stack.push((maker, 0));
            }
            State::Begun => {
                let reason = format!("its input “{name}” depends on itself");
                return Err(OnnxError::Node { node: label(node), op_type: node.op_type.clone(), reason });
            }
        }
    }
    Ok(ordered)
}

struct Builder<'a, 'f> {
    ids: HashMap<&'a str, ValueId>,
    names: Vec<String>,
    constants: HashMap<ValueId, Tensor>,
    steps: Vec<Step>,
    /// For what is worked out now, and how much of it there is.
    budget: Budget,
    elements: usize,
    opset: i64,
    /// Of weights, as the file states them: here they are all of three kinds.
    types: HashMap<ValueId, i32>,
    /// Further outputs of nodes that give one here.
    unsupported_outputs: HashMap<&'a str, &'a NodeProto>,
    files: &'f mut ExternalFiles,
    device: Device,
}

impl<'a> Builder<'a, '_> {
    fn new_value(&mut self, name: &str) -> ValueId {
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    fn new_constant(&mut self, name: &str, tensor: Tensor) -> ValueId {
        let id = self.new_value(name);
        self.constants.insert(id, tensor);
        id
    }

    /// The number of a value; weights are read when the first node asks for them.
    fn value(&mut self, name: &'a str, weights: &HashMap<&str, &TensorProto>) -> Result<ValueId, OnnxError> {
        if let Some(&id) = self.ids.get(name) {
            return Ok(id);
        }
        if let Some(node) = self.unsupported_outputs.get(name) {
            let reason = format!("its output “{name}” beside the first is not supported");
            return Err(OnnxError::Node { node: label(node), op_type: node.op_type.clone(), reason });
        }
        let Some(proto) = weights.get(name) else {
            return Err(OnnxError::Graph(format!("nothing gives the tensor “{name}”")));
        };
        let tensor = tensor_from_proto(proto, self.files, self.device)?;
        let id = self.new_constant(name, tensor);
        self.types.insert(id, proto.data_type);
        self.ids.insert(name, id);
        Ok(id)
    }

    fn add(&mut self, node: &'a NodeProto, weights: &HashMap<&str, &TensorProto>) -> Result<(), OnnxError> {
        let unsupported = || {
            let domain = if node.domain.is_empty() { String::new() } else { format!("{}::", node.domain) };
            OnnxError::Unsupported { node: label(node), op_type: format!("{domain}{}", node.op_type) }
        };
        let fail = |e: OpError| OnnxError::Node { node: label(node), op_type: node.op_type.clone(), reason: e.0 };
        if !matches!(node.domain.as_str(), "" | "ai.onnx") {
            return Err(unsupported());
        }
        let Some(output) = node.output.first().filter(|name| !name.is_empty()) else {
            return Err(fail(OpError::new("it has no output")));
        };
        if node.op_type == "Constant" {
            let (tensor, data_type) = self.constant(node)?;
            let id = self.new_constant(output, tensor);
            self.types.insert(id, data_type);
            self.ids.insert(output, id);
            return Ok(());
        }
        let mut inputs = Vec::with_capacity(node.input.len());
        for name in &node.input {
            inputs.push(if name.is_empty() { None } else { Some(self.value(name, weights)?) });
        }
        if operator_info(&node.op_type).is_some_and(|operator| matches!(operator.maker, Maker::Graph)) {
            // Without training, dropout lets everything through.
            let id = inputs.first().copied().flatten().ok_or_else(|| fail(OpError::new("its input 0 is missing")))?;
            self.ids.insert(output, id);
            return Ok(());
        }
        let spec = ops::Spec {
            op_type: &node.op_type,
            attributes: Attributes::new(&node.attribute),
            opset: self.opset,
            types: inputs.iter().map(|id| id.map(|id| self.types.get(&id).copied())).collect(),
        };
        let operators = ops::build(&spec, node.output.len()).map_err(fail)?.ok_or_else(unsupported)?;
        for name in &node.output[operators.len()..] {
            self.unsupported_outputs.insert(name, node);
        }
        for (operator, output) in operators.into_iter().zip(&node.output) {
            let id = self.new_value(output);
            // An empty name is an output that nobody asks for.
            if !output.is_empty() {
                self.ids.insert(output, id);
            }
            let (node, op_type) = (label(node), node.op_type.clone());
            self.put(Step { node, op_type, operator, inputs: inputs.clone(), output: id, free: Vec::new() })?;
        }
        Ok(())
    }

    /// Works a step out at once where it depends on no input.
    fn put(&mut self, step: Step) -> Result<(), OnnxError> {
        if step.inputs.iter().flatten().all(|id| self.constants.contains_key(id)) {
            let tensor = step.run(|id| self.constants.get(&id), &self.names, &self.budget)?;
            self.elements += tensor.numel();
            if self.elements > MAX_FOLDED_ELEMENTS {
                return Err(OnnxError::TooMuch("what its nodes make of weights fills the memory".to_owned()));
            }
            let tensor = if tensor.is_floating_point() { tensor.f_to_device(self.device)? } else { tensor };
            self.constants.insert(step.output, tensor);
        } else {
            self.steps.push(step);
        }
        Ok(())
    }

    /// What a node of type Constant holds, and its type in the file.
    fn constant(&mut self, node: &NodeProto) -> Result<(Tensor, i32), OnnxError> {
        let fail = |reason: &str| OnnxError::Node {
            node: label(node),
            op_type: node.op_type.clone(),
            reason: reason.to_owned(),
        };
        let [attribute] = &node.attribute[..] else { return Err(fail("it has not exactly one value")) };
        let name = node.output.first().cloned().unwrap_or_default();
        let proto = match (attribute.name.as_str(), attribute.kind) {
            ("value", attribute_type::TENSOR | 0) => {
                let proto = attribute.t.clone().ok_or_else(|| fail("its value is missing"))?;
                TensorProto { name, ..proto }
            }
            ("value_float", _) => floats(name, vec![], vec![attribute.f]),
            ("value_floats", _) => floats(name, vec![attribute.floats.len() as i64], attribute.floats.clone()),
            ("value_int", _) => integers(name, vec![], vec![attribute.i]),
            ("value_ints", _) => integers(name, vec![attribute.ints.len() as i64], attribute.ints.clone()),
            _ => return Err(fail("its value is no tensor, float or integer")),
        };
        Ok((tensor_from_proto(&proto, self.files, self.device)?, proto.data_type))
    }
}

fn floats(name: String, dims: Vec<i64>, float_data: Vec<f32>) -> TensorProto {
    TensorProto { name, dims, float_data, data_type: super::proto::data_type::FLOAT, ..TensorProto::default() }
}

fn integers(name: String, dims: Vec<i64>, int64_data: Vec<i64>) -> TensorProto {
    TensorProto { name, dims, int64_data, data_type: super::proto::data_type::INT64, ..TensorProto::default() }
}

/// Puts norms into the convolutions before them, and brings the weights of convolutions into their order in memory.
fn fold_norms(plan: &mut Plan) -> Result<(), OnnxError> {
    let uses = use_counts(plan.steps.iter().map(|step| step.inputs.as_slice()));
    let mut makers: HashMap<ValueId, usize> = HashMap::new();
    let mut kept: Vec<Step> = Vec::with_capacity(plan.steps.len());
    for step in std::mem::take(&mut plan.steps) {
        let conv = step
            .inputs
            .first()
            .copied()
            .flatten()
            .filter(|id| step.op_type == "BatchNormalization" && uses.get(id) == Some(&1) && *id != plan.output)
            .and_then(|id| makers.get(&id).copied())
            .filter(|&at| kept[at].op_type == "Conv");
        let folded = match conv {
            Some(at) => folded_pair(plan, &kept[at], &step)?,
            None => None,
        };
        match (conv, folded) {
            (Some(at), Some((weight, bias))) => {
                let inputs = [weight, bias].map(|tensor| {
                    plan.names.push(format!("weights of “{}” and “{}”", kept[at].node, step.node));
                    plan.constants.insert(plan.names.len() - 1, SharedTensor::new(tensor));
                    Some(plan.names.len() - 1)
                });
                kept[at].inputs.truncate(1);
                kept[at].inputs.extend(inputs);
                kept[at].output = step.output;
                makers.insert(step.output, at);
            }
            _ => {
                makers.insert(step.output, kept.len());
                kept.push(step);
            }
        }
    }
    plan.steps = kept;
    for step in plan.steps.iter().filter(|step| step.op_type == "Conv") {
        let Some(Some(id)) = step.inputs.get(1) else { continue };
        let Some(weight) = plan.constants.get(id).map(SharedTensor::as_tensor) else { continue };
        if weight.size().len() == 4 {
            let ordered = channels_last(weight)?;
            plan.constants.insert(*id, SharedTensor::new(ordered));
        }
    }
    Ok(())
}

/// New weights and bias for `conv`, where all numbers of both are known.
fn folded_pair(plan: &Plan, conv: &Step, norm: &Step) -> Result<Option<(Tensor, Tensor)>, OnnxError> {
    let constant = |step: &Step, i: usize| -> Option<&Tensor> {
        step.inputs.get(i).copied().flatten().and_then(|id| plan.constants.get(&id)).map(SharedTensor::as_tensor)
    };
    let (Some(weight), Form::Norm { epsilon }) = (constant(conv, 1), norm.operator.form()) else {
        return Ok(None);
    };
    let has_bias = conv.inputs.get(2).copied().flatten().is_some();
    let bias = constant(conv, 2);
    let [Some(a), Some(b), Some(c), Some(d)] = [1, 2, 3, 4].map(|i| constant(norm, i)) else { return Ok(None) };
    if has_bias != bias.is_some() {
        return Ok(None);
    }
    folded_norm(weight, bias, [a, b, c, d], epsilon)
}
