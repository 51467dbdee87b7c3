use super::state::{Listing, Who};
use crate::types::SubjectId;

/// What the People screen asks for.
#[derive(Clone, Debug)]
pub enum RosterCommand {
    /// List these, from the beginning.
    List(Listing),
    /// These lines are in view.
    View { first: usize, last: usize },
    /// Show a person or a group in full; `None` closes it.
    Open(Option<Who>),
    /// Begin to decide on one item after the other, or go back to the list.
    Review(bool),
    /// The item at this place of the queue.
    Turn(usize),
    /// The item on view was decided on, by a change that is handed in with this.
    Decided,
    /// Group the faces that nobody named.
    Group,
    /// Group anew the faces of a person that nobody confirmed.
    Regroup(SubjectId),
}
