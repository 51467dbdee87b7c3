//! The forms of the native networks: one table of layers for what runs them and for what trains them.

mod dlib;
mod layer;
mod mobilefacenet;
mod neck;
mod resnet;

pub(crate) use dlib::{
    DLIB_MARK, DLIB_SIDE, DLIB_STAGES, DLIB_STEM_PLANES, DlibBlock, DlibBlockLayers, DlibLayers, dlib_block_name,
};
pub(crate) use layer::{ActivationForm, ConvForm, LayerForm};
pub(crate) use mobilefacenet::{InvertedResidual, MobileBlockLayers, MobileForm, MobileLayers};
pub(crate) use neck::{NECK_VIEWS, NeckForm};
pub(crate) use resnet::{
    BOTTLENECK_STAGES, BottleneckBlockLayers, BottleneckLayers, IR_STAGES, IrBlockLayers, IrLayers,
};

/// Side of the last planes: 112 halved four times.
pub(crate) const LAST_SIDE: i64 = 7;
/// What the norms add to the variance.
pub(crate) const EPSILON: f64 = 1e-5;
