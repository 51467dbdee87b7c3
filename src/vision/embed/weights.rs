//! The tensors of a native network's file, each checked as it is taken.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use tch::{Device, Kind, Tensor};

use super::layers::{Conv, Norm};
use super::{dlib, graph_arrays, tfjs};
use crate::vision::VisionError;
use crate::vision::layout::{BOTTLENECK_STAGES, ConvForm, EPSILON, IR_STAGES};
use crate::vision::shared_tensor::SharedTensor;
use crate::vision::spec::Architecture;
use crate::vision::torch_file::{self, FloatArray, TorchFile};
use crate::vision::weights_file::{corrupt, first_line};

/// A file with named tensors.
pub(crate) enum WeightsFile<'a> {
    Safetensors(SafeTensors<'a>),
    /// A state dict of PyTorch, what dlib wrote, the graph of TensorFlow.js that is known, or an ONNX graph of a native
    /// network.
    Arrays(BTreeMap<String, FloatArray>),
}

impl<'a> WeightsFile<'a> {
    /// Reads safetensors, state dicts as `torch.save` writes them, dlib's network as dlib writes it, the graph of
    /// TensorFlow.js that [`tfjs`] knows, whose numbers lie in a file beside `path`, and ONNX graphs (by their file's
    /// name) that are a native network, whose numbers may lie beside likewise.
    pub(crate) fn parse(path: &Path, bytes: &'a [u8]) -> Result<Self, VisionError> {
        if graph_arrays::is_graph(path) {
            return graph_arrays::arrays(path, bytes).map(Self::Arrays);
        }
        if dlib::begins_like_one(bytes) {
            let weights = dlib::parse(bytes)
                .map_err(|e| corrupt(path, format!("it is not dlib's face recognition network: {e}")))?;
            return Ok(Self::Arrays(weights.into_arrays()));
        }
        if tfjs::begins_like_one(bytes) {
            return tfjs::read(path, bytes).map(Self::Arrays);
        }
        if !torch_file::begins_like_one(bytes) {
            let file = SafeTensors::deserialize(bytes);
            let file = file.map_err(|e| corrupt(path, format!("it is no whole safetensors file: {e}")))?;
            return Ok(Self::Safetensors(file));
        }
        match torch_file::read(bytes) {
            Ok(TorchFile::StateDict(arrays)) => Ok(Self::Arrays(arrays)),
            Ok(TorchFile::Script) => Err(corrupt(path, "it is a TorchScript program and no state dict")),
            Err(reason) => Err(corrupt(path, format!("it is no state dict: {reason}"))),
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Safetensors(file) => file.names(),
            Self::Arrays(arrays) => arrays.keys().map(String::as_str).collect(),
        }
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        match self {
            Self::Safetensors(file) => file.tensor(name).ok().map(|view| view.shape().to_vec()),
            Self::Arrays(arrays) => arrays.get(name).map(|array| array.shape.clone()),
        }
    }

    /// The numbers under `name`, in double precision; the reason where there are none.
    fn numbers(&self, name: &str) -> Result<Tensor, String> {
        let missing = || format!("the tensor {name} is missing");
        let library = |e: tch::TchError| first_line(&e);
        match self {
            Self::Arrays(arrays) => {
                let array = arrays.get(name).ok_or_else(missing)?;
                let shape: Vec<i64> = array.shape.iter().map(|&side| side as i64).collect();
                let tensor = Tensor::f_from_slice(&array.data).and_then(|t| t.f_reshape(&shape));
                tensor.and_then(|t| t.f_to_kind(Kind::Double)).map_err(library)
            }
            Self::Safetensors(file) => {
                let view = file.tensor(name).map_err(|_| missing())?;
                let kind = match view.dtype() {
                    Dtype::F64 => Kind::Double,
                    Dtype::F32 => Kind::Float,
                    Dtype::F16 => Kind::Half,
                    Dtype::BF16 => Kind::BFloat16,
                    other => return Err(format!("the tensor {name} holds {other:?}, expected floating point numbers")),
                };
                let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
                let tensor = Tensor::f_from_data_size(view.data(), &shape, kind);
                tensor.and_then(|t| t.f_to_kind(Kind::Double)).map_err(library)
            }
        }
    }
}

/// A file's tensors under what stands before every name.
pub(crate) struct Weights<'a> {
    path: &'a Path,
    file: &'a WeightsFile<'a>,
    /// Such as `module.` or `backbone.`.
    prefix: String,
    device: Device,
    /// Of the tensors that networks keep.
    kind: Kind,
}

impl<'a> Weights<'a> {
    /// `known` is a name that every file of the network has.
    pub(crate) fn new(path: &'a Path, file: &'a WeightsFile<'a>, known: &str, device: Device) -> Self {
        let prefix = file.names().into_iter().find_map(|name| name.strip_suffix(known)).unwrap_or_default().to_owned();
        Self { path, file, prefix, device, kind: Kind::Float }
    }

