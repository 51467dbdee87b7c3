use tch::{Device, Tensor};

use super::{Form, Inputs, Made, OpError, Operator, Spec, axes_of, axis_of, broadcast_shape};

/// Two axes: all before `axis`, all from it on.
struct Flatten {
    axis: i64,
}

pub(super) fn flatten(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Flatten { axis: spec.attributes.int_or("axis", 1)? }))
}

impl Operator for Flatten {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        // The axis behind the last one is allowed here.
        let axis = axis_of(self.axis, shape.len() + usize::from(self.axis >= 0))?;
        let sides: [i64; 2] = [shape[..axis].iter().product(), shape[axis..].iter().product()];
        Ok(x.f_reshape(sides)?)
    }

    fn form(&self) -> Form {
        Form::Reshaped
    }
}

/// 0 keeps a side, −1 is what is left.
struct Reshape {
    /// Of the oldest files.
    shape: Option<Vec<i64>>,
    zero_is_zero: bool,
}

pub(super) fn reshape(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    Ok(Box::new(Reshape { shape: attributes.ints("shape")?, zero_is_zero: attributes.flag("allowzero")? }))
}

impl Operator for Reshape {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let from = x.size();
        let stated = inputs.ints(1)?.or_else(|| self.shape.clone());
        let mut to = stated.clone().ok_or_else(|| OpError::new("its shape is missing"))?;
        let misfit = || OpError::new(format!("{} and cannot become {:?}", inputs.describe(0), stated));
        for (i, side) in to.iter_mut().enumerate() {
            if *side == 0 && !self.zero_is_zero {
                *side = *from.get(i).ok_or_else(misfit)?;
            }
        }
        let known = to
            .iter()
            .filter(|&&side| side != -1)
            .try_fold(1i64, |n, &side| if side < 0 { None } else { n.checked_mul(side) });
        let (known, count) = (known.ok_or_else(misfit)?, x.numel() as i64);
        match to.iter().filter(|&&side| side == -1).count() {
            0 if known == count => {}
            1 if known > 0 && count % known == 0 => {
                for side in to.iter_mut().filter(|side| **side == -1) {
                    *side = count / known;
                }
            }
            _ => return Err(misfit()),
        }
        Ok(x.f_reshape(&to)?)
    }

    fn form(&self) -> Form {
        Form::Reshaped
    }
}

struct Transpose {
    order: Option<Vec<i64>>,
}

pub(super) fn transpose(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Transpose { order: spec.attributes.ints("perm")? }))
}

impl Operator for Transpose {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let rank = x.size().len();
        let order = self.order.clone().unwrap_or_else(|| (0..rank as i64).rev().collect());
        if axes_of(&order, rank)?.len() != rank {
            return Err(OpError::new(format!("{}, its axes cannot be put in the order {order:?}", inputs.describe(0))));
        }
        Ok(x.f_permute(&order)?)
    }
}

/// Axes from the attribute of old files or the second input of new ones.
struct Axes {
    axes: Option<Vec<i64>>,
}

impl Axes {
    fn from_spec(spec: &Spec<'_>) -> Result<Self, OpError> {
        Ok(Self { axes: spec.attributes.ints("axes")? })
    }

    fn stated(&self, inputs: &Inputs<'_>) -> Result<Option<Vec<i64>>, OpError> {
        Ok(inputs.ints(1)?.or_else(|| self.axes.clone()))
    }
}

/// Leaves out axes of length 1.
struct Squeeze(Axes);

pub(super) fn squeeze(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Squeeze(Axes::from_spec(spec)?)))
}

impl Operator for Squeeze {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let mut shape = x.size();
        let axes = match self.0.stated(inputs)? {
            Some(axes) => axes_of(&axes, shape.len())?,
            None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
        };
        for &axis in axes.iter().rev() {
            if shape.remove(axis) != 1 {
                return Err(OpError::new(format!("{}, its axis {axis} is not 1", inputs.describe(0))));
            }
        }
        Ok(x.f_reshape(&shape)?)
    }

    fn form(&self) -> Form {
        Form::Reshaped
    }
}

/// Puts in axes of length 1.
struct Unsqueeze(Axes);

pub(super) fn unsqueeze(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Unsqueeze(Axes::from_spec(spec)?)))
}

impl Operator for Unsqueeze {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let mut shape = x.size();
        let axes = self.0.stated(inputs)?.ok_or_else(|| OpError::new("its axes are missing"))?;
        for axis in axes_of(&axes, shape.len() + axes.len())? {
            shape.insert(axis, 1);
        }
        if shape.len() > 8 {
            return Err(OpError::new("its output would have more than 8 axes"));
        }
        Ok(x.f_reshape(&shape)?)
    }

    fn form(&self) -> Form {
        Form::Reshaped
    }
}

/// Stretches axes of length 1.
struct Expand;

pub(super) fn expand(_spec: &Spec<'_>) -> Made {
    Ok(Box::new(Expand))
}

impl Operator for Expand {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let to = inputs.ints(1)?.ok_or_else(|| OpError::new("its shape is missing"))?;
        if to.iter().any(|side| *side < 0) {
            return Err(OpError::new(format!("its shape {to:?} is impossible")));
        }
        let shape = broadcast_shape(&x.size(), &to)?;
        inputs.allow(&shape, 1)?;
        Ok(x.f_broadcast_to(&shape)?)
    }
}

/// The sides themselves, as integers.
struct Shape {
    start: i64,
    end: i64,
}

pub(super) fn shape(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    Ok(Box::new(Shape { start: attributes.int_or("start", 0)?, end: attributes.int_or("end", i64::MAX)? }))
}

impl Operator for Shape {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let shape = inputs.tensor(0)?.size();
        let rank = shape.len() as i64;
        let place = |at: i64| if at < 0 { at.saturating_add(rank) } else { at }.clamp(0, rank) as usize;
        let (start, end) = (place(self.start), place(self.end));
        let sides = shape.get(start..end).unwrap_or_default();
        Ok(Tensor::f_from_slice(sides)?.f_to_device(Device::Cpu)?)
    }

    fn form(&self) -> Form {
        Form::Shape
    }
}
