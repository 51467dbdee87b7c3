//! The ranked list of faces that resemble the probe.

use crate::words::told;
use egui::{Align, Align2, Layout, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2};

use super::memory::CandidatesMemory;
use crate::app::{Candidate, Load, Screen, SearchCommand, WindowCommand};
use crate::types::FaceQuery;
use crate::ui::widgets::{ListKey, ListKeys, LongList};
use crate::ui::{Cx, DialogKind, format, people, theme, widgets};

const ROW: f32 = 80.0;
const CROP: f32 = 60.0;

pub fn candidates_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let search = &cx.state.search;
    match (&search.probe, &search.candidates) {
        (Load::Nothing, _) => nothing_searched_ui(ui, cx),
        (Load::Loading, _) => {}
        (Load::Failed(_), _) => {
            widgets::empty_state(ui, "Nothing to search", "The photo on the left could not be read.", |_| {});
        }
        (Load::Ready(photo), _) if photo.faces.is_empty() => {
            let text = "Candidates appear here once a photo with a face is chosen.";
            widgets::empty_state(ui, "No face to search", text, |_| {});
        }
        (Load::Ready(_), Load::Nothing | Load::Loading) => {
            ui.horizontal(|ui| {
                ui.add(egui::Spinner::new().size(18.0));
                ui.label("Searching\u{2026}");
            });
        }
        (Load::Ready(_), Load::Failed(reason)) => {
            widgets::empty_state(ui, "The search did not work", &told(reason), |_| {});
        }
        (Load::Ready(_), Load::Ready(candidates)) if candidates.is_empty() => no_candidate_ui(ui, cx),
        (Load::Ready(_), Load::Ready(candidates)) => list_ui(ui, cx, candidates),
    }
}

fn nothing_searched_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.faces.is_empty() && !cx.state.status.starting {
        let text = "The gallery holds no faces yet, so there is nothing to find. Enroll some photos first.";
        widgets::empty_state(ui, "Nothing enrolled yet", text, |ui| {
            if widgets::primary_button(ui, "Go to Enroll").clicked() {
                cx.push(WindowCommand::ShowScreen(Screen::Enroll));
            }
        });
        return;
    }
    let text = "Drop a photo anywhere in this window, paste one with Ctrl V, or choose one. Its faces are looked for \
                among all that are enrolled.";
    widgets::empty_state(ui, "Who is this?", text, |ui| {
        if widgets::primary_button(ui, "Choose a photo\u{2026}").clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::ProbePhoto);
        }
    });
}

