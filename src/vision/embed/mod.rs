//! Embedders: from aligned crops to unit vectors, by whichever network a manifest names.

mod dlib;
mod dlib_net;
mod file;
mod fpn;
mod graph_arrays;
mod ir_resnet;
mod known_graph;
mod layer;
mod layers;
pub(crate) mod layout;
mod mobilefacenet;
mod net;
mod onnx_net;
mod preprocess;
mod resnet;
mod tfjs;
mod torchscript;
mod weights;

use std::path::Path;

use image::RgbImage;
use tch::{Device, Kind, Tensor};

use crate::types::Embedding;
use crate::vision::manifest::{self, Architecture, InputSpec, ModelEntry, ModelManifest};
use crate::vision::{VisionError, runtime};

use file::{corrupt, first_line};
use layout::{MobileForm, NeckForm};
use net::Net;

pub(crate) use file::{MAX_WEIGHTS_BYTES, read_weights};
pub(in crate::vision) use graph_arrays::is_graph;
pub(in crate::vision) use known_graph::{GraphChoice, choose as choose_for_graph};
pub(crate) use preprocess::Preprocessor;
pub(crate) use weights::{Weights, WeightsFile};

/// Crops that go through a network at once; more are taken in turns, which bounds the memory of one call.
const MAX_BATCH: usize = 32;
/// The same for a MobileFaceNet on the processor, so that its wide planes stay in the cache: 8.4 ms a face instead of 10.9
/// with 32 at once (one thread of a busy machine, 2026-11-26). dlib's network is the other way round, 8.4 and 7.2 ms.
const MOBILE_BATCH: usize = 4;

/// A network with its weights. One is shared by all workers: calls change nothing in it.
pub trait Embedder: Send + Sync {
    fn manifest(&self) -> &ModelManifest;

    /// One embedding of `manifest().d` numbers for each crop, in order; none for none.
    ///
    /// Crops are cut to `manifest().input.template` and have exactly its size. More than 32 are taken in turns.
    ///
    /// # Errors
    /// `CropSize` for a crop of another size, `BadOutput` where the network gives NaN, zeros or another shape than
    /// the manifest says, `Tch` where the library fails.
    fn embed(&self, crops: &[RgbImage]) -> Result<Vec<Embedding>, VisionError>;
}

/// Checks the weights against the manifest's checksum and loads them onto [`runtime::device`].
///
/// # Errors
/// `UnusableModel` where the registry found a problem, `MissingWeights`, `UnreadableWeights`, `Checksum`,
/// `CorruptWeights`, each with the file's path.
pub fn load(entry: &ModelEntry) -> Result<Box<dyn Embedder>, VisionError> {
    if let Some(reason) = &entry.problem {
        return Err(VisionError::UnusableModel { name: entry.manifest.name.clone(), reason: reason.clone() });
    }
    manifest::check_sum(entry)?;
    let embedder = NetEmbedder::load(entry.manifest.clone(), &entry.weights_path)?;
    match embedder.net.d() {
        Some(found) if found != entry.manifest.d => {
            let reason = format!("it gives {found} numbers, the manifest says {}", entry.manifest.d);
            Err(corrupt(&entry.weights_path, reason))
        }
        _ => Ok(Box::new(embedder)),
    }
}

/// Any network between the common preparation of crops and the common check of outputs.
pub(super) struct NetEmbedder {
    manifest: ModelManifest,
    preprocessor: Preprocessor,
    net: Box<dyn Net>,
    /// Crops that go through it at once.
    batch: usize,
}

impl NetEmbedder {
    /// Loads without a look at the checksum and at `manifest.d`.
    pub(super) fn load(manifest: ModelManifest, weights: &Path) -> Result<Self, VisionError> {
        let device = runtime::device();
        let kind = manifest.precision.kind();
        let net: Box<dyn Net> = match manifest.architecture {
            Architecture::Onnx => Box::new(onnx_net::OnnxNet::load(weights, device)?),
            Architecture::TorchScript => Box::new(torchscript::TorchScriptNet::load(weights, device)?),
            native => load_native(native, weights, &manifest.input, device, kind)?,
        };
        let preprocessor = Preprocessor::new(&manifest.input, device);
        let is_mobile = matches!(manifest.architecture, Architecture::MobileFaceNet | Architecture::MobileFaceNetFpn);
        let batch = if is_mobile && device == Device::Cpu { MOBILE_BATCH } else { MAX_BATCH };
        Ok(Self { manifest, preprocessor, net, batch })
    }

