//! Graphs that are one of Likeness's own networks, written as several exporters would.

use std::collections::HashMap;

use likeness::vision::manifest::ModelManifest;
use safetensors::SafeTensors;

use super::*;

/// What exporters do differently.
#[derive(Clone, Copy, Default)]
struct Style {
    /// Norms are folded into the convolutions before them, and tensors numbered, as in the files of insightface.
    folded: bool,
    /// Tensors come through `Identity`, sides are worked out from `Shape`, `Gemm` is `MatMul` and `Add`.
    roundabout: bool,
    /// The graph takes one picture only.
    fixed: bool,
    /// A block whose shortcut begins behind its norm: another network.
    moved_shortcut: Option<(usize, usize)>,
    /// What the norms add to the variance.
    epsilon: Option<f32>,
}

type Weights = HashMap<String, (Vec<usize>, Vec<f32>)>;

fn ir_weights() -> Weights {
    ir_resnet50::shapes()
        .into_iter()
        .map(|(name, shape)| {
            let values = ir_resnet50::values(&name, &shape);
            (name, (shape, values))
        })
        .collect()
}

/// A graph with its tensors.
struct Writer<'a> {
    graph: Graph,
    weights: &'a Weights,
    tensors: Vec<TensorProto>,
    style: Style,
}

fn many(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { name: name.to_owned(), ints: values.to_vec(), kind: attribute_type::INTS, ..Default::default() }
}

fn one(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i: value, kind: attribute_type::INT, ..Default::default() }
}

impl<'a> Writer<'a> {
    fn new(weights: &'a Weights, style: Style) -> Self {
        Self { graph: Graph::default(), weights, tensors: Vec::new(), style }
    }

    fn tensor(&mut self, dims: &[usize], values: &[f32]) -> String {
        let name = format!("{}", 9000 + self.tensors.len());
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let dims = dims.iter().map(|&side| side as i64).collect();
        let data_type = data_type::FLOAT;
        self.tensors.push(TensorProto {
            name: name.clone(),
            dims,
            data_type,
            raw_data: raw.into(),
            ..Default::default()
        });
        if self.style.roundabout { self.graph.add("Identity", &[&name], vec![]) } else { name }
    }

    fn integers(&mut self, values: &[i64]) -> String {
        let name = format!("{}", 9000 + self.tensors.len());
        let (dims, int64_data) = (vec![values.len() as i64], values.to_vec());
        let data_type = data_type::INT64;
        self.tensors.push(TensorProto { name: name.clone(), dims, data_type, int64_data, ..Default::default() });
        name
    }

    fn stored(&mut self, name: &str) -> String {
        let weights = self.weights;
        let (shape, values) = &weights[name];
        self.tensor(shape, values)
    }

