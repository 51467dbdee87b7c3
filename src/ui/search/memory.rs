//! What the Search screen remembers.

use crate::ui::people::Suggestions;
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

/// What the filter row remembers.
#[derive(Default)]
pub struct FilterMemory {
    pub(super) name: String,
    pub(super) fitting: Suggestions,
    pub(super) from: Draft,
    pub(super) to: Draft,
}

/// A text that a person types, until it is one that can be used.
#[derive(Default)]
pub struct Draft {
    pub(super) text: String,
    /// What it began as; a value that is set elsewhere replaces the draft.
    pub(super) stored: Option<String>,
}

impl Draft {
    pub(super) fn follow(&mut self, stored: Option<&String>) {
        if self.stored.as_ref() != stored {
            self.stored = stored.cloned();
            self.text = self.stored.clone().unwrap_or_default();
        }
    }

    pub(super) fn value(&self) -> Option<String> {
        Some(self.text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// What the probe's panel remembers.
#[derive(Default)]
pub struct ProbeMemory {
    pub(super) view: View,
    /// The photo that the view belongs to, by the place of its pixels.
    pub(super) photo: usize,
}
