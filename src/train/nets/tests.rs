use std::collections::BTreeMap;
use std::path::PathBuf;

use image::RgbImage;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::*;
use crate::train::sample;
use crate::types::Embedding;
use crate::vision::align::Template;
use crate::vision::embed::Preprocessor;
use crate::vision::manifest::{InputSpec, ModelEntry, ModelManifest, ModelRegistry, Precision};

fn crops(size: [u32; 2]) -> Vec<RgbImage> {
    [(3u32, 5u32), (11, 2)]
        .map(|(a, b)| {
            RgbImage::from_fn(size[0], size[1], |x, y| {
                image::Rgb([x * a + y, y * b + x, x * y / 9].map(|v| (v % 256) as u8))
            })
        })
        .to_vec()
}

/// What networks of this kind take.
fn spec(architecture: Architecture) -> InputSpec {
    InputSpec { template: Template::arcface_of_size(architecture.fixed_size().unwrap()), ..InputSpec::ARCFACE }
}

fn input(architecture: Architecture) -> Tensor {
    let spec = spec(architecture);
    Preprocessor::new(&spec, Device::Cpu).tensor_from_crops(&crops(spec.template.size)).unwrap()
}

/// Numbers that are the same every time where `which` says so, such that every norm, bias and slope counts; then statistics
/// of what learns, moved part of the way to those of the pictures.
fn disturb(network: &mut Network, which: impl Fn(&str) -> bool) {
    let variables: BTreeMap<String, Tensor> = network.var_store().variables().into_iter().collect();
    for (number, (name, mut variable)) in variables.into_iter().enumerate().filter(|(_, (name, _))| which(name)) {
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        let size = variable.size();
        if name.ends_with("running_mean") || name.ends_with("running_var") {
            continue;
        }
        let range = if name.ends_with("bias") {
            Some(-0.2..0.2)
        } else if name == "fpn.projection.weight" || name.starts_with("fpn.pool.") {
            Some(-0.3..0.3)
        } else {
            (size.len() == 1).then_some(0.3..0.9)
        };
        let fan_in: i64 = size[1..].iter().product();
        let deviation = (2.0 / fan_in as f32).sqrt();
        let values: Vec<f32> = (0..size.iter().product::<i64>())
            .map(|_| match &range {
                Some(range) => random.random_range(range.clone()),
                None => deviation * random.sample::<f32, _>(StandardNormal),
            })
            .collect();
        let values = Tensor::from_slice(&values).reshape(&size);
        tch::no_grad(|| variable.f_copy_(&values)).unwrap();
    }
    for _ in 0..4 {
        let input = input(network.architecture());
        drop(tch::no_grad(|| network.forward_t(&input, true)).unwrap());
    }
}

fn unit_rows(raw: &Tensor) -> Vec<Embedding> {
    let [n, d] = raw.size()[..] else { panic!("{:?}", raw.size()) };
    let mut values = vec![0.0f32; (n * d) as usize];
    raw.f_contiguous().unwrap().f_copy_data(&mut values, (n * d) as usize).unwrap();
    values.chunks_exact(d as usize).map(|row| Embedding::try_from_raw(row.to_vec()).unwrap()).collect()
}

fn trained(network: &Network) -> Vec<Embedding> {
    unit_rows(&tch::no_grad(|| network.forward_t(&input(network.architecture()), false)).unwrap())
}

fn native(architecture: Architecture, weights: &Path, d: usize, precision: Precision) -> Vec<Embedding> {
    let manifest = ModelManifest {
        name: "net".to_owned(),
        title: "Net".to_owned(),
        architecture,
        weights: "net.safetensors".to_owned(),
        data_files: Vec::new(),
        sha256: None,
        precision,
        d,
        threshold: 0.25,
        licence: "none".to_owned(),
        source: "a test".to_owned(),
        notes: None,
        input: spec(architecture),
    };
    let entry = ModelEntry { manifest, weights_path: weights.to_owned(), ..any_entry() };
    entry.load().unwrap().embed(&crops(entry.manifest.input.template.size)).unwrap()
}

fn any_entry() -> ModelEntry {
    ModelRegistry::open(Path::new("none")).unwrap().entries()[0].clone()
}

