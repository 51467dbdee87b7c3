//! What can be worked out once, when a file is read.

use std::collections::HashMap;

use tch::{Kind, Tensor};

use super::OnnxError;
use super::plan::ValueId;

/// Weights and bias of a convolution together with the norm behind it: y = scale·(x − mean)/√(variance + ε) + shift.
///
/// `norm` are scale, shift, mean and variance. `None` where the shapes do not fit; running the two says why.
pub(super) fn folded_norm(
    weight: &Tensor,
    bias: Option<&Tensor>,
    norm: [&Tensor; 4],
    epsilon: f64,
) -> Result<Option<(Tensor, Tensor)>, OnnxError> {
    let Some(&planes) = weight.size().first() else { return Ok(None) };
    if norm.iter().copied().chain(bias).any(|t| t.size() != [planes] || t.kind() != Kind::Float) {
        return Ok(None);
    }
    let double = |tensor: &Tensor| tensor.f_to_kind(Kind::Double);
    let [scale, shift, mean, variance] = norm;
    let scale = double(scale)?.f_div(&double(variance)?.f_add_scalar(epsilon)?.f_sqrt()?)?;
    let before = match bias {
        Some(bias) => double(bias)?.f_sub(&double(mean)?)?,
        None => double(mean)?.f_neg()?,
    };
    let bias = before.f_mul(&scale)?.f_add(&double(shift)?)?;
    let mut along = vec![1; weight.size().len()];
    along[0] = planes;
    let weight = double(weight)?.f_mul(&scale.f_reshape(&along)?)?;
    Ok(Some((weight.f_to_kind(Kind::Float)?, bias.f_to_kind(Kind::Float)?)))
}

/// The same weights with their channels next to each other in memory, as the pixels of crops are.
pub(super) fn channels_last(weight: &Tensor) -> Result<Tensor, OnnxError> {
    Ok(weight.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])?)
}

/// How often each value is used.
pub(super) fn use_counts<'a>(inputs: impl Iterator<Item = &'a [Option<ValueId>]>) -> HashMap<ValueId, usize> {
    let mut counts = HashMap::new();
    for id in inputs.flatten().flatten() {
        *counts.entry(*id).or_default() += 1;
    }
    counts
}
