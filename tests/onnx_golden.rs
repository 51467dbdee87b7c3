//! ONNX files against onnxruntime. The expected numbers were made by the scripts in `tests/reference`; bounds stand
//! beside the largest differences that were measured.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

#[path = "common/synthetic.rs"]
mod synthetic;

#[path = "common/ir_resnet50.rs"]
mod ir_resnet50;

#[path = "onnx_golden/native.rs"]
mod native;

mod support;

use likeness::words::told;
use std::path::{Path, PathBuf};

use image::RgbImage;
use likeness::vision::manifest::{Architecture, ImportRequest, ModelRegistry};
use likeness::vision::onnx::OnnxModel;
use likeness::vision::onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto, attribute_type, data_type,
};
use prost::Message;
use serde_json::Value;
use support::{json_lines, likeness, text};

fn floats(values: &Value) -> Vec<f32> {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn ints(values: &Value) -> Vec<i64> {
    values.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

fn bytes_from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().as_chunks::<2>().0;
    digits.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |largest, d| if d > largest || d.is_nan() { d } else { largest })
}

#[test]
fn every_operator_agrees_with_onnxruntime() {
    let reference: Value = serde_json::from_str(include_str!("data/onnx_operators.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.onnx");
    let mut wrong = Vec::new();
    let mut largest: f32 = 0.0;
    let cases = reference["cases"].as_array().unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        std::fs::write(&path, bytes_from_hex(case["model"].as_str().unwrap())).unwrap();
        let (shape, wanted) = (ints(&case["input"]), floats(&case["output"]));
        let [low, high] = [0, 1].map(|i| case["range"][i].as_f64().unwrap());
        let input = synthetic::uniform(name, shape.iter().product::<i64>() as usize, low, high);
        let found = OnnxModel::read(Path::new(&path))
            .map_err(|e| e.to_string())
            .and_then(|model| model.run_floats(&input, &shape).map_err(|e| e.to_string()));
        match found {
            Err(e) => wrong.push(format!("{name}: {e}")),
            Ok((shape, _)) if shape != ints(&case["shape"]) => {
                wrong.push(format!("{name}: {shape:?} instead of {}", case["shape"]));
            }
            Ok((_, values)) => {
                let difference = largest_difference(&values, &wanted);
                largest = largest.max(difference);
                if difference.is_nan() || difference > OPERATOR_BOUND {
                    wrong.push(format!("{name}: {difference:e}\n  {values:?}\n  {wanted:?}"));
                }
            }
        }
    }
    println!("largest difference from onnxruntime in {} graphs: {largest:.2e}", cases.len());
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
/// 9.5e-7 measured on 2026-11-27 over 245 graphs.
const OPERATOR_BOUND: f32 = 5e-6;

/// Two crops as a network takes them: N×3×112×112.
fn planes(mean: [f32; 3], std: [f32; 3]) -> Vec<f32> {
    let crops: Vec<RgbImage> = [1, 2].map(|seed| synthetic::crop(112, 112, seed)).into();
    let plane = |crop: &RgbImage, c: usize| crop.pixels().map(|p| (f32::from(p[c]) - mean[c]) / std[c]).collect();
    crops.iter().flat_map(|crop| (0..3).flat_map(move |c| -> Vec<f32> { plane(crop, c) })).collect()
}

/// The largest difference from the expected rows, together and, where the network takes any number, one by one.
fn difference_of_model(model: &OnnxModel, input: &[f32], outputs: &Value) -> f32 {
    let wanted: Vec<f32> = outputs.as_array().unwrap().iter().flat_map(floats).collect();
    let (shape, together) = model.run_floats(input, &[2, 3, 112, 112]).unwrap();
    assert_eq!(shape, [2, wanted.len() as i64 / 2]);
    let alone: Vec<f32> =
        input.chunks(input.len() / 2).flat_map(|one| model.run_floats(one, &[1, 3, 112, 112]).unwrap().1).collect();
    largest_difference(&together, &wanted).max(largest_difference(&alone, &wanted))
}

fn models() -> Value {
    serde_json::from_str(include_str!("data/onnx_models.json")).unwrap()
}

fn assets() -> Option<PathBuf> {
    let folder = std::env::var_os("LIKENESS_ASSETS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: LIKENESS_ASSETS is not set");
    }
    folder
}

