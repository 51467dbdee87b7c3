//! What integration tests share: the sample photos, small copies of them, and the program itself.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod archive;
pub mod schema;
pub mod shell;
pub mod snapshot;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The folder with the sample photos that set-up lays down.
pub fn samples() -> PathBuf {
    let dir = likeness::vision::weights_dir().parent().unwrap().join("samples");
    assert!(dir.join("obama.jpg").exists(), "no sample photos in {}: run `cargo xtask setup`", dir.display());
    dir
}

/// The model that a fresh gallery has.
pub fn default_model() -> likeness::vision::manifest::ModelEntry {
    use likeness::vision::manifest::ModelRegistry;
    ModelRegistry::open(Path::new("none")).unwrap().find(ModelRegistry::default_name()).unwrap().clone()
}

/// The dlib model, whose weights are fetched only where they are asked for; `None` and a word where they are not there.
pub fn dlib_model() -> Option<likeness::vision::manifest::ModelEntry> {
    use likeness::vision::manifest::ModelRegistry;
    let entry = ModelRegistry::open(Path::new("none")).unwrap().find("dlib-resnet-v1").unwrap().clone();
    if let Some(problem) = &entry.problem {
        println!("skipped: {}", problem.plain());
        return None;
    }
    Some(entry)
}

/// A TorchScript network at `to` that passes the self-test: means over a grid of the crop, 192 numbers. `slow` makes it
/// compute in vain, some ten milliseconds a crop.
pub fn write_net(to: &Path, slow: bool) {
    use likeness::vision::runtime::set_threads;
    use tch::{CModule, Device, Kind, Tensor};
    set_threads(1);
    let example = Tensor::ones([2, 3, 112, 112], (Kind::Float, Device::Cpu));
    let kernel = Tensor::full([24, 3, 5, 5], 0.01, (Kind::Float, Device::Cpu));
    let wide = Tensor::full([24, 24, 5, 5], 0.01, (Kind::Float, Device::Cpu));
    let mut forward = |inputs: &[Tensor]| {
        let x = &inputs[0];
        let means = x.adaptive_avg_pool2d([8, 8]).flatten(1, -1);
        if !slow {
            return vec![means];
        }
        let mut work = x.conv2d(&kernel, None::<&Tensor>, [1, 1], [2, 2], [1, 1], 1).tanh();
        for _ in 0..9 {
            work = work.conv2d(&wide, None::<&Tensor>, [1, 1], [2, 2], [1, 1], 1).tanh();
        }
        vec![means + work.mean_dim([1i64, 2, 3].as_slice(), false, Kind::Float).unsqueeze(1) * 1e-6]
    };
    let module = CModule::create_by_tracing("net", "forward", &[example], &mut forward).unwrap();
    module.save(to).unwrap();
}

/// A sample photo scaled to `width` pixels, as a JPEG at `to`. `variant` makes its content its own.
pub fn write_small(sample: &str, width: u32, variant: u16, to: &Path) {
    write_variant(&small_jpeg(sample, width), variant, to);
}

/// `count` different small photos in `dir`, two people in turn.
pub fn write_album(dir: &Path, count: u16) {
    let people = ["obama.jpg", "biden.jpg"].map(|sample| small_jpeg(sample, 260));
    for n in 0..count {
        write_variant(&people[usize::from(n) % people.len()], n, &dir.join(format!("photo-{n:03}.jpg")));
    }
}

fn small_jpeg(sample: &str, width: u32) -> Vec<u8> {
    let image = image::open(samples().join(sample)).unwrap().to_rgb8();
    let height = width * image.height() / image.width();
    let small = image::imageops::resize(&image, width, height, image::imageops::FilterType::Triangle);
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&small).unwrap();
    bytes
}

/// A tail after the end marker changes the content and not the picture.
fn write_variant(jpeg: &[u8], variant: u16, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::write(to, [jpeg, &variant.to_le_bytes()].concat()).unwrap();
}

pub fn likeness(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_likeness"));
    command.arg("--data-dir").arg(data_dir).env_remove("LIKENESS_DATA_DIR").env_remove("RUST_LOG");
    command.env("LIKENESS_CONFIG_DIR", config_dir());
    command
}

/// A folder without a person's settings: a test must neither read nor change those of who runs it.
pub fn config_dir() -> PathBuf {
    std::env::temp_dir().join("likeness-tests-without-settings")
}

/// Runs to the end and returns the JSON objects printed, each of which has been held against the program's schema.
pub fn json_lines(command: &mut Command) -> Vec<Value> {
    let output = command.arg("--json").output().unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    parse_lines(&output)
}

pub fn parse_lines(output: &Output) -> Vec<Value> {
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    lines.iter().for_each(schema::check_line);
    lines
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
