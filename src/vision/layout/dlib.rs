//! dlib's face recognition network.

use super::layer::{ActivationForm, ConvForm, LayerForm};

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

/// The layers of dlib's network, or what somebody made of each. Behind them stands `fc`, without a bias.
pub(crate) struct DlibLayers<L> {
    pub stem: L,
    pub stages: Vec<Vec<DlibBlockLayers<L>>>,
    /// Planes that go into `fc`.
    pub outputs: i64,
}

pub(crate) struct DlibBlockLayers<L> {
    pub first: L,
    pub second: L,
    /// See [`DlibBlock`].
    pub down: bool,
}

impl DlibLayers<LayerForm> {
    pub(crate) fn table() -> Self {
        let mut count = 0;
        let mut next = |spec: &DlibBlock| {
            let DlibBlock { inputs, outputs, down } = *spec;
            let name = dlib_block_name(count);
            count += 1;
            // Padded only where the stride is 1.
            let first = ConvForm::new([outputs, inputs, 3, 3], if down { 2 } else { 1 });
            let first = if down { first.unpadded() } else { first };
            let second = ConvForm::new([outputs, outputs, 3, 3], 1);
            DlibBlockLayers {
                first: LayerForm::plain(format!("{name}.first"), first, ActivationForm::Relu),
                second: LayerForm::plain(format!("{name}.second"), second, ActivationForm::None),
                down,
            }
        };
        let stem = ConvForm::new([DLIB_STEM_PLANES, 3, 7, 7], 2).unpadded();
        Self {
            stem: LayerForm::plain("stem", stem, ActivationForm::Relu),
            stages: DLIB_STAGES.iter().map(|specs| specs.iter().map(&mut next).collect()).collect(),
            outputs: DLIB_STAGES.last().and_then(|blocks| blocks.last()).map_or(0, |block| block.outputs),
        }
    }

    /// Makes something of every layer, from the input to the output.
    pub(crate) fn try_map<M, E>(&self, mut make: impl FnMut(&LayerForm) -> Result<M, E>) -> Result<DlibLayers<M>, E> {
        let stem = make(&self.stem)?;
        let mut stages = Vec::with_capacity(self.stages.len());
        for blocks in &self.stages {
            let mut made = Vec::with_capacity(blocks.len());
            for DlibBlockLayers { first, second, down } in blocks {
                made.push(DlibBlockLayers { first: make(first)?, second: make(second)?, down: *down });
            }
            stages.push(made);
        }
        Ok(DlibLayers { stem, stages, outputs: self.outputs })
    }
}
