use tch::{Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec, axis_of};
use crate::vision::onnx::proto::data_type;

/// Scale and zero point, one for all or one for each place along an axis.
struct Scale {
    axis: i64,
}

impl Scale {
    fn from_spec(spec: &Spec<'_>) -> Result<Self, OpError> {
        if spec.attributes.int_or("block_size", 0)? != 0 {
            return Err(OpError::new("its block_size is not supported"));
        }
        Ok(Self { axis: spec.attributes.int_or("axis", 1)? })
    }

    /// Input `i` as floats that can be stretched to `x`.
    fn along(&self, inputs: &Inputs<'_>, i: usize, x: &Tensor) -> Result<Tensor, OpError> {
        let part = inputs.tensor(i)?.f_to_kind(Kind::Float)?.f_to_device(x.device())?;
        let shape = x.size();
        if part.numel() == 1 {
            return Ok(part.f_reshape([0i64; 0])?);
        }
        let axis = axis_of(self.axis, shape.len())?;
        if part.size() != [shape[axis]] {
            let (part, x) = (inputs.describe(i), inputs.describe(0));
            return Err(OpError::new(format!("{part}, which does not fit axis {axis}; {x}")));
        }
        let mut along = vec![1; shape.len()];
        along[axis] = shape[axis];
        Ok(part.f_reshape(&along)?)
    }
}

/// Integers to floats: (x − zero point)·scale.
struct Dequantize(Scale);

pub(super) fn dequantize(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["output_dtype"]);
    Ok(Box::new(Dequantize(Scale::from_spec(spec)?)))
}

impl Operator for Dequantize {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        inputs.allow(&x.size(), 1)?;
        if x.kind() != Kind::Int64 {
            return Err(OpError::new(format!("{} and holds no integers", inputs.describe(0))));
        }
        // Weights were read to the processor; the scale is where the network runs.
        let x = x.f_to_device(inputs.tensor(1)?.device())?;
        let scale = self.0.along(inputs, 1, &x)?;
        // Whole numbers up to 2³¹ first, so that nothing is rounded before the zero point is taken away.
        let centred = match inputs.optional(2) {
            None => x,
            Some(zero) if zero.kind() != Kind::Int64 => {
                return Err(OpError::new(format!("{} and holds no integers", inputs.describe(2))));
            }
            Some(_) => x.f_sub(&self.0.along(inputs, 2, &x)?.f_to_kind(Kind::Int64)?)?,
        };
        Ok(centred.f_to_kind(Kind::Float)?.f_mul(&scale)?)
    }
}

/// Floats to the nearest integers (even ones at the half) of x/scale + zero point, kept within their type.
struct Quantize {
    scale: Scale,
    /// Smallest and largest number of the type.
    bounds: [i64; 2],
}

pub(super) fn quantize(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["saturate", "precision"]);
    let stated = spec.attributes.int_or("output_dtype", 0)?;
    let has_zero = spec.types.len() > 2 && spec.types[2].is_some();
    let of_zero = spec.types.get(2).copied().flatten().flatten();
    let kind = match (has_zero, of_zero, i32::try_from(stated).unwrap_or(-1)) {
        (false, _, 0) => data_type::UINT8,
        (false, _, stated) => stated,
        (true, Some(kind), stated) if stated == 0 || stated == kind => kind,
        (true, _, _) => return Err(OpError::new("the type of its zero point is not known, or not its output_dtype")),
    };
    let bounds = match kind {
        data_type::UINT8 => [0, i64::from(u8::MAX)],
        data_type::INT8 => [i64::from(i8::MIN), i64::from(i8::MAX)],
        data_type::UINT16 => [0, i64::from(u16::MAX)],
        data_type::INT16 => [i64::from(i16::MIN), i64::from(i16::MAX)],
        other => return Err(OpError::new(format!("integers of the type {other} are not supported"))),
    };
    Ok(Box::new(Quantize { scale: Scale::from_spec(spec)?, bounds }))
}

impl Operator for Quantize {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        inputs.allow(&x.size(), 1)?;
        if !x.is_floating_point() {
            return Err(OpError::new(format!("{} and holds no floats", inputs.describe(0))));
        }
        let rounded = x.f_div(&self.scale.along(inputs, 1, x)?)?.f_round()?;
        let moved = match inputs.optional(2) {
            None => rounded,
            Some(zero) if zero.kind() != Kind::Int64 => {
                return Err(OpError::new(format!("{} and holds no integers", inputs.describe(2))));
            }
            Some(_) => rounded.f_add(&self.scale.along(inputs, 2, x)?)?,
        };
        // What is no number has no integer; the smallest one stands for it, as in onnxruntime.
        let [low, high] = self.bounds.map(|bound| bound as f64);
        let kept = moved.f_nan_to_num(low, high, low)?.f_clamp(low, high)?;
        Ok(kept.f_to_kind(Kind::Int64)?)
    }
}
