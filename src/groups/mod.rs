//! Groups of faces that show one person each, found from the faces alone: pure functions over vectors and neighbours.
//!
//! [`linkage::group`] is what the program uses; [`peers`] holds the known methods that it is compared with.

mod bonds;
mod graph;
mod linkage;
pub mod peers;
mod piecewise;
mod sets;

pub use bonds::Bonds;
pub use graph::Graph;
pub use linkage::{Grouping, group};
pub use piecewise::{group_piece, pieces};

/// A face as grouping sees it.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Unit length, d numbers.
    pub vector: &'a [f32],
    /// Faces of one photo never share a group.
    pub photo: i64,
    /// The subject that it is named as: it binds.
    pub subject: Option<i64>,
    /// Of poor quality, cut or upside down: it needs a higher score to join, and founds no group.
    pub is_weak: bool,
}

/// What decides how far groups grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Neighbours of each face that are looked at.
    pub k: usize,
    /// Least mean cosine between the faces of two groups that become one, −1 to 1.
    pub threshold: f32,
    /// Added to the threshold where one of the two is a weak face alone.
    pub weak_extra: f32,
}

impl Parameters {
    /// Least quality of a face that may found a group, 0 to 1.
    pub const SOUND_QUALITY: f32 = 0.4;
    /// How far from a model's threshold towards 1 its groups stop: 0.582 for the default model. `likeness eval groups` on
    /// LFW chooses 0.58 on every other person.
    const REACH: f32 = 0.24;

    /// For a model whose pairs are told apart at this threshold (FMR 1e-3): among many faces there are many more pairs
    /// than a search compares, so groups ask for more.
    pub fn for_threshold(threshold: f32) -> Self {
        Self { k: 32, threshold: threshold + Self::REACH * (1.0 - threshold), weak_extra: 0.05 }
    }
}
