//! One layer of a native network, taken from its file.

use tch::{TchError, Tensor};

use super::layers::Conv;
use super::weights::Weights;
use crate::vision::VisionError;
use crate::vision::layout::{ActivationForm, LayerForm};
use crate::vision::shared_tensor::SharedTensor;

/// A convolution with the norm behind it folded in, and an activation.
pub(super) struct Layer {
    conv: Conv,
    activation: Activation,
}

enum Activation {
    None,
    Relu,
    Relu6,
    /// Slopes of the planes.
    PRelu(SharedTensor),
}

impl Layer {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
    pub(super) fn from_weights(weights: &Weights<'_>, layer: &LayerForm) -> Result<Self, VisionError> {
        let conv = match &layer.norm {
            Some(norm) => weights.folded_conv(&layer.conv, norm, layer.form)?,
            None => weights.conv(&layer.conv, layer.form)?,
        };
        let activation = match &layer.activation {
            ActivationForm::None => Activation::None,
            ActivationForm::Relu => Activation::Relu,
            ActivationForm::Relu6 => Activation::Relu6,
            ActivationForm::PRelu(name) => {
                Activation::PRelu(weights.shared(&format!("{name}.weight"), &layer.form.shape[..1])?)
            }
        };
        Ok(Self { conv, activation })
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let mut x = self.conv.forward(input)?;
        match &self.activation {
            Activation::None => Ok(x),
            Activation::Relu => x.f_relu_(),
            Activation::Relu6 => x.f_clamp_(0.0, 6.0),
            Activation::PRelu(slopes) => x.f_prelu(slopes.as_tensor()),
        }
    }
}
