use tch::{Device, Kind, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec, broadcast_shape};
use crate::vision::onnx::proto::data_type;

/// One tensor in, one of the same shape out.
enum Unary {
    Relu,
    Sigmoid,
    HardSwish,
    HardSigmoid { alpha: f64, beta: f64 },
    LeakyRelu { slope: f64 },
    Sqrt,
    Erf,
    Tanh,
    Cast(Kind),
}

pub(super) fn unary(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    attributes.ignore(&["consumed_inputs"]); // of opset 1
    Ok(Box::new(match spec.op_type {
        "Relu" => Unary::Relu,
        "Sigmoid" => Unary::Sigmoid,
        "HardSwish" => Unary::HardSwish,
        "HardSigmoid" => {
            Unary::HardSigmoid { alpha: attributes.float_or("alpha", 0.2)?, beta: attributes.float_or("beta", 0.5)? }
        }
        "LeakyRelu" => Unary::LeakyRelu { slope: attributes.float_or("alpha", 0.01)? },
        "Sqrt" => Unary::Sqrt,
        "Erf" => Unary::Erf,
        "Tanh" => Unary::Tanh,
        "Cast" => {
            attributes.ignore(&["saturate", "round_mode"]); // of eight-bit floats
            Unary::Cast(kind_from_type(attributes.int_or("to", 0)?)?)
        }
        other => return Err(OpError::new(format!("there is no {other} of one input"))),
    }))
}

/// What a type is here; narrow integers would wrap around, which wide ones do not.
fn kind_from_type(to: i64) -> Result<Kind, OpError> {
    match i32::try_from(to).unwrap_or_default() {
        data_type::FLOAT | data_type::FLOAT16 | data_type::DOUBLE | data_type::BFLOAT16 => Ok(Kind::Float),
        data_type::INT64 | data_type::INT32 => Ok(Kind::Int64),
        data_type::BOOL => Ok(Kind::Bool),
        _ => Err(OpError::new(format!("a cast to the type {to} is not supported"))),
    }
}

impl Operator for Unary {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        inputs.allow(&x.size(), 1)?;
        if let Self::Cast(kind) = self {
            // Integers stay on the processor, where shapes are worked out.
            let cast = x.f_to_kind(*kind)?;
            return if *kind == Kind::Float { Ok(cast) } else { Ok(cast.f_to_device(Device::Cpu)?) };
        }
        if !x.is_floating_point() && !matches!(self, Self::Relu) {
            return Err(OpError::new(format!("{} and holds no floats", inputs.describe(0))));
        }
        Ok(match self {
            Self::Relu => x.f_relu()?,
            Self::Sigmoid => x.f_sigmoid()?,
            Self::HardSwish => x.f_hardswish()?,
            Self::HardSigmoid { alpha, beta } => x.f_mul_scalar(*alpha)?.f_add_scalar(*beta)?.f_clamp(0.0, 1.0)?,
            Self::LeakyRelu { slope } => {
                x.f_prelu(&Tensor::f_from_slice(&[*slope as f32])?.f_to_device(x.device())?)?
            }
            Self::Sqrt => x.f_sqrt()?,
            Self::Erf => x.f_erf()?,
            Self::Tanh => x.f_tanh()?,
            Self::Cast(kind) => x.f_to_kind(*kind)?,
        })
    }

    fn form(&self) -> Form {
        match self {
            Self::Relu => Form::Relu,
            Self::Cast(Kind::Float) => Form::Same,
            _ => Form::Other,
        }
    }
}

/// Two tensors in, stretched to each other's shape.
#[derive(Clone, Copy)]
enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

pub(super) fn binary(spec: &Spec<'_>) -> Made {
    Ok(Box::new(match spec.op_type {
        "Add" => Binary::Add,
        "Sub" => Binary::Sub,
        "Mul" => Binary::Mul,
        "Div" => Binary::Div,
        "Pow" => Binary::Pow,
        other => return Err(OpError::new(format!("there is no {other} of two inputs"))),
    }))
}