    fn values(&self, name: &str) -> &'a [f32] {
        &self.weights[name].1
    }

    fn epsilon(&self) -> f64 {
        self.style.epsilon.map_or(1e-5, f64::from)
    }

    /// A convolution and the norm behind it.
    fn conv(&mut self, x: &str, conv: &str, norm: &str, stride: i64) -> String {
        let name = format!("{conv}.weight");
        let (shape, values) = &self.weights[&name];
        let k = shape[2] as i64;
        let attributes = vec![many("pads", &[k / 2; 4]), many("strides", &[stride; 2]), many("kernel_shape", &[k; 2])];
        if !self.style.folded {
            let weight = self.stored(&name);
            let x = self.graph.add("Conv", &[x, &weight], attributes);
            return self.norm(&x, norm);
        }
        let part = |part: &str| self.values(&format!("{norm}.{part}"));
        let (scale, shift) = (part("weight"), part("bias"));
        let (mean, variance) = (part("running_mean"), part("running_var"));
        let factor: Vec<f64> =
            (0..shape[0]).map(|o| f64::from(scale[o]) / (f64::from(variance[o]) + self.epsilon()).sqrt()).collect();
        let each = values.len() / shape[0];
        let weight: Vec<f32> =
            values.iter().enumerate().map(|(i, v)| (f64::from(*v) * factor[i / each]) as f32).collect();
        let bias: Vec<f32> =
            (0..shape[0]).map(|o| (f64::from(shift[o]) - f64::from(mean[o]) * factor[o]) as f32).collect();
        let weight = self.tensor(shape, &weight);
        let bias = self.tensor(&[shape[0]], &bias);
        self.graph.add("Conv", &[x, &weight, &bias], attributes)
    }

    fn norm(&mut self, x: &str, name: &str) -> String {
        let parts =
            ["weight", "bias", "running_mean", "running_var"].map(|part| self.stored(&format!("{name}.{part}")));
        let epsilon = self.style.epsilon.map(|f| AttributeProto {
            name: "epsilon".to_owned(),
            f,
            kind: attribute_type::FLOAT,
            ..Default::default()
        });
        let [a, b, c, d] = &parts;
        self.graph.add("BatchNormalization", &[x, a, b, c, d], epsilon.into_iter().collect())
    }

    fn prelu(&mut self, x: &str, name: &str) -> String {
        let values = self.values(&format!("{name}.weight"));
        let slopes = self.tensor(&[values.len(), 1, 1], values);
        self.graph.add("PRelu", &[x, &slopes], vec![])
    }

    fn ir_resnet50(&mut self) -> String {
        let stem = self.conv("input.1", "conv1", "bn1", 1);
        let mut x = self.prelu(&stem, "prelu");
        for (stage, (_, count)) in ir_resnet50::STAGES.into_iter().enumerate() {
            for i in 0..count {
                let part = |part: &str| format!("layer{}.{i}.{part}", stage + 1);
                let stride = if i == 0 { 2 } else { 1 };
                let normed = self.norm(&x, &part("bn1"));
                let mut branch = self.conv(&normed, &part("conv1"), &part("bn2"), 1);
                branch = self.prelu(&branch, &part("prelu"));
                branch = self.conv(&branch, &part("conv2"), &part("bn3"), stride);
                if i == 0 {
                    x = self.conv(&x, &part("downsample.0"), &part("downsample.1"), stride);
                }
                let shortcut = if self.style.moved_shortcut == Some((stage + 1, i)) { &normed } else { &x };
                let summands = if i % 2 == 0 { [&branch, shortcut] } else { [shortcut, &branch] };
                x = self.graph.add("Add", &summands.map(String::as_str), vec![]);
            }
        }
        x = self.norm(&x, "bn2");
        x = self.row(&x, 25088);
        x = self.fully_connected(&x, "fc");
        self.norm(&x, "features")
    }

    fn row(&mut self, x: &str, length: i64) -> String {
        if self.style.fixed {
            let shape = self.integers(&[1, -1]);
            return self.graph.add("Reshape", &[x, &shape], vec![]);
        }
        if !self.style.roundabout {
            return self.graph.add("Flatten", &[x], vec![one("axis", 1)]);
        }
        let (zero, front, rest) = (self.integers(&[0]), self.integers(&[0]), self.integers(&[length]));
        let sides = self.graph.add("Shape", &[x], vec![]);
        let first = self.graph.add("Gather", &[&sides, &zero], vec![one("axis", 0)]);
        let first = self.graph.add("Squeeze", &[&first, &front], vec![]);
        let first = self.graph.add("Unsqueeze", &[&first, &front], vec![]);
        let shape = self.graph.add("Concat", &[&first, &rest], vec![one("axis", 0)]);
        self.graph.add("Reshape", &[x, &shape], vec![])
    }

    fn fully_connected(&mut self, x: &str, name: &str) -> String {
        let (weight, bias) = (format!("{name}.weight"), self.stored(&format!("{name}.bias")));
        if !self.style.roundabout {
            let weight = self.stored(&weight);
            return self.graph.add("Gemm", &[x, &weight, &bias], vec![one("transB", 1)]);
        }
        let weight = self.stored(&weight);
        let weight = self.graph.add("Transpose", &[&weight], vec![]);
        let product = self.graph.add("MatMul", &[x, &weight], vec![]);
        self.graph.add("Add", &[&bias, &product], vec![])
    }

    /// insightface's MobileFaceNet with folded norms: tensors by the number of their layer.
    fn mobilefacenet(&mut self, odd: Odd) -> String {
        let mut at = 0;
        let mut x = self.counted("input.1", &mut at, 2, true);
        x = self.counted(&x, &mut at, 1, true);
        for block in 0..15 {
            let halves = [0, 5, 12].contains(&block);
            let begin = x.clone();
            x = self.counted(&x, &mut at, 1, true);
            x = self.counted(&x, &mut at, if halves { 2 } else { 1 }, true);
            x = self.counted(&x, &mut at, 1, false);
            if !halves && odd != Odd::NoShortcut(block) {
                x = self.graph.add("Add", &[&begin, &x], vec![]);
            }
            if odd == Odd::Relu(block) {
                x = self.graph.add("Relu", &[&x], vec![]);
            }
        }
        x = self.counted(&x, &mut at, 1, true);
        x = self.counted(&x, &mut at, 1, true);
        x = self.row(&x, 3136);
        x = self.fully_connected(&x, &format!("mods.{at}"));
        if odd == Odd::JoinedRows {
            let shape = self.integers(&[1, -1]);
            x = self.graph.add("Reshape", &[&x, &shape], vec![]);
        }
        x
    }

    /// The next layer, with slopes behind it or not.
    fn counted(&mut self, x: &str, at: &mut usize, stride: i64, has_slopes: bool) -> String {
        let name = format!("mods.{at}");
        let (weight, bias) = (self.stored(&format!("{name}.weight")), self.stored(&format!("{name}.bias")));
        let shape = &self.weights[&format!("{name}.weight")].0;
        let k = shape[2] as i64;
        let groups = if shape[1] == 1 { shape[0] as i64 } else { 1 };
        let attributes = vec![many("pads", &[k / 2; 4]), many("strides", &[stride; 2]), one("group", groups)];
        let mut x = self.graph.add("Conv", &[x, &weight, &bias], attributes);
        *at += 1;
        if has_slopes {
            x = self.prelu(&x, &format!("mods.{at}"));
            *at += 1;
        }
        x
    }

    fn write(self, path: &Path, output: &str) {
        let batch = self.style.fixed.then_some(1);
        let graph = GraphProto {
            node: self.graph.nodes,
            name: "torch-jit-export".to_owned(),
            initializer: self.tensors,
            input: vec![value("input.1", &[batch, Some(3), Some(112), Some(112)])],
            output: vec![value(output, &[batch, None])],
            ..GraphProto::default()
        };
        let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
        let model = ModelProto { ir_version: 6, graph: Some(graph), opset_import, ..ModelProto::default() };
        std::fs::write(path, model.encode_to_vec()).unwrap();
    }
}

