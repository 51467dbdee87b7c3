//! MobileFaceNet in its three forms; they are those of `vision::embed::mobilefacenet`.

use tch::nn::Path;
use tch::{TchError, Tensor};

use super::backbone::Features;
use super::layers::{Activation, Conv, ConvForm, Layer, Linear, Modes, at};
use crate::vision::embed::layout::{InvertedResidual, LAST_SIDE, MobileForm};

pub(super) struct MobileFaceNet {
    stem: Vec<Layer>,
    stages: Vec<Vec<Block>>,
    head: Vec<Layer>,
    /// Behind the planes of the numbered form.
    fc: Option<Linear>,
}

struct Block {
    layers: [Layer; 3],
    shortcut: bool,
}

impl MobileFaceNet {
    pub(super) fn new(root: &Path<'_>, form: MobileForm, d: i64) -> Result<Self, TchError> {
        match form {
            MobileForm::Named => Self::named(root, d),
            MobileForm::Numbered => Self::numbered(root, d),
            MobileForm::TensorFlow => Self::tensorflow(root, d),
        }
    }

    fn named(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let layer = |conv: &str, norm: &str, form: ConvForm, activation: Activation| {
            Layer::new(root, conv, norm, form, activation)
        };
        let stem = vec![
            layer("conv1.0", "conv1.1", ConvForm::new([64, 3, 3, 3], 2), Activation::Relu6)?,
            layer("dw_conv.depthwise", "dw_conv.bn1", ConvForm::depthwise(64, 3, 1, 1), Activation::Relu)?,
            layer("dw_conv.pointwise", "dw_conv.bn2", ConvForm::new([64, 64, 1, 1], 1), Activation::Relu)?,
        ];
        let mut stages = Vec::new();
        let mut at = 0;
        for specs in MobileForm::Named.stages() {
            let mut blocks = Vec::new();
            for spec in specs {
                let part = |part: &str| format!("features.{at}.conv.{part}");
                let layers = [
                    layer(&part("0.0"), &part("0.1"), expansion(spec), Activation::Relu6)?,
                    layer(&part("1.0"), &part("1.1"), depthwise(spec, MobileForm::Named), Activation::Relu6)?,
                    layer(&part("2"), &part("3"), projection(spec), Activation::None)?,
                ];
                blocks.push(Block { layers, shortcut: !spec.halves });
                at += 1;
            }
            stages.push(blocks);
        }
        let head = vec![
            layer("conv2.0", "conv2.1", ConvForm::new([512, 128, 1, 1], 1), Activation::Relu6)?,
            layer("gdconv.depthwise", "gdconv.bn", ConvForm::depthwise(512, LAST_SIDE, 1, 0), Activation::None)?,
            layer("conv3", "bn", ConvForm::new([d, 512, 1, 1], 1), Activation::None)?,
        ];
        Ok(Self { stem, stages, head, fc: None })
    }

    fn numbered(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let mut next = Numbered { root, at: 0 };
        let stem = vec![
            next.layer(ConvForm::new([128, 3, 3, 3], 2), true)?,
            next.layer(ConvForm::depthwise(128, 3, 1, 1), true)?,
        ];
        let mut stages = Vec::new();
        for specs in MobileForm::Numbered.stages() {
            let mut blocks = Vec::new();
            for spec in specs {
                let layers = [
                    next.layer(expansion(spec), true)?,
                    next.layer(depthwise(spec, MobileForm::Numbered), true)?,
                    next.layer(projection(spec), false)?,
                ];
                blocks.push(Block { layers, shortcut: !spec.halves });
            }
            stages.push(blocks);
        }
        let head = vec![
            next.layer(ConvForm::new([512, 256, 1, 1], 1), true)?,
            next.layer(ConvForm::new([64, 512, 1, 1], 1), true)?,
        ];
        let fc = Linear::new(&next.path(), 64 * LAST_SIDE * LAST_SIDE, d)?;
        Ok(Self { stem, stages, head, fc: Some(fc) })
    }

