//! Everybody as a list: people, groups without a name, people to review and those about whom something is odd.

use egui::{ComboBox, Key, Modifiers, Role, TextEdit, Ui, WidgetInfo};

use super::memory::ListMemory;
use super::row::{Place, ROW, row_ui, waiting_ui};
use super::{ignored, row};
use crate::app::{JobKind, Listing, Load, Part, PeopleFilter, PeopleOrder, RosterCommand, Rows};
use crate::say;
use crate::ui::widgets::LongList;
use crate::ui::{Cx, keys, people, theme, widgets};
use crate::words::told;

pub fn list_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    header_ui(ui, cx);
    ui.add_space(theme::GAP_SMALL);
    let state = cx.state;
    let part = state.roster.listing.part;
    if let Part::People(_) = part {
        bar_ui(ui, cx);
        ui.add_space(theme::GAP_SMALL);
    }
    match &state.roster.rows {
        Load::Failed(reason) => widgets::problem_ui(ui, &told(reason)),
        Load::Nothing | Load::Loading => drop(widgets::spinner(ui, 18.0, &say!("roster-reading"))),
        Load::Ready(rows) if rows.total == 0 => nothing_ui(ui, cx),
        Load::Ready(rows) => match part {
            Part::People(_) => rows_ui(ui, cx, rows),
            Part::Ignored => ignored::ignored_ui(ui, cx, rows),
        },
    }
}

/// The lists to choose from, and what can be done with all of them.
fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let counts = cx.state.roster.counts;
    let parts = [
        (Part::People(PeopleFilter::Named), say!("roster-named", n = counts.named)),
        (Part::People(PeopleFilter::Groups), say!("roster-groups", n = counts.groups)),
        (Part::People(PeopleFilter::ToReview), say!("roster-to-review", n = counts.suggestions)),
        (Part::People(PeopleFilter::Flagged), say!("roster-flagged", n = counts.alarms)),
        (Part::Ignored, say!("roster-ignored", n = counts.ignored)),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(32.0);
        let listing = &cx.state.roster.listing;
        if let Some(part) = widgets::segments_ui(ui, &say!("roster-list"), listing.part, &parts) {
            cx.push(RosterCommand::List(Listing { part, ..listing.clone() }));
        }
        let read_only = cx.read_only();
        widgets::changing(ui, read_only, |ui| {
            let review = widgets::primary_button(ui, &say!("roster-review"));
            if review.on_hover_text(say!("roster-review-hint")).clicked() || review_key(ui, cx) {
                cx.push(RosterCommand::Review(true));
            }
            let is_busy = cx.state.running_job(JobKind::Group).is_some();
            let group = ui.add_enabled(!is_busy, egui::Button::new(say!("roster-group-all")));
            if group.on_hover_text(say!("roster-group-all-hint", n = counts.unknown)).clicked() {
                cx.push(RosterCommand::Group);
            }
        });
    });
    if let Some(job) = cx.state.running_job(JobKind::Group) {
        crate::ui::enroll::job_ui(ui, job, cx.commands);
    }
}

fn review_key(ui: &Ui, cx: &Cx<'_>) -> bool {
    cx.read_only().is_none() && keys::keys_are_free(ui.ctx()) && keys::pressed(ui.ctx(), Modifiers::NONE, Key::R)
}

fn bar_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let listing = cx.state.roster.listing.clone();
    let mut wanted = listing.clone();
    let is_groups = listing.part == Part::People(PeopleFilter::Groups);
    ui.horizontal_wrapped(|ui| {
        if !is_groups {
            let memory = &mut cx.memory.roster.list;
            let edit = TextEdit::singleline(&mut memory.search).hint_text(say!("roster-search")).desired_width(220.0);
            let edit = ui.add(edit.char_limit(200)).accessible_name(say!("roster-search"));
            if edit.changed() {
                wanted.search = memory.search.trim().to_owned();
            }
        }
        let titles = [
            (PeopleOrder::Name, if is_groups { say!("roster-by-founding") } else { say!("roster-by-name") }),
            (PeopleOrder::Faces, say!("roster-by-faces")),
            (PeopleOrder::Suggestions, say!("roster-by-suggestions")),
            (PeopleOrder::LastSeen, say!("roster-by-last-seen")),
            (PeopleOrder::Newest, say!("roster-by-newest")),
        ];
        let offered = |order: PeopleOrder| {
            !is_groups || matches!(order, PeopleOrder::Name | PeopleOrder::Faces | PeopleOrder::Newest)
        };
        let chosen = titles.iter().find(|(order, _)| *order == listing.order).map_or("", |(_, title)| title);
        widgets::caption_inline(ui, &say!("faces-sort"));
        let combo = ComboBox::from_id_salt("people-order").selected_text(chosen).show_ui(ui, |ui| {
            for (order, title) in titles.iter().filter(|(order, _)| offered(*order)) {
                ui.selectable_value(&mut wanted.order, *order, title);
            }
        });
        let name = say!("faces-sort-name", order = chosen);
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
        if let Load::Ready(Rows { total, .. }) = &cx.state.roster.rows
            && !listing.search.is_empty()
        {
            widgets::caption_inline(ui, &say!("roster-lines", n = *total));
        }
    });
    if wanted != listing {
        cx.push(RosterCommand::List(wanted));
    }
}

