use tch::{Kind, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec, axis_of, broadcast_shape};

/// With the stored statistics. Inputs: x, scale, shift, mean, variance.
struct BatchNorm {
    epsilon: f64,
    /// Of old files: statistics for each number instead of each plane.
    each_number: bool,
}

pub(super) fn batch(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    attributes.ignore(&["momentum", "is_test", "consumed_inputs"]);
    if attributes.flag("training_mode")? {
        return Err(OpError::new("it is in training mode; export the network for inference"));
    }
    Ok(Box::new(BatchNorm {
        epsilon: attributes.float_or("epsilon", 1e-5)?,
        each_number: attributes.int_or("spatial", 1)? == 0,
    }))
}

impl Operator for BatchNorm {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let Some(&planes) = shape.get(1) else {
            return Err(OpError::new(format!("{}, expected N×C and more", inputs.describe(0))));
        };
        if self.each_number && shape.len() > 2 {
            return Err(OpError::new("its attribute “spatial” 0 is not supported"));
        }
        let [scale, shift, mean, variance] = statistics(inputs, planes)?;
        let normed =
            x.f_batch_norm(Some(scale), Some(shift), Some(mean), Some(variance), false, 0.0, self.epsilon, false)?;
        Ok(normed)
    }

    fn form(&self) -> Form {
        Form::Norm { epsilon: self.epsilon }
    }
}

/// Scale, shift, mean and variance, each with one number for each plane.
fn statistics<'a>(inputs: &Inputs<'a>, planes: i64) -> Result<[&'a Tensor; 4], OpError> {
    let part = |i: usize| match inputs.tensor(i)? {
        tensor if tensor.size() == [planes] => Ok(tensor),
        _ => Err(OpError::new(format!("{}, expected [{planes}]", inputs.describe(i)))),
    };
    Ok([part(1)?, part(2)?, part(3)?, part(4)?])
}

/// Mean 0 and variance 1 over the axes from `axis` on.
struct LayerNorm {
    axis: i64,
    epsilon: f64,
}

pub(super) fn layer(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    attributes.ignore(&["stash_type"]);
    Ok(Box::new(LayerNorm { axis: attributes.int_or("axis", -1)?, epsilon: attributes.float_or("epsilon", 1e-5)? }))
}

impl Operator for LayerNorm {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let normed = &shape[axis_of(self.axis, shape.len())?..];
        let normed_x = x.f_layer_norm(normed, None::<&Tensor>, None::<&Tensor>, self.epsilon, false)?;
        let fits = |i: usize| match inputs.optional(i) {
            Some(part) if broadcast_shape(&part.size(), normed).ok().as_deref() != Some(normed) => {
                Err(OpError::new(format!("{}, which does not fit {normed:?}", inputs.describe(i))))
            }
            part => Ok(part),
        };
        let scale = fits(1)?.ok_or_else(|| OpError::new("its scale is missing"))?;
        let scaled = normed_x.f_mul(scale)?;
        match fits(2)? {
            Some(shift) => Ok(scaled.f_add(shift)?),
            None => Ok(scaled),
        }
    }
}

/// Length 1 along an axis; what is zero stays zero.
struct LpNorm {
    axis: i64,
    p: i64,
}

pub(super) fn lp(spec: &Spec<'_>) -> Made {
    let p = spec.attributes.int_or("p", 2)?;
    if !(1..=2).contains(&p) {
        return Err(OpError::new(format!("its p is {p}; the standard knows 1 and 2")));
    }
    Ok(Box::new(LpNorm { axis: spec.attributes.int_or("axis", -1)?, p }))
}

impl Operator for LpNorm {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let axis = axis_of(self.axis, shape.len())? as i64;
        let length = x.f_norm_scalaropt_dim(self.p as f64, [axis].as_slice(), true)?;
        Ok(x.f_div(&length.f_clamp_min(f64::from(f32::MIN_POSITIVE))?)?)
    }
}

struct Softmax {
    axis: i64,
    /// The logarithm of it.
    log: bool,
    /// Before opset 13: over all axes from `axis` on at once.
    all_behind: bool,
}

pub(super) fn softmax(spec: &Spec<'_>) -> Made {
    let all_behind = spec.opset < 13;
    let axis = spec.attributes.int_or("axis", if all_behind { 1 } else { -1 })?;
    Ok(Box::new(Softmax { axis, log: spec.op_type == "LogSoftmax", all_behind }))
}

impl Operator for Softmax {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let axis = axis_of(self.axis, shape.len())?;
        if !self.all_behind || x.numel() == 0 {
            return self.along(x, axis as i64);
        }
        let rows: i64 = shape[..axis].iter().product();
        Ok(self.along(&x.f_reshape([rows, -1])?, 1)?.f_reshape(&shape)?)
    }
}

impl Softmax {
    fn along(&self, x: &Tensor, axis: i64) -> Result<Tensor, OpError> {
        if self.log { Ok(x.f_log_softmax(axis, Kind::Float)?) } else { Ok(x.f_softmax(axis, Kind::Float)?) }
    }
}
