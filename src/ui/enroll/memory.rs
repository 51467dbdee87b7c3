//! What the Enroll screen remembers.

use crate::types::{DetectorParams, FaceId};
use crate::ui::faces::{FilterMemory, GridMemory, Selection};
use crate::ui::people::Suggestions;
use crate::ui::widgets::{LongList, View};

/// What the enroll screen remembers.
#[derive(Default)]
pub struct EnrollMemory {
    pub subjects_from_folders: bool,
    pub grid: GridMemory,
    pub selection: Selection,
    pub filter: FilterMemory,
    pub is_filter_open: bool,
    pub(super) view: CentralView,
    pub(super) issues: IssuesMemory,
    pub(super) questions: LongList,
    pub(super) missing: LongList,
    pub(super) detail: DetailMemory,
}

impl EnrollMemory {
    pub fn show_issues(&mut self) {
        self.view = CentralView::Issues;
    }

    pub fn show_questions(&mut self) {
        self.view = CentralView::Questions;
    }

    pub fn show_missing(&mut self) {
        self.view = CentralView::Missing;
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CentralView {
    #[default]
    Faces,
    Issues,
    Questions,
    Missing,
}

#[derive(Default)]
pub struct DetailMemory {
    /// The face that the rest belongs to.
    pub(super) face: Option<FaceId>,
    pub(super) view: View,
    pub naming: NamingMemory,
    pub(super) detector: DetectorMemory,
}

pub struct DetectorMemory {
    /// What the person has set but not stored; `None` follows the settings.
    pub(super) draft: Option<DetectorParams>,
    pub(super) shown: [bool; 4],
}

impl Default for DetectorMemory {
    fn default() -> Self {
        Self { draft: None, shown: [false, false, true, true] }
    }
}

impl DetectorMemory {
    /// The enrolled faces are drawn too.
    pub fn shows_faces(&self) -> bool {
        self.shown[3]
    }
}

#[derive(Default)]
pub struct IssuesMemory {
    pub(super) list: LongList,
}

/// The name as it is typed.
#[derive(Default)]
pub struct NamingMemory {
    pub(super) text: String,
    /// What `text` began as; a name that comes in later replaces an untouched draft.
    pub(super) before: Option<String>,
    pub(super) fitting: Suggestions,
    /// Several people have the name that was entered.
    pub(super) ambiguous: bool,
}
