//! MobileFaceNet (Chen et al. 2018, table 1), 112×112 → d: a network for weak machines, made of inverted residuals.

use std::path::Path;

use tch::{Device, Kind, TchError, Tensor};

use super::layers::Conv;
use super::weights::{ConvSpec, Weights, WeightsFile};
use super::{MAX_WEIGHTS_BYTES, Net, corrupt, read_weights};
use crate::vision::VisionError;
use crate::vision::shared_tensor::SharedTensor;

/// Side of the last planes: 112 halved four times.
const LAST_SIDE: i64 = 7;

/// Two forms are read, told apart by their tensors' names.
///
/// One numbers its layers (`mods.0` and so on), has its norms folded already, PReLU everywhere and ends in a fully
/// connected layer over 64 planes. The other is the paper's layout with norms, which are folded into the convolutions
/// before them when it is loaded, ReLU6, and a depthwise convolution over the whole planes at its end.
pub(super) struct MobileFaceNet {
    stem: Vec<Layer>,
    blocks: Vec<Block>,
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

/// Planes in, between and out, and whether height and width are halved.
#[derive(Clone, Copy)]
struct BlockSpec {
    inputs: i64,
    between: i64,
    outputs: i64,
    halves: bool,
}

/// Two halvings and the blocks between and behind them, as both forms have them.
fn block_specs(stages: &[(i64, i64, usize)], inputs: i64) -> Vec<BlockSpec> {
    let mut specs = Vec::new();
    let mut inputs = inputs;
    for &(between, outputs, more) in stages {
        specs.push(BlockSpec { inputs, between, outputs, halves: true });
        let inner = if between == 512 { 256 } else { between };
        specs.extend(vec![BlockSpec { inputs: outputs, between: inner, outputs, halves: false }; more]);
        inputs = outputs;
    }
    specs
}

impl MobileFaceNet {
    /// # Errors
    /// A missing or damaged file; a tensor that is missing, has another shape or type, or holds NaN or infinite
    /// values, by name.
    pub(super) fn load(path: &Path, device: Device) -> Result<Self, VisionError> {
        let bytes = read_weights(path, MAX_WEIGHTS_BYTES)?;
        let file = WeightsFile::parse(path, &bytes)?;
        tch::no_grad(|| {
            let numbered = Weights::new(path, &file, "mods.0.weight", device);
            if numbered.has("mods.0.weight") {
                return Self::from_numbered(&numbered);
            }
            let named = Weights::new(path, &file, "dw_conv.depthwise.weight", device);
            if named.has("dw_conv.depthwise.weight") {
                return Self::from_named(&named);
            }
            Err(corrupt(
                path,
                "a MobileFaceNet has a tensor mods.0.weight or dw_conv.depthwise.weight, this file neither",
            ))
        })
    }

    /// Layers are counted with their activations; norms are folded already.
    fn from_numbered(weights: &Weights<'_>) -> Result<Self, VisionError> {
        let mut next = Numbered { weights, at: 0 };
        let stem = vec![
            next.layer(ConvSpec::new([128, 3, 3, 3], 2), true)?,
            next.layer(ConvSpec::depthwise(128, 3, 1, 1), true)?,
        ];
        let mut blocks = Vec::new();
        for spec in block_specs(&[(128, 128, 4), (256, 256, 6), (512, 256, 2)], 128) {
            blocks.push(Block {
                layers: [
                    next.layer(spec.expansion(), true)?,
                    next.layer(spec.depthwise(), true)?,
                    next.layer(spec.projection(), false)?,
                ],
                shortcut: !spec.halves,
            });
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
        Ok(Self { stem, blocks, head, fc: Some(fc), d: d as usize })
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
        let mut blocks = Vec::new();
        for (i, spec) in block_specs(&[(128, 64, 4), (256, 128, 6), (512, 128, 2)], 64).into_iter().enumerate() {
            let part = |part: &str| format!("features.{i}.conv.{part}");
            let layers = [
                layer(&part("0.0"), &part("0.1"), spec.expansion(), Activation::Relu6)?,
                layer(&part("1.0"), &part("1.1"), spec.depthwise(), Activation::Relu6)?,
                layer(&part("2"), &part("3"), spec.projection(), Activation::None)?,
            ];
            blocks.push(Block { layers, shortcut: !spec.halves });
        }
        let d = weights.d("conv3.weight")?;
        let head = vec![
            layer("conv2.0", "conv2.1", ConvSpec::new([512, 128, 1, 1], 1), Activation::Relu6)?,
            layer("gdconv.depthwise", "gdconv.bn", ConvSpec::depthwise(512, LAST_SIDE, 1, 0), Activation::None)?,
            layer("conv3", "bn", ConvSpec::new([d, 512, 1, 1], 1), Activation::None)?,
        ];
        Ok(Self { stem, blocks, head, fc: None, d: d as usize })
    }
}

impl BlockSpec {
    fn expansion(&self) -> ConvSpec {
        ConvSpec::new([self.between, self.inputs, 1, 1], 1)
    }

    fn depthwise(&self) -> ConvSpec {
        ConvSpec::depthwise(self.between, 3, if self.halves { 2 } else { 1 }, 1)
    }

    fn projection(&self) -> ConvSpec {
        ConvSpec::new([self.outputs, self.between, 1, 1], 1)
    }
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

impl Net for MobileFaceNet {
    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let mut x = input.shallow_clone();
        for layer in &self.stem {
            x = layer.forward(&x)?;
        }
        for block in &self.blocks {
            let [expansion, depthwise, projection] = &block.layers;
            let mut branch = projection.forward(&depthwise.forward(&expansion.forward(&x)?)?)?;
            x = if block.shortcut { branch.f_add_(&x)? } else { branch };
        }
        for layer in &self.head {
            x = layer.forward(&x)?;
        }
        let rows = x.f_permute([0, 2, 3, 1])?.f_reshape([x.size()[0], -1])?;
        match &self.fc {
            Some((weight, bias)) => rows.f_linear(weight.as_tensor(), Some(bias.as_tensor())),
            None => rows.f_to_kind(Kind::Float),
        }
    }

    fn d(&self) -> Option<usize> {
        Some(self.d)
    }
}
