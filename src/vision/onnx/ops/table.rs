//! Which operators there are. `docs/onnx.md` lists them from here; its test says where the two differ.

use super::operator::{Made, Operator, Spec};
use super::{OpError, compare, conv, elementwise, index, linear, make, norm, planes_norm, pool, quantize, reduce};
use super::{resize, shape, unary};

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

const FLOATS: &str = "floats";

/// By name.
const OPERATORS: &[OperatorInfo] = &[
    operator("Abs", 7, unary::unary, ""),
    operator("Add", 7, elementwise::binary, ""),
    operator("And", 7, compare::compare, ""),
    operator("AveragePool", 7, pool::build, "planes only; no dilations"),
    operator("BatchNormalization", 7, norm::batch, "stored statistics, one for each plane; no training mode"),
    operator("Cast", 7, unary::unary, "to floats, int32, int64 and bool"),
    operator("Ceil", 7, unary::unary, ""),
    operator("Clip", 7, elementwise::clip, ""),
    operator("Concat", 7, index::concat, ""),
    of_graph("Constant", "tensors, floats and integers"),
    operator("ConstantOfShape", 9, make::constant_of_shape, ""),
    operator("Conv", 7, conv::build, "planes only"),
    operator("DepthToSpace", 7, make::blocks, ""),
    operator("DequantizeLinear", 10, quantize::dequantize, "no blocks; 8 bits and more, no 8-bit floats"),
    operator("Div", 7, elementwise::binary, ""),
    of_graph("Dropout", "lets everything through; no mask"),
    operator("Elu", 7, unary::unary, ""),
    operator("Equal", 7, compare::compare, ""),
    operator("Erf", 9, unary::unary, FLOATS),
    operator("Exp", 7, unary::unary, ""),
    operator("Expand", 8, shape::expand, ""),
    operator("Flatten", 7, shape::flatten, ""),
    operator("Floor", 7, unary::unary, ""),
    operator("Gather", 7, index::gather, ""),
    operator("Gelu", 20, unary::unary, ""),
    operator("Gemm", 7, linear::gemm, FLOATS),
    operator("GlobalAveragePool", 7, pool::build, "planes only"),
    operator("GlobalMaxPool", 7, pool::build, "planes only"),
    operator("Greater", 7, compare::compare, ""),
    operator("GreaterOrEqual", 12, compare::compare, ""),
    operator("GroupNormalization", 18, planes_norm::group, ""),
    operator("HardSigmoid", 7, unary::unary, ""),
    operator("HardSwish", 14, unary::unary, ""),
    of_graph("Identity", ""),
    operator("InstanceNormalization", 7, planes_norm::instance, ""),
    operator("LayerNormalization", 17, norm::layer, "its first output only"),
    operator("LeakyRelu", 7, unary::unary, ""),
    operator("Less", 7, compare::compare, ""),
    operator("LessOrEqual", 12, compare::compare, ""),
    operator("Log", 7, unary::unary, ""),
    operator("LogSoftmax", 7, norm::softmax, ""),
    operator("LpNormalization", 7, norm::lp, ""),
    operator("MatMul", 7, linear::matmul, FLOATS),
    operator("Max", 7, compare::among, ""),
    operator("MaxPool", 7, pool::build, "planes only; no indices"),
    operator("Mean", 7, compare::among, ""),
    operator("Min", 7, compare::among, ""),
    operator("Mish", 18, unary::unary, ""),
    operator("Mod", 10, elementwise::binary, ""),
    operator("Mul", 7, elementwise::binary, ""),
    operator("Neg", 7, unary::unary, ""),
    operator("Not", 7, unary::unary, ""),
    operator("Or", 7, compare::compare, ""),
    operator("PRelu", 7, elementwise::prelu, FLOATS),
    operator("Pad", 7, index::pad, "constant; edge and reflect for the last two axes of three or four; no wrap"),
    operator("Pow", 7, elementwise::binary, ""),
    operator("QuantizeLinear", 10, quantize::quantize, "to int8, uint8, int16 and uint16; no blocks"),
    operator("Range", 11, make::range, ""),
    operator("Reciprocal", 7, unary::unary, ""),
    operator("ReduceL1", 7, reduce::build, FLOATS),
    operator("ReduceL2", 7, reduce::build, FLOATS),
    operator("ReduceMax", 7, reduce::build, "no truth values"),
    operator("ReduceMean", 7, reduce::build, FLOATS),
    operator("ReduceMin", 7, reduce::build, "no truth values"),
    operator("ReduceProd", 7, reduce::build, ""),
    operator("ReduceSum", 7, reduce::build, ""),
    operator("ReduceSumSquare", 7, reduce::build, FLOATS),
    operator("Relu", 7, unary::unary, ""),
    operator("Reshape", 7, shape::reshape, ""),
    operator("Resize", 10, resize::build, "nearest and linear; no antialias, no region"),
    operator("Round", 11, unary::unary, ""),
    operator("Selu", 7, unary::unary, ""),
    operator("Shape", 7, shape::shape, ""),
    operator("Sigmoid", 7, unary::unary, ""),
    operator("Sign", 9, unary::unary, ""),
    operator("Size", 7, make::size, ""),
    operator("Slice", 7, index::slice, ""),
    operator("Softmax", 7, norm::softmax, ""),
    operator("Softplus", 7, unary::unary, ""),
    operator("Softsign", 7, unary::unary, ""),
    operator("SpaceToDepth", 7, make::blocks, ""),
    OperatorInfo { name: "Split", since: 7, until: None, maker: Maker::Parts(make::split), limits: "at most 64 parts" },
    operator("Sqrt", 7, unary::unary, ""),
    operator("Squeeze", 7, shape::squeeze, ""),
    operator("Sub", 7, elementwise::binary, ""),
    operator("Sum", 7, compare::among, FLOATS),
    operator("Tanh", 7, unary::unary, ""),
    operator("Tile", 7, make::tile, ""),
    operator("Transpose", 7, shape::transpose, ""),
    operator("Unsqueeze", 7, shape::unsqueeze, ""),
    OperatorInfo { until: Some(9), ..operator("Upsample", 7, resize::build, "nearest and linear") },
    operator("Where", 9, compare::choice, ""),
    operator("Xor", 7, compare::compare, ""),
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