/// What makes a MobileFaceNet another network.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Odd {
    Nothing,
    NoShortcut(usize),
    Relu(usize),
    /// All rows are made one, which the layers do not show.
    JoinedRows,
}

fn write_ir(path: &Path, weights: &Weights, style: Style) {
    let mut writer = Writer::new(weights, style);
    let output = writer.ir_resnet50();
    writer.write(path, &output);
}

fn proposal(path: &Path) -> ModelManifest {
    ImportRequest::from_file(path).proposal(path).unwrap()
}

fn crops() -> Vec<RgbImage> {
    [1, 2].map(|seed| synthetic::crop(112, 112, seed)).into()
}

/// The largest difference from the expected rows at unit length.
fn difference_from(entry: &likeness::vision::manifest::ModelEntry, rows: &[Vec<f32>]) -> f32 {
    let found = entry.load().unwrap().embed(&crops()).unwrap();
    let wanted = rows.iter().map(|row| likeness::types::Embedding::try_from_raw(row.clone()).unwrap());
    found.iter().zip(wanted).map(|(a, b)| largest_difference(a.as_slice(), b.as_slice())).fold(0.0, f32::max)
}

#[test]
fn insightface_graphs_run_as_ir_resnet50() {
    let weights = ir_weights();
    let expected: Vec<Vec<f32>> = models()["ir_resnet50"]["outputs"].as_array().unwrap().iter().map(floats).collect();
    let plain = Style::default();
    for (name, style) in [
        ("folded", Style { folded: true, ..plain }),
        ("roundabout", Style { roundabout: true, ..plain }),
        ("fixed", Style { folded: true, fixed: true, ..plain }),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w600k_r50.onnx");
        write_ir(&path, &weights, style);
        let mut registry = ModelRegistry::open(&folder.path().join("models")).unwrap();
        let entry = registry.import(&path, &ImportRequest::from_file(&path)).unwrap().clone();
        assert_eq!((entry.manifest.architecture, entry.manifest.d), (Architecture::IrResnet50, 512), "{name}");
        let notes = entry.manifest.notes.clone().unwrap();
        println!("{name}: {notes}");
        assert!(notes.contains("ir-resnet-50, which runs it"), "{notes}");
        assert_eq!(entry.weights_path.file_name().unwrap(), "weights.onnx");
        entry.verify().unwrap();
        let difference = difference_from(&entry, &expected);
        println!("{name}: {difference:.2e} from onnxruntime");
        assert!(difference < 1e-5, "{name}: {difference:e}");
    }
}

