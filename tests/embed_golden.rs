//! Embedders against independent implementations: dlib itself, and PyTorch. The expected numbers were made by the
//! scripts in `tests/reference`; bounds stand beside the largest differences that were measured.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

#[path = "common/synthetic.rs"]
mod synthetic;

use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::crop_imm;
use likeness::types::Embedding;
use likeness::vision::embed::{self, Embedder};
use likeness::vision::manifest::{Architecture, ImportRequest, ModelEntry, ModelRegistry};
use likeness::vision::weights_dir;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::Value;

fn expected(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn unit_vector(values: &Value) -> Embedding {
    let values = values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect();
    Embedding::try_from_raw(values).unwrap()
}

fn max_abs(a: &Embedding, b: &Embedding) -> f32 {
    assert_eq!(a.d(), b.d());
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn dlib_embedder() -> Box<dyn Embedder> {
    let registry = ModelRegistry::open(Path::new("none")).unwrap();
    embed::load(registry.find(ModelRegistry::default_name()).unwrap()).unwrap()
}

/// The chip that the reference script took: every `step`-th pixel from (x, y) on.
fn chip(photo: &RgbImage, description: &Value) -> RgbImage {
    if let Some(seed) = description["synthetic"].as_u64() {
        return synthetic::crop(150, 150, seed as u32);
    }
    let [x, y, step] = ["x", "y", "step"].map(|k| description[k].as_u64().unwrap() as u32);
    let region = crop_imm(photo, x, y, 150 * step, 150 * step).to_image();
    RgbImage::from_fn(150, 150, |i, j| *region.get_pixel(i * step, j * step))
}

#[test]
fn dlib_gives_the_descriptors_of_the_reference_library() {
    let path = weights_dir().join("../samples/32bit.png");
    let photo = image::open(&path).unwrap_or_else(|e| panic!("run `cargo xtask setup` first: {e}: {}", path.display()));
    let reference = expected(include_str!("data/dlib_descriptors.json"));
    let descriptions = reference["chips"].as_array().unwrap();
    let chips: Vec<RgbImage> = descriptions.iter().map(|d| chip(&photo.to_rgb8(), d)).collect();
    let embedder = dlib_embedder();
    let together = embedder.embed(&chips).unwrap();
    let mut largest: f32 = 0.0;
    for ((description, chip), in_batch) in descriptions.iter().zip(&chips).zip(&together) {
        let wanted = unit_vector(&description["descriptor"]);
        let alone = &embedder.embed(std::slice::from_ref(chip)).unwrap()[0];
        largest = largest.max(max_abs(&wanted, alone)).max(max_abs(&wanted, in_batch));
    }
    println!("largest difference from dlib: {largest:.2e}");
    assert!(largest < DLIB_BOUND, "{largest:e}");
}
const DLIB_BOUND: f32 = 1e-5;

/// Shapes of all tensors of IR-ResNet-50, in the names of its usual state dict.
fn ir_resnet50_shapes() -> Vec<(String, Vec<usize>)> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    let norm = |shapes: &mut Vec<(String, Vec<usize>)>, name: &str, planes: usize| {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            shapes.push((format!("{name}.{part}"), vec![planes]));
        }
    };
    shapes.push(("conv1.weight".into(), vec![64, 3, 3, 3]));
    norm(&mut shapes, "bn1", 64);
    shapes.push(("prelu.weight".into(), vec![64]));
    let mut inputs = 64;
    for (stage, (planes, count)) in [(64, 3), (128, 4), (256, 14), (512, 3)].into_iter().enumerate() {
        for i in 0..count {
            let name = format!("layer{}.{i}", stage + 1);
            norm(&mut shapes, &format!("{name}.bn1"), inputs);
            shapes.push((format!("{name}.conv1.weight"), vec![planes, inputs, 3, 3]));
            norm(&mut shapes, &format!("{name}.bn2"), planes);
            shapes.push((format!("{name}.prelu.weight"), vec![planes]));
            shapes.push((format!("{name}.conv2.weight"), vec![planes, planes, 3, 3]));
            norm(&mut shapes, &format!("{name}.bn3"), planes);
            if i == 0 {
                shapes.push((format!("{name}.downsample.0.weight"), vec![planes, inputs, 1, 1]));
                norm(&mut shapes, &format!("{name}.downsample.1"), planes);
            }
            inputs = planes;
        }
    }
    norm(&mut shapes, "bn2", 512);
    shapes.push(("fc.weight".into(), vec![512, 512 * 49]));
    shapes.push(("fc.bias".into(), vec![512]));
    norm(&mut shapes, "features", 512);
    shapes
}

/// The range that `tests/reference/ir_resnet50.py` gives a tensor.
fn bounds(name: &str, shape: &[usize]) -> (f64, f64) {
    if name.ends_with("running_mean") || name.ends_with("bias") {
        return (-0.2, 0.2);
    }
    if name.ends_with("running_var") {
        return (0.5, 1.5);
    }
    if shape.len() == 1 {
        return if name.contains("prelu") { (0.05, 0.45) } else { (0.6, 1.4) };
    }
    let limit = (1.6 / shape[1..].iter().product::<usize>() as f64).sqrt();
    (-limit, limit)
}

