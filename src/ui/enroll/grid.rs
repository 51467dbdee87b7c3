//! The faces of the list as crops with their names. A million of them cost no more than those in view.

use egui::{
    Align, Key, Layout, Modifiers, Rect, RichText, Role, Sense, Slider, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::memory::GridMemory;
use crate::app::{EnrollCommand, PeopleCommand, Removal, Screen, SearchCommand, WindowCommand};
use crate::say;
use crate::types::FaceId;
use crate::ui::faces::{Selection, list_bar_ui, selection_ui};
use crate::ui::widgets::{ListKey, ListKeys, LongList};
use crate::ui::{Cx, DialogKind, keys, theme, widgets};

const GAP: f32 = 8.0;

pub fn size_slider_ui(ui: &mut Ui, memory: &mut GridMemory) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(12.0);
        ui.spacing_mut().slider_width = 110.0;
        let slider = Slider::new(&mut memory.crop_side, 64.0..=160.0).step_by(8.0).show_value(false);
        widgets::slider(ui, slider).accessible_name(say!("enroll-faces-size")).on_hover_text(say!("enroll-faces-size"));
        widgets::caption_inline(ui, &say!("enroll-size"));
    });
}

/// Height of the name under a face, points.
const LABEL: f32 = 18.0;

pub fn grid_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if cx.state.faces.is_empty() {
        nothing_ui(ui, cx);
        return;
    }
    list_bar_ui(ui, cx);
    let mut selection = std::mem::take(&mut cx.memory.enroll.selection);
    selection_ui(ui, cx, &mut selection);
    list_ui(ui, cx, &mut selection);
    cx.memory.enroll.selection = selection;
}

fn list_ui(ui: &mut Ui, cx: &mut Cx<'_>, selection: &mut Selection) {
    let listed = cx.state.listed();
    if listed.is_empty() {
        if cx.state.list.faces.ready().is_some() {
            widgets::empty_state(ui, &say!("faces-none"), &say!("faces-none-about"), |_| {});
        }
        return;
    }
    let cell = cx.memory.enroll.grid.crop_side + GAP;
    // As many as fit, then as wide as fills the row.
    let width = ui.available_width() - 12.0 + GAP;
    let columns = ((width / cell) as usize).max(1);
    let cell = (width / columns as f32).floor().clamp(cell, cell * 1.5);
    let rows = listed.len().div_ceil(columns);

    let mut list = std::mem::take(&mut cx.memory.enroll.grid.list);
    let added = listed.len().saturating_sub(std::mem::replace(&mut cx.memory.enroll.grid.faces_before, listed.len()));
    if cx.state.list.listing.is_usual() && added > 0 && added < listed.len() {
        list.insert_above(added as f64 / columns as f64);
    }
    let name = say!("enroll-faces");
    let id = ui.make_persistent_id(&name);
    take_keys(ui, cx, &mut list, id, columns, selection);
    let cursor = cx.memory.enroll.grid.cursor_place(listed);
    let leaping = list.is_leaping();
    let mut clicked = None;
    let wanted_before = cx.memory.wanted_crops.len();
    let shown = list.show(ui, &name, cell + LABEL, rows, |ui, row, rect| {
        for column in 0..columns {
            let place = row * columns + column;
            let Some(face) = listed.get(place) else { break };
            let at = pos2(rect.left() + column as f32 * cell, rect.top());
            let rect = Rect::from_min_size(at, vec2(cell - GAP, cell - GAP));
            let state = CellState { at_cursor: cursor == Some(place), is_chosen: selection.chosen.contains(&face) };
            if cell_ui(ui, cx, (place, face), rect, state) {
                clicked = Some((place, face));
            }
        }
    });
    if leaping {
        // These crops will be out of view before they could come.
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    cx.memory.enroll.grid.list = list;
    if let Some((place, face)) = clicked {
        shown.response.request_focus();
        cx.memory.enroll.grid.move_to(place, face);
        let modifiers = ui.input(|input| input.modifiers);
        if modifiers.shift {
            selection.choose_to(listed, place);
        } else if modifiers.command {
            selection.toggle(face);
        } else {
            cx.push(EnrollCommand::SelectFace(Some(face)));
        }
    }
}

#[derive(Clone, Copy)]
struct CellState {
    at_cursor: bool,
    is_chosen: bool,
}

/// True when clicked.
fn cell_ui(ui: &mut Ui, cx: &mut Cx<'_>, (place, face): (usize, FaceId), rect: Rect, state: CellState) -> bool {
    let palette = theme::palette(ui);
    let label = cx.state.crops.label(face).cloned();
    let who = label.as_ref().and_then(|label| label.subject.as_ref()).map(|subject| cx.title_of(subject));
    let whole = Rect::from_min_size(rect.min, rect.size() + vec2(0.0, LABEL));
    let response = ui.interact(whole, ui.scope_id().with(("face", face.0)), Sense::CLICK);
    let total = cx.state.listed().len();
    response.widget_info(|| {
        let (face, place) = (face.to_string(), place + 1);
        let words = match &who {
            Some(who) => say!("enroll-face-of", who = who, face = face, place = place, total = total),
            None => say!("enroll-face", face = face, place = place, total = total),
        };
        WidgetInfo::selected(Role::Button, true, state.is_chosen || state.at_cursor, words)
    });
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, face);
    widgets::crop_image(ui, rect, texture);
    if state.is_chosen {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(3.0, palette.accent), StrokeKind::Inside);
        widgets::check_mark(ui.painter(), rect.right_top() + vec2(-12.0, 12.0), palette.accent, palette.surface);
    }
    if state.at_cursor {
        let ring = rect.expand(2.0);
        ui.painter().rect_stroke(ring, 8.0, Stroke::new(2.5, palette.accent), StrokeKind::Middle);
    } else if response.hovered() {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    if let Some(who) = &who {
        let below = Rect::from_min_size(rect.left_bottom(), vec2(rect.width(), LABEL));
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            widgets::elided(ui, RichText::new(who).font(theme::small()).color(palette.text_soft));
        });
    }
    let clicked = response.clicked();
    response.context_menu(|ui| menu_ui(ui, cx, face));
    if let Some(label) = label {
        response.on_hover_text(say!("faces-hover", quality = format!("{:.2}", label.quality)));
    }
    clicked
}

