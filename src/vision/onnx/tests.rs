//! Files that no exporter writes. What real ones give is compared with onnxruntime in `tests/onnx_golden.rs`.

use super::*;
use proptest::prelude::*;
use proto::{
    AttributeProto, GraphProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto,
    TypeProto, attribute_type,
};

fn value(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = dims.iter().map(|&dim_value| DimensionProto { dim_value, dim_param: None }).collect();
    let tensor_type = TensorTypeProto { elem_type: data_type::FLOAT, shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type: Some(tensor_type) }) }
}

fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output.to_owned()],
        name: format!("the {op_type}"),
        op_type: op_type.to_owned(),
        ..NodeProto::default()
    }
}

fn with_ints(mut node: NodeProto, name: &str, ints: &[i64]) -> NodeProto {
    let kind = attribute_type::INTS;
    node.attribute.push(AttributeProto { name: name.to_owned(), ints: ints.to_vec(), kind, ..Default::default() });
    node
}

fn floats(name: &str, dims: &[i64], value: f32) -> TensorProto {
    let float_data = vec![value; dims.iter().product::<i64>() as usize];
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: data_type::FLOAT,
        float_data,
        ..Default::default()
    }
}

fn integers(name: &str, values: &[i64]) -> TensorProto {
    let (dims, int64_data) = (vec![values.len() as i64], values.to_vec());
    TensorProto { name: name.to_owned(), dims, data_type: data_type::INT64, int64_data, ..Default::default() }
}

/// From `x`, N×2×4×4, to `y`.
fn model(nodes: Vec<NodeProto>, weights: Vec<TensorProto>) -> ModelProto {
    let graph = GraphProto {
        node: nodes,
        initializer: weights,
        input: vec![value("x", &[None, Some(2), Some(4), Some(4)])],
        output: vec![value("y", &[])],
        ..GraphProto::default()
    };
    let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
    ModelProto { ir_version: 8, graph: Some(graph), opset_import, ..ModelProto::default() }
}

fn parse(model: &ModelProto) -> Result<OnnxModel, String> {
    OnnxModel::parse(model.encode_to_vec(), Path::new("."), Device::Cpu).map_err(|e| e.to_string())
}

fn run(model: &ModelProto, n: i64) -> Result<(Vec<i64>, Vec<f32>), String> {
    let values: Vec<f32> = (0..n * 32).map(|i| i as f32 / 16.0 - 1.0).collect();
    parse(model)?.run_floats(&values, &[n, 2, 4, 4]).map_err(|e| e.to_string())
}