fn write_ir_resnet50(path: &Path) {
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = ir_resnet50_shapes()
        .into_iter()
        .map(|(name, shape)| {
            let (low, high) = bounds(&name, &shape);
            let values = synthetic::uniform(&name, shape.iter().product(), low, high);
            (name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
        })
        .collect();
    let views =
        tensors.iter().map(|(name, shape, data)| (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
    safetensors::serialize_to_file(views, None, path).unwrap();
}

fn import(file: &Path, folder: &Path) -> ModelEntry {
    let mut registry = ModelRegistry::open(folder).unwrap();
    registry.import(file, &ImportRequest::from_file(file)).unwrap().clone()
}

/// Both outputs alone and together against the expected ones.
fn largest_difference(embedder: &dyn Embedder, outputs: &Value) -> f32 {
    let [width, height] = embedder.manifest().input.template.size;
    let crops = [1, 2].map(|seed| synthetic::crop(width, height, seed));
    let together = embedder.embed(&crops).unwrap();
    let mut largest: f32 = 0.0;
    for (i, crop) in crops.iter().enumerate() {
        let wanted = unit_vector(&outputs[i]);
        let alone = &embedder.embed(std::slice::from_ref(crop)).unwrap()[0];
        largest = largest.max(max_abs(&wanted, alone)).max(max_abs(&wanted, &together[i]));
    }
    largest
}

#[test]
fn ir_resnet50_agrees_with_an_independent_implementation() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("made-up.safetensors");
    write_ir_resnet50(&weights);
    let entry = import(&weights, &folder.path().join("models"));
    assert_eq!((entry.manifest.architecture, entry.manifest.d), (Architecture::IrResnet50, 512));
    let embedder = embed::load(&entry).unwrap();
    let reference = expected(include_str!("data/ir_resnet50.json"));
    let largest = largest_difference(embedder.as_ref(), &reference["outputs"]);
    println!("largest difference from PyTorch: {largest:.2e}");
    assert!(largest < IR_BOUND, "{largest:e}");
}
const IR_BOUND: f32 = 1e-5;

fn assets() -> Option<PathBuf> {
    let folder = std::env::var_os("LIKENESS_ASSETS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: LIKENESS_ASSETS is not set");
    }
    folder
}

#[test]
fn torchscript_agrees_with_pytorch() {
    let Some(assets) = assets() else { return };
    let reference = expected(include_str!("data/torchscript_outputs.json"));
    for model in reference["models"].as_array().unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let file = assets.join("models").join(model["file"].as_str().unwrap());
        let entry = import(&file, folder.path());
        assert_eq!((entry.manifest.architecture, entry.manifest.d), (Architecture::TorchScript, 512));
        let embedder = embed::load(&entry).unwrap();
        let largest = largest_difference(embedder.as_ref(), &model["outputs"]);
        println!("largest difference from PyTorch: {largest:.2e} ({})", model["file"]);
        assert!(largest < TORCHSCRIPT_BOUND, "{largest:e}");
    }
}
const TORCHSCRIPT_BOUND: f32 = 1e-5;

#[test]
fn many_threads_share_one_embedder() {
    let embedder = dlib_embedder();
    let crops: Vec<RgbImage> = (0..5).map(|seed| synthetic::crop(150, 150, seed)).collect();
    let wanted: Vec<Embedding> =
        crops.iter().map(|c| embedder.embed(std::slice::from_ref(c)).unwrap().remove(0)).collect();
    std::thread::scope(|scope| {
        for t in 0..4 {
            let (embedder, crops, wanted) = (&embedder, &crops, &wanted);
            scope.spawn(move || {
                for i in 0..10 {
                    let k = (i + t) % crops.len();
                    let found = embedder.embed(std::slice::from_ref(&crops[k])).unwrap();
                    assert!(max_abs(&found[0], &wanted[k]) < 1e-6);
                }
            });
        }
    });
}

#[test]
fn any_number_of_crops_comes_back_in_order_and_odd_sizes_are_refused() {
    let embedder = dlib_embedder();
    assert!(embedder.embed(&[]).unwrap().is_empty());
    let two = [1, 2].map(|seed| synthetic::crop(150, 150, seed));
    let many: Vec<RgbImage> = (0..37).map(|i| two[i % 2].clone()).collect();
    let found = embedder.embed(&many).unwrap();
    assert_eq!(found.len(), 37);
    assert!(max_abs(&found[0], &found[1]) > 1e-2);
    for (i, embedding) in found.iter().enumerate() {
        assert!(max_abs(embedding, &found[i % 2]) < 1e-5);
    }
    let message = embedder.embed(&[synthetic::crop(112, 112, 1)]).unwrap_err().to_string();
    assert!(message.contains("150×150") && message.contains("112×112"), "{message}");
}