#[test]
fn a_real_file_agrees_with_onnxruntime_and_is_imported() {
    let Some(assets) = assets() else { return };
    let reference = models();
    let file = assets.join("models").join(reference["real"]["file"].as_str().unwrap());
    let (mean, std) = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);
    let model = OnnxModel::read(&file).unwrap();
    let largest = difference_of_model(&model, &planes(mean, std), &reference["real"]["outputs"]);
    println!("largest difference from onnxruntime: {largest:.2e} (raw output of length 8)");
    assert!(largest < MODEL_BOUND, "{largest:e}");

    let folder = tempfile::tempdir().unwrap();
    let mut registry = ModelRegistry::open(folder.path()).unwrap();
    let request = ImportRequest {
        mean: Some(mean),
        std: Some(std),
        licence: Some("Apache-2.0".to_owned()),
        ..ImportRequest::from_file(&file)
    };
    let entry = registry.import(&file, &request).unwrap().clone();
    // Its layers are those of a network that is there already.
    assert_eq!((entry.manifest.architecture, entry.manifest.d), (Architecture::MobileFaceNet, 128));
    assert_eq!(entry.manifest.licence, "Apache-2.0");
    entry.verify().unwrap();
    let crops: Vec<RgbImage> = [1, 2].map(|seed| synthetic::crop(112, 112, seed)).into();
    let found = entry.load().unwrap().embed(&crops).unwrap();
    for (embedding, row) in found.iter().zip(reference["real"]["outputs"].as_array().unwrap()) {
        let wanted = likeness::types::Embedding::try_from_raw(floats(row)).unwrap();
        assert!(largest_difference(embedding.as_slice(), wanted.as_slice()) < 1e-5);
    }
}
/// Raw output: 3.8e-6 for MobileFaceNet (length 8), 5.2e-5 for IR-ResNet-50 (length 87), measured on 2026-11-24.
const MODEL_BOUND: f32 = 1e-4;

/// Writes the nodes of IR-ResNet-50 as an exporter would that folds nothing.
#[derive(Default)]
struct Graph {
    nodes: Vec<NodeProto>,
}

impl Graph {
    fn add(&mut self, op_type: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        let output = format!("{}", 300 + self.nodes.len());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.clone()],
            name: format!("{op_type}_{}", self.nodes.len()),
            op_type: op_type.to_owned(),
            attribute: attributes,
            domain: String::new(),
        });
        output
    }

    fn conv(&mut self, x: &str, weight: &str, kernel: i64, stride: i64) -> String {
        let both = |name: &str, value: i64, n: usize| AttributeProto {
            name: name.to_owned(),
            ints: vec![value; n],
            kind: attribute_type::INTS,
            ..AttributeProto::default()
        };
        let attributes = vec![
            both("dilations", 1, 2),
            both("kernel_shape", kernel, 2),
            both("pads", kernel / 2, 4),
            both("strides", stride, 2),
        ];
        self.add("Conv", &[x, &format!("{weight}.weight")], attributes)
    }

    fn norm(&mut self, x: &str, name: &str) -> String {
        let parts = ["weight", "bias", "running_mean", "running_var"].map(|part| format!("{name}.{part}"));
        self.add("BatchNormalization", &[x, &parts[0], &parts[1], &parts[2], &parts[3]], vec![])
    }

    fn prelu(&mut self, x: &str, name: &str) -> String {
        self.add("PRelu", &[x, &format!("{name}.weight")], vec![])
    }
}

fn ir_resnet50_nodes() -> Vec<NodeProto> {
    let mut graph = Graph::default();
    let stem = graph.conv("input.1", "conv1", 3, 1);
    let stem = graph.norm(&stem, "bn1");
    let mut x = graph.prelu(&stem, "prelu");
    for (stage, (_, count)) in ir_resnet50::STAGES.into_iter().enumerate() {
        for i in 0..count {
            let part = |part: &str| format!("layer{}.{i}.{part}", stage + 1);
            let stride = if i == 0 { 2 } else { 1 };
            let mut branch = graph.norm(&x, &part("bn1"));
            branch = graph.conv(&branch, &part("conv1"), 3, 1);
            branch = graph.norm(&branch, &part("bn2"));
            branch = graph.prelu(&branch, &part("prelu"));
            branch = graph.conv(&branch, &part("conv2"), 3, stride);
            branch = graph.norm(&branch, &part("bn3"));
            if i == 0 {
                x = graph.conv(&x, &part("downsample.0"), 1, stride);
                x = graph.norm(&x, &part("downsample.1"));
            }
            x = graph.add("Add", &[&branch, &x], vec![]);
        }
    }
    x = graph.norm(&x, "bn2");
    x = graph.add("Flatten", &[&x], vec![]);
    let transposed =
        AttributeProto { name: "transB".to_owned(), i: 1, kind: attribute_type::INT, ..AttributeProto::default() };
    x = graph.add("Gemm", &[&x, "fc.weight", "fc.bias"], vec![transposed]);
    graph.norm(&x, "features");
    graph.nodes
}

