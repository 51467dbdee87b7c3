//! ONNX graphs that are one of Likeness's own networks, and whether they may run as such.

use std::path::Path;

use image::RgbImage;
use tch::{Device, Kind, Tensor};

use super::native::native_net;
use super::net::Net;
use super::onnx_net::OnnxNet;
use super::preprocess::Preprocessor;
use super::weights::WeightsFile;
use crate::vision::VisionError;
use crate::vision::onnx::{KnownKind, KnownNetwork, OnnxModel};
use crate::vision::spec::{Architecture, InputSpec};

/// Smallest cosine between what the graph and the native network give for a picture: their sums are in another order,
/// which moved it by less than 1e-6 where measured (2026-11-26).
const SMALLEST_COSINE: f64 = 0.999_99;

/// What runs a graph.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::vision) struct GraphChoice {
    /// A native network, or [`Architecture::Onnx`] for the graph as it stands.
    pub architecture: Architecture,
    /// Why, for people; `None` where the graph is none of the networks known.
    pub note: Option<String>,
}

/// Compares the graph's layers with those of the native networks, and where they fit what both give for pictures.
///
/// # Errors
/// What [`OnnxModel::read`] finds, and graphs that fail when they are run.
pub(in crate::vision) fn choose(path: &Path) -> Result<GraphChoice, VisionError> {
    let model = OnnxModel::read(path)?;
    let Some(KnownNetwork { kind, arrays }) = model.known_network() else {
        return Ok(GraphChoice { architecture: Architecture::Onnx, note: None });
    };
    let native = architecture(kind);
    let cosine = tch::no_grad(|| {
        let net =
            native_net(native, path, &WeightsFile::Arrays(arrays), &InputSpec::ARCFACE, Device::Cpu, Kind::Float)?;
        smallest_cosine(&OnnxNet::new(path, model)?, net.as_ref())
    })?;
    // NaN is no agreement either.
    if cosine >= SMALLEST_COSINE {
        let note =
            format!("the layers of its graph are those of {native}, which runs it (cosine {cosine:.7} on a trial)");
        return Ok(GraphChoice { architecture: native, note: Some(note) });
    }
    let note = format!(
        "the layers of its graph look like those of {native}, which gives other vectors for it (cosine {cosine:.7} on a \
         trial): the graph itself is run"
    );
    Ok(GraphChoice { architecture: Architecture::Onnx, note: Some(note) })
}

fn architecture(kind: KnownKind) -> Architecture {
    match kind {
        KnownKind::IrResnet50 => Architecture::IrResnet50,
        KnownKind::MobileFaceNet => Architecture::MobileFaceNet,
    }
}

/// Over two pictures, alone and together.
fn smallest_cosine(graph: &dyn Net, native: &dyn Net) -> Result<f64, VisionError> {
    let pictures = [[3, 5], [11, 2]].map(|[across, down]| {
        RgbImage::from_fn(112, 112, |x, y| {
            image::Rgb([x * across + y, y * down + x, (x ^ y) * across].map(|value| (value % 256) as u8))
        })
    });
    let input = Preprocessor::new(&InputSpec::ARCFACE, Device::Cpu).tensor_from_crops(&pictures)?;
    let together = native.forward(&input)?;
    let alone = native.forward(&input.f_narrow(0, 1, 1)?)?;
    let wanted = [graph.forward(&input)?, graph.forward(&input.f_narrow(0, 1, 1)?)?];
    let mut smallest = f64::INFINITY;
    for (found, wanted) in [together, alone].iter().zip(&wanted) {
        if found.size() != wanted.size() {
            return Ok(f64::NAN);
        }
        let cosine = cosines(found, wanted)?.f_min()?.f_double_value(&[])?;
        smallest = if cosine.is_nan() { cosine } else { smallest.min(cosine) };
    }
    Ok(smallest)
}

/// Of each row of `a` with that of `b`.
fn cosines(a: &Tensor, b: &Tensor) -> Result<Tensor, tch::TchError> {
    let (a, b) = (a.f_to_kind(Kind::Double)?, b.f_to_kind(Kind::Double)?);
    let sum = |product: Tensor| product.f_sum_dim_intlist([1].as_slice(), false, Kind::Double);
    let lengths = sum(a.f_mul(&a)?)?.f_mul(&sum(b.f_mul(&b)?)?)?.f_sqrt()?;
    sum(a.f_mul(&b)?)?.f_div(&lengths)
}
