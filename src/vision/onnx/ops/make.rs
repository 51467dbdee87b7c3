//! Tensors made of sizes, and their parts.

use tch::{Kind, Tensor};

use super::{Inputs, Made, OpError, Operator, Spec, axis_of};
use crate::vision::onnx::tensor_data::MAX_ELEMENTS;
use crate::vision::shared_tensor::SharedTensor;

/// One number all over a shape.
struct ConstantOfShape {
    value: SharedTensor,
}

pub(super) fn constant_of_shape(spec: &Spec<'_>) -> Made {
    let value = match spec.attributes.tensor("value")? {
        None => Tensor::f_from_slice(&[0.0f32])?,
        Some(value) if value.numel() == 1 => value.f_reshape([1])?,
        Some(value) => return Err(OpError::new(format!("its value has the shape {:?}, expected [1]", value.size()))),
    };
    Ok(Box::new(ConstantOfShape { value: SharedTensor::new(value) }))
}

impl Operator for ConstantOfShape {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let shape = inputs.ints(0)?.ok_or_else(|| OpError::new("its shape is missing"))?;
        if shape.len() > 8 || shape.iter().any(|side| *side < 0) {
            return Err(OpError::new(format!("its shape {shape:?} is impossible")));
        }
        inputs.allow(&shape, 1)?;
        Ok(self.value.as_tensor().f_expand(&shape, false)?.f_contiguous()?)
    }
}

/// Numbers from a start on, by a step, before an end.
struct Range;

pub(super) fn range(_spec: &Spec<'_>) -> Made {
    Ok(Box::new(Range))
}

impl Operator for Range {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let parts = [inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?];
        let kind = parts[0].kind();
        if parts.iter().any(|part| part.numel() != 1 || part.kind() != kind) || kind == Kind::Bool {
            let words: Vec<String> = (0..3).map(|i| inputs.describe(i)).collect();
            return Err(OpError::new(format!("{}, expected three numbers of one kind", words.join(", "))));
        }
        let count = if kind == Kind::Int64 {
            let [start, end, step] = numbers(parts, |part| Ok(i128::from(part.f_int64_value(&[])?)))?;
            if step == 0 { None } else { Some(steps_between(start, end, step)) }
        } else {
            let [start, end, step] = numbers(parts, |part| Ok(part.f_double_value(&[])?))?;
            let count = ((end - start) / step).ceil();
            if step == 0.0 || count.is_nan() { None } else { Some(count.clamp(0.0, MAX_ELEMENTS as f64 + 1.0) as i64) }
        };
        let count = count.ok_or_else(|| OpError::new("its step is zero, or one of its numbers is none"))?;
        inputs.allow(&[count], 1)?;
        let [start, _, step] = parts.map(|part| part.f_reshape([1]));
        let places = Tensor::f_arange(count, (kind, parts[0].device()))?;
        Ok(places.f_mul(&step?)?.f_add(&start?)?)
    }
}

fn numbers<T>(parts: [&Tensor; 3], number: impl Fn(&Tensor) -> Result<T, OpError>) -> Result<[T; 3], OpError> {
    let read = |part: &Tensor| number(&part.f_reshape([])?);
    Ok([read(parts[0])?, read(parts[1])?, read(parts[2])?])
}

/// More than can be are [`MAX_ELEMENTS`] and one.
fn steps_between(start: i128, end: i128, step: i128) -> i64 {
    let distance = if step > 0 { end - start } else { start - end };
    let count = (distance.max(0) + step.abs() - 1) / step.abs();
    i64::try_from(count).unwrap_or(i64::MAX).min(MAX_ELEMENTS + 1)
}

/// The tensor again and again along each axis.
struct Tile;

pub(super) fn tile(_spec: &Spec<'_>) -> Made {
    Ok(Box::new(Tile))
}

impl Operator for Tile {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let times = inputs.ints(1)?.ok_or_else(|| OpError::new("its repeats are missing"))?;
        let shape = x.size();
        if times.len() != shape.len() || times.iter().any(|n| *n < 0) {
            return Err(OpError::new(format!("{}, its repeats are {times:?}", inputs.describe(0))));
        }
        let grown: Option<Vec<i64>> = shape.iter().zip(&times).map(|(side, n)| side.checked_mul(*n)).collect();
        inputs.allow(&grown.ok_or_else(|| OpError::new(format!("its repeats {times:?} are too many")))?, 1)?;
        Ok(x.f_repeat(&times)?)
    }
}

/// How many elements there are.
struct Size;

pub(super) fn size(_spec: &Spec<'_>) -> Made {
    Ok(Box::new(Size))
}

