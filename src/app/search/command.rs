use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::order::CandidateOrder;
use super::state::FaceQuery;
use crate::types::FaceId;

/// What the Search screen asks for.
#[derive(Clone, Debug)]
pub enum SearchCommand {
    File(PathBuf),
    /// A picture that has no file, from the clipboard.
    Image(Arc<RgbImage>),
    /// A face of the gallery.
    Face(FaceId),
    /// Which face of the probe photo is searched, from 0.
    ChooseFace(usize),
    Clear,
    SetThreshold(f32),
    SetK(usize),
    /// Only faces that pass are candidates from now on; an empty filter lets all pass.
    SetFilter(FaceQuery),
    /// All faces at or above the threshold in the place of the `k` best.
    SetRange(bool),
    /// List the candidates in this order.
    Sort {
        order: CandidateOrder,
        is_turned: bool,
    },
    /// Open the side-by-side view on the candidate at this position of the list, from 0; `None` closes it.
    Compare(Option<usize>),
}
