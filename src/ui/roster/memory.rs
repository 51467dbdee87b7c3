//! What the People screen remembers.

use crate::app::{Listing, ReviewKey, Who};
use crate::ui::faces::{GridMemory, Selection};
use crate::ui::people::Suggestions;
use crate::ui::widgets::LongList;

#[derive(Default)]
pub struct RosterMemory {
    pub(super) list: ListMemory,
    pub(super) person: PersonMemory,
    pub(super) ignored: FacesMemory,
    pub(super) review: ReviewMemory,
}

#[derive(Default)]
pub struct ListMemory {
    pub(super) list: LongList,
    pub(super) cursor: usize,
    /// The lines that were asked for and have not come.
    pub(super) asked: Option<(usize, usize)>,
    /// What the list was scrolled for.
    pub(super) listing: Listing,
    /// The search as it is typed.
    pub(super) search: String,
}

/// A grid of faces with those that are chosen.
#[derive(Default)]
pub struct FacesMemory {
    pub(super) grid: GridMemory,
    pub(super) selection: Selection,
}

#[derive(Default)]
pub struct PersonMemory {
    /// Whom the rest is about.
    pub(super) who: Option<Who>,
    pub(super) faces: FacesMemory,
    pub(super) tab: PersonTab,
    pub(super) order: PersonOrder,
    /// The tags as they are typed, and as they were.
    pub(super) tags: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonTab {
    #[default]
    Faces,
    Suggestions,
    Alarms,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonOrder {
    /// What belongs least comes first.
    #[default]
    Odd,
    Newest,
    Quality,
}

#[derive(Default)]
pub struct ReviewMemory {
    /// The item that the rest is about.
    pub(super) at: Option<ReviewKey>,
    pub(super) faces: FacesMemory,
    /// The other name as it is typed, while it is asked for.
    pub(super) other: Option<String>,
    pub(super) fitting: Suggestions,
}