impl Operator for Size {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        Ok(Tensor::f_from_slice(&[inputs.tensor(0)?.numel() as i64])?.f_reshape([0i64; 0])?)
    }
}

/// Parts that an axis is cut into, at most: each knows the lengths of all.
const MAX_PARTS: usize = 64;

/// One of the parts that an axis is cut into.
struct SplitPart {
    axis: i64,
    /// Lengths of all parts, of old files.
    lengths: Option<Vec<i64>>,
    part: usize,
    count: usize,
    /// Parts are alike but for a shorter last one.
    uneven: bool,
}

/// Part `part` of `count`.
pub(super) fn split(spec: &Spec<'_>, part: usize, count: usize) -> Made {
    if count > MAX_PARTS {
        return Err(OpError::new(format!("it has {count} outputs, at most {MAX_PARTS} are supported")));
    }
    let attributes = &spec.attributes;
    let stated = attributes.int("num_outputs")?;
    if stated.is_some_and(|stated| stated != count as i64) {
        return Err(OpError::new(format!("it has {count} outputs, its num_outputs says otherwise")));
    }
    Ok(Box::new(SplitPart {
        axis: attributes.int_or("axis", 0)?,
        lengths: attributes.ints("split")?,
        part,
        count,
        uneven: stated.is_some(),
    }))
}

impl Operator for SplitPart {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        let axis = axis_of(self.axis, shape.len())?;
        let side = shape[axis];
        let misfit = |lengths: &[i64]| {
            let (x, count) = (inputs.describe(0), self.count);
            OpError::new(format!("{x}, its axis {axis} cannot be cut into {count} parts {lengths:?}"))
        };
        let lengths = match inputs.ints(1)?.or_else(|| self.lengths.clone()) {
            Some(lengths) => lengths,
            None => equal_parts(side, self.count as i64, self.uneven).ok_or_else(|| misfit(&[]))?,
        };
        let sum = lengths.iter().try_fold(0i64, |sum, n| if *n < 0 { None } else { sum.checked_add(*n) });
        if lengths.len() != self.count || sum != Some(side) {
            return Err(misfit(&lengths));
        }
        let begin: i64 = lengths[..self.part].iter().sum();
        Ok(x.f_narrow(axis as i64, begin, lengths[self.part])?)
    }
}

/// `None` where they would not be equal and are to be.
fn equal_parts(side: i64, count: i64, uneven: bool) -> Option<Vec<i64>> {
    let each = if uneven { (side + count - 1) / count } else { side / count };
    if !uneven && side % count != 0 {
        return None;
    }
    Some((0..count).map(|i| (side - i * each).clamp(0, each)).collect())
}

/// Planes out of pixels or pixels out of planes, in squares of a side.
struct Blocks {
    side: i64,
    /// Into pixels.
    spreads: bool,
    /// The planes that make one plane stand together.
    by_planes: bool,
}

pub(super) fn blocks(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    let side = attributes.int("blocksize")?.ok_or_else(|| OpError::new("its blocksize is missing"))?;
    if !(1..=1 << 12).contains(&side) {
        return Err(OpError::new(format!("its blocksize {side} is out of range")));
    }
    let spreads = spec.op_type == "DepthToSpace";
    let by_planes = match attributes.text_or("mode", "DCR")?.as_str() {
        "DCR" => false,
        "CRD" if spreads => true,
        other => return Err(OpError::new(format!("its mode “{other}” is not supported"))),
    };
    Ok(Box::new(Blocks { side, spreads, by_planes }))
}

impl Operator for Blocks {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let b = self.side;
        let misfit = || OpError::new(format!("{}, which has no blocks of {b}×{b}", inputs.describe(0)));
        let [n, c, height, width] = <[i64; 4]>::try_from(x.size()).map_err(|_| misfit())?;
        inputs.allow(&[n, c, height, width], 1)?;
        if !self.spreads {
            if height % b != 0 || width % b != 0 {
                return Err(misfit());
            }
            let (h, w) = (height / b, width / b);
            let cut = x.f_reshape([n, c, h, b, w, b])?.f_permute([0, 3, 5, 1, 2, 4])?;
            return Ok(cut.f_reshape([n, c * b * b, h, w])?);
        }
        if c % (b * b) != 0 {
            return Err(misfit());
        }
        let planes = c / (b * b);
        let spread = if self.by_planes {
            x.f_reshape([n, planes, b, b, height, width])?.f_permute([0, 1, 4, 2, 5, 3])?
        } else {
            x.f_reshape([n, b, b, planes, height, width])?.f_permute([0, 3, 4, 1, 5, 2])?
        };
        Ok(spread.f_reshape([n, planes, height * b, width * b])?)
    }
}
