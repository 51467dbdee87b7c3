use tch::{Device, Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec, axes_of, axis_of, on_one_device};

/// Joins its inputs along an axis.
struct Concat {
    axis: i64,
}

pub(super) fn concat(spec: &Spec<'_>) -> Made {
    let axis = spec.attributes.int("axis")?.ok_or_else(|| OpError::new("its axis is missing"))?;
    Ok(Box::new(Concat { axis }))
}

impl Operator for Concat {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let tensors = (0..inputs.tensors.len()).map(|i| inputs.tensor(i)).collect::<Result<Vec<_>, _>>()?;
        let first = tensors.first().ok_or_else(|| OpError::new("it has no inputs"))?.size();
        let axis = axis_of(self.axis, first.len())?;
        let mut shape = first.clone();
        shape[axis] = 0;
        for (i, tensor) in tensors.iter().enumerate() {
            let mut other = tensor.size();
            let length = other.get(axis).copied().unwrap_or_default();
            if let Some(side) = other.get_mut(axis) {
                *side = first[axis];
            }
            if other != first || tensor.kind() != tensors[0].kind() {
                let (here, before) = (inputs.describe(i), inputs.describe(0));
                return Err(OpError::new(format!("{here}, {before}: these cannot be joined")));
            }
            shape[axis] += length;
        }
        inputs.allow(&shape, 1)?;
        Ok(Tensor::f_cat(&on_one_device(&tensors)?, axis as i64)?)
    }
}

/// Picks places along an axis.
struct Gather {
    axis: i64,
}

pub(super) fn gather(spec: &Spec<'_>) -> Made {
    Ok(Box::new(Gather { axis: spec.attributes.int_or("axis", 0)? }))
}

impl Operator for Gather {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let (x, places) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let mut shape = x.size();
        let axis = axis_of(self.axis, shape.len())?;
        if places.kind() != Kind::Int64 {
            return Err(OpError::new(format!("{} and holds no integers", inputs.describe(1))));
        }
        let length = shape[axis];
        shape.splice(axis..=axis, places.size());
        inputs.allow(&shape, 1)?;
        let mut picked: Vec<i64> = Vec::try_from(&places.f_to_device(Device::Cpu)?.f_reshape([-1])?)?;
        for place in &mut picked {
            *place = if *place < 0 { place.saturating_add(length) } else { *place };
            if !(0..length).contains(place) {
                return Err(OpError::new(format!("{}, it has no place {place}", inputs.describe(0))));
            }
        }
        let picked = Tensor::f_from_slice(&picked)?.f_to_device(x.device())?;
        Ok(x.f_index_select(axis as i64, &picked)?.f_reshape(&shape)?)
    }
}

/// A part of each axis, perhaps backwards. Before opset 10 all is stated by attributes.
struct Slice {
    starts: Option<Vec<i64>>,
    ends: Option<Vec<i64>>,
    axes: Option<Vec<i64>>,
}

pub(super) fn slice(spec: &Spec<'_>) -> Made {
    let ints = |name: &str| spec.attributes.ints(name);
    Ok(Box::new(Slice { starts: ints("starts")?, ends: ints("ends")?, axes: ints("axes")? }))
}

impl Operator for Slice {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let rank = x.size().len();
        let missing = || OpError::new("its starts or ends are missing");
        let starts = inputs.ints(1)?.or_else(|| self.starts.clone()).ok_or_else(missing)?;
        let ends = inputs.ints(2)?.or_else(|| self.ends.clone()).ok_or_else(missing)?;
        let axes = inputs.ints(3)?.or_else(|| self.axes.clone()).unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = inputs.ints(4)?.unwrap_or_else(|| vec![1; starts.len()]);
        if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
            return Err(OpError::new("its starts, ends, axes and steps are not of one length"));
        }
        axes_of(&axes, rank)?;
        let mut part = x.shallow_clone();
        for i in 0..starts.len() {
            part = along(&part, axis_of(axes[i], rank)?, starts[i], ends[i], steps[i])?;
        }
        Ok(part)
    }
}

