//! Embedders: from aligned crops to unit vectors, by whichever network a manifest names.

mod dlib;
mod dlib_net;
mod embedder;
mod fpn;
mod graph_arrays;
mod ir_resnet;
mod known_graph;
mod layer;
mod layers;
mod mobilefacenet;
mod native;
mod net;
mod onnx_net;
mod preprocess;
mod resnet;
mod tfjs;
mod torchscript;
mod weights;

pub use embedder::Embedder;
pub(in crate::vision) use embedder::NetEmbedder;
pub(in crate::vision) use graph_arrays::is_graph;
pub(in crate::vision) use known_graph::{GraphChoice, choose as choose_for_graph};
pub(crate) use preprocess::Preprocessor;
pub(crate) use weights::{Weights, WeightsFile};
