use super::order::CandidateOrder;
use crate::app::parts::{Load, PhotoView};
pub use crate::jobs::Candidate;
pub use crate::types::FaceQuery;

/// More candidates than anyone looks through.
pub const MAX_K: usize = 1000;

#[derive(Clone, Debug)]
pub struct SearchView {
    pub probe: Load<PhotoView>,
    /// Position in the probe's `faces`.
    pub chosen: usize,
    /// In the order below; all at or above the threshold.
    pub candidates: Load<Vec<Candidate>>,
    pub order: CandidateOrder,
    /// The other way round.
    pub is_turned: bool,
    /// Time of the index search alone.
    pub search_millis: f32,
    /// Decode, detect, align and embed of the probe.
    pub probe_millis: f32,
    pub k: usize,
    /// Inclusive.
    pub threshold: f32,
    /// Only faces that pass are candidates.
    pub filter: FaceQuery,
    /// All at or above the threshold in the place of the `k` best.
    pub range: bool,
    /// More faces reach the threshold than the best ones that are listed.
    pub cut_at: Option<usize>,
    /// Faces that reach the threshold may be missing, because the index does not compare every face.
    pub may_be_incomplete: bool,
    /// Faces that pass the filter, as of the latest answer; `None` where all do.
    pub passing: Option<usize>,
    /// Position in `candidates` of the one compared, with its photo.
    pub compare: Option<(usize, Load<PhotoView>)>,
}

impl Default for SearchView {
    fn default() -> Self {
        Self {
            probe: Load::Nothing,
            chosen: 0,
            candidates: Load::Nothing,
            order: CandidateOrder::Score,
            is_turned: false,
            search_millis: 0.0,
            probe_millis: 0.0,
            k: 20,
            threshold: 0.0,
            filter: FaceQuery::default(),
            range: false,
            cut_at: None,
            may_be_incomplete: false,
            passing: None,
            compare: None,
        }
    }
}

/// A probe with its faces.
#[derive(Debug)]
pub struct Probe {
    pub photo: PhotoView,
    /// The face searched first.
    pub chosen: usize,
    pub millis: f32,
}

/// The answer to a search.
#[derive(Debug)]
pub struct Found {
    pub candidates: Vec<Candidate>,
    pub millis: f32,
    /// See [`crate::jobs::SearchResult`].
    pub cut_at: Option<usize>,
    pub may_be_incomplete: bool,
    pub passing: Option<usize>,
}
