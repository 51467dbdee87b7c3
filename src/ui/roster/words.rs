//! Words that several parts of the screen say.

use crate::app::Suggestion;
use crate::say;
use crate::types::GroupId;
use crate::ui::{Cx, format};

pub fn group_title(group: GroupId) -> String {
    say!("roster-group", n = group.to_string())
}

/// "resembles Ada, 0.83".
pub fn suggestion_text(cx: &mut Cx<'_>, suggestion: &Suggestion) -> String {
    let score = format::score(suggestion.score);
    match &suggestion.subject {
        Some(subject) => say!("roster-resembles", name = cx.title_of(subject), score = score),
        None => say!("roster-resembles-ignored", score = score),
    }
}
