//! The one place that knows every native network.

use std::path::Path;

use tch::{Device, Kind};

use super::net::Net;
use super::weights::{Weights, WeightsFile};
use super::{dlib_net, fpn, ir_resnet, mobilefacenet, resnet};
use crate::vision::VisionError;
use crate::vision::layout::{DLIB_MARK, MobileForm, NeckForm};
use crate::vision::spec::{Architecture, InputSpec};
use crate::vision::weights_file::{MAX_WEIGHTS_BYTES, corrupt, read_weights};

/// A network whose file holds tensors by name, and its neck where `architecture` has one.
///
/// # Errors
/// A missing or damaged file; a tensor that is missing, has another shape or type, or holds NaN or infinite values, by
/// name; blocks that this network has not (those of IR-ResNet-100, for instance).
pub(super) fn load_native(
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
pub(super) fn native_net(
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
            let weights = open(DLIB_MARK);
            let net = dlib_net::DlibNet::from_weights(&weights, input)?;
            fpn::with_neck(net, architecture, NeckForm::DLIB_RESNET, &weights)
        }
        Architecture::Onnx | Architecture::TorchScript => {
            Err(corrupt(path, format!("a network of the kind {architecture} is no file of named tensors")))
        }
    })
}
