//! The ranked list of faces that resemble the probe.

use crate::words::told;
use egui::{Align, Align2, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use super::memory::CandidatesMemory;
use crate::app::{Candidate, CandidateOrder, Listed, Load, Screen, SearchCommand, WindowCommand};
use crate::say;
use crate::types::{FaceId, FaceQuery};
use crate::ui::faces::{self, Chosen, order_title, order_ui, selection_ui};
use crate::ui::widgets::LongList;
use crate::ui::{Cx, DialogKind, format, keys, people, theme, widgets};

const ROW: f32 = 80.0;
const CROP: f32 = 60.0;

pub fn candidates_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let search = &cx.state.search;
    match (&search.probe, &search.candidates) {
        (Load::Nothing, _) => nothing_searched_ui(ui, cx),
        (Load::Loading, _) => {}
        (Load::Failed(_), _) => {
            widgets::empty_state(ui, &say!("search-photo-failed"), &say!("search-photo-failed-about"), |_| {});
        }
        (Load::Ready(photo), _) if photo.faces.is_empty() => {
            widgets::empty_state(ui, &say!("search-without-face"), &say!("search-without-face-about"), |_| {});
        }
        (Load::Ready(_), Load::Nothing | Load::Loading) => {
            ui.horizontal(|ui| {
                widgets::spinner(ui, 18.0, &say!("search-running"));
                ui.label(say!("search-running"));
            });
        }
        (Load::Ready(_), Load::Failed(reason)) => {
            widgets::empty_state(ui, &say!("search-failed"), &told(reason), |_| {});
        }
        (Load::Ready(_), Load::Ready(candidates)) if candidates.is_empty() => no_candidate_ui(ui, cx),
        (Load::Ready(_), Load::Ready(candidates)) => list_ui(ui, cx, candidates),
    }
}

fn nothing_searched_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.faces.is_empty() && !cx.state.status.starting {
        let about = say!("search-nothing-enrolled-about");
        widgets::empty_state(ui, &say!("search-nothing-enrolled"), &about, |ui| {
            if widgets::primary_button(ui, &say!("search-nothing-enrolled-go")).clicked() {
                cx.push(WindowCommand::ShowScreen(Screen::Enroll));
            }
        });
        return;
    }
    widgets::empty_state(ui, &say!("search-who"), &say!("search-who-about"), |ui| {
        if widgets::primary_button(ui, &say!("search-who-choose")).clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::ProbePhoto);
        }
    });
}

fn no_candidate_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let threshold = cx.state.search.threshold;
    let text = match cx.state.search.passing {
        Some(0) => {
            widgets::empty_state(ui, &say!("search-none-passes"), &say!("search-none-passes-about"), |ui| {
                if widgets::button(ui, &say!("search-none-passes-all")).clicked() {
                    cx.push(SearchCommand::SetFilter(FaceQuery::default()));
                }
            });
            return;
        }
        Some(passing) => {
            say!("search-none-filtered", faces = say!("faces", n = passing), threshold = format::score(threshold))
        }
        None => say!("search-none-about", threshold = format::score(threshold)),
    };
    widgets::empty_state(ui, &say!("search-none"), &text, |ui| {
        let lower = (threshold - 0.05).max(0.0);
        let text = say!("search-lower", threshold = format::score(lower));
        if threshold > 0.0 && widgets::button(ui, &text).clicked() {
            cx.push(SearchCommand::SetThreshold(lower));
        }
    });
}

/// Columns of a row, left to right.
struct Columns {
    rank: Rect,
    crop: Rect,
    score: Rect,
    who: Rect,
    date: Rect,
    actions: Rect,
}

impl Columns {
    /// `actions` is the room for all buttons and for the first alone, in points.
    fn new(row: Rect, actions: [f32; 2]) -> Self {
        let inner = row.shrink2(vec2(12.0, 0.0));
        let column = |left: f32, width: f32| {
            Rect::from_min_max(egui::pos2(left, inner.top()), egui::pos2(left + width.max(0.0), inner.bottom()))
        };
        let narrow = inner.width() < 620.0;
        // The name needs the room of the bar and of the rank.
        let tight = inner.width() < 420.0;
        let actions_width = if narrow { actions[1] } else { actions[0] };
        let date_width = if inner.width() < 740.0 { 0.0 } else { 132.0 };
        let actions = column(inner.right() - actions_width, actions_width);
        let date = column(actions.left() - date_width - 8.0, date_width);
        let crop =
            Rect::from_center_size(egui::pos2(inner.left() + 36.0 + CROP / 2.0, inner.center().y), vec2(CROP, CROP));
        let crop = if tight { crop.translate(vec2(-36.0, 0.0)) } else { crop };
        let (gap, width) = match (tight, narrow) {
            (true, _) => (10.0, 46.0),
            (_, true) => (16.0, 72.0),
            _ => (16.0, 116.0),
        };
        let score = column(crop.right() + gap, width);
        let who = column(score.right() + gap, date.left() - score.right() - gap - 8.0);
        Self { rank: column(inner.left(), if tight { 0.0 } else { 32.0 }), crop, score, who, date, actions }
    }
}

