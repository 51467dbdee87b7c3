//! Training and distilling embedders: losses, changes to crops, optimisers, and the loop that brings them together.

pub mod augment;
mod checkpoint;
pub mod crops;
pub mod data;
pub mod duplicates;
mod error;
mod files;
pub mod hold_out;
pub mod loader;
pub mod log;
pub mod losses;
pub mod nets;
pub mod optimizer;
pub mod precision;
#[cfg(test)]
pub(crate) mod sample;
pub mod schedule;
pub mod setup;
pub mod spec;
pub mod targets;
#[cfg(test)]
mod tests;
pub mod trainer;
pub mod validate;

pub use error::TrainError;
