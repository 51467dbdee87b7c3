use std::collections::HashMap;

use tch::{Kind, TchError, Tensor};

use crate::vision::onnx::ops::{ConvForm, Form};
use crate::vision::onnx::plan::{Plan, Step, ValueId};
use crate::vision::shared_tensor::SharedTensor;

/// Goes through a plan layer by layer from its input on. Whatever is not as asked for is `None`.
pub(super) struct Walk<'a> {
    plan: &'a Plan,
    users: HashMap<ValueId, Vec<&'a Step>>,
    /// What the layers so far give.
    pub at: ValueId,
    /// The value that goes around the next layers and is added again behind them.
    around: Option<ValueId>,
}

/// A convolution as it stands in the graph; a norm behind it is folded into it.
pub(super) struct ConvLayer<'a> {
    pub weight: &'a Tensor,
    pub bias: Option<&'a Tensor>,
}

/// One number of each for each plane.
pub(super) struct NormLayer<'a> {
    pub scale: &'a Tensor,
    pub shift: &'a Tensor,
    pub mean: &'a Tensor,
    pub variance: &'a Tensor,
    pub epsilon: f64,
}

impl NormLayer<'_> {
    /// y = scale·x + shift, in double precision.
    pub(super) fn scale_and_shift(&self) -> Result<[Tensor; 2], TchError> {
        let double = |tensor: &Tensor| tensor.f_to_kind(Kind::Double);
        let scale = double(self.scale)?.f_div(&double(self.variance)?.f_add_scalar(self.epsilon)?.f_sqrt()?)?;
        let shift = double(self.shift)?.f_sub(&double(self.mean)?.f_mul(&scale)?)?;
        Ok([scale, shift])
    }
}

/// A convolution with square kernel that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WantedConv {
    pub inputs: i64,
    /// `None` where any number will do.
    pub outputs: Option<i64>,
    pub kernel: i64,
    pub stride: i64,
    /// Top, left, bottom, right.
    pub pads: [i64; 4],
    pub groups: i64,
}

impl WantedConv {
    /// Padded to keep the size.
    pub(super) fn new(inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Self {
        Self { inputs, outputs: Some(outputs), kernel, stride, pads: [kernel / 2; 4], groups: 1 }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut users: HashMap<ValueId, Vec<&'a Step>> = HashMap::new();
        for step in &plan.steps {
            let mut inputs: Vec<ValueId> = step.inputs.iter().flatten().copied().collect();
            inputs.dedup();
            for id in inputs {
                users.entry(id).or_default().push(step);
            }
        }
        Self { plan, users, at: plan.input, around: None }
    }

    /// What uses the value here, steps that change nothing passed over; none of it where it is the output as well.
    fn users_here(&mut self) -> &[&'a Step] {
        loop {
            let users = self.users.get(&self.at).map_or(&[][..], Vec::as_slice);
            let &[only] = users else { break };
            if only.operator.form() != Form::Same {
                break;
            }
            self.at = only.output;
        }
        if self.at == self.plan.output {
            return &[];
        }
        self.users.get(&self.at).map_or(&[], Vec::as_slice)
    }

    fn only_user(&mut self) -> Option<&'a Step> {
        let users = self.users_here().to_vec();
        match users[..] {
            [step] => Some(step),
            // The other one is the sum.
            [a, b] if self.around == Some(self.at) => Some(if a.operator.form() == Form::Add { b } else { a }),
            _ => None,
        }
    }

    /// The value here, which the next layer and a later sum use.
    pub(super) fn begin_shortcut(&mut self) -> Option<ValueId> {
        let sums = self.two_users()?.iter().filter(|step| step.operator.form() == Form::Add).count();
        self.around = Some(self.at);
        (sums == 1).then_some(self.at)
    }

    /// The two steps that use the value here.
    pub(super) fn two_users(&mut self) -> Option<[&'a Step; 2]> {
        <[&Step; 2]>::try_from(self.users_here()).ok()
    }