#[test]
fn another_epsilon_is_part_of_the_native_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mxnet.onnx");
    write_ir(&path, &ir_weights(), Style { epsilon: Some(2e-2), ..Style::default() });
    let graph = OnnxModel::read(&path).unwrap();
    let (_, values) = graph.run_floats(&planes([127.5; 3], [127.5; 3]), &[2, 3, 112, 112]).unwrap();
    let mut registry = ModelRegistry::open(&folder.path().join("models")).unwrap();
    let entry = registry.import(&path, &ImportRequest::from_file(&path)).unwrap().clone();
    assert_eq!(entry.manifest.architecture, Architecture::IrResnet50);
    let rows: Vec<Vec<f32>> = values.chunks(512).map(<[f32]>::to_vec).collect();
    let difference = difference_from(&entry, &rows);
    assert!(difference < 1e-5, "{difference:e}");
    // In half the memory.
    let request = ImportRequest {
        name: "half".to_owned(),
        precision: Some(likeness::vision::manifest::Precision::Bf16),
        ..ImportRequest::from_file(&path)
    };
    let half = registry.import(&path, &request).unwrap().clone();
    assert!(difference_from(&half, &rows) < 0.02);
    // And as the graph that it is, where that is asked for.
    let request = ImportRequest {
        name: "graph".to_owned(),
        architecture: Some(Architecture::Onnx),
        ..ImportRequest::from_file(&path)
    };
    let asked = registry.import(&path, &request).unwrap().clone();
    assert_eq!((asked.manifest.architecture, asked.manifest.notes.clone()), (Architecture::Onnx, None));
    assert!(difference_from(&asked, &rows) < 1e-5);
}

#[test]
fn a_graph_with_one_shortcut_elsewhere_stays_a_graph() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.onnx");
    let style = Style { folded: true, moved_shortcut: Some((3, 7)), ..Style::default() };
    write_ir(&path, &ir_weights(), style);
    let manifest = proposal(&path);
    assert_eq!((manifest.architecture, manifest.notes), (Architecture::Onnx, None));
    let asked = ImportRequest { architecture: Some(Architecture::IrResnet50), ..ImportRequest::from_file(&path) };
    let message = asked.proposal(&path).unwrap_err().to_string();
    assert!(message.contains("cannot run as ir-resnet-50") && message.contains("onnx can run it"), "{message}");
}

