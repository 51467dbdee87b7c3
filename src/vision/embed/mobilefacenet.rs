//! MobileFaceNet (Chen et al. 2018, table 1), 112×112 → d: a network for weak machines, made of inverted residuals.

use tch::{TchError, Tensor};

use super::fpn::{Backbone, Features};
use super::layers::Conv;
use super::layout::{InvertedResidual, LAST_SIDE, MobileForm};
use super::weights::{ConvSpec, Weights};
use crate::vision::VisionError;
use crate::vision::shared_tensor::SharedTensor;

/// Three forms are read, told apart by their tensors' names.
///
/// One numbers its layers (`mods.0` and so on), has its norms folded already, PReLU everywhere and ends in a fully
/// connected layer over 64 planes. The other is the paper's layout with norms, which are folded into the convolutions
/// before them when it is loaded, ReLU6, and a depthwise convolution over the whole planes at its end. The third is what
/// TensorFlow made of that layout: norms folded, PReLU instead of ReLU6, and its own padding.
pub(super) struct MobileFaceNet {
    stem: Vec<Layer>,
    stages: Vec<Vec<Block>>,
    head: Vec<Layer>,
    /// Weights and bias behind the planes, d×(planes·height·width) with the planes last.
    fc: Option<(SharedTensor, SharedTensor)>,
    d: usize,
}

struct Layer {
    conv: Conv,
    activation: Activation,
}

enum Activation {
    None,
    Relu,
    Relu6,
    /// Slopes of the planes.
    PRelu(SharedTensor),
}

/// 1×1 to more planes, a 3×3 of each plane by itself, 1×1 back; with a shortcut where nothing changes its size.
struct Block {
    layers: [Layer; 3],
    shortcut: bool,
}

impl MobileFaceNet {
    /// # Errors
    /// A tensor that is missing, has another shape or type, or holds NaN or infinite values, by name.
    pub(super) fn from_weights(weights: &Weights<'_>, form: MobileForm) -> Result<Self, VisionError> {
        match form {
            MobileForm::Named => Self::from_named(weights),
            MobileForm::Numbered => Self::from_numbered(weights),
            MobileForm::TensorFlow => Self::from_tensorflow(weights),
        }
    }

    /// Layers are counted with their activations; norms are folded already.
    fn from_numbered(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let mut next = Numbered { weights, at: 0 };
        let stem = vec![
            next.layer(ConvSpec::new([128, 3, 3, 3], 2), true)?,
            next.layer(ConvSpec::depthwise(128, 3, 1, 1), true)?,
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
            next.layer(ConvSpec::new([512, 256, 1, 1], 1), true)?,
            next.layer(ConvSpec::new([64, 512, 1, 1], 1), true)?,
        ];
        let last = format!("mods.{}", next.at);
        let d = weights.d(&format!("{last}.weight"))?;
        let fc = weights.take(&format!("{last}.weight"), &[d, 64 * LAST_SIDE * LAST_SIDE])?;
        // Channels are last in memory here, so the weights are put into the same order.
        let fc = fc.f_reshape([d, 64, LAST_SIDE, LAST_SIDE])?.f_permute([0, 2, 3, 1])?.f_reshape([d, -1])?;
        let fc = (weights.share(&fc)?, weights.shared(&format!("{last}.bias"), &[d])?);
        Ok(Self { stem, stages, head, fc: Some(fc), d: d as usize })
    }

