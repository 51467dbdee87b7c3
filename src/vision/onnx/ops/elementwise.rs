use tch::{Kind, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec, broadcast_shape, on_one_device};

/// Two tensors in, stretched to each other's shape.
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    /// The sign is that of the divisor, or of the dividend where `of_dividend`.
    Mod {
        of_dividend: bool,
    },
    Pow,
}

pub(super) fn modulo(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Binary::Mod { of_dividend: spec.attributes.flag("fmod")? }))
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
        let tensors = on_one_device(&[a, b])?;
        let (a, b) = (tensors[0].shallow_clone(), tensors[1].shallow_clone());
        let integers = a.kind() == Kind::Int64 && b.kind() == Kind::Int64;
        Ok(match self {
            Self::Add => a.f_add(&b)?,
            Self::Sub => a.f_sub(&b)?,
            Self::Mul => a.f_mul(&b)?,
            Self::Div if integers => {
                check_quotient(&a, &b)?;
                a.f_div_tensor_mode(&b, "trunc")?
            }
            Self::Div => a.f_div(&b)?,
            Self::Mod { of_dividend } => remainder(&a, &b, *of_dividend)?,
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

/// What division leaves. Integers are looked at first, as for a quotient.
fn remainder(a: &Tensor, b: &Tensor, of_dividend: bool) -> Result<Tensor, OpError> {
    if a.kind() == Kind::Int64 {
        check_quotient(a, b)?;
    } else if !of_dividend {
        return Err(OpError::new("its fmod is 0, which is for integers only"));
    }
    if of_dividend { Ok(a.f_fmod_tensor(b)?) } else { Ok(a.f_remainder_tensor(b)?) }
}

/// The processor traps where a quotient of integers has no value, so these are told apart first.
fn check_quotient(a: &Tensor, b: &Tensor) -> Result<(), OpError> {
    let any = |tensor: &Tensor, value: i64| -> Result<bool, OpError> {
        Ok(tensor.f_eq(value)?.f_any()?.f_int64_value(&[])? != 0)
    };
    if any(b, 0)? || (any(b, -1)? && any(a, i64::MIN)?) {
        return Err(OpError::new("it divides an integer by zero"));
    }
    Ok(())
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
