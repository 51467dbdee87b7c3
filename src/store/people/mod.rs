//! People beside their names: who a face is not, whom to leave alone, groups of those that nobody named, and what is asked
//! of all that for a screen.

mod alarms;
mod groups;
mod list;
mod pairs;
mod query;
mod review;
mod said;
mod suggestions;

pub use alarms::{Alarm, AlarmKind, NewAlarm};
pub use groups::{GroupMove, Target, UnknownFace};
pub use list::{PeopleCounts, PeopleFilter, PeopleOrder, PeopleQuery, Person, Row};
pub use query::{IgnoredFace, Page, PersonFace};
pub use review::{ReviewItem, ReviewKey, ReviewKind};
pub use suggestions::{NewSuggestion, Suggestion};

pub(super) use groups::{leave_group, members_to_name, regroup};
pub(super) use pairs::{accept, not_subject};
pub(super) use said::{
    adorn, carry_over, forget_subject, ignore, move_subject, notice, purge_face, reject, rest_of_photo, settle, split,
};
