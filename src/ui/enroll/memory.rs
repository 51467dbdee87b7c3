//! What the Enroll screen remembers.

use crate::app::Listed;
use crate::types::{DetectorParams, FaceId};
use crate::ui::faces::{FilterMemory, Selection};
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

/// Where the grid stands.
pub struct GridMemory {
    /// Side of a crop in points.
    pub crop_side: f32,
    pub(super) list: LongList,
    /// Where the keyboard is: the place in the list and the face that was there.
    pub(super) cursor: Option<(usize, FaceId)>,
    pub(super) faces_before: usize,
}

impl Default for GridMemory {
    fn default() -> Self {
        Self { crop_side: 96.0, list: LongList::default(), cursor: None, faces_before: 0 }
    }
}

impl GridMemory {
    /// The place of `face` in the list; at once where the cursor is on it.
    pub fn place(&mut self, listed: Listed<'_>, face: FaceId) -> Option<usize> {
        if let Some((place, at)) = self.cursor
            && at == face
            && listed.get(place) == Some(face)
        {
            return Some(place);
        }
        let place = listed.place(face)?;
        self.cursor = Some((place, face));
        Some(place)
    }

    pub fn move_to(&mut self, place: usize, face: FaceId) {
        self.cursor = Some((place, face));
    }

    pub(super) fn cursor_place(&mut self, listed: Listed<'_>) -> Option<usize> {
        let (_, face) = self.cursor?;
        let place = self.place(listed, face);
        if place.is_none() {
            self.cursor = None;
        }
        place
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
