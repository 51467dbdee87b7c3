//! MobileFaceNet in its three forms.

use serde::{Deserialize, Serialize};

use super::LAST_SIDE;
use super::layer::{ActivationForm, ConvForm, LayerForm};

/// Planes in, between and out of an inverted residual, and whether height and width are halved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvertedResidual {
    pub inputs: i64,
    pub between: i64,
    pub outputs: i64,
    pub halves: bool,
}

/// Three forms of MobileFaceNet, told apart by their tensors' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MobileForm {
    /// The paper's layout, with norms, ReLU6, and a depthwise convolution over the whole planes at its end.
    Named,
    /// Layers are counted (`mods.0` and so on), norms folded already, PReLU everywhere, and a fully connected layer
    /// over 64 planes at the end.
    Numbered,
    /// As TensorFlow runs it: norms folded already, PReLU, a 1×1 convolution more in the stem and at the end, and
    /// planes padded at the right and at the bottom alone where a layer halves them. The names are ours (`tfjs`).
    #[serde(rename = "tensorflow")]
    TensorFlow,
}

impl MobileForm {
    /// A tensor that only this form has.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Named => "dw_conv.depthwise.weight",
            Self::Numbered => "mods.0.weight",
            Self::TensorFlow => "stem.1.prelu.weight",
        }
    }

    pub(crate) const ALL: [Self; 3] = [Self::Numbered, Self::TensorFlow, Self::Named];

    /// The tensor whose first side is the embedding's length.
    pub(crate) fn last(self) -> &'static str {
        match self {
            Self::Named => "conv3.weight",
            Self::Numbered => "mods.83.weight",
            Self::TensorFlow => "head.3.weight",
        }
    }

    /// Planes that go into the first block.
    pub(crate) fn stem_planes(self) -> i64 {
        match self {
            Self::Named | Self::TensorFlow => 64,
            Self::Numbered => 128,
        }
    }

    /// The blocks of each stage; the stages give planes of 28, 14 and 7 rows.
    pub(crate) fn stages(self) -> [Vec<InvertedResidual>; 3] {
        // Planes between the first block's convolutions, planes out, and further blocks.
        let table: [(i64, i64, usize); 3] = match self {
            Self::Named | Self::TensorFlow => [(128, 64, 4), (256, 128, 6), (512, 128, 2)],
            Self::Numbered => [(128, 128, 4), (256, 256, 6), (512, 256, 2)],
        };
        let mut inputs = self.stem_planes();
        table.map(|(between, outputs, more)| {
            let first = InvertedResidual { inputs, between, outputs, halves: true };
            let further = InvertedResidual { inputs: outputs, between: between.min(256), outputs, halves: false };
            inputs = outputs;
            [vec![first], vec![further; more]].concat()
        })
    }

    /// Whether layers that halve their planes pad them at the right and at the bottom alone (TensorFlow's SAME for even
    /// sides) instead of all round.
    pub(crate) fn pads_behind(self) -> bool {
        self == Self::TensorFlow
    }
}

/// The layers of a MobileFaceNet, or what somebody made of each.
pub(crate) struct MobileLayers<L> {
    pub stem: Vec<L>,
    /// See [`MobileForm::stages`].
    pub stages: Vec<Vec<MobileBlockLayers<L>>>,
    pub head: Vec<L>,
    /// The fully connected layer behind the numbered form's head.
    pub fc: Option<MobileFc>,
}

/// 1×1 to more planes, a 3×3 of each plane by itself, 1×1 back; with a shortcut where nothing changes its size.
pub(crate) struct MobileBlockLayers<L> {
    pub layers: [L; 3],
    pub shortcut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MobileFc {
    pub name: String,
    /// Each with [`LAST_SIDE`]² places.
    pub planes: i64,
}

impl MobileLayers<LayerForm> {
    /// Of a network with embeddings of `d` numbers.
    pub(crate) fn table(form: MobileForm, d: i64) -> Self {
        match form {
            MobileForm::Named => Self::named(d),
            MobileForm::Numbered => Self::numbered(),
            MobileForm::TensorFlow => Self::tensorflow(d),
        }
    }

