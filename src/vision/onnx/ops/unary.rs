use tch::{Device, Kind, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec};
use crate::vision::onnx::proto::data_type;

/// One tensor in, one of the same shape out.
enum Unary {
    Abs,
    Cast(Kind),
    Ceil,
    Elu { alpha: f64 },
    Erf,
    Exp,
    Floor,
    Gelu { approximate: &'static str },
    HardSigmoid { alpha: f64, beta: f64 },
    HardSwish,
    LeakyRelu { slope: f64 },
    Log,
    Mish,
    Neg,
    Not,
    Reciprocal,
    Relu,
    Round,
    Selu { alpha: f64, gamma: f64 },
    Sigmoid,
    Sign,
    Softplus,
    Softsign,
    Sqrt,
    Tanh,
}

/// What Selu's paper (Klambauer et al. 2017) and the standard give for alpha and gamma.
const SELU: [f64; 2] = [1.673_263_192_176_818_8, 1.050_701_022_148_132_3];

pub(super) fn unary(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    attributes.ignore(&["consumed_inputs"]); // of opset 1
    Ok(Box::new(match spec.op_type {
        "Abs" => Unary::Abs,
        "Cast" => {
            attributes.ignore(&["saturate", "round_mode"]); // of eight-bit floats
            Unary::Cast(kind_from_type(attributes.int_or("to", 0)?)?)
        }
        "Ceil" => Unary::Ceil,
        "Elu" => Unary::Elu { alpha: attributes.float_or("alpha", 1.0)? },
        "Erf" => Unary::Erf,
        "Exp" => Unary::Exp,
        "Floor" => Unary::Floor,
        "Gelu" => Unary::Gelu {
            approximate: match attributes.text_or("approximate", "none")?.as_str() {
                "none" => "none",
                "tanh" => "tanh",
                other => return Err(OpError::new(format!("its approximate “{other}” is not supported"))),
            },
        },
        "HardSigmoid" => {
            Unary::HardSigmoid { alpha: attributes.float_or("alpha", 0.2)?, beta: attributes.float_or("beta", 0.5)? }
        }
        "HardSwish" => Unary::HardSwish,
        "LeakyRelu" => Unary::LeakyRelu { slope: attributes.float_or("alpha", 0.01)? },
        "Log" => Unary::Log,
        "Mish" => Unary::Mish,
        "Neg" => Unary::Neg,
        "Not" => Unary::Not,
        "Reciprocal" => Unary::Reciprocal,
        "Relu" => Unary::Relu,
        "Round" => Unary::Round,
        "Selu" => {
            Unary::Selu { alpha: attributes.float_or("alpha", SELU[0])?, gamma: attributes.float_or("gamma", SELU[1])? }
        }
        "Sigmoid" => Unary::Sigmoid,
        "Sign" => Unary::Sign,
        "Softplus" => Unary::Softplus,
        "Softsign" => Unary::Softsign,
        "Sqrt" => Unary::Sqrt,
        "Tanh" => Unary::Tanh,
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

impl Unary {
    /// Whether it takes values of this kind.
    fn takes(&self, kind: Kind) -> bool {
        match self {
            Self::Cast(_) => true,
            Self::Not => kind == Kind::Bool,
            Self::Abs | Self::Neg | Self::Relu | Self::Sign => kind != Kind::Bool,
            _ => kind == Kind::Float,
        }
    }
}

impl Operator for Unary {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        inputs.allow(&x.size(), 1)?;
        if !self.takes(x.kind()) {
            let wanted = if matches!(self, Self::Not) { "truth values" } else { "floats" };
            return Err(OpError::new(format!("{} and holds no {wanted}", inputs.describe(0))));
        }
        Ok(match self {
            Self::Abs => x.f_abs()?,
            // Integers stay on the processor, where shapes are worked out.
            Self::Cast(Kind::Float) => x.f_to_kind(Kind::Float)?,
            Self::Cast(kind) => x.f_to_kind(*kind)?.f_to_device(Device::Cpu)?,
            Self::Ceil => x.f_ceil()?,
            Self::Elu { alpha } => {
                let below = x.f_clamp_max(0.0)?.f_expm1()?.f_mul_scalar(*alpha)?;
                x.f_clamp_min(0.0)?.f_add(&below)?
            }
            Self::Erf => x.f_erf()?,
            Self::Exp => x.f_exp()?,
            Self::Floor => x.f_floor()?,
            Self::Gelu { approximate } => x.f_gelu(approximate)?,
            Self::HardSigmoid { alpha, beta } => x.f_mul_scalar(*alpha)?.f_add_scalar(*beta)?.f_clamp(0.0, 1.0)?,
            Self::HardSwish => x.f_hardswish()?,
            Self::LeakyRelu { slope } => {
                x.f_prelu(&Tensor::f_from_slice(&[*slope as f32])?.f_to_device(x.device())?)?
            }
            Self::Log => x.f_log()?,
            Self::Mish => x.f_mish()?,
            Self::Neg => x.f_neg()?,
            Self::Not => x.f_logical_not()?,
            Self::Reciprocal => x.f_reciprocal()?,
            Self::Relu => x.f_relu()?,
            Self::Round => x.f_round()?,
            Self::Selu { alpha, gamma } => {
                let below = x.f_clamp_max(0.0)?.f_expm1()?.f_mul_scalar(*alpha)?;
                x.f_clamp_min(0.0)?.f_add(&below)?.f_mul_scalar(*gamma)?
            }
            Self::Sigmoid => x.f_sigmoid()?,
            Self::Sign => x.f_sign()?,
            Self::Softplus => x.f_softplus()?,
            Self::Softsign => x.f_div(&x.f_abs()?.f_add_scalar(1.0)?)?,
            Self::Sqrt => x.f_sqrt()?,
            Self::Tanh => x.f_tanh()?,
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