#[track_caller]
fn assert_near(found: &[Embedding], wanted: &[Embedding], bound: f32, what: &str) {
    let pairs = found.iter().zip(wanted).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice()));
    let largest = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("{what}: largest difference {largest:.2e}");
    assert!(found.len() == wanted.len() && largest < bound, "{what}: {largest:e}");
}

/// The way of one network: fresh, saved, run natively, loaded with a neck, and so on.
fn goes_round(architecture: Architecture, form: Form) {
    const D: usize = 16;
    let _alone = sample::generator();
    let folder = tempfile::tempdir().unwrap();
    let [plain, necked] = ["plain", "necked"].map(|name| folder.path().join(format!("{name}.safetensors")));
    let mut network = Network::of_form(architecture, form, D, Device::Cpu).unwrap();
    disturb(&mut network, |_| true);
    network.save(&plain, Kind::Float).unwrap();
    let own = trained(&network);
    assert!(own[0].score(&own[1]) < 0.9999, "{architecture}: everything looks alike");
    assert_near(&native(architecture, &plain, D, Precision::Fp32), &own, 1e-5, architecture.name());

    let with_neck = architecture.with_neck().unwrap();
    let mut network = Network::load(with_neck, &plain, Device::Cpu).unwrap();
    assert_eq!((network.architecture(), network.d(), network.form), (with_neck, D, form));
    assert_near(&trained(&network), &own, 1e-6, "with a fresh neck");
    network.set_trainable(TrainablePart::NeckOnly);
    disturb(&mut network, |name| name.starts_with("fpn."));
    let changed = trained(&network);
    let largest = own[0].as_slice().iter().zip(changed[0].as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("the neck moves a number by {largest:.2e}");
    // Without norms the numbers of a made-up backbone grow large, and the neck's part in them is small.
    assert!(largest > 0.0, "{with_neck}: the neck does nothing");
    network.save(&necked, Kind::Float).unwrap();
    let full = native(with_neck, &necked, D, Precision::Fp32);
    assert_near(&full, &changed, 1e-5, with_neck.name());
    let halved = native(with_neck, &necked, D, Precision::Bf16);
    let least = full.iter().zip(&halved).map(|(a, b)| a.score(b)).fold(1.0, f32::min);
    println!("{with_neck} in bf16: cosine {least:.5}");
    assert!(least > LEAST_BF16 && least < 1.0, "{with_neck} in bf16: {least}");
}

/// Least cosine between embeddings at either precision.
const LEAST_BF16: f32 = 0.99;

#[test]
fn ir_resnet50_goes_round() {
    goes_round(Architecture::IrResnet50, Form::IrResnet50);
}

#[test]
fn dlibs_resnet_goes_round() {
    goes_round(Architecture::DlibResnet, Form::DlibResnet);
}

#[test]
fn resnet50_goes_round() {
    goes_round(Architecture::Resnet50, Form::Resnet50 { has_features: true });
}

#[test]
fn all_forms_of_mobilefacenet_go_round() {
    for form in MobileForm::ALL {
        goes_round(Architecture::MobileFaceNet, Form::MobileFaceNet(form));
    }
}

#[test]
fn only_the_chosen_part_learns_and_the_rest_stays() {
    let _alone = sample::generator();
    for (part, learns, stays) in [
        (TrainablePart::NeckOnly, "fpn.projection.weight", "conv3.weight"),
        (TrainablePart::NeckAndLastStage, "features.12.conv.2.weight", "features.11.conv.2.weight"),
        (TrainablePart::All, "conv1.0.weight", ""),
    ] {
        let mut network = Network::new(Architecture::MobileFaceNetFpn, 8, Device::Cpu).unwrap();
        network.set_trainable(part);
        let before: Vec<(String, Tensor)> =
            network.var_store().variables().into_iter().map(|(name, value)| (name, value.copy())).collect();
        let output = network.forward_t(&input(network.architecture()), true).unwrap();
        output.f_square().unwrap().f_sum(Kind::Float).unwrap().f_add_scalar(1.0).unwrap().f_backward().unwrap();
        let now = network.var_store().variables();
        assert!(now[learns].grad().defined() && now[learns].requires_grad(), "{part:?}");
        assert!(stays.is_empty() || !now[stays].grad().defined(), "{part:?}");
        for (name, old) in before {
            let is_statistic = name.ends_with("running_mean") || name.ends_with("running_var");
            let is_part = now[&name.replace("running_mean", "weight").replace("running_var", "weight")].requires_grad();
            let changed = old != now[&name];
            assert_eq!(changed, is_statistic && is_part, "{part:?}: {name}");
        }
    }
}

#[test]
fn what_cannot_be_trained_or_loaded_is_told() {
    let _alone = sample::generator();
    let error = |result: Result<Network, VisionError>| result.err().unwrap().to_string();
    for architecture in [Architecture::Onnx, Architecture::TorchScript] {
        let message = error(Network::new(architecture, 8, Device::Cpu));
        assert!(message.contains("cannot be trained") && message.contains(architecture.name()), "{message}");
    }
    assert!(error(Network::new(Architecture::MobileFaceNet, 0, Device::Cpu)).contains("1 to 4096"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.safetensors");
    let mut network = Network::new(Architecture::MobileFaceNetFpn, 8, Device::Cpu).unwrap();
    let mut projection = network.var_store().variables().remove("fpn.projection.weight").unwrap();
    drop(tch::no_grad(|| projection.f_fill_(f64::NAN)).unwrap());
    network.save(&file, Kind::Float).unwrap();
    let message = error(Network::load(Architecture::MobileFaceNetFpn, &file, Device::Cpu));
    assert!(message.contains("fpn.projection.weight") && message.contains("NaN"), "{message}");
    let message = error(Network::load(Architecture::IrResnet50, &file, Device::Cpu));
    assert!(message.contains("missing"), "{message}");
    let shape = Tensor::zeros([64, 3, 7, 7], (Kind::Float, Device::Cpu));
    let rest = [("fc.bias", Tensor::zeros([8], (Kind::Float, Device::Cpu)))];
    let norms = ["weight", "bias", "running_mean", "running_var"].map(|part| format!("bn1.{part}"));
    let ones = Tensor::ones([64], (Kind::Float, Device::Cpu));
    let mut tensors: Vec<(&str, Tensor)> = norms.iter().map(|name| (name.as_str(), ones.copy())).collect();
    tensors.extend(rest);
    tensors.push(("conv1.weight", shape));
    Tensor::write_safetensors(&tensors, &file).unwrap();
    let message = error(Network::load(Architecture::Resnet50, &file, Device::Cpu));
    assert!(message.contains("conv1.weight") && message.contains("[64, 3, 7, 7]"), "{message}");
}

#[test]
fn published_mobilefacenets_are_trained_from_their_files() {
    let Some(assets) = std::env::var_os("LIKENESS_ASSETS").map(PathBuf::from) else {
        println!("skipped: LIKENESS_ASSETS is not set");
        return;
    };
    for (file, d) in
        [("mobilefacenet-mbf/mbf_from_espdl_int8.safetensors", 512), ("mobilefacenet-foamliu/mobilefacenet.pt", 128)]
    {
        let file = assets.join("models").join(file);
        let wanted = native(Architecture::MobileFaceNet, &file, d, Precision::Fp32);
        for architecture in [Architecture::MobileFaceNet, Architecture::MobileFaceNetFpn] {
            let network = Network::load(architecture, &file, Device::Cpu).unwrap();
            assert_near(&trained(&network), &wanted, 1e-5, architecture.name());
        }
        let halved = native(Architecture::MobileFaceNet, &file, d, Precision::Bf16);
        let least = wanted.iter().zip(&halved).map(|(a, b)| a.score(b)).fold(1.0, f32::min);
        println!("in bf16: cosine {least:.5}");
        assert!(least > LEAST_BF16, "{least}");
    }
}

#[test]
fn the_default_network_is_trained_from_its_files() {
    let entry = ModelRegistry::open(Path::new("none")).unwrap().find(ModelRegistry::default_name()).unwrap().clone();
    let wanted = native(Architecture::MobileFaceNet, &entry.weights_path, entry.manifest.d, Precision::Fp32);
    for architecture in [Architecture::MobileFaceNet, Architecture::MobileFaceNetFpn] {
        let network = Network::load(architecture, &entry.weights_path, Device::Cpu).unwrap();
        assert_eq!(network.form, Form::MobileFaceNet(MobileForm::TensorFlow));
        assert_near(&trained(&network), &wanted, 1e-5, architecture.name());
    }
}