    /// Networks are to keep their tensors in this kind; all arithmetic before is in double precision.
    pub(super) fn in_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.file.names()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    pub(super) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.file.shape(&format!("{}{name}", self.prefix))
    }

    /// Length of the embedding, from the first side of the last layer's tensor `name`.
    pub(crate) fn d(&self, name: &str) -> Result<i64, VisionError> {
        match self.shape(name).as_deref() {
            None => Err(corrupt(self.path, format!("the tensor {}{name} is missing", self.prefix))),
            Some(&[d @ 1..=4096, ..]) => Ok(d as i64),
            Some(shape) => {
                let reason = format!("the tensor {}{name} has the shape {shape:?}, expected 512 rows", self.prefix);
                Err(corrupt(self.path, reason))
            }
        }
    }

    /// One tensor in double precision, on the processor.
    pub(crate) fn take(&self, name: &str, shape: &[i64]) -> Result<Tensor, VisionError> {
        let name = format!("{}{name}", self.prefix);
        let fail = |reason: String| corrupt(self.path, reason);
        let found = self.file.shape(&name).ok_or_else(|| fail(format!("the tensor {name} is missing")))?;
        if !found.iter().map(|&n| n as i64).eq(shape.iter().copied()) {
            return Err(fail(format!("the tensor {name} has the shape {found:?}, expected {shape:?}")));
        }
        let tensor = self.file.numbers(&name).map_err(fail)?;
        if tensor.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
            return Err(fail(format!("the tensor {name} holds NaN or infinite values")));
        }
        Ok(tensor)
    }

    pub(super) fn share(&self, tensor: &Tensor) -> Result<SharedTensor, VisionError> {
        self.share_in(tensor, self.kind)
    }

    /// In another kind than the others.
    pub(super) fn share_in(&self, tensor: &Tensor, kind: Kind) -> Result<SharedTensor, VisionError> {
        Ok(SharedTensor::new(tensor.f_to_kind(kind)?.f_to_device(self.device)?.f_contiguous()?))
    }

    /// What is wrong with the file as a whole.
    pub(super) fn refused(&self, reason: String) -> VisionError {
        corrupt(self.path, reason)
    }

    /// A norm that is run as it stands. It keeps 32 bits whatever the others have: the variance of a plane may be
    /// small.
    pub(super) fn norm(&self, name: &str, planes: i64) -> Result<Norm, VisionError> {
        let part = |part: &str| self.share_in(&self.take(&format!("{name}.{part}"), &[planes])?, Kind::Float);
        Ok(Norm {
            weight: part("weight")?,
            bias: part("bias")?,
            mean: part("running_mean")?,
            variance: self.share_in(&self.variance(name, planes)?, Kind::Float)?,
        })
    }

    pub(super) fn shared(&self, name: &str, shape: &[i64]) -> Result<SharedTensor, VisionError> {
        self.share(&self.take(name, shape)?)
    }

    pub(crate) fn variance(&self, name: &str, planes: i64) -> Result<Tensor, VisionError> {
        let name = format!("{name}.running_var");
        let variance = self.take(&name, &[planes])?;
        if variance.f_min()?.f_double_value(&[])? < 0.0 {
            return Err(corrupt(self.path, format!("the tensor {}{name} holds negative variances", self.prefix)));
        }
        Ok(variance)
    }

    /// A norm as scale and shift: y = scale·x + shift.
    pub(super) fn scale_and_shift(&self, name: &str, planes: i64) -> Result<(Tensor, Tensor), VisionError> {
        let take = |part: &str| self.take(&format!("{name}.{part}"), &[planes]);
        let deviation = self.variance(name, planes)?.f_add_scalar(EPSILON)?.f_sqrt()?;
        let scale = take("weight")?.f_div(&deviation)?;
        let shift = take("bias")?.f_sub(&take("running_mean")?.f_mul(&scale)?)?;
        Ok((scale, shift))
    }

    /// The convolution `conv` (without bias, padded by `padding`) with the norm behind it; `shape` is
    /// out×in/groups×k×k.
    pub(super) fn folded_conv(&self, conv: &str, norm: &str, spec: ConvForm) -> Result<Conv, VisionError> {
        let weight = self.take(&format!("{conv}.weight"), &spec.shape)?;
        let (scale, shift) = self.scale_and_shift(norm, spec.shape[0])?;
        let weight = weight.f_mul(&scale.f_reshape([-1, 1, 1, 1])?)?;
        self.conv_of(&weight, &shift, spec)
    }

    /// Refuses the weights of a deeper or shallower network, whose other blocks fit.
    pub(crate) fn refuse_others(&self, architecture: Architecture) -> Result<(), VisionError> {
        let stages = match architecture {
            Architecture::IrResnet50 | Architecture::IrResnet50Fpn => IR_STAGES,
            Architecture::Resnet50 | Architecture::Resnet50Fpn => BOTTLENECK_STAGES,
            _ => return Ok(()),
        };
        for name in self.names() {
            let Some(rest) = name.strip_prefix(&self.prefix).and_then(|n| n.strip_prefix("layer")) else { continue };
            let mut parts = rest.split('.');
            let mut number = || parts.next().and_then(|p| p.parse::<usize>().ok());
            let (stage, block) = (number(), number());
            let count = stage.and_then(|s| stages.get(s.wrapping_sub(1))).map_or(0, |s| s.1);
            if block.is_none_or(|b| b >= count) {
                let reason = format!("a network of the kind {architecture} has no tensor {name}; is it another?");
                return Err(corrupt(self.path, reason));
            }
        }
        Ok(())
    }

    /// The convolution `conv` with its bias.
    pub(super) fn conv(&self, conv: &str, spec: ConvForm) -> Result<Conv, VisionError> {
        let weight = self.take(&format!("{conv}.weight"), &spec.shape)?;
        let bias = self.take(&format!("{conv}.bias"), &spec.shape[..1])?;
        self.conv_of(&weight, &bias, spec)
    }

    fn conv_of(&self, weight: &Tensor, bias: &Tensor, spec: ConvForm) -> Result<Conv, VisionError> {
        let (weight, bias) = (weight.f_to_kind(self.kind)?, bias.f_to_kind(self.kind)?);
        let conv = Conv::new(&weight, &bias, spec.stride, spec.padding, self.device)?;
        Ok(conv.with_groups(spec.groups).with_padding_behind(spec.pads_behind))
    }
}
