use super::command::RosterCommand;
use super::event::RosterEvent;
use super::queue::Queue;
use super::state::{Page, Rows, Who};
use crate::app::parts::{Load, load_from};
use crate::app::state::AppState;
use crate::app::window::Screen;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &RosterCommand) {
    let roster = &mut state.roster;
    match command {
        RosterCommand::List(listing) => {
            if roster.listing.part != listing.part {
                // Lines of another list would only mislead.
                roster.rows = Load::Loading;
            }
            roster.listing = listing.clone();
            roster.opened = None;
            state.requests.roster += 1;
        }
        RosterCommand::Open(Some(who)) => {
            state.screen = Screen::People;
            roster.opened = Some((*who, Load::Loading));
        }
        RosterCommand::Open(None) => roster.opened = None,
        RosterCommand::Review(true) => {
            roster.opened = None;
            roster.queue = Some(Queue::default());
        }
        RosterCommand::Review(false) => roster.queue = None,
        RosterCommand::Turn(place) => {
            if let Some(queue) = &mut roster.queue
                && *place <= queue.items.len()
            {
                queue.at = *place;
            }
        }
        RosterCommand::Decided => {
            if let Some(queue) = &mut roster.queue {
                queue.decide();
            }
        }
        RosterCommand::View { .. } | RosterCommand::Group | RosterCommand::Regroup(_) => {}
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: RosterEvent) {
    let roster = &mut state.roster;
    match event {
        RosterEvent::Counted(counts) => roster.counts = counts,
        RosterEvent::Listed { request, rows } => {
            if request == state.requests.roster {
                roster.rows = load_from(rows);
            }
        }
        RosterEvent::Opened { who, page } => opened(state, who, load_from(page)),
        RosterEvent::Queued { after, items, is_all, decided } => {
            if let Some(queue) = &mut roster.queue {
                match items {
                    Ok(items) => {
                        queue.problem = None;
                        queue.read(after, items, is_all, decided);
                    }
                    Err(reason) => queue.problem = Some(reason),
                }
            }
        }
        RosterEvent::Members { group, faces } => {
            if let Some(queue) = &mut roster.queue {
                queue.set_members(group, faces);
            }
        }
    }
}

fn opened(state: &mut AppState, who: Who, page: Load<Page>) {
    let Some((asked, shown)) = &mut state.roster.opened else { return };
    if *asked == who {
        *shown = page;
    }
}

impl Rows {
    /// Lines read at once: what is in view, and as much above and below it.
    pub(super) fn around(first: usize, last: usize) -> (usize, usize) {
        let shown = last.saturating_sub(first).max(20);
        (first.saturating_sub(shown), 3 * shown)
    }
}