#[track_caller]
fn refused(model: &ModelProto, words: &[&str]) {
    let message = run(model, 1).expect_err("it was taken");
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

#[test]
fn nodes_may_stand_in_any_order_and_unneeded_ones_are_left_out() {
    let nodes = vec![
        node("Unheard", &["x"], "unused"),
        node("Add", &["b", "a"], "y"),
        node("Relu", &["a"], "b"),
        node("Identity", &["x"], "a"),
    ];
    let (shape, values) = run(&model(nodes, vec![]), 1).unwrap();
    assert_eq!((shape, values[0], values[31]), (vec![1, 2, 4, 4], -1.0, 2.0 * (31.0 / 16.0 - 1.0)));
}

#[test]
fn an_unsupported_operator_is_named_with_its_node() {
    refused(&model(vec![node("NonMaxSuppression", &["x"], "y")], vec![]), &["NonMaxSuppression", "the NonMax"]);
    let foreign = NodeProto { domain: "com.example".to_owned(), ..node("Relu", &["x"], "y") };
    refused(&model(vec![foreign], vec![]), &["com.example::Relu"]);
    let strange = with_ints(node("Relu", &["x"], "y"), "colour", &[1]);
    refused(&model(vec![strange], vec![]), &["the Relu", "colour", "not supported"]);
    let nameless = NodeProto { name: String::new(), ..node("Loop", &["x"], "y") };
    refused(&model(vec![nameless], vec![]), &["Loop", "→ y"]);
}

#[test]
fn graphs_that_do_not_hang_together_are_refused() {
    refused(&model(vec![node("Relu", &["none"], "y")], vec![]), &["the Relu", "“none”"]);
    refused(&model(vec![node("Relu", &["x"], "z")], vec![]), &["no node gives", "“y”"]);
    refused(
        &model(vec![node("Relu", &["b"], "a"), node("Tanh", &["a"], "b"), node("Add", &["x", "a"], "y")], vec![]),
        &["depends on itself"],
    );
    refused(&model(vec![node("Relu", &["x"], "y"), node("Tanh", &["x"], "y")], vec![]), &["two nodes", "“y”"]);
    refused(&model(vec![node("Relu", &["x"], "x"), node("Tanh", &["x"], "y")], vec![]), &["two nodes", "“x”"]);
    refused(&model(vec![node("Relu", &["w"], "y")], vec![floats("w", &[2], 1.0)]), &["does not depend"]);
    refused(&model(vec![node("Add", &["x"], "y")], vec![]), &["the Add", "input 1 is missing"]);
    refused(
        &model(vec![node("Add", &["x", "w"], "y")], vec![floats("w", &[1], 1.0), floats("w", &[1], 2.0)]),
        &["“w”", "twice"],
    );
    let mut two = model(vec![node("Relu", &["x"], "y")], vec![]);
    two.graph.as_mut().unwrap().input.push(value("second", &[None]));
    refused(&two, &["one input", "second"]);
    let mut none = model(vec![node("Relu", &["x"], "y")], vec![]);
    none.graph.as_mut().unwrap().output.clear();
    refused(&none, &["one output", "0"]);
    none.graph = None;
    refused(&none, &["no graph"]);
}

#[test]
fn old_operators_and_fixed_batches_are_refused() {
    let mut old = model(vec![node("Relu", &["x"], "y")], vec![]);
    old.opset_import[0].version = 6;
    refused(&old, &["version 6"]);
    old.opset_import.clear();
    refused(&old, &["version of its operators"]);
    let mut eight = model(vec![node("Relu", &["x"], "y")], vec![]);
    eight.graph.as_mut().unwrap().input[0] = value("x", &[Some(8), Some(2), Some(4), Some(4)]);
    refused(&eight, &["8 pictures"]);
}

#[test]
fn a_graph_for_one_picture_takes_them_one_by_one() {
    let to_row = vec![node("Reshape", &["x", "shape"], "y")];
    let mut fixed = model(to_row, vec![integers("shape", &[1, -1])]);
    assert_eq!(run(&fixed, 3).unwrap().0, [1, 96]);
    fixed.graph.as_mut().unwrap().input[0] = value("x", &[Some(1), Some(2), Some(4), Some(4)]);
    assert_eq!(run(&fixed, 3).unwrap().0, [3, 32]);
}

#[test]
fn weights_of_a_wrong_shape_or_not_finite_are_named() {
    let conv = |weights| model(vec![node("Conv", &["x", "kernel"], "y")], vec![weights]);
    refused(&conv(floats("kernel", &[4, 3, 3, 3], 0.1)), &["the Conv", "“kernel”", "[4, 3, 3, 3]"]);
    refused(&conv(floats("kernel", &[4, 2, 3], 0.1)), &["“kernel”", "[4, 2, 3]"]);
    refused(&conv(floats("kernel", &[4, 2, 3, 3], f32::NAN)), &["“kernel”", "NaN"]);
    refused(&conv(floats("kernel", &[4, 2, 9, 9], 0.1)), &["larger than its input"]);
    refused(&conv(floats("kernel", &[0, 2, 3, 3], 0.1)), &["“kernel”"]);
    refused(
        &conv(TensorProto { dims: vec![1 << 40, 2, 3, 3], ..floats("kernel", &[1], 0.1) }),
        &["“kernel”", "too large"],
    );
    refused(&conv(TensorProto { dims: vec![4, 2, 3, 3], ..floats("kernel", &[1], 0.1) }), &["“kernel”", "needs 72"]);
    let norm = model(
        vec![node("BatchNormalization", &["x", "w", "w", "w", "v"], "y")],
        vec![floats("w", &[2], 1.0), floats("v", &[3], 1.0)],
    );
    refused(&norm, &["BatchNormalization", "“v”", "[3]"]);
    let gemm =
        model(vec![node("Flatten", &["x"], "f"), node("Gemm", &["f", "fc"], "y")], vec![floats("fc", &[31, 5], 1.0)]);
    refused(&gemm, &["the Gemm", "“fc”", "[31, 5]"]);
    let slope = model(vec![node("PRelu", &["x", "slope"], "y")], vec![floats("slope", &[3, 1, 1], 0.1)]);
    refused(&slope, &["the PRelu", "“slope”"]);
}

#[test]
fn sizes_that_fill_the_memory_are_refused() {
    let grown = |pads: &[i64]| model(vec![node("Pad", &["x", "pads"], "y")], vec![integers("pads", pads)]);
    refused(&grown(&[0, 0, 1 << 20, 1 << 20, 0, 0, 0, 0]), &["the Pad", "too large"]);
    refused(&grown(&[0, 0, i64::MAX, i64::MAX, 0, 0, i64::MAX, 0]), &["out of range"]);
    refused(&grown(&[0, 0, i64::MIN, 0, 0, 0, 0, 0]), &["out of range"]);
    // Sixty doublings of 32 numbers.
    let name = |i: usize| if i == 0 { "x".to_owned() } else { format!("v{i}") };
    let mut doubling: Vec<NodeProto> = Vec::new();
    for i in 0..60 {
        let axis = AttributeProto { name: "axis".to_owned(), i: 1, kind: attribute_type::INT, ..Default::default() };
        let mut join = node("Concat", &[&name(i), &name(i)], &name(i + 1));
        join.attribute.push(axis);
        doubling.push(join);
    }
    doubling.push(node("Relu", &["v60"], "y"));
    refused(&model(doubling, vec![]), &["too large"]);
    let table = model(vec![node("Expand", &["x", "to"], "y")], vec![integers("to", &[1 << 16, 1 << 16, 2, 4, 4])]);
    refused(&table, &["the Expand", "too large"]);
    let large = model(vec![node("Resize", &["x", "", "s"], "y")], vec![floats("s", &[4], 1000.0)]);
    refused(&large, &["the Resize", "too large"]);
    // Two long rows make a table.
    let rows = vec![
        node("Reshape", &["x", "c"], "a"),
        node("Expand", &["a", "e"], "b"),
        node("Transpose", &["b"], "t"),
        node("Mul", &["b", "t"], "y"),
    ];
    refused(&model(rows, vec![integers("c", &[1, 32, 1]), integers("e", &[1, 32, 1 << 20])]), &["too large"]);
}

#[test]
fn numbers_that_trap_are_refused() {
    let quotient = |a: i64, b: i64| {
        let nodes = vec![node("Div", &["a", "b"], "shape"), node("Reshape", &["x", "shape"], "y")];
        model(nodes, vec![integers("a", &[a]), integers("b", &[b])])
    };
    refused(&quotient(i64::MIN, -1), &["the Div"]);
    refused(&quotient(1, 0), &["the Div"]);
    assert_eq!(run(&quotient(64, 2), 1).unwrap().0, [32]);
    for at in [9, -3, i64::MAX, i64::MIN] {
        refused(&model(vec![node("Gather", &["x", "at"], "y")], vec![integers("at", &[at])]), &["no place"]);
    }
    for to in [&[0, 0, 0, 0, 0][..], &[-1, -1], &[-7], &[i64::MAX, i64::MAX], &[3, -1], &[5]] {
        refused(&model(vec![node("Reshape", &["x", "to"], "y")], vec![integers("to", to)]), &["cannot become"]);
    }
}

fn with_int(mut node: NodeProto, name: &str, i: i64) -> NodeProto {
    node.attribute.push(AttributeProto { name: name.to_owned(), i, kind: attribute_type::INT, ..Default::default() });
    node
}

/// `x` cut into this many parts, the first of which is `y`.
fn cut(parts: usize, sizes: Option<&[i64]>) -> ModelProto {
    let inputs = if sizes.is_some() { &["x", "sizes"][..] } else { &["x"] };
    let mut split = with_int(node("Split", inputs, "y"), "axis", 2);
    split.output.extend((1..parts).map(|i| format!("part{i}")));
    model(vec![split], sizes.map(|sizes| integers("sizes", sizes)).into_iter().collect())
}

#[test]
fn parts_that_do_not_make_the_whole_are_refused() {
    assert_eq!(run(&cut(2, None), 1).unwrap().0, [1, 2, 2, 4]);
    refused(&cut(3, None), &["the Split", "cannot be cut into 3"]);
    refused(&cut(100, None), &["the Split", "100 outputs"]);
    for sizes in [&[1, 2][..], &[-1, 5], &[i64::MAX, i64::MAX], &[4]] {
        refused(&cut(2, Some(sizes)), &["the Split", "cannot be cut"]);
    }
    let mut stated = cut(2, None);
    let split = &mut stated.graph.as_mut().unwrap().node[0];
    *split = with_int(split.clone(), "num_outputs", 3);
    refused(&stated, &["num_outputs"]);
    let blocks = |side| model(vec![with_int(node("DepthToSpace", &["x"], "y"), "blocksize", side)], vec![]);
    refused(&blocks(0), &["the DepthToSpace", "out of range"]);
    refused(&blocks(i64::MAX), &["out of range"]);
    refused(&blocks(2), &["no blocks of 2×2"]);
}

#[test]
fn made_tensors_of_impossible_sizes_are_refused() {
    let filled = |sides: &[i64]| {
        let nodes = vec![node("ConstantOfShape", &["sides"], "c"), node("Add", &["x", "c"], "y")];
        model(nodes, vec![integers("sides", sides)])
    };
    assert_eq!(run(&filled(&[1]), 1).unwrap().0, [1, 2, 4, 4]);
    refused(&filled(&[-1]), &["the ConstantOfShape", "impossible"]);
    refused(&filled(&[1; 9]), &["impossible"]);
    refused(&filled(&[i64::MAX, i64::MAX]), &["too large"]);
    let counted = |from: i64, to: i64, step: i64| {
        let nodes = vec![node("Range", &["a", "b", "c"], "r"), node("Reshape", &["x", "r"], "y")];
        model(nodes, vec![integers("a", &[from]), integers("b", &[to]), integers("c", &[step])])
    };
    refused(&counted(0, 5, 0), &["the Range", "step is zero"]);
    refused(&counted(i64::MIN, i64::MAX, 1), &["the Range", "too large"]);
    refused(&counted(i64::MAX, i64::MIN, i64::MIN), &["the Reshape"]);
    let floats_counted = |to: f32| {
        let nodes = vec![node("Range", &["a", "b", "a"], "r"), node("Add", &["x", "r"], "y")];
        model(nodes, vec![floats("a", &[], 1.0), floats("b", &[], to)])
    };
    assert_eq!(run(&floats_counted(5.0), 1).unwrap().0, [1, 2, 4, 4]);
    refused(&floats_counted(f32::INFINITY), &["the Range", "too large"]);
    let mixed = vec![node("Range", &["a", "b", "a"], "r"), node("Add", &["x", "r"], "y")];
    refused(&model(mixed, vec![floats("a", &[], 1.0), integers("b", &[3])]), &["the Range", "one kind"]);
    for times in [&[1, 1, 1][..], &[1, 1, 1, -1], &[1, 1, i64::MAX, 4], &[1, 1, 1 << 30, 1]] {
        refused(&model(vec![node("Tile", &["x", "n"], "y")], vec![integers("n", times)]), &["the Tile"]);
    }
}

#[test]
fn tensors_of_other_kinds_than_an_operator_takes_are_refused() {
    let whole = || node("Shape", &["x"], "s");
    for (operator, inputs) in [
        ("Where", &["x", "x", "x"][..]),
        ("And", &["x", "x"]),
        ("Not", &["x"]),
        ("Equal", &["x", "s"]),
        ("Max", &["x", "s"]),
        ("Sum", &["s", "s"]),
        ("Gelu", &["s"]),
        ("ReduceMean", &["s"]),
        ("DequantizeLinear", &["x", "one"]),
        ("QuantizeLinear", &["s", "one"]),
        ("QuantizeLinear", &["x", "one", "one"]),
        ("Max", &[]),
        ("InstanceNormalization", &["s", "one", "one"]),
    ] {
        let nodes = vec![whole(), node(operator, inputs, "y")];
        refused(&model(nodes, vec![floats("one", &[], 1.0)]), &[operator]);
    }
}

#[test]
fn scales_that_do_not_fit_are_refused() {
    let there = |scale: TensorProto, axis: i64| {
        let quantize = with_int(node("QuantizeLinear", &["x", "s"], "q"), "axis", axis);
        model(vec![quantize, node("DequantizeLinear", &["q", "one"], "y")], vec![scale, floats("one", &[], 1.0)])
    };
    assert_eq!(run(&there(floats("s", &[2], 0.5), 1), 1).unwrap().1[..2], [0.0, 0.0]);
    refused(&there(floats("s", &[3], 0.5), 1), &["the QuantizeLinear", "“s”", "[3]"]);
    refused(&there(floats("s", &[2], 0.5), 7), &["no axis 7"]);
    refused(&there(floats("s", &[2, 4], 0.5), 1), &["“s”"]);
    // A scale of zero leaves the ends of the type and no more.
    assert!(run(&there(floats("s", &[], 0.0), 1), 1).unwrap().1.iter().all(|v| (0.0..=255.0).contains(v)));
}

#[test]
fn a_further_output_is_refused_where_it_is_used() {
    let mut norm = node("LayerNormalization", &["x", "one"], "normed");
    norm.output.push("mean".to_owned());
    let ones = || vec![floats("one", &[4], 1.0)];
    let unused = model(vec![norm.clone(), node("Relu", &["normed"], "y")], ones());
    assert_eq!(run(&unused, 1).unwrap().0, [1, 2, 4, 4]);
    let used = model(vec![norm, node("Add", &["normed", "mean"], "y")], ones());
    refused(&used, &["the LayerNorm", "“mean”", "beside the first"]);
}

#[test]
fn what_the_first_layers_expect_is_seen() {
    let first = |op: &str, number: f32| {
        let nodes = vec![node(op, &["x", "c"], "a"), node("Relu", &["a"], "y")];
        parse(&model(nodes, vec![floats("c", &[], number)])).unwrap().value_range()
    };
    assert_eq!(first("Sub", 127.5), Some(ValueRange::Bytes));
    assert_eq!(first("Div", 255.0), Some(ValueRange::Bytes));
    assert_eq!(first("Mul", 1.0 / 128.0), Some(ValueRange::Bytes));
    assert_eq!(first("Sub", 0.5), Some(ValueRange::Unit));
    assert_eq!(first("Mul", 1.1), None);
    assert_eq!(parse(&model(vec![node("Relu", &["x"], "y")], vec![])).unwrap().value_range(), None);
}

#[test]
fn size_and_order_of_the_input_are_seen() {
    let info = |dims: &[Option<i64>]| InputInfo { name: "x".to_owned(), shape: dims.to_vec() };
    let first = info(&[None, Some(3), Some(96), Some(112)]);
    assert_eq!((first.has_channels_last(), first.size()), (false, Some([112, 96])));
    let last = info(&[Some(1), Some(96), Some(112), Some(3)]);
    assert_eq!((last.has_channels_last(), last.size()), (true, Some([112, 96])));
    assert_eq!(info(&[None, Some(3), None, None]).size(), None);
    assert_eq!(info(&[None]).size(), None);
}

/// Convolution, norm, slopes and a fully connected layer.
fn small_net() -> ModelProto {
    let nodes = vec![
        with_ints(node("Conv", &["x", "kernel"], "c"), "pads", &[1, 1, 1, 1]),
        node("BatchNormalization", &["c", "w", "w", "w", "w"], "n"),
        node("PRelu", &["n", "slope"], "p"),
        node("Flatten", &["p"], "f"),
        node("Gemm", &["f", "fc", "bias"], "y"),
    ];
    model(
        nodes,
        vec![
            floats("kernel", &[3, 2, 3, 3], 0.1),
            floats("w", &[3], 0.5),
            floats("slope", &[3, 1, 1], 0.2),
            floats("fc", &[48, 4], 0.01),
            floats("bias", &[4], 1.0),
        ],
    )
}

#[test]
fn every_truncation_is_refused() {
    let bytes = small_net().encode_to_vec();
    for length in (0..bytes.len()).step_by(7) {
        let cut = bytes[..length].to_vec();
        assert!(OnnxModel::parse(cut, Path::new("."), Device::Cpu).is_err(), "{length} of {}", bytes.len());
    }
    assert_eq!(run(&small_net(), 2).unwrap().0, [2, 4]);
}

proptest! {
    #[test]
    fn damage_never_panics(places in prop::collection::vec((0usize..5000, any::<u8>()), 1..4)) {
        let mut bytes = small_net().encode_to_vec();
        // The weights themselves are left alone: nothing there can break.
        let structure: Vec<usize> = (0..bytes.len()).filter(|&i| bytes[i] != 0xcd && bytes[i] != 0xcc).collect();
        for (place, value) in places {
            bytes[structure[place % structure.len()]] = value;
        }
        if let Ok(model) = OnnxModel::parse(bytes, Path::new("."), Device::Cpu) {
            let _either = model.run_floats(&[0.5; 32], &[1, 2, 4, 4]);
        }
    }
}