    /// The paper's layout, with norms.
    fn from_named(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let layer = |conv: &str, norm: &str, spec: ConvSpec, activation: Activation| {
            Ok::<_, VisionError>(Layer { conv: weights.folded_conv(conv, norm, spec)?, activation })
        };
        let stem = vec![
            layer("conv1.0", "conv1.1", ConvSpec::new([64, 3, 3, 3], 2), Activation::Relu6)?,
            layer("dw_conv.depthwise", "dw_conv.bn1", ConvSpec::depthwise(64, 3, 1, 1), Activation::Relu)?,
            layer("dw_conv.pointwise", "dw_conv.bn2", ConvSpec::new([64, 64, 1, 1], 1), Activation::Relu)?,
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
        let d = weights.d("conv3.weight")?;
        let head = vec![
            layer("conv2.0", "conv2.1", ConvSpec::new([512, 128, 1, 1], 1), Activation::Relu6)?,
            layer("gdconv.depthwise", "gdconv.bn", ConvSpec::depthwise(512, LAST_SIDE, 1, 0), Activation::None)?,
            layer("conv3", "bn", ConvSpec::new([d, 512, 1, 1], 1), Activation::None)?,
        ];
        Ok(Self { stem, stages, head, fc: None, d: d as usize })
    }

    /// As TensorFlow runs it.
    fn from_tensorflow(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let form = MobileForm::TensorFlow;
        let layer = |name: &str, spec: ConvSpec, has_slopes: bool| {
            let activation = if has_slopes {
                Activation::PRelu(weights.shared(&format!("{name}.prelu.weight"), &spec.shape[..1])?)
            } else {
                Activation::None
            };
            Ok::<_, VisionError>(Layer { conv: weights.conv(name, spec)?, activation })
        };
        let first = ConvSpec { pads_behind: form.pads_behind(), ..ConvSpec::new([64, 3, 3, 3], 2) };
        let stem = vec![
            layer("stem.0", first, true)?,
            layer("stem.1", ConvSpec::depthwise(64, 3, 1, 1), true)?,
            layer("stem.2", ConvSpec::new([64, 64, 1, 1], 1), false)?,
        ];
        let mut stages = Vec::new();
        let mut at = 0;
        for specs in form.stages() {
            let mut blocks = Vec::new();
            for spec in specs {
                let part = |part: usize| format!("blocks.{at}.{part}");
                let layers = [
                    layer(&part(0), expansion(spec), true)?,
                    layer(&part(1), depthwise(spec, form), true)?,
                    layer(&part(2), projection(spec), false)?,
                ];
                blocks.push(Block { layers, shortcut: !spec.halves });
                at += 1;
            }
            stages.push(blocks);
        }
        let d = weights.d(form.last())?;
        let head = vec![
            layer("head.0", ConvSpec::new([512, 128, 1, 1], 1), true)?,
            layer("head.1", ConvSpec::depthwise(512, LAST_SIDE, 1, 0), false)?,
            layer("head.2", ConvSpec::new([512, 512, 1, 1], 1), false)?,
            layer("head.3", ConvSpec::new([d, 512, 1, 1], 1), false)?,
        ];
        Ok(Self { stem, stages, head, fc: None, d: d as usize })
    }
}

fn expansion(spec: InvertedResidual) -> ConvSpec {
    ConvSpec::new([spec.between, spec.inputs, 1, 1], 1)
}

fn depthwise(spec: InvertedResidual, form: MobileForm) -> ConvSpec {
    let stride = if spec.halves { 2 } else { 1 };
    ConvSpec { pads_behind: spec.halves && form.pads_behind(), ..ConvSpec::depthwise(spec.between, 3, stride, 1) }
}

fn projection(spec: InvertedResidual) -> ConvSpec {
    ConvSpec::new([spec.outputs, spec.between, 1, 1], 1)
}

/// Takes one layer after the other.
struct Numbered<'a, 'w> {
    weights: &'a Weights<'w>,
    at: usize,
}

impl Numbered<'_, '_> {
    fn layer(&mut self, spec: ConvSpec, has_slopes: bool) -> Result<Layer, VisionError> {
        let conv = self.weights.conv(&format!("mods.{}", self.at), spec)?;
        self.at += 1;
        let activation = if has_slopes {
            self.at += 1;
            Activation::PRelu(self.weights.shared(&format!("mods.{}.weight", self.at - 1), &spec.shape[..1])?)
        } else {
            Activation::None
        };
        Ok(Layer { conv, activation })
    }
}

impl Layer {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let mut x = self.conv.forward(input)?;
        match &self.activation {
            Activation::None => Ok(x),
            Activation::Relu => x.f_relu_(),
            Activation::Relu6 => x.f_clamp_(0.0, 6.0),
            Activation::PRelu(slopes) => x.f_prelu(slopes.as_tensor()),
        }
    }
}

impl Block {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let [expansion, depthwise, projection] = &self.layers;
        let mut branch = projection.forward(&depthwise.forward(&expansion.forward(input)?)?)?;
        if self.shortcut { branch.f_add_(input) } else { Ok(branch) }
    }
}

impl Backbone for MobileFaceNet {
    fn features(&self, input: &Tensor) -> Result<Features, TchError> {
        let mut x = input.shallow_clone();
        for layer in &self.stem {
            x = layer.forward(&x)?;
        }
        let mut levels = Vec::new();
        for blocks in &self.stages {
            for block in blocks {
                x = block.forward(&x)?;
            }
            levels.push(x.shallow_clone());
        }
        for layer in &self.head {
            x = layer.forward(&x)?;
        }
        let rows = x.f_permute([0, 2, 3, 1])?.f_reshape([x.size()[0], -1])?;
        let embedding = match &self.fc {
            Some((weight, bias)) => rows.f_linear(weight.as_tensor(), Some(bias.as_tensor()))?,
            None => rows,
        };
        Ok(Features { levels, embedding })
    }

    fn d(&self) -> usize {
        self.d
    }
}
