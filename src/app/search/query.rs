//! Beginning a search, asking once more, and putting it away, from whichever room.

use super::state::Candidate;
use crate::app::parts::Load;
use crate::app::state::AppState;
use crate::app::window::Screen;

pub(in crate::app) fn clear_search(state: &mut AppState) {
    state.requests.probe += 1;
    state.requests.query += 1;
    state.search.probe = Load::Nothing;
    state.search.candidates = Load::Nothing;
    close_compare(state);
}

pub(in crate::app) fn begin_search(state: &mut AppState) {
    state.screen = Screen::Search;
    state.requests.probe += 1;
    state.requests.query += 1;
    state.search.probe = Load::Loading;
    state.search.candidates = Load::Nothing;
    close_compare(state);
}

/// Candidates on view stay until the new ones come, so that dragging a slider does not flicker.
pub(in crate::app) fn begin_query(state: &mut AppState) {
    if state.search.probe.ready().is_none_or(|probe| probe.faces.is_empty()) {
        return;
    }
    state.requests.query += 1;
    if state.search.candidates.ready().is_none() {
        state.search.candidates = Load::Loading;
    }
}

pub(in crate::app) fn close_compare(state: &mut AppState) {
    state.requests.compare += 1;
    state.search.compare = None;
}

/// The compared candidate may have another place in the new list, or none.
pub(in crate::app) fn keep_compared(state: &mut AppState, new: &[Candidate]) {
    let Some((at, _)) = &state.search.compare else { return };
    let face = state.search.candidates.ready().and_then(|old| old.get(*at)).map(|candidate| candidate.face);
    match new.iter().position(|candidate| Some(candidate.face) == face) {
        Some(place) => {
            if let Some((at, _)) = &mut state.search.compare {
                *at = place;
            }
        }
        None => close_compare(state),
    }
}
