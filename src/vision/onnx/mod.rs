//! Networks from ONNX files, run by libtorch. By hand, because a second runtime would double the download, and libtorch has none.
//!
//! [`proto`] holds the file's messages, `graph` makes a [`plan`](plan::Plan) of them, `ops` has the operators. A file
//! is data and no program, so one of unknown origin can at worst be refused: sizes are checked before memory is taken,
//! files beside it are read from its own folder only, and what one run may compute is bounded.
//!
//! Format and meaning of the operators: the ONNX standard, opsets 7 and later.

mod attributes;
mod external;
mod fold;
mod graph;
mod known;
mod ops;
mod plan;
pub mod proto;
mod range;
mod tensor_data;
mod wire;

#[cfg(test)]
mod tests;

use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;
use tch::{Device, Kind, Tensor};

pub use known::KnownKind;
pub(super) use known::KnownNetwork;
pub use ops::{OperatorInfo, supported_operators};
pub use range::ValueRange;

pub use crate::vision::error::OnnxError;

use crate::vision::VisionError;
use external::ExternalFiles;
use plan::Plan;
use proto::{DimensionProto, ModelProto, ValueInfoProto, data_type};

/// Larger files are refused, in bytes; the format itself ends here.
const MAX_FILE_BYTES: u64 = 2 << 30;

/// A network with one input and one output. Running it changes nothing in it.
pub struct OnnxModel {
    plan: Plan,
    input: InputInfo,
    data_files: Vec<String>,
}

/// What the file says about its input.
#[derive(Clone, Debug, PartialEq)]
pub struct InputInfo {
    pub name: String,
    /// Sides; `None` for one that may be any, such as the number of pictures.
    pub shape: Vec<Option<i64>>,
}

impl InputInfo {
    /// Whether the colours are the last axis (N×height×width×3) and not the second.
    pub fn has_channels_last(&self) -> bool {
        matches!(self.shape[..], [_, second, _, Some(3)] if second != Some(3))
    }

    /// Width and height in pixels, where the file states them.
    pub fn size(&self) -> Option<[u32; 2]> {
        let (height, width) = match self.shape[..] {
            [_, height, width, _] if self.has_channels_last() => (height?, width?),
            [_, _, height, width] => (height?, width?),
            _ => return None,
        };
        Some([u32::try_from(width).ok()?, u32::try_from(height).ok()?])
    }
}

impl OnnxModel {
    /// Reads a file, with the weights in files beside it.
    ///
    /// # Errors
    /// `MissingWeights`, `UnreadableWeights`, `CorruptWeights` for the file itself, `Onnx` with the tensor or node that
    /// is not supported, damaged or missing.
    pub fn read(path: &Path) -> Result<Self, VisionError> {
        Self::read_to(path, Device::Cpu)
    }

    pub(in crate::vision) fn read_to(path: &Path, device: Device) -> Result<Self, VisionError> {
        Self::from_bytes_to(path, crate::vision::weights_file::read_weights(path, MAX_FILE_BYTES)?, device)
    }

    /// The same of the file's bytes.
    pub(in crate::vision) fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, VisionError> {
        Self::from_bytes_to(path, bytes, Device::Cpu)
    }