    fn named(d: i64) -> Self {
        use ActivationForm::{None, Relu, Relu6};
        let layer = |conv: &str, norm: &str, form: ConvForm, activation: ActivationForm| {
            LayerForm::with_norm(conv, norm, form, activation)
        };
        let block = |i: usize, [expansion, depthwise, projection]: [ConvForm; 3]| {
            let part = |part: &str| format!("features.{i}.conv.{part}");
            [
                LayerForm::with_norm(part("0.0"), part("0.1"), expansion, Relu6),
                LayerForm::with_norm(part("1.0"), part("1.1"), depthwise, Relu6),
                LayerForm::with_norm(part("2"), part("3"), projection, None),
            ]
        };
        Self {
            stem: vec![
                layer("conv1.0", "conv1.1", ConvForm::new([64, 3, 3, 3], 2), Relu6),
                layer("dw_conv.depthwise", "dw_conv.bn1", ConvForm::depthwise(64, 3, 1, 1), Relu),
                layer("dw_conv.pointwise", "dw_conv.bn2", ConvForm::new([64, 64, 1, 1], 1), Relu),
            ],
            stages: stages(MobileForm::Named, block),
            head: vec![
                layer("conv2.0", "conv2.1", ConvForm::new([512, 128, 1, 1], 1), Relu6),
                layer("gdconv.depthwise", "gdconv.bn", ConvForm::depthwise(512, LAST_SIDE, 1, 0), None),
                layer("conv3", "bn", ConvForm::new([d, 512, 1, 1], 1), None),
            ],
            fc: Option::None,
        }
    }

    /// Layers are counted with their activations.
    fn numbered() -> Self {
        let mut at = 0;
        let mut next = |form: ConvForm, has_slopes: bool| {
            let name = |number: usize| format!("mods.{number}");
            let slopes = || ActivationForm::PRelu(name(at + 1));
            let activation = if has_slopes { slopes() } else { ActivationForm::None };
            let layer = LayerForm::plain(name(at), form, activation);
            at += 1 + usize::from(has_slopes);
            layer
        };
        let stem = vec![next(ConvForm::new([128, 3, 3, 3], 2), true), next(ConvForm::depthwise(128, 3, 1, 1), true)];
        let stages = stages(MobileForm::Numbered, |_, [expansion, depthwise, projection]| {
            [next(expansion, true), next(depthwise, true), next(projection, false)]
        });
        let planes = 64;
        let head =
            vec![next(ConvForm::new([512, 256, 1, 1], 1), true), next(ConvForm::new([planes, 512, 1, 1], 1), true)];
        Self { stem, stages, head, fc: Some(MobileFc { name: format!("mods.{at}"), planes }) }
    }

    fn tensorflow(d: i64) -> Self {
        let own = MobileForm::TensorFlow;
        let layer = |name: String, form: ConvForm, has_slopes: bool| {
            let slopes = format!("{name}.prelu");
            let activation = if has_slopes { ActivationForm::PRelu(slopes) } else { ActivationForm::None };
            LayerForm::plain(name, form, activation)
        };
        let row = |place: &str, forms: Vec<(ConvForm, bool)>| -> Vec<LayerForm> {
            let forms = forms.into_iter().enumerate();
            forms.map(|(i, (form, has_slopes))| layer(format!("{place}.{i}"), form, has_slopes)).collect()
        };
        let first = ConvForm { pads_behind: own.pads_behind(), ..ConvForm::new([64, 3, 3, 3], 2) };
        Self {
            stem: row(
                "stem",
                vec![
                    (first, true),
                    (ConvForm::depthwise(64, 3, 1, 1), true),
                    (ConvForm::new([64, 64, 1, 1], 1), false),
                ],
            ),
            stages: stages(own, |i, [expansion, depthwise, projection]| {
                let part = |part: usize| format!("blocks.{i}.{part}");
                [layer(part(0), expansion, true), layer(part(1), depthwise, true), layer(part(2), projection, false)]
            }),
            head: row(
                "head",
                vec![
                    (ConvForm::new([512, 128, 1, 1], 1), true),
                    (ConvForm::depthwise(512, LAST_SIDE, 1, 0), false),
                    (ConvForm::new([512, 512, 1, 1], 1), false),
                    (ConvForm::new([d, 512, 1, 1], 1), false),
                ],
            ),
            fc: None,
        }
    }