fn no_candidate_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let threshold = cx.state.search.threshold;
    let text = match cx.state.search.passing {
        Some(0) => {
            let text = "No enrolled face is what the filter asks for. Take a part of it away to search more faces.";
            widgets::empty_state(ui, "No face passes the filter", text, |ui| {
                if widgets::button(ui, "Search all faces").clicked() {
                    cx.push(SearchCommand::SetFilter(FaceQuery::default()));
                }
            });
            return;
        }
        Some(passing) => format!(
            "None of the {} that the filter lets through reaches a score of {threshold:.3}.",
            format::counted(passing as u64, "face", "faces")
        ),
        None => format!(
            "No enrolled face reaches a score of {threshold:.3}. Either this person is not in the gallery, or the \
             threshold is too high for these photos."
        ),
    };
    widgets::empty_state(ui, "No candidate", &text, |ui| {
        let lower = (threshold - 0.05).max(0.0);
        if threshold > 0.0 && widgets::button(ui, &format!("Lower the threshold to {lower:.3}")).clicked() {
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
    fn new(row: Rect) -> Self {
        let inner = row.shrink2(vec2(12.0, 0.0));
        let column = |left: f32, width: f32| {
            Rect::from_min_max(egui::pos2(left, inner.top()), egui::pos2(left + width.max(0.0), inner.bottom()))
        };
        let narrow = inner.width() < 620.0;
        // The name needs the room of the bar and of the rank.
        let tight = inner.width() < 420.0;
        let actions_width = if narrow { 84.0 } else { 212.0 };
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
    let count = format::counted(candidates.len() as u64, "candidate", "candidates");
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        ui.label(RichText::new(count).font(theme::heading()));
        let search = &cx.state.search;
        // First, because the end is cut off where there is no room.
        let more = if search.cut_at.is_some() { "there are more, raise the threshold to see them all; " } else { "" };
        let mut text = format!("{more}with a score of {:.3} or more, best first", search.threshold);
        if let Some(passing) = search.passing {
            text.push_str(&format!(", among {}", format::counted(passing as u64, "filtered face", "filtered faces")));
        }
        widgets::elided(ui, RichText::new(text).color(palette.text_soft));
    });
    let memory = &mut cx.memory.search.candidates;
    let search = (cx.state.requests.probe, cx.state.search.chosen);
    if memory.search != search {
        // A new search opens at its best candidate.
        *memory = CandidatesMemory { search, ..CandidatesMemory::default() };
    }
    memory.cursor = memory.cursor.min(candidates.len() - 1);
    let mut list = std::mem::take(&mut memory.list);
    let id = ui.make_persistent_id("Candidates");
    take_keys(ui, cx, &mut list, id, candidates.len());
    let at_cursor = candidates.get(cx.memory.search.candidates.cursor);
    people::take_keys(ui.ctx(), cx, at_cursor.and_then(|candidate| candidate.subject.as_ref()));
    let leaping = list.is_leaping();
    let wanted_before = cx.memory.wanted_crops.len();
    list.show(ui, "Candidates", ROW, candidates.len(), |ui, row, rect| {
        ui.push_id(("candidate", row), |ui| row_ui(ui, cx, &candidates[row], row, rect));
    });
    if leaping {
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    cx.memory.search.candidates.list = list;
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, list: &mut LongList, id: egui::Id, rows: usize) {
    for key in ListKeys::take(ui, id) {
        let cursor = &mut cx.memory.search.candidates.cursor;
        match key {
            ListKey::Up => *cursor = cursor.saturating_sub(1),
            ListKey::Down => *cursor += 1,
            ListKey::PageUp => *cursor = cursor.saturating_sub(list.rows_in_view()),
            ListKey::PageDown => *cursor += list.rows_in_view(),
            ListKey::Home => *cursor = 0,
            ListKey::End => *cursor = rows - 1,
            ListKey::Enter => {
                let at = *cursor;
                cx.push(SearchCommand::Compare(Some(at)));
                return;
            }
            ListKey::Left | ListKey::Right => {}
        }
        *cursor = (*cursor).min(rows - 1);
        list.reveal(*cursor);
    }
}

fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidate: &Candidate, row: usize, rect: Rect) {
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    let at_cursor = cx.memory.search.candidates.cursor == row;
    let response = ui.interact(card, ui.scope_id().with("row"), Sense::CLICK);
    let named = candidate.subject.as_ref().map(|subject| cx.title_of(subject));
    let who = named.as_deref().unwrap_or("not named");
    response.widget_info(|| {
        let label = format!("Candidate {}: {who}, score {}", candidate.rank, format::score(candidate.score));
        WidgetInfo::selected(Role::Button, true, at_cursor, label)
    });
    let fill = if response.hovered() { palette.well } else { palette.surface };
    let stroke = if at_cursor { Stroke::new(2.0, palette.accent) } else { Stroke::new(1.0, palette.border) };
    ui.painter().rect(card, 8.0, fill, stroke, StrokeKind::Inside);
    let columns = Columns::new(card);
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, candidate.face);
    widgets::crop_image(ui, columns.crop, texture);
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
    actions_ui(ui, cx, columns.actions, candidate, row);
    if response.clicked() {
        cx.memory.search.candidates.cursor = row;
        cx.push(SearchCommand::Compare(Some(row)));
    }
    if let Some(subject) = &candidate.subject {
        response.context_menu(|ui| people::menu_ui(ui, cx, subject, who));
    }
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
        None => RichText::new("Not named").font(theme::strong()).color(palette.text_faint),
    };
    widgets::elided(&mut names, name);
    names.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        if candidate.missing {
            let gone = RichText::new("file is gone").font(theme::small_strong()).color(palette.warn);
            ui.label(gone).on_hover_text("The photo\u{2019}s file was not there when its folder was last enrolled");
        }
        let photo = RichText::new(format::file_name(&candidate.photo)).font(theme::small()).color(palette.text_soft);
        widgets::elided(ui, photo).on_hover_text(candidate.photo.display().to_string());
    });
}

fn actions_ui(ui: &mut Ui, cx: &mut Cx<'_>, rect: Rect, candidate: &Candidate, row: usize) {
    let layout = Layout::right_to_left(Align::Center);
    let mut actions = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    actions.spacing_mut().item_spacing.x = theme::GAP_SMALL;
    let rank = candidate.rank;
    if widgets::button(&mut actions, "Compare").accessible_name(format!("Compare candidate {rank}")).clicked() {
        cx.memory.search.candidates.cursor = row;
        cx.push(SearchCommand::Compare(Some(row)));
    }
    if rect.width() < 200.0 {
        return;
    }
    let search = widgets::quiet_button(&mut actions, "Search this face");
    if search.accessible_name(format!("Search the face of candidate {rank}")).clicked() {
        cx.push(SearchCommand::Face(candidate.face));
    }
}
