//! Layers whose weights can learn, each under the name that the native loader reads.

use tch::nn::init::{FanInOut, NonLinearity, NormalOrUniform};
use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

use crate::vision::layout::{ActivationForm, ConvForm, EPSILON, LayerForm};

/// Share of the old value that a norm's running statistics lose at every batch.
const MOMENTUM: f64 = 0.1;
/// Of the inputs of a fully connected layer behind a ResNet, while it learns.
const DROPOUT: f64 = 0.2;

const KAIMING: Init =
    Init::Kaiming { dist: NormalOrUniform::Normal, fan: FanInOut::FanIn, non_linearity: NonLinearity::ReLU };

/// The place of `name`, with dots in it, below `path`.
pub(super) fn at<'a>(path: &Path<'a>, name: &str) -> Path<'a> {
    name.split('.').fold(path.clone(), |path, part| path.sub(part))
}

/// What a network without neck makes of pictures.
pub(super) struct Features {
    /// Planes of the three levels that its `NeckForm` names.
    pub levels: Vec<Tensor>,
    /// n×d.
    pub embedding: Tensor,
}

/// Which norms take the batch's statistics (and keep them) instead of the stored ones, and whether dropout works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Modes {
    /// Everything before the last stage.
    pub body: bool,
    /// The last stage and what makes the embedding of it.
    pub last: bool,
    pub neck: bool,
}

impl Modes {
    /// Of stage `i` of `count`.
    pub(super) fn of_stage(self, i: usize, count: usize) -> bool {
        if i + 1 == count { self.last } else { self.body }
    }
}

struct Conv {
    weight: Tensor,
    bias: Option<Tensor>,
    form: ConvForm,
}

impl Conv {
    fn new(path: &Path<'_>, form: ConvForm, has_bias: bool) -> Result<Self, TchError> {
        Ok(Self {
            weight: path.f_var("weight", &form.shape, KAIMING)?,
            bias: if has_bias { Some(path.f_zeros("bias", &form.shape[..1])?) } else { None },
            form,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let ConvForm { stride, padding, groups, .. } = self.form;
        if self.form.pads_behind {
            let padded = input.f_constant_pad_nd([0, padding, 0, padding])?;
            return padded.f_conv2d(&self.weight, self.bias.as_ref(), [stride; 2], [0, 0], [1, 1], groups);
        }
        input.f_conv2d(&self.weight, self.bias.as_ref(), [stride; 2], [padding; 2], [1, 1], groups)
    }
}

pub(super) struct Norm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl Norm {
    pub(super) fn new(path: &Path<'_>, planes: i64) -> Result<Self, TchError> {
        Ok(Self {
            weight: path.f_ones("weight", &[planes])?,
            bias: path.f_zeros("bias", &[planes])?,
            mean: path.f_zeros_no_train("running_mean", &[planes])?,
            variance: path.f_ones_no_train("running_var", &[planes])?,
        })
    }

    pub(super) fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        let (mean, variance) = (Some(&self.mean), Some(&self.variance));
        input.f_batch_norm(weight, bias, mean, variance, train, MOMENTUM, EPSILON, true)
    }
}

enum Activation {
    None,
    Relu,
    Relu6,
    /// Slopes of the planes.
    PRelu(Tensor),
}

impl Activation {
    fn new(root: &Path<'_>, form: &ActivationForm, planes: i64) -> Result<Self, TchError> {
        Ok(match form {
            ActivationForm::None => Self::None,
            ActivationForm::Relu => Self::Relu,
            ActivationForm::Relu6 => Self::Relu6,
            ActivationForm::PRelu(name) => Self::PRelu(at(root, name).f_var("weight", &[planes], Init::Const(0.25))?),
        })
    }

    fn forward(&self, input: Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::None => Ok(input),
            Self::Relu => input.f_relu(),
            Self::Relu6 => input.f_clamp(0.0, 6.0),
            Self::PRelu(slopes) => input.f_prelu(slopes),
        }
    }
}

/// A convolution, the norm behind it where there is one, and an activation.
pub(super) struct Layer {
    conv: Conv,
    norm: Option<Norm>,
    activation: Activation,
}

impl Layer {
    /// A fresh one, under the names that `layer` gives below `root`.
    pub(super) fn new(root: &Path<'_>, layer: &LayerForm) -> Result<Self, TchError> {
        let planes = layer.form.shape[0];
        let norm = layer.norm.as_ref().map(|norm| Norm::new(&at(root, norm), planes)).transpose()?;
        let conv = Conv::new(&at(root, &layer.conv), layer.form, norm.is_none())?;
        Ok(Self { conv, norm, activation: Activation::new(root, &layer.activation, planes)? })
    }

    pub(super) fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let mut x = self.conv.forward(input)?;
        if let Some(norm) = &self.norm {
            x = norm.forward(&x, train)?;
        }
        self.activation.forward(x)
    }
}

/// A fully connected layer.
pub(super) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub(super) fn new(path: &Path<'_>, inputs: i64, outputs: i64) -> Result<Self, TchError> {
        Ok(Self { bias: Some(path.f_zeros("bias", &[outputs])?), ..Self::without_bias(path, inputs, outputs)? })
    }

    pub(super) fn without_bias(path: &Path<'_>, inputs: i64, outputs: i64) -> Result<Self, TchError> {
        let init = Init::Randn { mean: 0.0, stdev: (inputs as f64).sqrt().recip() };
        Ok(Self { weight: path.f_var("weight", &[outputs, inputs], init)?, bias: None })
    }

    /// One that gives zeros until it has learned.
    pub(super) fn zero(path: &Path<'_>, inputs: i64, outputs: i64) -> Result<Self, TchError> {
        let weight = path.f_zeros("weight", &[outputs, inputs])?;
        Ok(Self { weight, bias: Some(path.f_zeros("bias", &[outputs])?) })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, self.bias.as_ref())
    }

    /// With part of the inputs left out where `train`.
    pub(super) fn forward_with_dropout(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        self.forward(&input.f_dropout(DROPOUT, train)?)
    }
}