/// Layers of the size that the native network has, filled with small numbers.
fn mobile_weights() -> Weights {
    let mut weights = Weights::new();
    let mut at = 0;
    let mut layer = |outputs: usize, inputs: usize, k: usize, has_slopes: bool| {
        let mut put = |name: String, shape: Vec<usize>, size: f64| {
            let values = synthetic::uniform(&name, shape.iter().product(), -size, size);
            weights.insert(name, (shape, values));
        };
        let size = (3.0 / (inputs * k * k).max(1) as f64).sqrt();
        let shape = if k == 0 { vec![outputs, inputs] } else { vec![outputs, inputs, k, k] };
        put(format!("mods.{at}.weight"), shape, if k == 0 { 0.02 } else { size });
        put(format!("mods.{at}.bias"), vec![outputs], 0.1);
        at += 1;
        if has_slopes {
            put(format!("mods.{at}.weight"), vec![outputs], 0.3);
            at += 1;
        }
    };
    layer(128, 3, 3, true);
    layer(128, 1, 3, true);
    let mut inputs = 128;
    for (between, outputs, more) in [(128, 128, 4), (256, 256, 6), (512, 256, 2)] {
        for i in 0..=more {
            let between = if i == 0 { between } else { between.min(256) };
            layer(between, inputs, 1, true);
            layer(between, 1, 3, true);
            layer(outputs, between, 1, false);
            inputs = outputs;
        }
    }
    layer(512, 256, 1, true);
    layer(64, 512, 1, true);
    layer(96, 3136, 0, false);
    weights
}

fn write_mobile(path: &Path, weights: &Weights, style: Style, odd: Odd) {
    let mut writer = Writer::new(weights, style);
    let output = writer.mobilefacenet(odd);
    writer.write(path, &output);
}

#[test]
fn mobilefacenet_graphs_are_known_by_their_layers_alone() {
    let weights = mobile_weights();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w600k_mbf.onnx");
    let plain = Style::default();
    for style in [plain, Style { roundabout: true, ..plain }, Style { fixed: true, ..plain }] {
        write_mobile(&path, &weights, style, Odd::Nothing);
        let manifest = proposal(&path);
        assert_eq!((manifest.architecture, manifest.d), (Architecture::MobileFaceNet, 96));
        assert!(manifest.notes.unwrap().contains("mobilefacenet, which runs it"));
    }
    for odd in [Odd::NoShortcut(3), Odd::Relu(0), Odd::Relu(14)] {
        write_mobile(&path, &weights, plain, odd);
        let manifest = proposal(&path);
        assert_eq!((manifest.architecture, manifest.notes), (Architecture::Onnx, None), "{odd:?}");
    }
    write_mobile(&path, &weights, plain, Odd::JoinedRows);
    let manifest = proposal(&path);
    assert_eq!(manifest.architecture, Architecture::Onnx);
    let notes = manifest.notes.unwrap();
    assert!(notes.contains("gives other vectors") && notes.contains("the graph itself is run"), "{notes}");
}

#[test]
fn a_real_mobilefacenet_as_a_graph_gives_what_its_tensors_give() {
    let Some(assets) = assets() else { return };
    let tensors = assets.join("models/mobilefacenet-mbf/mbf_from_espdl_int8.safetensors");
    let bytes = std::fs::read(&tensors).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let weights: Weights = file
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            let values = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            (name, (view.shape().to_vec(), values))
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w600k_mbf.onnx");
    write_mobile(&path, &weights, Style::default(), Odd::Nothing);
    let mut registry = ModelRegistry::open(&folder.path().join("models")).unwrap();
    let graph = registry.import(&path, &ImportRequest::from_file(&path)).unwrap().clone();
    println!("{}", graph.manifest.notes.clone().unwrap());
    assert_eq!((graph.manifest.architecture, graph.manifest.d), (Architecture::MobileFaceNet, 512));
    let request = ImportRequest { name: "tensors".to_owned(), ..ImportRequest::from_file(&tensors) };
    let own = registry.import(&tensors, &request).unwrap().clone();
    let rows: Vec<Vec<f32>> =
        own.load().unwrap().embed(&crops()).unwrap().iter().map(|e| e.as_slice().to_vec()).collect();
    let difference = difference_from(&graph, &rows);
    assert!(difference < 1e-6, "{difference:e}");
}
