use super::queue::Queue;
use crate::app::parts::Load;
pub use crate::store::{
    Alarm, AlarmKind, PeopleCounts, PeopleFilter, PeopleOrder, PeopleRow, Person, PersonFace, ReviewItem, ReviewKey,
    ReviewKind, Suggestion,
};
use crate::types::{FaceId, GroupId, Ignored, SubjectId};

/// What the People screen shows.
#[derive(Clone, Debug, Default)]
pub struct RosterView {
    pub listing: Listing,
    pub rows: Load<Rows>,
    pub counts: PeopleCounts,
    /// A person or a group in full.
    pub opened: Option<(Who, Load<Page>)>,
    /// What is to be decided, while that is done.
    pub queue: Option<Queue>,
}

/// What is listed, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Listing {
    pub part: Part,
    pub order: PeopleOrder,
    /// Of people only those in whose name, external id or tags this stands; empty for all.
    pub search: String,
}

/// The lists of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    People(PeopleFilter),
    /// Faces that are left alone.
    Ignored,
}

impl Default for Part {
    fn default() -> Self {
        Self::People(PeopleFilter::Named)
    }
}

/// A piece of what is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Place of the first one in the whole list.
    pub from: usize,
    pub rows: ListedRows,
    /// Lines of the whole list.
    pub total: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ListedRows {
    People(Vec<PeopleRow>),
    /// All of them, the latest enrolled first, with why.
    Ignored {
        faces: Vec<FaceId>,
        why: Vec<Ignored>,
    },
}

impl Rows {
    /// The line at a place of the whole list; `None` where it has not been read.
    pub fn get(&self, place: usize) -> Option<&PeopleRow> {
        match &self.rows {
            ListedRows::People(rows) => rows.get(place.checked_sub(self.from)?),
            ListedRows::Ignored { .. } => None,
        }
    }

    /// Whether these places have been read, as far as the list goes.
    pub fn holds(&self, first: usize, last: usize) -> bool {
        let end = match &self.rows {
            ListedRows::People(rows) => self.from + rows.len(),
            ListedRows::Ignored { .. } => self.total,
        };
        first >= self.from && last.min(self.total) <= end
    }
}

/// Who is shown in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Subject(SubjectId),
    Group(GroupId),
}

/// Somebody in full.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Person {
        person: Box<Person>,
        /// The oddest first.
        faces: Vec<PersonFace>,
        /// Faces without a name that resemble the person, the best first; at most [`Page::MOST`].
        suggestions: Vec<Suggestion>,
        alarms: Vec<Alarm>,
    },
    Group {
        group: GroupId,
        faces: Vec<FaceId>,
        suggestion: Option<Suggestion>,
    },
}

impl Page {
    /// Suggestions that are read at once.
    pub const MOST: usize = 2_000;
}