    fn tensorflow(root: &Path<'_>, d: i64) -> Result<Self, TchError> {
        let own = MobileForm::TensorFlow;
        let layer = |name: &str, form: ConvForm, has_slopes: bool| {
            let conv = Conv::new(&at(root, name), form, true)?;
            let slopes = at(root, name).sub("prelu");
            let activation = if has_slopes { Activation::prelu(&slopes, form.shape[0])? } else { Activation::None };
            Ok::<_, TchError>(Layer::without_norm(conv, activation))
        };
        let first = ConvForm { pads_behind: own.pads_behind(), ..ConvForm::new([64, 3, 3, 3], 2) };
        let stem = vec![
            layer("stem.0", first, true)?,
            layer("stem.1", ConvForm::depthwise(64, 3, 1, 1), true)?,
            layer("stem.2", ConvForm::new([64, 64, 1, 1], 1), false)?,
        ];
        let mut stages = Vec::new();
        let mut at = 0;
        for specs in own.stages() {
            let mut blocks = Vec::new();
            for spec in specs {
                let part = |part: usize| format!("blocks.{at}.{part}");
                let layers = [
                    layer(&part(0), expansion(spec), true)?,
                    layer(&part(1), depthwise(spec, own), true)?,
                    layer(&part(2), projection(spec), false)?,
                ];
                blocks.push(Block { layers, shortcut: !spec.halves });
                at += 1;
            }
            stages.push(blocks);
        }
        let head = vec![
            layer("head.0", ConvForm::new([512, 128, 1, 1], 1), true)?,
            layer("head.1", ConvForm::depthwise(512, LAST_SIDE, 1, 0), false)?,
            layer("head.2", ConvForm::new([512, 512, 1, 1], 1), false)?,
            layer("head.3", ConvForm::new([d, 512, 1, 1], 1), false)?,
        ];
        Ok(Self { stem, stages, head, fc: None })
    }

    pub(super) fn forward(&self, input: &Tensor, modes: Modes) -> Result<Features, TchError> {
        let mut x = input.shallow_clone();
        for layer in &self.stem {
            x = layer.forward(&x, modes.body)?;
        }
        let mut levels = Vec::new();
        for (i, blocks) in self.stages.iter().enumerate() {
            let train = modes.of_stage(i, self.stages.len());
            for block in blocks {
                x = block.forward(&x, train)?;
            }
            levels.push(x.shallow_clone());
        }
        for layer in &self.head {
            x = layer.forward(&x, modes.last)?;
        }
        let rows = x.f_flatten(1, -1)?;
        let embedding = self.fc.as_ref().map_or(Ok(rows.shallow_clone()), |fc| fc.forward(&rows))?;
        Ok(Features { levels, embedding })
    }
}

impl Block {
    fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let [expansion, depthwise, projection] = &self.layers;
        let branch = depthwise.forward(&expansion.forward(input, train)?, train)?;
        let branch = projection.forward(&branch, train)?;
        if self.shortcut { branch.f_add(input) } else { Ok(branch) }
    }
}

fn expansion(spec: InvertedResidual) -> ConvForm {
    ConvForm::new([spec.between, spec.inputs, 1, 1], 1)
}

fn depthwise(spec: InvertedResidual, form: MobileForm) -> ConvForm {
    let stride = if spec.halves { 2 } else { 1 };
    ConvForm { pads_behind: spec.halves && form.pads_behind(), ..ConvForm::depthwise(spec.between, 3, stride, 1) }
}

fn projection(spec: InvertedResidual) -> ConvForm {
    ConvForm::new([spec.outputs, spec.between, 1, 1], 1)
}

/// Makes one layer after the other.
struct Numbered<'a, 'p> {
    root: &'a Path<'p>,
    at: usize,
}

impl<'p> Numbered<'_, 'p> {
    /// The place of the layer that comes now.
    fn path(&self) -> Path<'p> {
        at(self.root, &format!("mods.{}", self.at))
    }

    fn layer(&mut self, form: ConvForm, has_slopes: bool) -> Result<Layer, TchError> {
        let conv = Conv::new(&self.path(), form, true)?;
        self.at += 1;
        let activation = if has_slopes { Activation::prelu(&self.path(), form.shape[0])? } else { Activation::None };
        self.at += usize::from(has_slopes);
        Ok(Layer::without_norm(conv, activation))
    }
}
