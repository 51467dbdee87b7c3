use tch::{Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec, axes_of};

#[derive(Clone, Copy)]
enum What {
    Mean,
    Sum,
    L2,
}

/// Mean, sum or length along axes, from the attribute of old files or the second input of new ones.
struct Reduce {
    what: What,
    axes: Option<Vec<i64>>,
    keep: bool,
    /// What no axes stand for: none instead of all.
    none_is_none: bool,
}

pub(super) fn build(spec: &Spec<'_>) -> Made {
    let what = match spec.op_type {
        "ReduceMean" => What::Mean,
        "ReduceSum" => What::Sum,
        _ => What::L2,
    };
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
        if !x.is_floating_point() {
            return Err(OpError::new(format!("{} and holds no floats", inputs.describe(0))));
        }
        let stated = inputs.ints(1)?.or_else(|| self.axes.clone()).unwrap_or_default();
        let axes = if stated.is_empty() {
            if self.none_is_none {
                return Ok(x.shallow_clone());
            }
            (0..shape.len()).collect()
        } else {
            axes_of(&stated, shape.len())?
        };
        let axes: Vec<i64> = axes.into_iter().map(|axis| axis as i64).collect();
        Ok(match self.what {
            What::Mean => x.f_mean_dim(axes.as_slice(), self.keep, Kind::Float)?,
            What::Sum => x.f_sum_dim_intlist(axes.as_slice(), self.keep, Kind::Float)?,
            What::L2 => x.f_norm_scalaropt_dim(2.0, axes.as_slice(), self.keep)?,
        })
    }
}
