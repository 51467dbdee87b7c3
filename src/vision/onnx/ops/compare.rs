use tch::{Kind, Tensor};

use super::{Inputs, OpError, Operator, broadcast_shape, on_one_device};

/// Two tensors of one kind in, stretched to each other's shape; truth values out.
pub(super) enum Compare {
    And,
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Or,
    Xor,
}

impl Operator for Compare {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
        inputs.allow(&stretched(inputs, &[0, 1])?, 1)?;
        let takes_truths = match self {
            Self::And | Self::Or | Self::Xor => Some(true),
            Self::Equal => None,
            _ => Some(false),
        };
        let is_truth = a.kind() == Kind::Bool;
        if a.kind() != b.kind() || takes_truths.is_some_and(|takes| takes != is_truth) {
            return Err(OpError::new(format!("it cannot compare {:?} with {:?}", a.kind(), b.kind())));
        }
        let tensors = on_one_device(&[a, b])?;
        let (a, b) = (&tensors[0], &tensors[1]);
        Ok(match self {
            Self::And => a.f_logical_and(b)?,
            Self::Equal => a.f_eq_tensor(b)?,
            Self::Greater => a.f_gt_tensor(b)?,
            Self::GreaterOrEqual => a.f_ge_tensor(b)?,
            Self::Less => a.f_lt_tensor(b)?,
            Self::LessOrEqual => a.f_le_tensor(b)?,
            Self::Or => a.f_logical_or(b)?,
            Self::Xor => a.f_logical_xor(b)?,
        })
    }
}

/// The second input where the first is true, the third elsewhere.
pub(super) struct Where;

impl Operator for Where {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let [truth, a, b] = [inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?];
        inputs.allow(&stretched(inputs, &[0, 1, 2])?, 1)?;
        if truth.kind() != Kind::Bool || a.kind() != b.kind() {
            let (asked, kinds) = (inputs.describe(0), [truth.kind(), a.kind(), b.kind()]);
            return Err(OpError::new(format!("{asked}; it takes truth values and two tensors alike, not {kinds:?}")));
        }
        let tensors = on_one_device(&[truth, a, b])?;
        Ok(tensors[1].f_where_self(&tensors[0], &tensors[2])?)
    }
}

/// The largest, the smallest, the sum or the mean of any number of tensors, stretched to each other's shape.
pub(super) enum Among {
    Max,
    Mean,
    Min,
    Sum,
}

impl Operator for Among {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let count = inputs.tensors.len();
        let tensors = (0..count).map(|i| inputs.tensor(i)).collect::<Result<Vec<_>, _>>()?;
        let first = *tensors.first().ok_or_else(|| OpError::new("it has no inputs"))?;
        let places: Vec<usize> = (0..count).collect();
        inputs.allow(&stretched(inputs, &places)?, count as i64)?;
        let takes_integers = matches!(self, Self::Max | Self::Min);
        let fits = |kind: Kind| kind == Kind::Float || (takes_integers && kind == Kind::Int64);
        if !fits(first.kind()) || tensors.iter().any(|tensor| tensor.kind() != first.kind()) {
            let kinds: Vec<Kind> = tensors.iter().map(|tensor| tensor.kind()).collect();
            return Err(OpError::new(format!("it cannot take {kinds:?} together")));
        }
        let mut tensors = on_one_device(&tensors)?.into_iter();
        let mut result = tensors.next().ok_or_else(|| OpError::new("it has no inputs"))?;
        for tensor in tensors {
            result = match self {
                Self::Max => result.f_maximum(&tensor)?,
                Self::Min => result.f_minimum(&tensor)?,
                Self::Mean | Self::Sum => result.f_add(&tensor)?,
            };
        }
        if matches!(self, Self::Mean) { Ok(result.f_div_scalar(count as f64)?) } else { Ok(result) }
    }
}

/// The shape that these inputs are stretched to.
fn stretched(inputs: &Inputs<'_>, places: &[usize]) -> Result<Vec<i64>, OpError> {
    let mut shape = Vec::new();
    for &i in places {
        shape = broadcast_shape(&shape, &inputs.tensor(i)?.size()).map_err(|_| {
            let all: Vec<String> = places.iter().map(|&i| inputs.describe(i)).collect();
            OpError::new(all.join(", "))
        })?;
    }
    Ok(shape)
}