fn list_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidates: &[Candidate]) {
    let palette = theme::palette(ui);
    let count = say!("search-found", n = candidates.len());
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        ui.label(RichText::new(count).font(theme::heading()));
        let search = &cx.state.search;
        // That there are more stands first, because the end is cut off where there is no room.
        let threshold = format::score(search.threshold);
        let faces = search.passing.map(|passing| say!("faces-filtered", n = passing));
        let text = match (search.cut_at.is_some(), faces) {
            (false, None) => say!("search-listed", threshold = threshold),
            (false, Some(faces)) => say!("search-listed-filtered", threshold = threshold, faces = faces),
            (true, None) => say!("search-listed-more", threshold = threshold),
            (true, Some(faces)) => say!("search-listed-more-filtered", threshold = threshold, faces = faces),
        };
        let text = if search.may_be_incomplete { format!("{} · {text}", say!("search-may-miss")) } else { text };
        widgets::elided(ui, RichText::new(text).color(palette.text_soft));
    });
    let memory = &mut cx.memory.search.candidates;
    let search = (cx.state.requests.probe, cx.state.search.chosen);
    if memory.search != search {
        // A new search opens at its best candidate.
        *memory = CandidatesMemory { search, ..CandidatesMemory::default() };
    }
    memory.cursor = memory.cursor.min(candidates.len() - 1);
    let listed: Vec<FaceId> = candidates.iter().map(|candidate| candidate.face).collect();
    let mut selection = std::mem::take(&mut memory.selection);
    sort_ui(ui, cx, candidates.len());
    selection.keep_listed(&listed);
    selection_ui(ui, cx, &mut selection, Chosen::Any);
    let listed = Listed::Sorted(&listed);
    let memory = &mut cx.memory.search.candidates;
    selection.take_keys(ui.ctx(), listed, Some(memory.cursor));
    let mut list = std::mem::take(&mut memory.list);
    let name = say!("search-candidates");
    let id = ui.make_persistent_id(&name);
    take_keys(ui, cx, &mut list, id, candidates.len());
    let at_cursor = candidates.get(cx.memory.search.candidates.cursor);
    people::take_keys(ui.ctx(), cx, at_cursor.and_then(|candidate| candidate.subject.as_ref()));
    let leaping = list.is_leaping();
    let wanted_before = cx.memory.wanted_crops.len();
    let mut clicked = None;
    list.show(ui, &name, ROW, candidates.len(), |ui, row, rect| {
        let candidate = &candidates[row];
        let is_chosen = selection.chosen.contains(&candidate.face);
        let place = Place { list: id, row, total: candidates.len(), is_chosen };
        if ui.push_id(("candidate", row), |ui| row_ui(ui, cx, candidate, place, rect)).inner {
            clicked = Some(row);
        }
    });
    if let Some(row) = clicked {
        cx.memory.search.candidates.cursor = row;
        if selection.is_plain_click(listed, row, ui.input(|input| input.modifiers)) {
            cx.push(SearchCommand::Compare(Some(row)));
        }
    }
    cx.memory.search.candidates.selection = selection;
    if leaping {
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    cx.memory.search.candidates.list = list;
}

/// How the candidates are sorted, where there is a choice.
fn sort_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidates: usize) {
    let (order, is_turned) = (cx.state.search.order, cx.state.search.is_turned);
    if candidates < 2 {
        return;
    }
    let title = |order| match order {
        CandidateOrder::Score => say!("search-by-score"),
        CandidateOrder::Faces(order) => order_title(order),
    };
    let choices: Vec<_> = CandidateOrder::all().map(|order| (order, title(order))).collect();
    let mut wanted = (order, is_turned);
    ui.horizontal_wrapped(|ui| order_ui(ui, &mut wanted.0, &mut wanted.1, &choices));
    if wanted != (order, is_turned) {
        let (order, is_turned) = wanted;
        cx.push(SearchCommand::Sort { order, is_turned });
    }
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, list: &mut LongList, id: egui::Id, rows: usize) {
    let cursor = &mut cx.memory.search.candidates.cursor;
    if list.take_keys(ui, id, cursor, rows) {
        let at = *cursor;
        cx.push(SearchCommand::Compare(Some(at)));
    }
}

/// A row within its list.
#[derive(Clone, Copy)]
struct Place {
    list: egui::Id,
    row: usize,
    total: usize,
    is_chosen: bool,
}