    /// Makes something of every layer, from the input to the output.
    pub(crate) fn try_map<M, E>(&self, mut make: impl FnMut(&LayerForm) -> Result<M, E>) -> Result<MobileLayers<M>, E> {
        let stem = self.stem.iter().map(&mut make).collect::<Result<_, _>>()?;
        let mut stages = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
            let mut made = Vec::with_capacity(blocks.len());
            for MobileBlockLayers { layers: [expansion, depthwise, projection], shortcut } in blocks {
                let layers = [make(expansion)?, make(depthwise)?, make(projection)?];
                made.push(MobileBlockLayers { layers, shortcut: *shortcut });
            }
            stages.push(made);
        }
        let head = self.head.iter().map(&mut make).collect::<Result<_, _>>()?;
        Ok(MobileLayers { stem, stages, head, fc: self.fc.clone() })
    }
}

/// The blocks of a form; `layers` makes the layers of block `i`, counted from the input, of its three convolutions.
fn stages(
    form: MobileForm,
    mut layers: impl FnMut(usize, [ConvForm; 3]) -> [LayerForm; 3],
) -> Vec<Vec<MobileBlockLayers<LayerForm>>> {
    let mut count = 0;
    let mut block = |spec: InvertedResidual| {
        let InvertedResidual { inputs, between, outputs, halves } = spec;
        let depthwise = ConvForm::depthwise(between, 3, if halves { 2 } else { 1 }, 1);
        let forms = [
            ConvForm::new([between, inputs, 1, 1], 1),
            ConvForm { pads_behind: halves && form.pads_behind(), ..depthwise },
            ConvForm::new([outputs, between, 1, 1], 1),
        ];
        count += 1;
        MobileBlockLayers { layers: layers(count - 1, forms), shortcut: !halves }
    };
    form.stages().into_iter().map(|specs| specs.into_iter().map(&mut block).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_end_in_the_planes_of_the_published_files() {
        let outputs = |form: MobileForm| form.stages().map(|blocks| (blocks.len(), blocks[blocks.len() - 1].outputs));
        assert_eq!(outputs(MobileForm::Named), [(5, 64), (7, 128), (3, 128)]);
        assert_eq!(outputs(MobileForm::TensorFlow), [(5, 64), (7, 128), (3, 128)]);
        assert_eq!(outputs(MobileForm::Numbered), [(5, 128), (7, 256), (3, 256)]);
    }

    #[test]
    fn each_form_has_its_mark_and_its_last_tensor_among_its_layers() {
        for form in MobileForm::ALL {
            let table = MobileLayers::table(form, 32);
            let mut names: Vec<String> = table.fc.iter().map(|fc| format!("{}.weight", fc.name)).collect();
            let made = table.try_map(|layer| {
                names.push(format!("{}.weight", layer.conv));
                if let ActivationForm::PRelu(slopes) = &layer.activation {
                    names.push(format!("{slopes}.weight"));
                }
                Ok::<_, ()>(())
            });
            assert_eq!(made.unwrap().stages.len(), 3);
            assert!(
                [form.mark(), form.last()].iter().all(|name| names.iter().any(|n| n == name)),
                "{form:?} {names:?}"
            );
        }
    }
}
