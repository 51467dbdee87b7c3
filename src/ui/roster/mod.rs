//! People: everybody and the groups of those without a name, one of them in full, and one decision after the other.

mod group;
mod ignored;
mod list;
mod memory;
mod person;
mod review;
mod row;
mod words;

use egui::{CentralPanel, Frame, Margin, Ui};

use super::{Cx, theme, widgets};
use crate::app::{Load, Page};
use crate::say;
use crate::words::told;
pub(super) use memory::RosterMemory;

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let frame = Frame::NONE.fill(theme::palette(ui).ground);
    let centre = frame.inner_margin(Margin { left: 16, right: 8, top: 16, bottom: 8 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        let state = cx.state;
        match (&state.roster.queue, &state.roster.opened) {
            (Some(queue), _) => review::review_ui(ui, cx, queue),
            (None, Some((who, page))) => {
                person::follow(cx, *who);
                match page {
                    Load::Ready(Page::Person { person, faces, suggestions, alarms }) => {
                        person::person_ui(ui, cx, person, faces, suggestions, alarms);
                    }
                    Load::Ready(Page::Group { group, faces, suggestion }) => {
                        group::group_ui(ui, cx, *group, faces, suggestion.as_ref());
                    }
                    Load::Failed(reason) => person::gone_ui(ui, cx, &told(reason)),
                    Load::Nothing | Load::Loading => drop(widgets::spinner(ui, 18.0, &say!("roster-reading"))),
                }
            }
            (None, None) => list::list_ui(ui, cx),
        }
    });
}
