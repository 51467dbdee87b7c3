//! One layer of a network: where its tensors stand and what they do not say.

/// A convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConvForm {
    /// out×in/groups×k×k.
    pub shape: [i64; 4],
    pub stride: i64,
    pub padding: i64,
    /// Whether the padding stands at the right and at the bottom alone.
    pub pads_behind: bool,
    pub groups: i64,
}

impl ConvForm {
    /// Padded to keep the size.
    pub(crate) fn new(shape: [i64; 4], stride: i64) -> Self {
        Self { shape, stride, padding: shape[2] / 2, pads_behind: false, groups: 1 }
    }

    /// One k×k kernel for each plane.
    pub(crate) fn depthwise(planes: i64, kernel: i64, stride: i64, padding: i64) -> Self {
        Self { shape: [planes, 1, kernel, kernel], stride, padding, pads_behind: false, groups: planes }
    }

    /// The same without padding.
    pub(crate) fn unpadded(self) -> Self {
        Self { padding: 0, ..self }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActivationForm {
    None,
    Relu,
    Relu6,
    /// With a slope for each plane, which stand under this name.
    PRelu(String),
}

/// A convolution, the norm behind it where there is one, and an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerForm {
    /// Name of the convolution; it has a bias where there is no norm.
    pub conv: String,
    /// Name of the norm.
    pub norm: Option<String>,
    pub form: ConvForm,
    pub activation: ActivationForm,
}

impl LayerForm {
    pub(crate) fn with_norm(
        conv: impl Into<String>,
        norm: impl Into<String>,
        form: ConvForm,
        activation: ActivationForm,
    ) -> Self {
        Self { conv: conv.into(), norm: Some(norm.into()), form, activation }
    }

    /// A convolution with a bias.
    pub(crate) fn plain(conv: impl Into<String>, form: ConvForm, activation: ActivationForm) -> Self {
        Self { conv: conv.into(), norm: None, form, activation }
    }
}
