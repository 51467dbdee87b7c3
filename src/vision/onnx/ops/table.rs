//! Which operators there are. `docs/onnx.md` lists them from here; its test says where the two differ.

use tch::Tensor;

use super::compare::{Among, Compare, Where};
use super::elementwise::{self, Binary};
use super::operator::{Made, Operator, Spec};
use super::pool::{self, GlobalPool};
use super::reduce::{self, What};
use super::unary::{self, Takes};
use super::{OpError, conv, index, linear, make, norm, planes_norm, quantize, resize, shape};

/// An operator by its name in the standard.
pub struct OperatorInfo {
    pub name: &'static str,
    /// Opset in which the standard first has it, or 7 where that is older.
    pub since: i64,
    /// Last opset that has it, where that is over.
    pub until: Option<i64>,
    pub(in crate::vision::onnx) maker: Maker,
    /// What of it is not supported, for people; empty where all is.
    pub limits: &'static str,
}

/// Who makes an operator of a node.
#[derive(Clone, Copy)]
pub(in crate::vision::onnx) enum Maker {
    Node(fn(&Spec<'_>) -> Made),
    /// One operator for each of the node's outputs: which one, and of how many.
    Parts(fn(&Spec<'_>, usize, usize) -> Made),
    /// The node is gone once the graph is read: a constant, or one that changes nothing.
    Graph,
}

const fn operator(name: &'static str, since: i64, make: fn(&Spec<'_>) -> Made, limits: &'static str) -> OperatorInfo {
    OperatorInfo { name, since, until: None, maker: Maker::Node(make), limits }
}

const fn of_graph(name: &'static str, limits: &'static str) -> OperatorInfo {
    OperatorInfo { name, since: 7, until: None, maker: Maker::Graph, limits }
}

fn made(operator: impl Operator + 'static) -> Made {
    Ok(Box::new(operator))
}

const FLOATS: &str = "floats";

/// By name.
const OPERATORS: &[OperatorInfo] = &[
    operator("Abs", 7, |spec| unary::plain(spec, Takes::Numbers, Tensor::f_abs), ""),
    operator("Add", 7, |_| made(Binary::Add), ""),
    operator("And", 7, |_| made(Compare::And), ""),
    operator("AveragePool", 7, pool::average, "planes only; no dilations"),
    operator("BatchNormalization", 7, norm::batch, "stored statistics, one for each plane; no training mode"),
    operator("Cast", 7, unary::cast, "to floats, int32, int64 and bool"),
    operator("Ceil", 7, |spec| unary::floats(spec, Tensor::f_ceil), ""),
    operator("Clip", 7, elementwise::clip, ""),
    operator("Concat", 7, index::concat, ""),
    of_graph("Constant", "tensors, floats and integers"),
    operator("ConstantOfShape", 9, make::constant_of_shape, ""),
    operator("Conv", 7, conv::build, "planes only"),
    operator("DepthToSpace", 7, make::blocks, ""),
    operator("DequantizeLinear", 10, quantize::dequantize, "no blocks; 8 bits and more, no 8-bit floats"),
    operator("Div", 7, |_| made(Binary::Div), ""),
    of_graph("Dropout", "lets everything through; no mask"),
    operator("Elu", 7, unary::elu, ""),
    operator("Equal", 7, |_| made(Compare::Equal), ""),
    operator("Erf", 9, |spec| unary::floats(spec, Tensor::f_erf), FLOATS),
    operator("Exp", 7, |spec| unary::floats(spec, Tensor::f_exp), ""),
    operator("Expand", 8, shape::expand, ""),
    operator("Flatten", 7, shape::flatten, ""),
    operator("Floor", 7, |spec| unary::floats(spec, Tensor::f_floor), ""),
    operator("Gather", 7, index::gather, ""),
    operator("Gelu", 20, unary::gelu, ""),
    operator("Gemm", 7, linear::gemm, FLOATS),
    operator("GlobalAveragePool", 7, |_| made(GlobalPool { largest: false }), "planes only"),
    operator("GlobalMaxPool", 7, |_| made(GlobalPool { largest: true }), "planes only"),
    operator("Greater", 7, |_| made(Compare::Greater), ""),
    operator("GreaterOrEqual", 12, |_| made(Compare::GreaterOrEqual), ""),
    operator("GroupNormalization", 18, planes_norm::group, ""),
    operator("HardSigmoid", 7, unary::hard_sigmoid, ""),
    operator("HardSwish", 14, |spec| unary::floats(spec, Tensor::f_hardswish), ""),
    of_graph("Identity", ""),
    operator("InstanceNormalization", 7, planes_norm::instance, ""),
    operator("LayerNormalization", 17, norm::layer, "its first output only"),
    operator("LeakyRelu", 7, unary::leaky_relu, ""),
    operator("Less", 7, |_| made(Compare::Less), ""),
    operator("LessOrEqual", 12, |_| made(Compare::LessOrEqual), ""),
    operator("Log", 7, |spec| unary::floats(spec, Tensor::f_log), ""),
    operator("LogSoftmax", 7, norm::softmax, ""),
    operator("LpNormalization", 7, norm::lp, ""),
    operator("MatMul", 7, linear::matmul, FLOATS),
    operator("Max", 7, |_| made(Among::Max), ""),
    operator("MaxPool", 7, pool::max, "planes only; no indices"),
    operator("Mean", 7, |_| made(Among::Mean), ""),
    operator("Min", 7, |_| made(Among::Min), ""),
    operator("Mish", 18, |spec| unary::floats(spec, Tensor::f_mish), ""),
    operator("Mod", 10, elementwise::modulo, ""),
    operator("Mul", 7, |_| made(Binary::Mul), ""),
    operator("Neg", 7, |spec| unary::plain(spec, Takes::Numbers, Tensor::f_neg), ""),
    operator("Not", 7, |spec| unary::plain(spec, Takes::Truths, Tensor::f_logical_not), ""),
    operator("Or", 7, |_| made(Compare::Or), ""),
    operator("PRelu", 7, elementwise::prelu, FLOATS),
    operator("Pad", 7, index::pad, "constant; edge and reflect for the last two axes of three or four; no wrap"),
    operator("Pow", 7, |_| made(Binary::Pow), ""),
    operator("QuantizeLinear", 10, quantize::quantize, "to int8, uint8, int16 and uint16; no blocks"),
    operator("Range", 11, make::range, ""),
    operator("Reciprocal", 7, |spec| unary::floats(spec, Tensor::f_reciprocal), ""),
    operator("ReduceL1", 7, |spec| reduce::build(spec, What::L1), FLOATS),
    operator("ReduceL2", 7, |spec| reduce::build(spec, What::L2), FLOATS),
    operator("ReduceMax", 7, |spec| reduce::build(spec, What::Max), "no truth values"),
    operator("ReduceMean", 7, |spec| reduce::build(spec, What::Mean), FLOATS),
    operator("ReduceMin", 7, |spec| reduce::build(spec, What::Min), "no truth values"),
    operator("ReduceProd", 7, |spec| reduce::build(spec, What::Prod), ""),
    operator("ReduceSum", 7, |spec| reduce::build(spec, What::Sum), ""),
    operator("ReduceSumSquare", 7, |spec| reduce::build(spec, What::SumSquare), FLOATS),
    operator("Relu", 7, unary::relu, ""),
    operator("Reshape", 7, shape::reshape, ""),
    operator("Resize", 10, resize::build, "nearest and linear; no antialias, no region"),
    operator("Round", 11, |spec| unary::floats(spec, Tensor::f_round), ""),
    operator("Selu", 7, unary::selu, ""),
    operator("Shape", 7, shape::shape, ""),
    operator("Sigmoid", 7, |spec| unary::floats(spec, Tensor::f_sigmoid), ""),
    operator("Sign", 9, |spec| unary::plain(spec, Takes::Numbers, Tensor::f_sign), ""),
    operator("Size", 7, make::size, ""),
    operator("Slice", 7, index::slice, ""),
    operator("Softmax", 7, norm::softmax, ""),
    operator("Softplus", 7, |spec| unary::floats(spec, Tensor::f_softplus), ""),
    operator("Softsign", 7, |spec| unary::floats(spec, unary::softsign), ""),
    operator("SpaceToDepth", 7, make::blocks, ""),
    OperatorInfo { name: "Split", since: 7, until: None, maker: Maker::Parts(make::split), limits: "at most 64 parts" },
    operator("Sqrt", 7, |spec| unary::floats(spec, Tensor::f_sqrt), ""),
    operator("Squeeze", 7, shape::squeeze, ""),
    operator("Sub", 7, |_| made(Binary::Sub), ""),
    operator("Sum", 7, |_| made(Among::Sum), FLOATS),
    operator("Tanh", 7, |spec| unary::floats(spec, Tensor::f_tanh), ""),
    operator("Tile", 7, make::tile, ""),
    operator("Transpose", 7, shape::transpose, ""),
    operator("Unsqueeze", 7, shape::unsqueeze, ""),
    OperatorInfo { until: Some(9), ..operator("Upsample", 7, resize::build, "nearest and linear") },
    operator("Where", 9, |_| made(Where), ""),
    operator("Xor", 7, |_| made(Compare::Xor), ""),
];

/// All operators that are read, by name.
pub fn supported_operators() -> &'static [OperatorInfo] {
    OPERATORS
}

/// The operator of that name.
pub(in crate::vision::onnx) fn operator_info(name: &str) -> Option<&'static OperatorInfo> {
    OPERATORS.iter().find(|operator| operator.name == name)
}

/// The operators of a node, one for each of its `outputs`; `None` where there is none of that name.
///
/// # Errors
/// Attributes of another type, out of range, or unknown.
pub(in crate::vision::onnx) fn build(
    spec: &Spec<'_>,
    outputs: usize,
) -> Result<Option<Vec<Box<dyn Operator>>>, OpError> {
    let operators = match operator_info(spec.op_type).map(|operator| operator.maker) {
        Some(Maker::Node(make)) => vec![make(spec)?],
        Some(Maker::Parts(make)) => (0..outputs).map(|i| make(spec, i, outputs)).collect::<Result<_, _>>()?,
        Some(Maker::Graph) | None => return Ok(None),
    };
    spec.attributes.finish()?;
    Ok(Some(operators))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_once() {
        assert!(OPERATORS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
    /// The rows between the head of the table of operators and the next empty line.
    fn rows_of_page(page: &str) -> Vec<&str> {
        let lines = page.lines().skip_while(|line| !line.starts_with("| Operator |"));
        lines.skip(2).take_while(|line| line.starts_with('|')).collect()
    }

    #[test]
    fn the_page_lists_these_operators() {
        let row = |operator: &OperatorInfo| {
            let until = operator.until.map_or_else(String::new, |until| until.to_string());
            let limits = if operator.limits.is_empty() { "–" } else { operator.limits };
            format!("| {} | {}–{until} | {limits} |", operator.name, operator.since)
        };
        let wanted: Vec<String> = supported_operators().iter().map(row).collect();
        let found = rows_of_page(include_str!("../../../../docs/onnx.md"));
        let all = wanted.join("\n");
        assert_eq!(found, wanted, "docs/onnx.md should list:\n{all}");
    }

    #[test]
    fn every_operator_of_the_table_is_tried_against_another_implementation() {
        let cases = include_str!("../../../../tests/reference/onnx_operators.py");
        let untried = supported_operators().iter().filter(|operator| {
            let quoted = format!("\"{}\"", operator.name);
            !cases.contains(&quoted)
        });
        let names: Vec<&str> = untried.map(|operator| operator.name).collect();
        assert!(names.is_empty(), "tests/reference/onnx_operators.py has no case of {names:?}");
    }
}