fn value(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = |&side: &Option<i64>| DimensionProto {
        dim_value: side,
        dim_param: if side.is_none() { Some("None".to_owned()) } else { None },
    };
    let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor_type = Some(TensorTypeProto { elem_type: data_type::FLOAT, shape });
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type }) }
}

/// IR-ResNet-50 under made-up weights; its tensors in a file beside where `data` names one.
fn write_ir_resnet50(path: &Path, data: Option<&str>) {
    let mut nodes = ir_resnet50_nodes();
    let last = nodes.last_mut().unwrap();
    last.output = vec!["683".to_owned()];
    let mut beside: Vec<u8> = Vec::new();
    let initializer = ir_resnet50::shapes()
        .into_iter()
        .map(|(name, shape)| {
            let bytes: Vec<u8> = ir_resnet50::values(&name, &shape).iter().flat_map(|v| v.to_le_bytes()).collect();
            let mut dims: Vec<i64> = shape.iter().map(|&side| side as i64).collect();
            if name.contains("prelu") {
                dims.extend([1, 1]);
            }
            let tensor = TensorProto { name, dims, data_type: data_type::FLOAT, ..TensorProto::default() };
            let Some(data) = data else { return TensorProto { raw_data: bytes.into(), ..tensor } };
            let (offset, length) = (beside.len().to_string(), bytes.len().to_string());
            beside.extend(bytes);
            let entries = [("location", data), ("offset", &offset), ("length", &length)];
            let entry = |(key, value): (&str, &str)| StringStringEntryProto { key: key.into(), value: value.into() };
            TensorProto { data_location: 1, external_data: entries.map(entry).into(), ..tensor }
        })
        .collect();
    if let Some(data) = data {
        let file = path.with_file_name(data);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, beside).unwrap();
    }
    let graph = GraphProto {
        node: nodes,
        name: "torch-jit-export".to_owned(),
        initializer,
        input: vec![value("input.1", &[None, Some(3), Some(112), Some(112)])],
        output: vec![value("683", &[Some(1), Some(512)])],
        ..GraphProto::default()
    };
    let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 11 }];
    let model = ModelProto { ir_version: 6, graph: Some(graph), opset_import, ..ModelProto::default() };
    std::fs::write(path, model.encode_to_vec()).unwrap();
}

#[test]
fn ir_resnet50_agrees_with_onnxruntime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w600k_r50.onnx");
    write_ir_resnet50(&path, None);
    let model = OnnxModel::read(&path).unwrap();
    let input = planes([127.5; 3], [127.5; 3]);
    let largest = difference_of_model(&model, &input, &models()["ir_resnet50"]["outputs"]);
    println!("largest difference from onnxruntime: {largest:.2e} (raw output)");
    assert!(largest < MODEL_BOUND, "{largest:e}");
}

#[test]
fn weights_beside_the_file_come_along_and_count_in_the_digest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w600k_r50.onnx");
    write_ir_resnet50(&path, Some("parts/weights.data"));
    let models_dir = folder.path().join("models");
    let mut registry = ModelRegistry::open(&models_dir).unwrap();
    let entry = registry.import(&path, &ImportRequest::from_file(&path)).unwrap().clone();
    assert_eq!((entry.manifest.architecture, entry.manifest.d), (Architecture::IrResnet50, 512));
    assert_eq!(entry.manifest.data_files, ["parts/weights.data"]);
    let embedder = entry.load().unwrap();
    let reference = models();
    let crops: Vec<RgbImage> = [1, 2].map(|seed| synthetic::crop(112, 112, seed)).into();
    for (embedding, row) in
        embedder.embed(&crops).unwrap().iter().zip(reference["ir_resnet50"]["outputs"].as_array().unwrap())
    {
        let wanted = likeness::types::Embedding::try_from_raw(floats(row)).unwrap();
        let largest = largest_difference(embedding.as_slice(), wanted.as_slice());
        assert!(largest < 1e-5, "{largest:e}");
    }

    // Another byte in the data file is another model; no data file is none.
    let data = entry.weights_path.with_file_name("parts/weights.data");
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&data, &bytes).unwrap();
    let message = entry.load().err().unwrap().to_string();
    assert!(message.contains("checksum"), "{message}");
    std::fs::write(&data, &bytes[..1 << 20]).unwrap();
    let message = OnnxModel::read(&entry.weights_path).err().unwrap().to_string();
    assert!(message.contains("parts/weights.data") && message.contains("the file has 1048576"), "{message}");
    std::fs::remove_file(&data).unwrap();
    let reopened = ModelRegistry::open(&models_dir).unwrap();
    let problem = reopened.find("w600k_r50").unwrap().problem.clone().unwrap();
    assert!(told(&problem).contains("missing") && told(&problem).contains("weights.data"), "{problem:?}");
}

