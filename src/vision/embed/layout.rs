//! The forms of the native networks, for what runs them and for what trains them.

/// Side of the last planes: 112 halved four times.
pub(crate) const LAST_SIDE: i64 = 7;
/// What the norms add to the variance.
pub(crate) const EPSILON: f64 = 1e-5;

/// IR-ResNet-50: planes and number of blocks of each stage. Every stage halves width and height in its first block.
pub(crate) const IR_STAGES: [(i64, usize); 4] = [(64, 3), (128, 4), (256, 14), (512, 3)];

/// Bottleneck ResNet-50: planes between and number of blocks of each stage. A stage gives [`BOTTLENECK_EXPANSION`]
/// times as many planes; every stage but the first halves width and height in its first block.
pub(crate) const BOTTLENECK_STAGES: [(i64, usize); 4] = [(64, 3), (128, 4), (256, 6), (512, 3)];
pub(crate) const BOTTLENECK_EXPANSION: i64 = 4;

/// Side of the input of dlib's network.
pub(crate) const DLIB_SIDE: i64 = 150;
/// Planes that leave the first convolution of dlib's network, 7×7 with stride 2.
pub(crate) const DLIB_STEM_PLANES: i64 = 32;

/// A residual block of dlib's network: two 3×3 convolutions, the first with stride 2 and no padding where `down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DlibBlock {
    pub inputs: i64,
    pub outputs: i64,
    pub down: bool,
}

/// The stages of dlib's network from the input to the output; they give planes of 35, 17, 8, 4 and 2 rows.
pub(crate) const DLIB_STAGES: [&[DlibBlock]; 5] = {
    const fn same(planes: i64) -> DlibBlock {
        DlibBlock { inputs: planes, outputs: planes, down: false }
    }
    const fn down(inputs: i64, outputs: i64) -> DlibBlock {
        DlibBlock { inputs, outputs, down: true }
    }
    [
        &[same(32), same(32), same(32)],
        &[down(32, 64), same(64), same(64), same(64)],
        &[down(64, 128), same(128), same(128)],
        &[down(128, 256), same(256), same(256)],
        &[down(256, 256)],
    ]
};

/// A tensor that dlib's network alone has.
pub(crate) const DLIB_MARK: &str = "blocks.0.first.weight";

/// The name under which dlib's weights are known once they are read, of block `i` counted from the input.
pub(crate) fn dlib_block_name(i: usize) -> String {
    format!("blocks.{i}")
}

/// Planes in, between and out of an inverted residual, and whether height and width are halved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvertedResidual {
    pub inputs: i64,
    pub between: i64,
    pub outputs: i64,
    pub halves: bool,
}

/// Three forms of MobileFaceNet, told apart by their tensors' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MobileForm {
    /// The paper's layout, with norms, ReLU6, and a depthwise convolution over the whole planes at its end.
    Named,
    /// Layers are counted (`mods.0` and so on), norms folded already, PReLU everywhere, and a fully connected layer
    /// over 64 planes at the end.
    Numbered,
    /// As TensorFlow runs it: norms folded already, PReLU, a 1×1 convolution more in the stem and at the end, and
    /// planes padded at the right and at the bottom alone where a layer halves them. The names are ours (`tfjs`).
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

/// Rows of the last three stages of a network that takes 112×112.
const SIDES_OF_112: [i64; 3] = [28, 14, 7];
/// Ways in which a neck looks over the planes of one level.
pub(crate) const NECK_VIEWS: i64 = 4;

/// A feature pyramid over three stages of a network.
///
/// `fpn.lateral.i` (1×1 convolution, norm) brings the stages to a common width; the coarser ones, doubled in size, are
/// added to the finer ones; `fpn.smooth.i` (3×3 convolution, norm, ReLU) goes over each sum. `fpn.pool.i` averages a
/// level [`NECK_VIEWS`] times, each with weights of its own for the places of the planes: a softmax over
/// `weight`·planes + `place`. All of it in a row goes through `fpn.norm` and `fpn.projection` and is added to the
/// network's own embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NeckForm {
    /// Of the three levels, the largest first.
    pub planes: [i64; 3],
    /// Rows of their planes.
    pub sides: [i64; 3],
    pub width: i64,
    /// A 3×3 convolution of each plane by itself and a 1×1 one, with a norm each, instead of a full 3×3 one.
    pub is_separable: bool,
}

impl NeckForm {
    pub(crate) const IR_RESNET_50: Self =
        Self { planes: [128, 256, 512], sides: SIDES_OF_112, width: 256, is_separable: false };
    pub(crate) const RESNET_50: Self =
        Self { planes: [512, 1024, 2048], sides: SIDES_OF_112, width: 256, is_separable: false };
    pub(crate) const DLIB_RESNET: Self =
        Self { planes: [64, 128, 256], sides: [17, 8, 4], width: 128, is_separable: false };

    pub(crate) fn mobilefacenet(form: MobileForm) -> Self {
        let planes = form.stages().map(|blocks| blocks.last().map_or(0, |block| block.outputs));
        Self { planes, sides: SIDES_OF_112, width: 64, is_separable: true }
    }

    /// Numbers that go into the projection.
    pub(crate) fn pooled(&self) -> i64 {
        self.sides.len() as i64 * NECK_VIEWS * self.width
    }
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
        assert_eq!(NeckForm::mobilefacenet(MobileForm::Named).pooled(), 768);
    }
}
