//! Which embedders there are: built-in recipes, imported ones, and whether their weights can be trusted.

mod checksum;
mod detect;
mod import;
mod registry;
mod self_test;
mod spec;

pub use import::ImportRequest;
pub use registry::{ModelEntry, ModelRegistry};
pub use spec::{Architecture, ChannelOrder, InputSpec, ModelManifest};

pub(super) use registry::check_sum;