impl Operator for Binary {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let shape = broadcast_shape(&a.size(), &b.size())
            .map_err(|_| OpError::new(format!("{}, {}", inputs.describe(0), inputs.describe(1))))?;
        inputs.allow(&shape, 1)?;
        if a.kind() == Kind::Bool || b.kind() == Kind::Bool {
            return Err(OpError::new("it computes with truth values"));
        }
        // What was an integer may be on the processor still.
        let device = if a.device() == Device::Cpu { b.device() } else { a.device() };
        let (a, b) = (a.f_to_device(device)?, b.f_to_device(device)?);
        let integers = a.kind() == Kind::Int64 && b.kind() == Kind::Int64;
        Ok(match self {
            Self::Add => a.f_add(&b)?,
            Self::Sub => a.f_sub(&b)?,
            Self::Mul => a.f_mul(&b)?,
            Self::Div if integers => integer_quotient(&a, &b)?,
            Self::Div => a.f_div(&b)?,
            // The library is far quicker for a plain number.
            Self::Pow if b.numel() == 1 && !integers && a.size() == shape => {
                a.f_pow_tensor_scalar(b.f_double_value(&[])?)?
            }
            Self::Pow => a.f_pow(&b)?,
        })
    }

    fn form(&self) -> Form {
        if matches!(self, Self::Add) { Form::Add } else { Form::Other }
    }
}

/// The processor traps where a quotient of integers has no value, so these are told apart first.
fn integer_quotient(a: &Tensor, b: &Tensor) -> Result<Tensor, OpError> {
    let any = |tensor: &Tensor, value: i64| -> Result<bool, OpError> {
        Ok(tensor.f_eq(value)?.f_any()?.f_int64_value(&[])? != 0)
    };
    if any(b, 0)? || (any(b, -1)? && any(a, i64::MIN)?) {
        return Err(OpError::new("it divides an integer by zero"));
    }
    Ok(a.f_div_tensor_mode(b, "trunc")?)
}

/// x where it is positive, slope·x elsewhere; usually one slope for each plane.
struct PRelu;

pub(super) fn prelu(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["consumed_inputs"]);
    Ok(Box::new(PRelu))
}

impl Operator for PRelu {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (x, slope) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (shape, slopes) = (x.size(), slope.size());
        inputs.allow(&shape, 1)?;
        let planes = shape.get(1).copied().unwrap_or(1);
        let trailing = shape.len().saturating_sub(2);
        // C×1×1 by the standard, or C alone as one exporter wrote it.
        let behind_planes = slopes.strip_prefix(&[planes]).is_some_and(|rest| {
            rest.iter().all(|&side| side == 1)
                && (rest.len() == trailing || (rest.is_empty() && shape.last() != Some(&planes)))
        });
        if slope.numel() == 1 || behind_planes {
            return Ok(x.f_prelu(&slope.f_reshape([-1])?)?);
        }
        match broadcast_shape(&shape, &slopes) {
            Ok(stretched) if stretched == shape => {
                let negative = x.f_clamp_max(0.0)?.f_mul(slope)?;
                Ok(x.f_clamp_min(0.0)?.f_add(&negative)?)
            }
            _ => Err(OpError::new(format!("{}, which does not fit {shape:?}", inputs.describe(1)))),
        }
    }

    fn form(&self) -> Form {
        Form::PRelu
    }
}

/// Bounds from the attributes of old files or from the inputs of new ones.
struct Clip {
    min: Option<f64>,
    max: Option<f64>,
}

pub(super) fn clip(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["consumed_inputs"]);
    Ok(Box::new(Clip { min: spec.attributes.float("min")?, max: spec.attributes.float("max")? }))
}

impl Operator for Clip {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        inputs.allow(&x.size(), 1)?;
        let bound = |i: usize, attribute: Option<f64>| match inputs.optional(i) {
            None => Ok(attribute),
            Some(bound) if bound.numel() == 1 => Ok(Some(bound.f_reshape([])?.f_double_value(&[])?)),
            Some(_) => Err(OpError::new(format!("{}, expected a single number", inputs.describe(i)))),
        };
        let (min, max) = (bound(1, self.min)?, bound(2, self.max)?);
        if !x.is_floating_point() {
            let whole = |bound: Option<f64>| bound.map(|b| Tensor::f_from_slice(&[b as i64])).transpose();
            return match (whole(min)?, whole(max)?) {
                (None, None) => Ok(x.shallow_clone()),
                (min, max) => Ok(x.f_clamp_tensor(min.as_ref(), max.as_ref())?),
            };
        }
        Ok(match (min, max) {
            (Some(min), Some(max)) => x.f_clamp(min, max)?,
            (Some(min), None) => x.f_clamp_min(min)?,
            (None, Some(max)) => x.f_clamp_max(max)?,
            (None, None) => x.shallow_clone(),
        })
    }

    fn form(&self) -> Form {
        Form::Clip { min: self.min, max: self.max }
    }
}
