use tch::{Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec, axes_of};

pub(super) enum What {
    L1,
    L2,
    Max,
    Mean,
    Min,
    Prod,
    Sum,
    SumSquare,
}

/// One number along axes, from the attribute of old files or the second input of new ones.
struct Reduce {
    what: What,
    axes: Option<Vec<i64>>,
    keep: bool,
    /// What no axes stand for: none instead of all.
    none_is_none: bool,
}

pub(super) fn build(spec: &Spec<'_>, what: What) -> Made {
    let attributes = &spec.attributes;
    Ok(Box::new(Reduce {
        what,
        axes: attributes.ints("axes")?,
        keep: attributes.int_or("keepdims", 1)? != 0,
        none_is_none: attributes.flag("noop_with_empty_axes")?,
    }))
}

impl Operator for Reduce {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let takes_integers = matches!(self.what, What::Max | What::Min | What::Prod | What::Sum);
        if x.kind() != Kind::Float && !(takes_integers && x.kind() == Kind::Int64) {
            let wanted = if takes_integers { "numbers" } else { "floats" };
            return Err(OpError::new(format!("{} and holds no {wanted}", inputs.describe(0))));
        }
        let stated = inputs.ints(1)?.or_else(|| self.axes.clone()).unwrap_or_default();
        let axes: Vec<i64> = match (stated.is_empty(), self.none_is_none) {
            (true, true) => Vec::new(),
            (true, false) => (0..shape.len() as i64).collect(),
            (false, _) => axes_of(&stated, shape.len())?.into_iter().map(|axis| axis as i64).collect(),
        };
        if axes.is_empty() {
            // Each number by itself, or one that has no axes.
            return match self.what {
                What::L1 | What::L2 => Ok(x.f_abs()?),
                What::SumSquare => Ok(x.f_square()?),
                _ => Ok(x.shallow_clone()),
            };
        }
        if matches!(self.what, What::Max | What::Min) && axes.iter().any(|&axis| shape[axis as usize] == 0) {
            return Err(OpError::new(format!("{}, of nothing there is no largest or smallest", inputs.describe(0))));
        }
        self.along(x, &axes)
    }
}

impl Reduce {
    fn along(&self, x: &Tensor, axes: &[i64]) -> Result<Tensor, OpError> {
        let (keep, kind) = (self.keep, x.kind());
        Ok(match self.what {
            What::L1 => x.f_abs()?.f_sum_dim_intlist(axes, keep, kind)?,
            What::L2 => x.f_norm_scalaropt_dim(2.0, axes, keep)?,
            What::Max => x.f_amax(axes, keep)?,
            What::Mean => x.f_mean_dim(axes, keep, kind)?,
            What::Min => x.f_amin(axes, keep)?,
            What::Sum => x.f_sum_dim_intlist(axes, keep, kind)?,
            What::SumSquare => x.f_square()?.f_sum_dim_intlist(axes, keep, kind)?,
            What::Prod => {
                // The library takes one axis at a time; from the last on, those before keep their places.
                let mut product = x.shallow_clone();
                for &axis in axes.iter().rev() {
                    product = product.f_prod_dim_int(axis, keep, kind)?;
                }
                product
            }
        })
    }
}
