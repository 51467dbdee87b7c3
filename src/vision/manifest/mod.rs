//! Which embedders there are: built-in recipes, imported ones, and whether their weights can be trusted.

mod better;
mod built_in;
mod checksum;
mod consent;
mod detect;
mod entry;
mod import;
mod proposal;
mod registry;
mod self_test;

pub use better::BetterModel;
pub use entry::ModelEntry;
pub use import::ImportRequest;
pub use proposal::input_is_stated;
pub use registry::ModelRegistry;

pub use crate::vision::spec::{Architecture, ChannelOrder, InputSpec, ModelManifest, Precision};
