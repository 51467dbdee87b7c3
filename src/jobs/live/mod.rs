//! The index in use: what decides on the current generation and moves it. Whatever the gallery holds it holds too, and what
//! happens to it the gallery makes good.

mod build;
mod changes;
mod follow;
mod index;
mod latency;
mod level;
mod load;
mod publish;
mod start;
mod turn;
mod watch;

#[cfg(test)]
mod tests;

pub(super) use build::{Recipe, build, look_after, raw_vectors};
pub(super) use index::LiveIndex;
pub(super) use watch::Watch;