fn nothing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let listing = &cx.state.roster.listing;
    let (title, about) = match listing.part {
        _ if !listing.search.is_empty() => (say!("roster-none-found"), say!("roster-none-found-about")),
        Part::People(PeopleFilter::Named) => (say!("roster-nobody"), say!("roster-nobody-about")),
        Part::People(PeopleFilter::Groups) => (say!("roster-no-groups"), say!("roster-no-groups-about")),
        Part::People(PeopleFilter::ToReview) => (say!("roster-no-review"), say!("roster-no-review-about")),
        Part::People(PeopleFilter::Flagged) => (say!("roster-no-alarms"), say!("roster-no-alarms-about")),
        Part::Ignored => (say!("roster-none-ignored"), say!("roster-none-ignored-about")),
    };
    let can_group = listing.part == Part::People(PeopleFilter::Groups)
        && cx.state.roster.counts.unknown > 0
        && cx.read_only().is_none()
        && cx.state.running_job(JobKind::Group).is_none();
    widgets::empty_state(ui, &title, &about, |ui| {
        if can_group && widgets::primary_button(ui, &say!("roster-group-all")).clicked() {
            cx.push(RosterCommand::Group);
        }
    });
}

fn rows_ui(ui: &mut Ui, cx: &mut Cx<'_>, rows: &Rows) {
    let memory = &mut cx.memory.roster.list;
    let listing = &cx.state.roster.listing;
    if memory.listing != *listing {
        let search = std::mem::take(&mut memory.search);
        *memory = ListMemory { listing: listing.clone(), search, ..ListMemory::default() };
    }
    memory.cursor = memory.cursor.min(rows.total - 1);
    let mut list = std::mem::take(&mut memory.list);
    let name = say!("roster-list");
    let id = ui.make_persistent_id(&name);
    take_keys(ui, cx, &mut list, id, rows);
    let cursor = cx.memory.roster.list.cursor;
    if let Some(person) = rows.get(cursor).and_then(row::subject_of) {
        people::take_keys(ui.ctx(), cx, Some(&person));
    }
    let (mut first, mut last) = (usize::MAX, 0);
    let wanted_before = cx.memory.wanted_crops.len();
    let is_leaping = list.is_leaping();
    list.show(ui, &name, ROW, rows.total, |ui, place, rect| {
        (first, last) = (first.min(place), last.max(place + 1));
        ui.push_id(("person", place), |ui| match rows.get(place) {
            Some(row) => {
                if row_ui(ui, cx, row, Place { list: id, place, total: rows.total, at_cursor: place == cursor }, rect) {
                    cx.memory.roster.list.cursor = place;
                }
            }
            None => waiting_ui(ui, rect),
        });
    });
    if is_leaping {
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    cx.memory.roster.list.list = list;
    let wanted = (first < last && !rows.holds(first, last)).then_some((first, last));
    let asked = std::mem::replace(&mut cx.memory.roster.list.asked, wanted);
    if let Some((first, last)) = wanted.filter(|_| asked != wanted) {
        cx.push(RosterCommand::View { first, last });
    }
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, list: &mut LongList, id: egui::Id, rows: &Rows) {
    let cursor = &mut cx.memory.roster.list.cursor;
    if list.take_keys(ui, id, cursor, rows.total)
        && let Some(row) = rows.get(*cursor)
    {
        cx.push(RosterCommand::Open(Some(row::who_of(row))));
    }
}
