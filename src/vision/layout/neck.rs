//! The feature pyramid.

use super::layer::{ActivationForm, ConvForm, LayerForm};
use super::mobilefacenet::MobileForm;

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

    /// The layers of each level, the largest first.
    pub(crate) fn levels(&self) -> Vec<NeckLevel> {
        let width = self.width;
        let level = |(i, (planes, side)): (usize, (i64, i64))| {
            let layer = |name: &str, conv: usize, form: ConvForm, activation: ActivationForm| {
                let part = |part: usize| format!("fpn.{name}.{i}.{part}");
                LayerForm::with_norm(part(conv), part(conv + 1), form, activation)
            };
            let smooth = if self.is_separable {
                let (each, across) = (ConvForm::depthwise(width, 3, 1, 1), ConvForm::new([width, width, 1, 1], 1));
                vec![layer("smooth", 0, each, ActivationForm::None), layer("smooth", 2, across, ActivationForm::Relu)]
            } else {
                vec![layer("smooth", 0, ConvForm::new([width, width, 3, 3], 1), ActivationForm::Relu)]
            };
            NeckLevel {
                lateral: layer("lateral", 0, ConvForm::new([width, planes, 1, 1], 1), ActivationForm::None),
                smooth,
                pool: format!("fpn.pool.{i}"),
                places: side * side,
            }
        };
        self.planes.into_iter().zip(self.sides).enumerate().map(level).collect()
    }

    /// Numbers that go into the projection.
    pub(crate) fn pooled(&self) -> i64 {
        self.sides.len() as i64 * NECK_VIEWS * self.width
    }
}

/// What a neck does with one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NeckLevel {
    pub lateral: LayerForm,
    pub smooth: Vec<LayerForm>,
    /// Name of the weights with which it is averaged: `weight`, views×width, and `place`, views×places.
    pub pool: String,
    pub places: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neck_looks_four_times_over_each_of_three_levels() {
        assert_eq!(NeckForm::mobilefacenet(MobileForm::Named).pooled(), 768);
    }
}
