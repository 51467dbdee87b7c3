use serde::{Deserialize, Serialize};
use tch::nn::Path;
use tch::{TchError, Tensor};

use super::dlib::DlibResnet;
use super::ir_resnet::IrResnet50;
use super::layers::{Features, Modes};
use super::mobilefacenet::MobileFaceNet;
use super::resnet::Resnet50;
use crate::vision::layout::{DLIB_MARK, DLIB_STAGES, MobileForm, NeckForm};
use crate::vision::manifest::Architecture;

/// Which layers a network has, where its architecture leaves several forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    DlibResnet,
    #[serde(rename = "ir-resnet50")]
    IrResnet50,
    /// Whether a norm stands behind the last layer.
    Resnet50 {
        has_features: bool,
    },
    #[serde(rename = "mobilefacenet")]
    MobileFaceNet(MobileForm),
}

impl Form {
    /// That of a fresh network; `None` where no network of this architecture can be trained.
    pub(super) fn usual(architecture: Architecture) -> Option<Self> {
        match architecture {
            Architecture::IrResnet50 | Architecture::IrResnet50Fpn => Some(Self::IrResnet50),
            Architecture::Resnet50 | Architecture::Resnet50Fpn => Some(Self::Resnet50 { has_features: true }),
            Architecture::MobileFaceNet | Architecture::MobileFaceNetFpn => {
                Some(Self::MobileFaceNet(MobileForm::Named))
            }
            Architecture::DlibResnet | Architecture::DlibResnetFpn => Some(Self::DlibResnet),
            Architecture::Onnx | Architecture::TorchScript => None,
        }
    }

    /// Whether networks of this architecture have this form.
    pub(crate) fn fits(self, architecture: Architecture) -> bool {
        let same = |usual: Self| std::mem::discriminant(&usual) == std::mem::discriminant(&self);
        Self::usual(architecture).is_some_and(same)
    }

    pub(super) fn neck(self) -> NeckForm {
        match self {
            Self::DlibResnet => NeckForm::DLIB_RESNET,
            Self::IrResnet50 => NeckForm::IR_RESNET_50,
            Self::Resnet50 { .. } => NeckForm::RESNET_50,
            Self::MobileFaceNet(form) => NeckForm::mobilefacenet(form),
        }
    }

    /// A tensor that every file of this form has.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::DlibResnet => DLIB_MARK,
            Self::IrResnet50 | Self::Resnet50 { .. } => "layer1.0.bn1.weight",
            Self::MobileFaceNet(form) => form.mark(),
        }
    }

    /// The tensor whose first side is the embedding's length.
    pub(super) fn last(self) -> &'static str {
        match self {
            Self::DlibResnet => "fc.weight",
            Self::IrResnet50 | Self::Resnet50 { .. } => "fc.bias",
            Self::MobileFaceNet(form) => form.last(),
        }
    }

    /// Whether the variable belongs to the last stage or to what makes the embedding of it.
    pub(super) fn is_late(self, name: &str) -> bool {
        let number = |prefix: &str| name.strip_prefix(prefix)?.split('.').next()?.parse::<usize>().ok();
        match self {
            Self::DlibResnet => {
                let before = DLIB_STAGES[..3].iter().map(|blocks| blocks.len()).sum();
                name.starts_with("fc.") || number("blocks.").is_some_and(|block| block >= before)
            }
            Self::IrResnet50 | Self::Resnet50 { .. } => {
                ["layer4.", "bn2.", "fc.", "features."].iter().any(|prefix| name.starts_with(prefix))
            }
            Self::MobileFaceNet(form) => {
                let [first, second, _] = form.stages().map(|blocks| blocks.len());
                let before = first + second;
                match form {
                    MobileForm::Named => match number("features.") {
                        Some(block) => block >= before,
                        None => !name.starts_with("conv1.") && !name.starts_with("dw_conv."),
                    },
                    MobileForm::TensorFlow => match number("blocks.") {
                        Some(block) => block >= before,
                        None => name.starts_with("head."),
                    },
                    // Four layers before the first block, five in each.
                    MobileForm::Numbered => number("mods.").is_some_and(|layer| layer >= 4 + 5 * before),
                }
            }
        }
    }
}

/// A network without neck.
pub(super) enum Backbone {
    DlibResnet(DlibResnet),
    IrResnet50(IrResnet50),
    Resnet50(Resnet50),
    MobileFaceNet(MobileFaceNet),
}

impl Backbone {
    pub(super) fn new(root: &Path<'_>, form: Form, d: i64) -> Result<Self, TchError> {
        Ok(match form {
            Form::DlibResnet => Self::DlibResnet(DlibResnet::new(root, d)?),
            Form::IrResnet50 => Self::IrResnet50(IrResnet50::new(root, d)?),
            Form::Resnet50 { has_features } => Self::Resnet50(Resnet50::new(root, d, has_features)?),
            Form::MobileFaceNet(form) => Self::MobileFaceNet(MobileFaceNet::new(root, form, d)?),
        })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        match self {
            Self::DlibResnet(net) => net.forward(input),
            Self::IrResnet50(net) => net.forward(input, modes),
            Self::Resnet50(net) => net.forward(input, modes),
            Self::MobileFaceNet(net) => net.forward(input, modes),
        }
    }
}
