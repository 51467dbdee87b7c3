use super::command::SearchCommand;
use super::event::SearchEvent;
use super::query::{begin_query, begin_search, clear_search, close_compare, keep_compared};
use super::state::{Found, MAX_K, Probe};
use crate::app::parts::{Load, load_from};
use crate::app::state::AppState;
use crate::types::Telling;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &SearchCommand) {
    match command {
        SearchCommand::File(_) | SearchCommand::Image(_) | SearchCommand::Face(_) => begin_search(state),
        SearchCommand::ChooseFace(at) => {
            if state.search.probe.ready().is_some_and(|probe| *at < probe.faces.len()) {
                state.search.chosen = *at;
                begin_query(state);
            }
        }
        SearchCommand::Clear => clear_search(state),
        SearchCommand::SetThreshold(threshold) => {
            state.search.threshold = if threshold.is_nan() { 0.0 } else { threshold.clamp(-1.0, 1.0) };
            begin_query(state);
        }
        SearchCommand::SetK(k) => {
            state.search.k = (*k).clamp(1, MAX_K);
            state.settings.k = state.search.k;
            begin_query(state);
        }
        SearchCommand::SetFilter(filter) => {
            if filter.validate().is_ok() && *filter != state.search.filter {
                state.search.filter = filter.clone();
                begin_query(state);
            }
        }
        SearchCommand::SetRange(range) => {
            state.search.range = *range;
            begin_query(state);
        }
        SearchCommand::Sort { order, is_turned } => {
            (state.search.order, state.search.is_turned) = (*order, *is_turned);
            if let Some(mut sorted) = state.search.candidates.ready().cloned() {
                order.sort(*is_turned, &mut sorted);
                keep_compared(state, &sorted);
                state.search.candidates = Load::Ready(sorted);
            }
        }
        SearchCommand::Compare(Some(at)) => {
            if state.search.candidates.ready().is_some_and(|candidates| *at < candidates.len()) {
                state.requests.compare += 1;
                state.search.compare = Some((*at, Load::Loading));
            }
        }
        SearchCommand::Compare(None) => close_compare(state),
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: SearchEvent) {
    match event {
        SearchEvent::ProbeLoaded { request, probe } => {
            if request == state.requests.probe {
                probe_loaded(state, probe);
            }
        }
        SearchEvent::Searched { request, found } => {
            if request == state.requests.query {
                searched(state, found);
            }
        }
        SearchEvent::CompareLoaded { request, photo } => {
            if request == state.requests.compare
                && let Some((_, compared)) = &mut state.search.compare
            {
                *compared = load_from(photo);
            }
        }
    }
}

fn probe_loaded(state: &mut AppState, probe: Result<Probe, Telling>) {
    state.search.candidates = Load::Nothing;
    match probe {
        Ok(probe) => {
            state.search.chosen = probe.chosen;
            state.search.probe_millis = probe.millis;
            let has_face = !probe.photo.faces.is_empty();
            state.search.probe = Load::Ready(probe.photo);
            if has_face {
                begin_query(state);
            }
        }
        Err(reason) => state.search.probe = Load::Failed(reason),
    }
}

fn searched(state: &mut AppState, found: Result<Found, Telling>) {
    match found {
        Ok(mut found) => {
            state.search.order.sort(state.search.is_turned, &mut found.candidates);
            state.search.search_millis = found.millis;
            state.search.cut_at = found.cut_at;
            state.search.may_be_incomplete = found.may_be_incomplete;
            state.search.passing = found.passing;
            keep_compared(state, &found.candidates);
            state.search.candidates = Load::Ready(found.candidates);
        }
        Err(reason) => {
            close_compare(state);
            state.search.candidates = Load::Failed(reason);
        }
    }
}