/// A graph of two operators: means of 16×16 pixels, in a row.
fn write_small_graph(path: &Path, first_operator: &str) {
    let mut graph = Graph::default();
    let sixteen = |name: &str| AttributeProto {
        name: name.to_owned(),
        ints: vec![16; 2],
        kind: attribute_type::INTS,
        ..AttributeProto::default()
    };
    let means = graph.add(first_operator, &["input"], vec![sixteen("kernel_shape"), sixteen("strides")]);
    let row = graph.add("Flatten", &[&means], vec![]);
    let graph = GraphProto {
        node: graph.nodes,
        name: "means".to_owned(),
        input: vec![value("input", &[None, Some(3), Some(112), Some(112)])],
        output: vec![value(&row, &[None, Some(147)])],
        ..GraphProto::default()
    };
    let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
    let model = ModelProto { ir_version: 7, graph: Some(graph), opset_import, ..ModelProto::default() };
    std::fs::write(path, model.encode_to_vec()).unwrap();
}

#[test]
fn the_command_line_imports_lists_and_verifies_a_graph() {
    let home = tempfile::tempdir().unwrap();
    let [good, odd] = ["means.onnx", "odd.onnx"].map(|name| home.path().join(name));
    write_small_graph(&good, "AveragePool");
    write_small_graph(&odd, "LpPool");
    let models = |words: &[&str]| {
        let mut command = likeness(home.path());
        command.arg("models").args(words);
        command
    };
    let import = |file: &Path, flags: &[&str]| {
        let mut command = models(&["import"]);
        command.arg(file).args(flags);
        command
    };
    let imported = json_lines(&mut import(&good, &["--as", "means-v1", "--licence", "CC0", "--threshold", "0.9"]));
    assert_eq!((&imported[0]["name"], &imported[0]["d"]), (&"means-v1".into(), &147.into()), "{imported:?}");
    let listed = json_lines(&mut models(&["list"]));
    let entry = listed.iter().find(|line| line["name"] == "means-v1").unwrap();
    assert_eq!(entry["architecture"], "onnx");
    assert_eq!((&entry["licence"], &entry["problem"]), (&"CC0".into(), &Value::Null), "{entry}");
    assert_eq!(json_lines(&mut models(&["verify", "means-v1"]))[0]["ok"], true);

    for (file, flags, words) in [
        (&odd, &[][..], ["LpPool", "odd.onnx"]),
        (&good, &["--precision", "bf16"], ["bf16", "own numbers"]),
        (&good, &["--precision", "fp8"], ["fp8", "bf16"]),
        (&good, &["--as", "means-v1"], ["means-v1", "already"]),
    ] {
        let output = import(file, flags).output().unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success() && words.iter().all(|word| said.contains(word)), "{flags:?}: {said}");
    }

    let weights = PathBuf::from(entry["weights"].as_str().unwrap());
    let mut bytes = std::fs::read(&weights).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    let output = models(&["verify", "means-v1"]).output().unwrap();
    let said = [text(&output.stdout), text(&output.stderr)].concat();
    assert!(!output.status.success() && said.contains("checksum"), "{said}");
}

#[test]
fn the_command_line_imports_a_real_graph_with_weights_beside_it() {
    let Some(assets) = assets() else { return };
    let home = tempfile::tempdir().unwrap();
    let file = assets.join("models").join(models()["real"]["file"].as_str().unwrap());
    let mut import = likeness(home.path());
    import.args(["models", "import", "--as", "foamliu", "--licence", "Apache-2.0"]);
    import.args(["--mean", "123.675,116.28,103.53", "--std", "58.395,57.12,57.375"]).arg(&file);
    let imported = json_lines(&mut import).pop().unwrap();
    assert_eq!((&imported["d"], &imported["licence"]), (&128.into(), &"Apache-2.0".into()), "{imported}");
    assert_eq!(json_lines(likeness(home.path()).args(["models", "verify", "foamliu"]))[0]["ok"], true);
}
