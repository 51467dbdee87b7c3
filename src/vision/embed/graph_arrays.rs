//! The weights in an ONNX graph that is one of the native networks.

use std::collections::BTreeMap;
use std::path::Path;

use crate::vision::VisionError;
use crate::vision::onnx::OnnxModel;
use crate::vision::torch_file::FloatArray;
use crate::vision::weights_file::corrupt;

/// The tensors of a graph under the names of the native network.
///
/// # Errors
/// `Onnx` for the file, `CorruptWeights` where its graph is none of the networks known.
pub(super) fn arrays(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, FloatArray>, VisionError> {
    let model = OnnxModel::from_bytes(path, bytes.to_vec())?;
    let known = model.known_network();
    let known = known.ok_or_else(|| corrupt(path, "its graph has not the layers of a native network"))?;
    Ok(known.arrays)
}

/// Whether a weights file is a graph, by its name.
pub(in crate::vision) fn is_graph(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}
