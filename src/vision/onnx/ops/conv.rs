use tch::Tensor;

use super::window::{Window, plane_size};
use super::{ConvForm, Form, Inputs, Made, OpError, Operator, Spec};
use crate::vision::onnx::tensor_data::MAX_ELEMENTS;

/// A convolution over planes, by groups. Inputs: planes, weights out×in/groups×height×width, perhaps a bias.
struct Conv {
    window: Window,
    groups: i64,
}

pub(super) fn build(spec: &Spec<'_>) -> Made {
    let groups = spec.attributes.int_or("group", 1)?;
    if !(1..=1 << 20).contains(&groups) {
        return Err(OpError::new(format!("its group {groups} is out of range")));
    }
    Ok(Box::new(Conv { window: Window::from_spec(spec, false)?, groups }))
}

impl Operator for Conv {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (x, weight, bias) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.optional(2));
        let (x_shape, w_shape) = (x.size(), weight.size());
        let size = plane_size(&x_shape, || inputs.describe(0))?;
        let kernel = plane_size(&w_shape, || inputs.describe(1))?;
        let (channels, outputs) = (x_shape[1], w_shape[0]);
        if w_shape[1].checked_mul(self.groups) != Some(channels) || outputs % self.groups != 0 || outputs == 0 {
            let (groups, weights) = (self.groups, inputs.describe(1));
            return Err(OpError::new(format!("{weights}, which does not fit {channels} planes in {groups} groups")));
        }
        if kernel.contains(&0) || self.window.kernel().is_some_and(|k| k != kernel) {
            let (weights, stated) = (inputs.describe(1), self.window.kernel().unwrap_or_default());
            return Err(OpError::new(format!("{weights}, which does not fit the kernel {stated:?}")));
        }
        if bias.is_some_and(|b| b.size() != [outputs]) {
            return Err(OpError::new(format!("{}, expected [{outputs}]", inputs.describe(2))));
        }
        let place = self.window.place(size, kernel)?;
        let [height, width] = place.output;
        let taps = w_shape[1] * kernel[0] * kernel[1];
        inputs.allow(&[x_shape[0], outputs, height, width], taps)?;
        // Some kernels unfold a whole picture first.
        if (height * width).checked_mul(taps).is_none_or(|unfolded| unfolded > MAX_ELEMENTS) {
            return Err(OpError::new("the convolution is larger than any of a face network"));
        }
        let (strides, dilations) = (self.window.strides(), self.window.dilations());
        match place.symmetric() {
            Some(pads) => Ok(x.f_conv2d(weight, bias, strides, pads, dilations, self.groups)?),
            None => {
                let padded = padded(x, inputs, &place.all_pads(), 0.0)?;
                Ok(padded.f_conv2d(weight, bias, strides, [0, 0], dilations, self.groups)?)
            }
        }
    }

    fn form(&self) -> Form {
        Form::Conv(ConvForm {
            strides: self.window.strides(),
            pads: self.window.usual_pads(),
            dilations: self.window.dilations(),
            groups: self.groups,
        })
    }
}

/// The planes with `value` around them: left, right, top, bottom.
pub(super) fn padded(x: &Tensor, inputs: &Inputs<'_>, pads: &[i64; 4], value: f64) -> Result<Tensor, OpError> {
    let mut shape = x.size();
    let rank = shape.len();
    shape[rank - 1] += pads[0] + pads[1];
    shape[rank - 2] += pads[2] + pads[3];
    inputs.allow(&shape, 1)?;
    Ok(x.f_pad(pads, "constant", value)?)
}
