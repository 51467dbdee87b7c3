use tch::Tensor;

use super::{Inputs, Made, OpError, Operator, Spec, axes_of};

/// Where on the input a place of the output lies.
#[derive(Clone, Copy, PartialEq)]
enum Coordinates {
    HalfPixel,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
}

/// Which neighbour is taken.
#[derive(Clone, Copy)]
enum Rounding {
    PreferFloor,
    PreferCeil,
    Floor,
    Ceil,
}

#[derive(Clone, Copy)]
enum Mode {
    Nearest(Rounding),
    /// Between the two neighbours on each axis.
    Linear,
}

/// Each axis is resized by itself: places are worked out here and picked by the library.
struct Resize {
    mode: Mode,
    coordinates: Coordinates,
    /// The axes that scales and sizes are for; all where left out.
    axes: Option<Vec<i64>>,
    /// Of the oldest files.
    scales: Option<Vec<f32>>,
    /// Place of the scales among the inputs.
    scales_at: usize,
}

pub(super) fn build(spec: &Spec<'_>) -> Made {
    let attributes = &spec.attributes;
    let old = spec.op_type == "Upsample" || spec.opset < 11;
    let refused = |what: &str, found: &str| Err(OpError::new(format!("its {what} “{found}” is not supported")));
    let coordinates = match attributes.text_or("coordinate_transformation_mode", "half_pixel")?.as_str() {
        _ if old => Coordinates::Asymmetric,
        "half_pixel" => Coordinates::HalfPixel,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        other => return refused("coordinate_transformation_mode", other),
    };
    let rounding = match attributes.text_or("nearest_mode", "round_prefer_floor")?.as_str() {
        _ if old => Rounding::Floor,
        "round_prefer_floor" => Rounding::PreferFloor,
        "round_prefer_ceil" => Rounding::PreferCeil,
        "floor" => Rounding::Floor,
        "ceil" => Rounding::Ceil,
        other => return refused("nearest_mode", other),
    };
    let mode = match attributes.text_or("mode", "nearest")?.as_str() {
        "nearest" => Mode::Nearest(rounding),
        "linear" | "bilinear" => Mode::Linear,
        other => return refused("mode", other),
    };
    let policy = attributes.text_or("keep_aspect_ratio_policy", "stretch")?;
    if policy != "stretch" {
        return refused("keep_aspect_ratio_policy", &policy);
    }
    if attributes.flag("antialias")? {
        return refused("antialias", "1");
    }
    attributes.ignore(&["cubic_coeff_a", "exclude_outside", "extrapolation_value"]); // of modes that are refused
    Ok(Box::new(Resize {
        mode,
        coordinates,
        axes: attributes.ints("axes")?,
        scales: attributes.floats("scales")?,
        scales_at: if old { 1 } else { 2 },
    }))
}

impl Operator for Resize {
    fn run(&self, inputs: &Inputs<'_>) -> Result<Tensor, OpError> {
        let x = inputs.tensor(0)?;
        let shape = x.size();
        if !x.is_floating_point() {
            return Err(OpError::new(format!("{} and holds no floats", inputs.describe(0))));
        }
        let mut resized = x.shallow_clone();
        for (axis, scale, length) in self.targets(inputs, &shape)? {
            if length == shape[axis] && scale == 1.0 {
                continue;
            }
            let mut output = resized.size();
            output[axis] = length;
            inputs.allow(&output, 2)?;
            resized = self.along(&resized, axis, scale, length)?;
        }
        Ok(resized)
    }
}

