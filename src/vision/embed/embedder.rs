//! Any network between the common preparation of crops and the common check of outputs.

use crate::tell;
use crate::types::{Tell, Telling};
use std::path::Path;

use image::RgbImage;
use tch::{Device, Kind, Tensor};

use super::native::load_native;
use super::net::Net;
use super::preprocess::Preprocessor;
use super::{onnx_net, torchscript};
use crate::types::Embedding;
use crate::vision::spec::{Architecture, ModelManifest};
use crate::vision::weights_file::first_line;
use crate::vision::{VisionError, runtime};

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

/// Any network between the common preparation of crops and the common check of outputs.
pub(in crate::vision) struct NetEmbedder {
    manifest: ModelManifest,
    preprocessor: Preprocessor,
    net: Box<dyn Net>,
    /// Crops that go through it at once.
    batch: usize,
}

impl NetEmbedder {
    /// Loads without a look at the checksum and at `manifest.d`.
    pub(in crate::vision) fn load(manifest: ModelManifest, weights: &Path) -> Result<Self, VisionError> {
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

    /// N×d's d, where it is known without running.
    pub(in crate::vision) fn d(&self) -> Option<usize> {
        self.net.d()
    }

    /// Raw rows for at most [`MAX_BATCH`] crops, whatever their length.
    pub(in crate::vision) fn raw_rows(&self, crops: &[RgbImage]) -> Result<Vec<Vec<f32>>, VisionError> {
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
            let output = self.net.forward(&input).map_err(|e| self.bad_output(first_line(&e).into()))?;
            self.rows_from_output(&output, crops.len())
        })
    }

    fn rows_from_output(&self, output: &Tensor, n: usize) -> Result<Vec<Vec<f32>>, VisionError> {
        let shape = output.size();
        let d = match shape[..] {
            [rows, d] if rows == n as i64 && d > 0 => d as usize,
            _ => {
                return Err(self.bad_output(tell!(
                    "model-shape",
                    shape = format!("{shape:?}"),
                    expected = format!("[{n}, d]")
                )));
            }
        };
        let output = output.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?;
        let mut values = vec![0.0f32; n * d];
        output.f_copy_data(&mut values, n * d)?;
        Ok(values.chunks_exact(d).map(<[f32]>::to_vec).collect())
    }

    fn bad_output(&self, reason: Telling) -> VisionError {
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
                    return Err(self.bad_output(tell!("model-numbers", found = found, d = d)));
                }
                embeddings.push(Embedding::try_from_raw(row).map_err(|e| self.bad_output(e.telling()))?);
            }
        }
        Ok(embeddings)
    }
}
