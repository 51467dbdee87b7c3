//! What the Search screen remembers.

use crate::ui::faces::{FilterMemory, Selection};
use crate::ui::widgets::{LongList, View};

/// What the search screen remembers.
#[derive(Default)]
pub struct SearchMemory {
    pub(super) candidates: CandidatesMemory,
    pub compare: CompareMemory,
    pub(super) probe: ProbeMemory,
    pub(super) filter: FilterMemory,
}

#[derive(Default)]
pub struct CandidatesMemory {
    pub(super) list: LongList,
    pub(super) cursor: usize,
    pub(super) selection: Selection,
    /// The probe and its face that the list was scrolled for.
    pub(super) search: (u64, usize),
}

pub struct CompareMemory {
    /// Both canvases follow it.
    pub(super) view: View,
    /// The faces are framed, not the whole photos.
    pub frame_faces: bool,
}

impl Default for CompareMemory {
    fn default() -> Self {
        Self { view: View::default(), frame_faces: true }
    }
}

/// What the probe's panel remembers.
#[derive(Default)]
pub struct ProbeMemory {
    pub(super) view: View,
    /// The photo that the view belongs to, by the place of its pixels.
    pub(super) photo: usize,
}
