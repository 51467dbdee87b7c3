use tch::{Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec};

/// Mean 0 and variance 1 over the places of each plane, or of some planes together. Inputs: x, scale, shift.
struct PlanesNorm {
    epsilon: f64,
    groups: Groups,
}

enum Groups {
    /// Each plane by itself.
    Planes,
    Stated {
        count: i64,
        /// Scale and shift are one for each group instead of each plane, as opset 18 says and 21 no longer.
        scales_groups: bool,
    },
}

pub(super) fn instance(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["consumed_inputs"]);
    Ok(Box::new(PlanesNorm { epsilon: spec.attributes.float_or("epsilon", 1e-5)?, groups: Groups::Planes }))
}

pub(super) fn group(spec: &Spec<'_>) -> Made {
    spec.attributes.ignore(&["stash_type"]);
    let count = spec.attributes.int("num_groups")?.ok_or_else(|| OpError::new("its num_groups is missing"))?;
    let groups = Groups::Stated { count, scales_groups: spec.opset < 21 };
    Ok(Box::new(PlanesNorm { epsilon: spec.attributes.float_or("epsilon", 1e-5)?, groups }))
}

impl Operator for PlanesNorm {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        inputs.allow(&shape, 1)?;
        let &[n, planes, ..] = &shape[..] else {
            return Err(OpError::new(format!("{}, expected N×C and more", inputs.describe(0))));
        };
        let (groups, scaled) = match self.groups {
            Groups::Planes => (planes, planes),
            Groups::Stated { count, scales_groups } => (count, if scales_groups { count } else { planes }),
        };
        if groups < 1 || planes % groups != 0 || x.kind() != Kind::Float || x.numel() == 0 {
            return Err(OpError::new(format!("{}, which cannot be normed in {groups} groups", inputs.describe(0))));
        }
        let mut along = vec![1; shape.len()];
        along[1] = planes;
        let part = |i: usize| {
            let part = inputs.tensor(i)?;
            if part.size() != [scaled] || part.kind() != Kind::Float {
                return Err(OpError::new(format!("{}, expected [{scaled}]", inputs.describe(i))));
            }
            let each_plane = part.f_repeat_interleave_self_int(planes / scaled, 0, planes)?;
            Ok::<_, OpError>(each_plane.f_reshape(&along)?)
        };
        let rows = x.f_reshape([n, groups, -1])?;
        let mean = rows.f_mean_dim([2].as_slice(), true, Kind::Float)?;
        let centred = rows.f_sub(&mean)?;
        let variance = centred.f_square()?.f_mean_dim([2].as_slice(), true, Kind::Float)?;
        let normed = centred.f_div(&variance.f_add_scalar(self.epsilon)?.f_sqrt()?)?.f_reshape(&shape)?;
        Ok(normed.f_mul(&part(1)?)?.f_add(&part(2)?)?)
    }
}