    /// Raw rows for at most [`MAX_BATCH`] crops, whatever their length.
    pub(super) fn raw_rows(&self, crops: &[RgbImage]) -> Result<Vec<Vec<f32>>, VisionError> {
        if let Some(odd) = crops.iter().find(|c| [c.width(), c.height()] != self.manifest.input.template.size) {
            return Err(VisionError::CropSize {
                model: self.manifest.name.clone(),
                expected: self.manifest.input.template.size,
                found: [odd.width(), odd.height()],
            });
        }
        runtime::adopt_thread_budget();
        tch::no_grad(|| {
            let input = self.preprocessor.tensor_from_crops(crops)?.f_to_kind(self.manifest.precision.kind())?;
            let output = self.net.forward(&input).map_err(|e| self.bad_output(first_line(&e)))?;
            self.rows_from_output(&output, crops.len())
        })
    }

    fn rows_from_output(&self, output: &Tensor, n: usize) -> Result<Vec<Vec<f32>>, VisionError> {
        let shape = output.size();
        let d = match shape[..] {
            [rows, d] if rows == n as i64 && d > 0 => d as usize,
            _ => return Err(self.bad_output(format!("its output has the shape {shape:?}, expected [{n}, d]"))),
        };
        let output = output.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?;
        let mut values = vec![0.0f32; n * d];
        output.f_copy_data(&mut values, n * d)?;
        Ok(values.chunks_exact(d).map(<[f32]>::to_vec).collect())
    }

    fn bad_output(&self, reason: String) -> VisionError {
        VisionError::BadOutput { model: self.manifest.name.clone(), reason }
    }
}

impl Embedder for NetEmbedder {
    fn manifest(&self) -> &ModelManifest {
        &self.manifest
    }

    fn embed(&self, crops: &[RgbImage]) -> Result<Vec<Embedding>, VisionError> {
        let mut embeddings = Vec::with_capacity(crops.len());
        for batch in crops.chunks(self.batch) {
            for row in self.raw_rows(batch)? {
                if row.len() != self.manifest.d {
                    let (found, d) = (row.len(), self.manifest.d);
                    return Err(self.bad_output(format!("it has {found} numbers, the manifest says {d}")));
                }
                embeddings.push(Embedding::try_from_raw(row).map_err(|e| self.bad_output(e.to_string()))?);
            }
        }
        Ok(embeddings)
    }
}

/// A network whose file holds tensors by name, and its neck where `architecture` has one.
///
/// # Errors
/// A missing or damaged file; a tensor that is missing, has another shape or type, or holds NaN or infinite values, by
/// name; blocks that this network has not (those of IR-ResNet-100, for instance).
fn load_native(
    architecture: Architecture,
    path: &Path,
    input: &InputSpec,
    device: Device,
    kind: Kind,
) -> Result<Box<dyn Net>, VisionError> {
    let bytes = read_weights(path, MAX_WEIGHTS_BYTES)?;
    let file = WeightsFile::parse(path, &bytes)?;
    native_net(architecture, path, &file, input, device, kind)
}

/// The same of a file that is read already.
fn native_net(
    architecture: Architecture,
    path: &Path,
    file: &WeightsFile<'_>,
    input: &InputSpec,
    device: Device,
    kind: Kind,
) -> Result<Box<dyn Net>, VisionError> {
    let open = |known: &str| Weights::new(path, file, known, device).in_kind(kind);
    tch::no_grad(|| match architecture {
        Architecture::MobileFaceNet | Architecture::MobileFaceNetFpn => {
            for form in MobileForm::ALL {
                let weights = open(form.mark());
                if weights.has(form.mark()) {
                    let net = mobilefacenet::MobileFaceNet::from_weights(&weights, form)?;
                    return fpn::with_neck(net, architecture, NeckForm::mobilefacenet(form), &weights);
                }
            }
            Err(corrupt(
                path,
                "a MobileFaceNet has a tensor mods.0.weight, dw_conv.depthwise.weight or stem.1.prelu.weight, this file none",
            ))
        }
        Architecture::Resnet50 | Architecture::Resnet50Fpn => {
            let weights = open("layer1.0.bn1.weight");
            weights.refuse_others(architecture)?;
            let net = resnet::Resnet50::from_weights(&weights)?;
            fpn::with_neck(net, architecture, NeckForm::RESNET_50, &weights)
        }
        Architecture::IrResnet50 | Architecture::IrResnet50Fpn => {
            let weights = open("layer1.0.bn1.weight");
            weights.refuse_others(architecture)?;
            let net = ir_resnet::IrResnet50::from_weights(&weights)?;
            fpn::with_neck(net, architecture, NeckForm::IR_RESNET_50, &weights)
        }
        Architecture::DlibResnet | Architecture::DlibResnetFpn => {
            let weights = open(layout::DLIB_MARK);
            let net = dlib_net::DlibNet::from_weights(&weights, input)?;
            fpn::with_neck(net, architecture, NeckForm::DLIB_RESNET, &weights)
        }
        Architecture::Onnx | Architecture::TorchScript => {
            Err(corrupt(path, format!("a network of the kind {architecture} is no file of named tensors")))
        }
    })
}
