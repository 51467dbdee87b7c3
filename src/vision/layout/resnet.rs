//! The two ResNet-50.

use super::LAST_SIDE;
use super::layer::{ActivationForm, ConvForm, LayerForm};

/// IR-ResNet-50: planes and number of blocks of each stage. Every stage halves width and height in its first block.
pub(crate) const IR_STAGES: [(i64, usize); 4] = [(64, 3), (128, 4), (256, 14), (512, 3)];

/// Bottleneck ResNet-50: planes between and number of blocks of each stage. A stage gives [`BOTTLENECK_EXPANSION`]
/// times as many planes; every stage but the first halves width and height in its first block.
pub(crate) const BOTTLENECK_STAGES: [(i64, usize); 4] = [(64, 3), (128, 4), (256, 6), (512, 3)];
pub(crate) const BOTTLENECK_EXPANSION: i64 = 4;

/// Planes behind the first convolution of either.
const STEM_PLANES: i64 = 64;

/// The layers of an IR-ResNet-50, or what somebody made of each. Behind them stand the norm `bn2`, `fc` with a bias and
/// the norm `features`.
pub(crate) struct IrLayers<L> {
    pub stem: L,
    pub stages: Vec<Vec<IrBlockLayers<L>>>,
    /// Planes that go into `bn2`, each with [`LAST_SIDE`]² places.
    pub outputs: i64,
}

pub(crate) struct IrBlockLayers<L> {
    /// Name and planes of the norm before the first layer, which no convolution stands before.
    pub norm: (String, i64),
    pub first: L,
    pub second: L,
    pub shortcut: Option<L>,
}

impl<L> IrLayers<L> {
    /// Numbers that go into `fc`.
    pub(crate) fn flat(&self) -> i64 {
        self.outputs * LAST_SIDE * LAST_SIDE
    }
}

impl IrLayers<LayerForm> {
    pub(crate) fn table() -> Self {
        let slopes = |name: &str| ActivationForm::PRelu(name.to_owned());
        let stem = LayerForm::with_norm("conv1", "bn1", ConvForm::new([STEM_PLANES, 3, 3, 3], 1), slopes("prelu"));
        let mut inputs = STEM_PLANES;
        let mut stages = Vec::new();
        for (stage, (outputs, count)) in IR_STAGES.into_iter().enumerate() {
            let block = |i: usize| {
                let part = |part: &str| format!("layer{}.{i}.{part}", stage + 1);
                let (inputs, stride) = if i == 0 { (inputs, 2) } else { (outputs, 1) };
                let layer = |conv: &str, norm: &str, form: ConvForm, activation: ActivationForm| {
                    LayerForm::with_norm(part(conv), part(norm), form, activation)
                };
                let across = ConvForm::new([outputs, inputs, 1, 1], stride);
                IrBlockLayers {
                    norm: (part("bn1"), inputs),
                    first: layer("conv1", "bn2", ConvForm::new([outputs, inputs, 3, 3], 1), slopes(&part("prelu"))),
                    second: layer(
                        "conv2",
                        "bn3",
                        ConvForm::new([outputs, outputs, 3, 3], stride),
                        ActivationForm::None,
                    ),
                    shortcut: (stride != 1)
                        .then(|| layer("downsample.0", "downsample.1", across, ActivationForm::None)),
                }
            };
            stages.push((0..count).map(block).collect());
            inputs = outputs;
        }
        Self { stem, stages, outputs: inputs }
    }

    /// Makes something of every layer, from the input to the output, shortcuts before what they go around.
    pub(crate) fn try_map<M, E>(&self, mut make: impl FnMut(&LayerForm) -> Result<M, E>) -> Result<IrLayers<M>, E> {
        let stem = make(&self.stem)?;
        let mut stages = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
            let mut made = Vec::with_capacity(blocks.len());
            for block in blocks {
                let shortcut = block.shortcut.as_ref().map(&mut make).transpose()?;
                let (first, second) = (make(&block.first)?, make(&block.second)?);
                made.push(IrBlockLayers { norm: block.norm.clone(), first, second, shortcut });
            }
            stages.push(made);
        }
        Ok(IrLayers { stem, stages, outputs: self.outputs })
    }
}

/// The layers of a bottleneck ResNet-50, or what somebody made of each. Behind them stands `fc` with a bias, and in some
/// files the norm `features`.
pub(crate) struct BottleneckLayers<L> {
    pub stem: L,
    pub stages: Vec<Vec<BottleneckBlockLayers<L>>>,
    /// Planes that go into `fc`.
    pub outputs: i64,
}

pub(crate) struct BottleneckBlockLayers<L> {
    pub layers: [L; 3],
    pub shortcut: Option<L>,
}

impl BottleneckLayers<LayerForm> {
    pub(crate) fn table() -> Self {
        let stem = ConvForm::new([STEM_PLANES, 3, 3, 3], 1);
        let mut inputs = STEM_PLANES;
        let mut stages = Vec::new();
        for (stage, (between, count)) in BOTTLENECK_STAGES.into_iter().enumerate() {
            let outputs = between * BOTTLENECK_EXPANSION;
            let block = |i: usize| {
                let name = format!("layer{}.{i}", stage + 1);
                let inputs = if i == 0 { inputs } else { outputs };
                let stride = if i == 0 && stage > 0 { 2 } else { 1 };
                let layer = |number: usize, form: ConvForm, activation: ActivationForm| {
                    LayerForm::with_norm(format!("{name}.conv{number}"), format!("{name}.bn{number}"), form, activation)
                };
                let shortcut = || {
                    let (conv, norm) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
                    LayerForm::with_norm(
                        conv,
                        norm,
                        ConvForm::new([outputs, inputs, 1, 1], stride),
                        ActivationForm::None,
                    )
                };
                BottleneckBlockLayers {
                    layers: [
                        layer(1, ConvForm::new([between, inputs, 1, 1], 1), ActivationForm::Relu),
                        layer(2, ConvForm::new([between, between, 3, 3], stride), ActivationForm::Relu),
                        layer(3, ConvForm::new([outputs, between, 1, 1], 1), ActivationForm::None),
                    ],
                    shortcut: (inputs != outputs).then(shortcut),
                }
            };
            stages.push((0..count).map(block).collect());
            inputs = outputs;
        }
        Self { stem: LayerForm::with_norm("conv1", "bn1", stem, ActivationForm::Relu), stages, outputs: inputs }
    }

    /// Makes something of every layer, from the input to the output, shortcuts before what they go around.
    pub(crate) fn try_map<M, E>(
        &self,
        mut make: impl FnMut(&LayerForm) -> Result<M, E>,
    ) -> Result<BottleneckLayers<M>, E> {
        let stem = make(&self.stem)?;
        let mut stages = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
            let mut made = Vec::with_capacity(blocks.len());
            for BottleneckBlockLayers { layers: [first, second, third], shortcut } in blocks {
                let shortcut = shortcut.as_ref().map(&mut make).transpose()?;
                let layers = [make(first)?, make(second)?, make(third)?];
                made.push(BottleneckBlockLayers { layers, shortcut });
            }
            stages.push(made);
        }
        Ok(BottleneckLayers { stem, stages, outputs: self.outputs })
    }
}