    fn constant(&self, step: &Step, i: usize) -> Option<&'a Tensor> {
        let id = step.inputs.get(i).copied().flatten()?;
        self.plan.constants.get(&id).map(SharedTensor::as_tensor)
    }

    /// The next layer, a convolution.
    pub(super) fn conv(&mut self, wanted: WantedConv) -> Option<ConvLayer<'a>> {
        let step = self.only_user()?;
        self.conv_of(step, wanted)
    }

    /// The convolution `step` over the value here.
    pub(super) fn conv_of(&mut self, step: &'a Step, wanted: WantedConv) -> Option<ConvLayer<'a>> {
        let Form::Conv(form) = step.operator.form() else { return None };
        let WantedConv { inputs, outputs, kernel, stride, pads, groups } = wanted;
        let expected = ConvForm { strides: [stride; 2], pads: Some(pads), dilations: [1; 2], groups };
        let weight = self.constant(step, 1)?;
        let found = weight.size();
        let fits = form == expected
            && found.len() == 4
            && outputs.is_none_or(|outputs| found[0] == outputs)
            && found[1..] == [inputs / groups, kernel, kernel];
        if !fits || step.inputs.first() != Some(&Some(self.at)) {
            return None;
        }
        let bias = self.constant(step, 2);
        if bias.is_none() && step.inputs.get(2).copied().flatten().is_some() {
            return None;
        }
        self.at = step.output;
        Some(ConvLayer { weight, bias })
    }

    /// The norm `step` over the value here.
    pub(super) fn norm_of(&mut self, step: &'a Step) -> Option<NormLayer<'a>> {
        let Form::Norm { epsilon } = step.operator.form() else { return None };
        let [scale, shift, mean, variance] = [1, 2, 3, 4].map(|i| self.constant(step, i));
        let norm = NormLayer { scale: scale?, shift: shift?, mean: mean?, variance: variance?, epsilon };
        if step.inputs.first() != Some(&Some(self.at)) {
            return None;
        }
        self.at = step.output;
        Some(norm)
    }

    /// The next layer, where it is a norm.
    pub(super) fn norm(&mut self) -> Option<NormLayer<'a>> {
        let step = self.only_user()?;
        self.norm_of(step)
    }

    /// The slopes of the next layer, one for each plane.
    pub(super) fn prelu(&mut self, planes: i64) -> Option<&'a Tensor> {
        let step = self.only_user()?;
        let slopes = self.constant(step, 1)?;
        let is_alone = step.operator.form() == Form::PRelu && step.inputs.first() == Some(&Some(self.at));
        // Along the planes: all other sides are 1.
        let is_along = slopes.numel() as i64 == planes && slopes.size().iter().filter(|&&side| side > 1).count() <= 1;
        let before = slopes.size().iter().take_while(|&&side| side == 1).count();
        let behind = slopes.size().len() - before;
        // C×1×1, 1×C×1×1, or C alone as one exporter writes it.
        if !is_alone || !is_along || !matches!((before, behind), (0 | 1, 3) | (0, 1)) {
            return None;
        }
        self.at = step.output;
        Some(slopes)
    }

    /// The next layer, which leaves out what is negative.
    pub(super) fn relu(&mut self) -> Option<()> {
        let step = self.only_user()?;
        let fits = match step.operator.form() {
            Form::Relu => true,
            Form::Clip { .. } => self.bounds(step)? == (Some(0.0), None),
            _ => false,
        };
        self.pass(step, fits)
    }

    /// The next layer, which keeps values in 0…6.
    pub(super) fn relu6(&mut self) -> Option<()> {
        let step = self.only_user()?;
        let fits = matches!(step.operator.form(), Form::Clip { .. }) && self.bounds(step)? == (Some(0.0), Some(6.0));
        self.pass(step, fits)
    }

    fn bounds(&self, step: &Step) -> Option<(Option<f64>, Option<f64>)> {
        let Form::Clip { min, max } = step.operator.form() else { return None };
        let bound = |i: usize, stated: Option<f64>| match step.inputs.get(i).copied().flatten() {
            None => Some(stated),
            Some(_) => self.constant(step, i)?.f_double_value(&[]).ok().map(Some),
        };
        Some((bound(1, min)?, bound(2, max)?))
    }

    fn pass(&mut self, step: &'a Step, fits: bool) -> Option<()> {
        if fits {
            self.at = step.output;
        }
        fits.then_some(())
    }

    /// Goes over to the sum of the value here with `other`, which nothing else uses.
    pub(super) fn add(&mut self, other: ValueId) -> Option<()> {
        let step = self.only_user()?;
        let summands = [step.inputs.first()?.as_ref()?, step.inputs.get(1)?.as_ref()?];
        let fits = step.operator.form() == Form::Add
            && (summands == [&self.at, &other] || summands == [&other, &self.at])
            && other != self.at;
        self.pass(step, fits)
    }

    /// Goes over steps that only give rows another shape, with what works out that shape.
    pub(super) fn skip_reshapes(&mut self) {
        loop {
            let users = self.users_here();
            let mut reshapes = users.iter().filter(|step| step.operator.form() == Form::Reshaped);
            let (Some(reshape), None) = (reshapes.next().copied(), reshapes.next()) else { return };
            let others_ask_for_sides =
                users.iter().all(|step| std::ptr::eq(*step, reshape) || step.operator.form() == Form::Shape);
            if !others_ask_for_sides || reshape.inputs.first() != Some(&Some(self.at)) {
                return;
            }
            self.at = reshape.output;
        }
    }

    /// The next layer, fully connected: weights d×`inputs` and perhaps a bias.
    pub(super) fn fully_connected(&mut self, inputs: i64) -> Option<(Tensor, Option<&'a Tensor>)> {
        let step = self.only_user()?;
        if step.inputs.first() != Some(&Some(self.at)) {
            return None;
        }
        let weight = self.constant(step, 1)?;
        let is_transposed = match step.operator.form() {
            Form::Gemm { transpose: [false, is_transposed] } => is_transposed,
            Form::MatMul => false,
            _ => return None,
        };
        let is_gemm = step.operator.form() != Form::MatMul;
        let weight = if is_transposed { weight.shallow_clone() } else { weight.f_tr().ok()? };
        if weight.size().get(1) != Some(&inputs) || weight.size().len() != 2 {
            return None;
        }
        let d = weight.size()[0];
        let mut bias = if is_gemm { self.constant(step, 2) } else { None };
        if is_gemm && bias.is_none() && step.inputs.get(2).copied().flatten().is_some() {
            return None;
        }
        self.at = step.output;
        if bias.is_none()
            && let Some(sum) = self.only_user().filter(|step| step.operator.form() == Form::Add)
        {
            let at = sum.inputs.iter().position(|id| *id == Some(self.at))?;
            bias = Some(self.constant(sum, 1 - at.min(1))?);
            self.at = sum.output;
        }
        if bias.is_some_and(|bias| bias.numel() as i64 != d) {
            return None;
        }
        Some((weight, bias))
    }

    /// Whether the value here is what the graph gives.
    pub(super) fn is_at_output(&mut self) -> bool {
        self.users_here().is_empty() && self.at == self.plan.output
    }
}