/// True when clicked.
fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidate: &Candidate, at: Place, rect: Rect) -> bool {
    let Place { row, is_chosen, .. } = at;
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    let at_cursor = cx.memory.search.candidates.cursor == row;
    let list = at.list;
    let response = ui.interact(card, ui.scope_id().with("row"), Sense::CLICK);
    let named = candidate.subject.as_ref().map(|subject| cx.title_of(subject));
    let who = named.clone().unwrap_or_else(|| say!("search-not-named"));
    let (score, total) = (format::score(candidate.score), at.total);
    let name = say!("search-candidate", rank = candidate.rank, name = &who, score = score, total = total);
    let item = widgets::Item { name, place: row, total, at_cursor, is_chosen };
    if item.tell(ui, list, &response) {
        cx.memory.search.candidates.cursor = row;
    }
    let fill = if response.hovered() { palette.well } else { palette.surface };
    let stroke = if at_cursor { Stroke::new(2.0, palette.accent) } else { Stroke::new(1.0, palette.border) };
    let fill = if is_chosen { palette.accent_soft } else { fill };
    ui.painter().rect(card, 8.0, fill, stroke, StrokeKind::Inside);
    let words = [say!("search-compare"), say!("search-this-face")];
    let room = [
        widgets::buttons_width(ui, &[&words[0], &words[1]], theme::GAP_SMALL),
        widgets::buttons_width(ui, &[&words[0]], 0.0),
    ];
    let columns = Columns::new(card, room);
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, candidate.face);
    widgets::crop_image(ui, columns.crop, texture);
    if is_chosen {
        let at = columns.crop.right_top() + vec2(-10.0, 10.0);
        widgets::check_mark(ui.painter(), at, palette.accent, palette.surface);
    }
    let rank = format::count(candidate.rank as u64);
    if columns.rank.width() > 0.0 {
        ui.painter().text(columns.rank.center(), Align2::CENTER_CENTER, rank, theme::strong(), palette.text_soft);
    }
    score_ui(ui, columns.score, candidate.score, cx.state.search.threshold);
    names_ui(ui, columns.who, candidate, named.as_deref());
    if columns.date.width() > 0.0
        && let Some(stamp) = &candidate.taken_at
    {
        let at = columns.date.left_center();
        let (text, width) = (format::taken_on(stamp), columns.date.width());
        widgets::paint_elided(ui.painter(), at, Align2::LEFT_CENTER, width, &text, theme::small(), palette.text_soft);
    }
    let has_room = columns.actions.width() >= room[0];
    actions_ui(ui, cx, columns.actions, has_room, candidate, row);
    let clicked = response.clicked();
    widgets::context_menu(ui, &response, at_cursor && keys::is_at(ui, list), |ui| {
        faces::menu_ui(ui, cx, candidate.face);
        if let Some(subject) = &candidate.subject {
            ui.separator();
            people::menu_ui(ui, cx, subject, &who);
        }
    });
    clicked
}

fn score_ui(ui: &Ui, rect: Rect, score: f32, threshold: f32) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let middle = rect.center().y;
    let at = egui::pos2(rect.left(), middle - 3.0);
    painter.text(at, Align2::LEFT_BOTTOM, format::score(score), theme::heading(), palette.text);
    let track = Rect::from_x_y_ranges(rect.x_range(), middle + 6.0..=middle + 11.0);
    widgets::track(painter, track, score, palette.accent, palette.well);
    // Where the threshold lies on the bar.
    if (0.0..=1.0).contains(&threshold) {
        let x = track.left() + track.width() * threshold;
        painter.vline(x, track.top() - 3.0..=track.bottom() + 3.0, Stroke::new(1.5, palette.text_faint));
    }
}

fn names_ui(ui: &mut Ui, rect: Rect, candidate: &Candidate, named: Option<&str>) {
    let palette = theme::palette(ui);
    let layout = Layout::top_down(Align::Min);
    let middle = Rect::from_center_size(rect.center(), vec2(rect.width(), 42.0));
    let mut names = ui.new_child(UiBuilder::new().max_rect(middle).layout(layout));
    names.spacing_mut().item_spacing.y = 3.0;
    let name = match named {
        Some(name) => RichText::new(name).font(theme::strong()),
        None => RichText::new(say!("not-named")).font(theme::strong()).color(palette.text_faint),
    };
    widgets::elided(&mut names, name);
    names.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        if candidate.missing {
            let gone = RichText::new(say!("search-file-gone")).font(theme::small_strong()).color(palette.warn);
            ui.label(gone).on_hover_text(say!("search-file-gone-hint"));
        }
        let photo = RichText::new(format::file_name(&candidate.photo)).font(theme::small()).color(palette.text_soft);
        widgets::elided(ui, photo).on_hover_text(candidate.photo.display().to_string());
    });
}

fn actions_ui(ui: &mut Ui, cx: &mut Cx<'_>, rect: Rect, has_room: bool, candidate: &Candidate, row: usize) {
    let layout = Layout::left_to_right(Align::Center);
    let mut actions = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    actions.spacing_mut().item_spacing.x = theme::GAP_SMALL;
    let rank = candidate.rank;
    if has_room {
        let search = widgets::quiet_button(&mut actions, &say!("search-this-face"));
        if search.accessible_name(say!("search-rank-face", rank = rank)).clicked() {
            cx.push(SearchCommand::Face(candidate.face));
        }
    }
    let compare = widgets::button(&mut actions, &say!("search-compare"));
    if compare.accessible_name(say!("search-compare-rank", rank = rank)).clicked() {
        cx.memory.search.candidates.cursor = row;
        cx.push(SearchCommand::Compare(Some(row)));
    }
}
