//! One tensor in, one of the same shape out.

use tch::{Device, Kind, TchError, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec};
use crate::vision::onnx::proto::data_type;

/// What the values may be.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Takes {
    Anything,
    Floats,
    /// Floats and integers.
    Numbers,
    Truths,
}

type Compute = dyn Fn(&Tensor) -> Result<Tensor, TchError> + Send + Sync;

struct Unary {
    takes: Takes,
    form: Form,
    compute: Box<Compute>,
}

/// What Selu's paper (Klambauer et al. 2017) and the standard give for alpha and gamma.
const SELU: [f64; 2] = [1.673_263_192_176_818_8, 1.050_701_022_148_132_3];

fn made(
    spec: &Spec<'_>,
    takes: Takes,
    form: Form,
    compute: impl Fn(&Tensor) -> Result<Tensor, TchError> + Send + Sync + 'static,
) -> Made {
    spec.attributes.ignore(&["consumed_inputs"]); // of opset 1
    Ok(Box::new(Unary { takes, form, compute: Box::new(compute) }))
}

/// An operator that has no attributes.
pub(super) fn plain(spec: &Spec<'_>, takes: Takes, compute: fn(&Tensor) -> Result<Tensor, TchError>) -> Made {
    made(spec, takes, Form::Other, compute)
}

/// A plain one of floats.
pub(super) fn floats(spec: &Spec<'_>, compute: fn(&Tensor) -> Result<Tensor, TchError>) -> Made {
    plain(spec, Takes::Floats, compute)
}

pub(super) fn cast(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["saturate", "round_mode"]); // of eight-bit floats
    match kind_from_type(spec.attributes.int_or("to", 0)?)? {
        Kind::Float => made(spec, Takes::Anything, Form::Same, |x| x.f_to_kind(Kind::Float)),
        // Integers stay on the processor, where shapes are worked out.
        kind => made(spec, Takes::Anything, Form::Other, move |x| x.f_to_kind(kind)?.f_to_device(Device::Cpu)),
    }
}

pub(super) fn elu(spec: &Spec<'_>) -> Made {
    let alpha = spec.attributes.float_or("alpha", 1.0)?;
    made(spec, Takes::Floats, Form::Other, move |x| bent(x, alpha))
}

pub(super) fn gelu(spec: &Spec<'_>) -> Made {
    let approximate = match spec.attributes.text_or("approximate", "none")?.as_str() {
        "none" => "none",
        "tanh" => "tanh",
        other => return Err(OpError::new(format!("its approximate “{other}” is not supported"))),
    };
    made(spec, Takes::Floats, Form::Other, move |x| x.f_gelu(approximate))
}

pub(super) fn hard_sigmoid(spec: &Spec<'_>) -> Made {
    let (alpha, beta) = (spec.attributes.float_or("alpha", 0.2)?, spec.attributes.float_or("beta", 0.5)?);
    made(spec, Takes::Floats, Form::Other, move |x| x.f_mul_scalar(alpha)?.f_add_scalar(beta)?.f_clamp(0.0, 1.0))
}

pub(super) fn leaky_relu(spec: &Spec<'_>) -> Made {
    let slope = spec.attributes.float_or("alpha", 0.01)? as f32;
    made(spec, Takes::Floats, Form::Other, move |x| {
        x.f_prelu(&Tensor::f_from_slice(&[slope])?.f_to_device(x.device())?)
    })
}

pub(super) fn relu(spec: &Spec<'_>) -> Made {
    made(spec, Takes::Numbers, Form::Relu, Tensor::f_relu)
}

pub(super) fn selu(spec: &Spec<'_>) -> Made {
    let alpha = spec.attributes.float_or("alpha", SELU[0])?;
    let gamma = spec.attributes.float_or("gamma", SELU[1])?;
    made(spec, Takes::Floats, Form::Other, move |x| bent(x, alpha)?.f_mul_scalar(gamma))
}

pub(super) fn softsign(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_div(&x.f_abs()?.f_add_scalar(1.0)?)
}

/// x where it is positive, alpha·(eˣ − 1) elsewhere.
fn bent(x: &Tensor, alpha: f64) -> Result<Tensor, TchError> {
    x.f_clamp_min(0.0)?.f_add(&x.f_clamp_max(0.0)?.f_expm1()?.f_mul_scalar(alpha)?)
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
        let (fits, wanted) = match self.takes {
            Takes::Anything => (true, ""),
            Takes::Floats => (x.kind() == Kind::Float, "floats"),
            Takes::Numbers => (x.kind() != Kind::Bool, "numbers"),
            Takes::Truths => (x.kind() == Kind::Bool, "truth values"),
        };
        if !fits {
            return Err(OpError::new(format!("{} and holds no {wanted}", inputs.describe(0))));
        }
        Ok((self.compute)(x)?)
    }

    fn form(&self) -> Form {
        self.form.clone()
    }
}