    fn from_bytes_to(path: &Path, bytes: Vec<u8>, device: Device) -> Result<Self, VisionError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(bytes, folder, device).map_err(|source| VisionError::Onnx { path: path.to_owned(), source })
    }

    /// A file's bytes; files beside it are looked for in `folder`.
    fn parse(bytes: Vec<u8>, folder: &Path, device: Device) -> Result<Self, OnnxError> {
        wire::check(&bytes)?;
        let model = ModelProto::decode(Bytes::from(bytes)).map_err(|e| OnnxError::Malformed(e.to_string()))?;
        let opset = opset_of(&model)?;
        let graph = model.graph.ok_or_else(|| OnnxError::Malformed("it holds no graph".to_owned()))?;
        let mut files = ExternalFiles::new(folder);
        let (plan, input) = tch::no_grad(|| graph::plan_from_graph(&graph, opset, &mut files, device))?;
        Ok(Self { plan, input: input_info(input)?, data_files: files.into_locations() })
    }

    pub fn input(&self) -> &InputInfo {
        &self.input
    }

    /// Files beside the model that hold weights, as paths relative to its folder.
    pub fn data_files(&self) -> &[String] {
        &self.data_files
    }

    /// Which range of pixel values the first layers expect, where these tell.
    pub fn value_range(&self) -> Option<ValueRange> {
        range::detect(&self.plan)
    }

    /// The graph's layers as those of a network that Likeness has itself, where they are; the input is N×3×112×112 then.
    pub(in crate::vision) fn known_network(&self) -> Option<KnownNetwork> {
        let fits = |(stated, wanted): (&Option<i64>, i64)| stated.is_none_or(|stated| stated == wanted);
        let is_picture = self.input.shape.len() == 4 && self.input.shape[1..].iter().zip([3, 112, 112]).all(fits);
        if is_picture { known::find(&self.plan) } else { None }
    }

    /// Runs the network. `input` has the axes of [`Self::input`]; where the file fixes the number of pictures to one,
    /// they are taken one by one.
    pub(in crate::vision) fn run(&self, input: &Tensor) -> Result<Tensor, OnnxError> {
        let shape = input.size();
        let fits = |(&side, stated): (&i64, &Option<i64>)| stated.is_none_or(|stated| stated == side);
        if shape.len() != self.input.shape.len() || !shape.iter().zip(&self.input.shape).skip(1).all(fits) {
            let InputInfo { name, shape: stated } = &self.input;
            return Err(OnnxError::Graph(format!("the input “{name}” has the shape {stated:?}, given was {shape:?}")));
        }
        if self.input.shape[0] != Some(1) || shape[0] == 1 {
            return self.plan.run(input);
        }
        let outputs = (0..shape[0]).map(|i| self.plan.run(&input.f_narrow(0, i, 1)?));
        Ok(Tensor::f_cat(&outputs.collect::<Result<Vec<_>, _>>()?, 0)?)
    }

    /// Runs the network on floats, last axis fastest; returns the output's shape and its numbers likewise.
    ///
    /// # Errors
    /// Another shape than the file asks for, or one that does not fit the numbers; the node that fails, by name.
    pub fn run_floats(&self, values: &[f32], shape: &[i64]) -> Result<(Vec<i64>, Vec<f32>), OnnxError> {
        let count = shape.iter().try_fold(1i64, |n, &side| n.checked_mul(side.max(0)));
        if count != i64::try_from(values.len()).ok() {
            return Err(OnnxError::Graph(format!("{} numbers do not fill the shape {shape:?}", values.len())));
        }
        tch::no_grad(|| {
            let output = self.run(&Tensor::f_from_slice(values)?.f_reshape(shape)?)?;
            let (shape, count) = (output.size(), output.numel());
            let output = output.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?;
            let mut values = vec![0.0; count];
            output.f_copy_data(&mut values, count)?;
            Ok((shape, values))
        })
    }
}

/// Version of the standard's operators that the file speaks.
fn opset_of(model: &ModelProto) -> Result<i64, OnnxError> {
    let own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    match model.opset_import.iter().find(|set| own(&set.domain)).map(|set| set.version) {
        Some(version) if version >= 7 => Ok(version),
        Some(version) => Err(OnnxError::Graph(format!("its operators are of version {version}, 7 and later are read"))),
        None => Err(OnnxError::Malformed("it does not say the version of its operators".to_owned())),
    }
}

fn input_info(input: &ValueInfoProto) -> Result<InputInfo, OnnxError> {
    let fail = |reason: &str| OnnxError::Graph(format!("the input “{}” {reason}", input.name));
    let tensor = input.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()).ok_or_else(|| fail("is no tensor"))?;
    if !matches!(tensor.elem_type, data_type::FLOAT | data_type::FLOAT16 | data_type::DOUBLE | data_type::BFLOAT16) {
        return Err(fail("takes no floats"));
    }
    let dims = &tensor.shape.as_ref().ok_or_else(|| fail("has no shape"))?.dim;
    if !(1..=8).contains(&dims.len()) {
        return Err(fail("has no axis, or more than eight"));
    }
    let side = |dim: &DimensionProto| match dim.dim_value {
        // Some exporters write 0 or −1 for a side that may be any.
        Some(side) if side > 0 => Some(side),
        _ => None,
    };
    let shape: Vec<Option<i64>> = dims.iter().map(side).collect();
    match shape[0] {
        None | Some(1) => Ok(InputInfo { name: input.name.clone(), shape }),
        Some(n) => Err(fail(&format!("takes {n} pictures at once; export it for one, or for any number"))),
    }
}
