//! What a weights file says about itself.

use std::path::Path;

use crate::vision::VisionError;
use crate::vision::align::Template;
use crate::vision::embed::{GraphChoice, WeightsFile, choose_for_graph};
use crate::vision::layout::{DLIB_MARK, MobileForm};
use crate::vision::onnx::{OnnxModel, ValueRange};
use crate::vision::spec::{Architecture, InputSpec};
use crate::vision::torch_file::holds_program;
use crate::vision::weights_file::{MAX_WEIGHTS_BYTES, read_weights};

/// What kind of network `file` holds, by its extension and, where that leaves several, by the names of its tensors.
///
/// # Errors
/// An extension that tells nothing, and a state dict of a network that is not known.
pub(super) fn architecture_from_file(file: &Path) -> Result<Architecture, String> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        // A program is known by its directory alone: nothing of it is read.
        "pt" | "pth" | "ts" | "torchscript" if holds_program(file) == Ok(true) => Ok(Architecture::TorchScript),
        "pt" | "pth" | "ts" | "torchscript" => Ok(by_names(file)?.unwrap_or(Architecture::TorchScript)),
        "safetensors" => Ok(by_names(file)?.unwrap_or(Architecture::IrResnet50)),
        "onnx" => Ok(Architecture::Onnx),
        "dat" => Ok(Architecture::DlibResnet),
        _ => Err(format!(
            "the extension “{extension}” does not tell the architecture; say one of {}",
            Architecture::ALL.map(Architecture::name).join(", ")
        )),
    }
}

/// The network that has tensors of these names; `None` for a program, or where the file cannot be read as tensors,
/// which whoever loads it tells better.
fn by_names(file: &Path) -> Result<Option<Architecture>, String> {
    let Ok(bytes) = read_weights(file, MAX_WEIGHTS_BYTES) else { return Ok(None) };
    let Ok(weights) = WeightsFile::parse(file, &bytes) else { return Ok(None) };
    let names = weights.names();
    let has = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    let backbone = if MobileForm::ALL.into_iter().any(|form| has(form.mark())) {
        Some(Architecture::MobileFaceNet)
    } else if has(DLIB_MARK) {
        Some(Architecture::DlibResnet)
    } else if has("layer1.0.conv3.weight") {
        Some(Architecture::Resnet50)
    } else if has("layer1.0.prelu.weight") || has("layer1.0.bn1.weight") {
        Some(Architecture::IrResnet50)
    } else {
        None
    };
    if backbone.is_some() {
        let has_neck = has("fpn.projection.weight");
        return Ok(if has_neck { backbone.and_then(Architecture::with_neck) } else { backbone });
    }
    let some = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    Err(format!("its tensors ({some}, …) are those of no network that is known; export the network as ONNX"))
}

/// What runs an ONNX file: a native network where its layers are those of one, the graph itself otherwise or where that is
/// asked for.
///
/// # Errors
/// A file that is no graph, as a file, and a native network that is asked for and would not do.
pub(super) fn runner_of_graph(file: &Path, asked: Option<Architecture>) -> Result<GraphChoice, VisionError> {
    if asked == Some(Architecture::Onnx) {
        return Ok(GraphChoice { architecture: Architecture::Onnx, note: None });
    }
    let choice = choose_for_graph(file)?;
    match asked {
        Some(asked) if asked != choice.architecture => {
            let why = choice.note.map_or_else(String::new, |note| format!(" ({note})"));
            let reason = format!("its graph cannot run as {asked}{why}; {} can run it", choice.architecture);
            Err(VisionError::CorruptWeights { path: file.to_owned(), reason })
        }
        _ => Ok(choice),
    }
}

/// What an ONNX file says about what it takes, and the files beside it that it needs.
///
/// The size is that of its input, 112×112 where that may be any; the range of the values what its first layers change
/// it from, −1…1 where they do not.
pub(super) fn onnx_input(file: &Path) -> Result<(InputSpec, Vec<String>), VisionError> {
    let model = OnnxModel::read(file)?;
    let mut input = InputSpec::ARCFACE;
    if let Some(size) = model.input().size() {
        input.template = Template::arcface_of_size(size);
    }
    (input.mean, input.std) = match model.value_range() {
        Some(ValueRange::Bytes) => ([0.0; 3], [1.0; 3]),
        Some(ValueRange::Unit) => ([0.0; 3], [255.0; 3]),
        None => (input.mean, input.std),
    };
    Ok((input, model.data_files().to_vec()))
}