fn menu_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId) {
    if ui.button(say!("faces-open")).clicked() {
        cx.push(EnrollCommand::SelectFace(Some(face)));
        ui.close();
    }
    if ui.button(say!("faces-search")).clicked() {
        cx.push(WindowCommand::ShowScreen(Screen::Search));
        cx.push(SearchCommand::Face(face));
        ui.close();
    }
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        if ui.button(say!("faces-take-out")).clicked() {
            cx.push(PeopleCommand::AskRemoval(Removal::Faces(vec![face])));
            ui.close();
        }
    });
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, list: &mut LongList, id: egui::Id, columns: usize, selection: &mut Selection) {
    let listed = cx.state.listed();
    if keys::keys_are_free(ui.ctx()) {
        if keys::pressed(ui.ctx(), Modifiers::COMMAND, Key::A) {
            selection.choose_all(listed);
        }
        if !selection.is_empty() && keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape) {
            selection.clear();
        }
        let at = cx.memory.enroll.grid.cursor_place(listed);
        if let Some(place) = at
            && keys::pressed(ui.ctx(), Modifiers::COMMAND, Key::Space)
            && let Some(face) = listed.get(place)
        {
            selection.toggle(face);
        }
    }
    for key in ListKeys::take(ui, id) {
        let last = listed.len() - 1;
        let grid = &mut cx.memory.enroll.grid;
        let now = grid.cursor_place(listed);
        let page = columns * list.rows_in_view();
        let next = match (key, now) {
            (ListKey::Enter, Some(at)) => {
                cx.push(EnrollCommand::SelectFace(listed.get(at)));
                continue;
            }
            (ListKey::Home, _) => 0,
            (ListKey::End, _) => last,
            (_, None) => 0,
            (ListKey::Left, Some(at)) => at.saturating_sub(1),
            (ListKey::Right, Some(at)) => at + 1,
            (ListKey::Up, Some(at)) => at.checked_sub(columns).unwrap_or(at),
            (ListKey::Down, Some(at)) => at + columns,
            (ListKey::PageUp, Some(at)) => at.saturating_sub(page),
            (ListKey::PageDown, Some(at)) => at + page,
        }
        .min(last);
        if let Some(face) = listed.get(next) {
            grid.move_to(next, face);
        }
        list.reveal(next / columns);
    }
}

fn nothing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let working = cx.state.jobs.iter().any(|job| !job.state.is_ended());
    if cx.state.status.starting {
        widgets::empty_state(ui, &say!("enroll-empty-loading"), &say!("enroll-empty-loading-about"), |_| {});
    } else if working {
        widgets::empty_state(ui, &say!("enroll-empty-working"), &say!("enroll-empty-working-about"), |_| {});
    } else {
        let text = say!("enroll-empty-about");
        let rect = ui.available_rect_before_wrap();
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            widgets::empty_state(ui, &say!("enroll-empty"), &text, |ui| {
                if widgets::primary_button(ui, &say!("enroll-choose-folders")).clicked() {
                    cx.memory.dialogs.open(ui.ctx(), DialogKind::EnrollFolders);
                }
            });
        });
    }
}