impl Resize {
    /// For each axis its scale and its new length.
    fn targets(&self, inputs: &Inputs<'_>, shape: &[i64]) -> Result<Vec<(usize, f64, i64)>, OpError> {
        let axes = match &self.axes {
            Some(axes) => {
                let sorted = axes_of(axes, shape.len())?;
                if axes.iter().map(|a| a.rem_euclid(shape.len() as i64) as usize).ne(sorted.iter().copied()) {
                    return Err(OpError::new("its axes are not in order, which is not supported"));
                }
                sorted
            }
            None => (0..shape.len()).collect(),
        };
        let not_empty = |list: Option<Vec<f32>>| list.filter(|list| !list.is_empty());
        if let Some(scales) = not_empty(inputs.floats(self.scales_at)?).or_else(|| self.scales.clone()) {
            if scales.len() != axes.len() || !scales.iter().all(|s| (1e-3..=1e3).contains(s)) {
                return Err(OpError::new(format!("its scales {scales:?} do not fit {} axes", axes.len())));
            }
            let target = |(&axis, &scale): (&usize, &f32)| {
                (axis, f64::from(scale), (shape[axis] as f64 * f64::from(scale)).floor() as i64)
            };
            return check(axes.iter().zip(&scales).map(target).collect(), shape);
        }
        let sizes = inputs.ints(3)?.ok_or_else(|| OpError::new("it has neither scales nor sizes"))?;
        if sizes.len() != axes.len() || !sizes.iter().all(|s| (1..=1 << 20).contains(s)) {
            return Err(OpError::new(format!("its sizes {sizes:?} do not fit {} axes", axes.len())));
        }
        let target = |(&axis, &size): (&usize, &i64)| (axis, size as f64 / shape[axis] as f64, size);
        check(axes.iter().zip(&sizes).map(target).collect(), shape)
    }

    fn along(&self, x: &Tensor, axis: usize, scale: f64, length: i64) -> Result<Tensor, OpError> {
        let input = x.size()[axis];
        let last = input - 1;
        let source = |i: i64| {
            let middle = (i as f64 + 0.5) / scale - 0.5;
            match self.coordinates {
                Coordinates::HalfPixel => middle,
                Coordinates::PytorchHalfPixel => {
                    if length > 1 {
                        middle
                    } else {
                        0.0
                    }
                }
                Coordinates::AlignCorners if length > 1 => i as f64 * last as f64 / (length - 1) as f64,
                Coordinates::AlignCorners => 0.0,
                Coordinates::Asymmetric => i as f64 / scale,
            }
        };
        let pick = |places: Vec<i64>| -> Result<Tensor, OpError> {
            Ok(x.f_index_select(axis as i64, &Tensor::f_from_slice(&places)?.f_to_device(x.device())?)?)
        };
        let places = (0..length).map(source);
        match self.mode {
            Mode::Nearest(rounding) => {
                let nearest = |at: f64| match rounding {
                    Rounding::PreferFloor => (at - 0.5).ceil(),
                    Rounding::PreferCeil => (at + 0.5).floor(),
                    Rounding::Floor => at.floor(),
                    Rounding::Ceil => at.ceil(),
                };
                pick(places.map(|at| (nearest(at) as i64).clamp(0, last)).collect())
            }
            Mode::Linear => {
                let places: Vec<f64> = places.map(|at| at.clamp(0.0, last as f64)).collect();
                let before = pick(places.iter().map(|at| at.floor() as i64).collect())?;
                let behind = pick(places.iter().map(|at| (at.floor() as i64 + 1).min(last)).collect())?;
                let share: Vec<f32> = places.iter().map(|at| (at - at.floor()) as f32).collect();
                let mut along = vec![1; x.size().len()];
                along[axis] = length;
                let share = Tensor::f_from_slice(&share)?.f_reshape(&along)?.f_to_device(x.device())?;
                Ok(before.f_add(&behind.f_sub(&before)?.f_mul(&share)?)?)
            }
        }
    }
}

fn check(targets: Vec<(usize, f64, i64)>, shape: &[i64]) -> Result<Vec<(usize, f64, i64)>, OpError> {
    if targets.iter().any(|&(axis, _, length)| length < 1 || shape[axis] < 1) {
        return Err(OpError::new(format!("nothing would be left of {shape:?}")));
    }
    Ok(targets)
}