fn along(x: &Tensor, axis: usize, start: i64, end: i64, step: i64) -> Result<Tensor, OpError> {
    let length = x.size()[axis];
    let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let (start, end) = (from_end(start), from_end(end));
    if step > 0 {
        let (start, end) = (start.clamp(0, length), end.clamp(0, length));
        return Ok(x.f_slice(axis as i64, start, end.max(start), step.min(i64::from(i32::MAX)))?);
    }
    if step == 0 {
        return Err(OpError::new("a step is zero"));
    }
    let (start, end) = (start.clamp(-1, length - 1), end.clamp(-1, length - 1));
    let stride = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    let places: Vec<i64> = (end + 1..=start).rev().step_by(stride).collect();
    Ok(x.f_index_select(axis as i64, &Tensor::f_from_slice(&places)?.f_to_device(x.device())?)?)
}

/// What lies around the input.
enum Around {
    Constant,
    Edge,
    Reflect,
}

struct Pad {
    around: Around,
    /// Of files before opset 11: the first sides of all axes, then the last ones.
    pads: Option<Vec<i64>>,
    value: f64,
}

pub(super) fn pad(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    let around = match attributes.text_or("mode", "constant")?.as_str() {
        "constant" => Around::Constant,
        "edge" => Around::Edge,
        "reflect" => Around::Reflect,
        other => return Err(OpError::new(format!("its mode “{other}” is not supported"))),
    };
    Ok(Box::new(Pad { around, pads: attributes.ints("pads")?, value: attributes.float_or("value", 0.0)? }))
}

impl Operator for Pad {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        let rank = shape.len();
        let stated =
            inputs.ints(1)?.or_else(|| self.pads.clone()).ok_or_else(|| OpError::new("its pads are missing"))?;
        let axes = match inputs.ints(3)? {
            Some(axes) => axes.iter().map(|&axis| axis_of(axis, rank)).collect::<Result<Vec<_>, _>>()?,
            None => (0..rank).collect(),
        };
        if stated.len() != 2 * axes.len() {
            return Err(OpError::new(format!("its pads {stated:?} do not fit {} axes", axes.len())));
        }
        let mut sides = vec![[0; 2]; rank];
        for (i, &axis) in axes.iter().enumerate() {
            sides[axis] = [stated[i], stated[i + axes.len()]];
        }
        let grown = |(&length, [before, behind]): (&i64, &[i64; 2])| {
            length.checked_add(*before).and_then(|n| n.checked_add(*behind)).filter(|n| *n >= 0)
        };
        let output: Option<Vec<i64>> = shape.iter().zip(&sides).map(grown).collect();
        inputs.allow(&output.ok_or_else(|| OpError::new(format!("its pads {stated:?} are out of range")))?, 1)?;
        // The library takes the last axis first, and leading axes may be left out.
        let first = sides.iter().position(|side| *side != [0, 0]).unwrap_or(rank);
        let pads: Vec<i64> = sides[first..].iter().rev().flatten().copied().collect();
        if pads.is_empty() {
            return Ok(x.shallow_clone());
        }
        match self.around {
            Around::Constant => {
                let value = match inputs.optional(2) {
                    Some(value) if value.numel() == 1 => value.f_reshape([])?.f_double_value(&[])?,
                    Some(_) => return Err(OpError::new(format!("{}, expected a number", inputs.describe(2)))),
                    None => self.value,
                };
                Ok(x.f_pad(&pads, "constant", value)?)
            }
            Around::Edge | Around::Reflect => {
                if rank - first > 2 || !(3..=4).contains(&rank) {
                    return Err(OpError::new("this mode is supported for the last two axes only"));
                }
                let planes = [&pads[..], &vec![0; 4 - pads.len()]].concat();
                let mode = if matches!(self.around, Around::Edge) { "replicate" } else { "reflect" };
                Ok(x.f_pad(if rank == 4 { &planes } else { &pads }, mode, None)?)
            }
        }
    }
}
