use tch::{Kind, Tensor};

use super::conv::padded;
use super::window::{Window, plane_size};
use super::{Inputs, Made, OpError, Operator, Spec};

/// The window of an operator that is given its size.
fn window(spec: &Spec<'_>) -> Result<(Window, [i64; 2]), OpError> {
    let window = Window::from_spec(spec, spec.attributes.flag("ceil_mode")?)?;
    let kernel = window.kernel().ok_or_else(|| OpError::new("its kernel_shape is missing"))?;
    Ok((window, kernel))
}

pub(super) fn max(spec: &Spec<'_>) -> Made {
    let (window, kernel) = window(spec)?;
    if spec.attributes.flag("storage_order")? {
        return Err(OpError::new("its storage_order 1 is not supported"));
    }
    Ok(Box::new(MaxPool { window, kernel }))
}

pub(super) fn average(spec: &Spec<'_>) -> Made {
    let (window, kernel) = window(spec)?;
    if window.dilations() != [1, 1] {
        return Err(OpError::new("its dilations are not supported"));
    }
    Ok(Box::new(AveragePool { window, kernel, count_padding: spec.attributes.flag("count_include_pad")? }))
}

/// One number for each plane.
pub(super) struct GlobalPool {
    pub largest: bool,
}

impl Operator for GlobalPool {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        plane_size(&x.size(), || inputs.describe(0))?;
        if self.largest { Ok(x.f_amax([2, 3], true)?) } else { Ok(x.f_mean_dim([2, 3].as_slice(), true, Kind::Float)?) }
    }
}

struct MaxPool {
    window: Window,
    kernel: [i64; 2],
}

impl Operator for MaxPool {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        let place = self.window.place(plane_size(&shape, || inputs.describe(0))?, self.kernel)?;
        inputs.allow(&[shape[0], shape[1], place.output[0], place.output[1]], self.kernel[0] * self.kernel[1])?;
        let (strides, dilations) = (self.window.strides(), self.window.dilations());
        // The library pads at most half a kernel.
        match place.symmetric().filter(|pads| pads.iter().zip(self.kernel).all(|(pad, k)| 2 * pad <= k)) {
            Some(pads) => Ok(x.f_max_pool2d(self.kernel, strides, pads, dilations, false)?),
            None => {
                let padded = padded(x, inputs, &place.all_pads(), f64::NEG_INFINITY)?;
                Ok(padded.f_max_pool2d(self.kernel, strides, [0, 0], dilations, false)?)
            }
        }
    }
}

struct AveragePool {
    window: Window,
    kernel: [i64; 2],
    /// Whether the stated padding counts among what is averaged.
    count_padding: bool,
}

impl Operator for AveragePool {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        let size = plane_size(&shape, || inputs.describe(0))?;
        let place = self.window.place(size, self.kernel)?;
        inputs.allow(&[shape[0], shape[1], place.output[0], place.output[1]], self.kernel[0] * self.kernel[1])?;
        let (kernel, strides) = (self.kernel, self.window.strides());
        if let Some(pads) = place.symmetric().filter(|pads| pads.iter().zip(kernel).all(|(pad, k)| 2 * pad <= k)) {
            return Ok(x.f_avg_pool2d(kernel, strides, pads, false, self.count_padding, None)?);
        }
        // In general: the sum over the window by the number of places in it that count.
        let all = place.all_pads();
        let sums = padded(x, inputs, &all, 0.0)?.f_avg_pool2d(kernel, strides, [0, 0], false, true, 1)?;
        let ones = Tensor::f_ones([1, 1, size[0], size[1]], (Kind::Float, x.device()))?;
        let [top, left, bottom, right] = place.pads;
        let around = if self.count_padding { 1.0 } else { 0.0 };
        let counted = padded(&ones, inputs, &[left, right, top, bottom], around)?;
        let counted = padded(&counted, inputs, &[0, place.beyond[1], 0, place.beyond[0]], 0.0)?;
        let counts = counted.f_avg_pool2d(kernel, strides, [0, 0], false, true, 1)?;
        Ok(sums.f_div(&counts)?)
    }
}
