//! Which embedders there are: built-in recipes, imported ones, and whether their weights can be trusted.

mod better;
mod checksum;
mod consent;
mod detect;
mod import;
mod proposal;
mod registry;
mod self_test;
mod spec;

pub use better::BetterModel;
pub use import::ImportRequest;
pub use proposal::input_is_stated;
pub use registry::{ModelEntry, ModelRegistry};
pub use spec::{Architecture, ChannelOrder, InputSpec, ModelManifest, Precision};

pub(super) use registry::check_sum;
