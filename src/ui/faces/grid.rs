//! Faces as crops with their names. A million of them cost no more than those in view.

use egui::{Rect, RichText, Sense, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::memory::{GridMemory, Selection};
use super::menu::menu_ui;
use crate::app::Listed;
use crate::say;
use crate::types::FaceId;
use crate::ui::widgets::{ListKey, ListKeys, LongList};
use crate::ui::{Cx, keys, theme, widgets};

const GAP: f32 = 8.0;

/// Height of the name under a face, points.
const LABEL: f32 = 18.0;

/// What a grid shows.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    pub listed: Listed<'a>,
    /// New faces come in above those in view, which stay where they are.
    pub grows_above: bool,
    /// What stands under a face in the place of the name.
    pub caption: Option<&'a dyn Fn(FaceId) -> Option<String>>,
}

impl<'a> Grid<'a> {
    /// These faces, in their order, with their names.
    pub fn of(faces: &'a [FaceId]) -> Self {
        Self { listed: Listed::Sorted(faces), grows_above: false, caption: None }
    }
}

/// Draws it, and returns the face that is to be opened.
pub fn grid_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    grid: Grid<'_>,
    memory: &mut GridMemory,
    selection: &mut Selection,
) -> Option<FaceId> {
    let Grid { listed, grows_above, caption } = grid;
    let cell = memory.crop_side + GAP;
    // As many as fit, then as wide as fills the row.
    let width = ui.available_width() - 12.0 + GAP;
    let columns = ((width / cell) as usize).max(1);
    let cell = (width / columns as f32).floor().clamp(cell, cell * 1.5);
    let rows = listed.len().div_ceil(columns);

    let mut list = std::mem::take(&mut memory.list);
    let added = listed.len().saturating_sub(std::mem::replace(&mut memory.faces_before, listed.len()));
    if grows_above && added > 0 && added < listed.len() {
        list.insert_above(added as f64 / columns as f64);
    }
    let name = say!("enroll-faces");
    let id = ui.make_persistent_id(&name);
    selection.take_keys(ui.ctx(), listed, memory.cursor_place(listed));
    let mut opened = take_keys(ui, memory, &mut list, id, columns, listed);
    let cursor = memory.cursor_place(listed);
    let leaping = list.is_leaping();
    let mut clicked = None;
    let wanted_before = cx.memory.wanted_crops.len();
    let shown = list.show(ui, &name, cell + LABEL, rows, |ui, row, rect| {
        for column in 0..columns {
            let place = row * columns + column;
            let Some(face) = listed.get(place) else { break };
            let at = pos2(rect.left() + column as f32 * cell, rect.top());
            let rect = Rect::from_min_size(at, vec2(cell - GAP, cell - GAP));
            let state = Cell {
                place,
                total: listed.len(),
                at_cursor: cursor == Some(place),
                is_chosen: selection.chosen.contains(&face),
                list: id,
            };
            let below = caption.and_then(|caption| caption(face));
            match cell_ui(ui, cx, face, rect, state, below) {
                Touch::None => {}
                Touch::Clicked => clicked = Some((place, face)),
                Touch::Reached => memory.move_to(place, face),
            }
        }
    });
    ui.ctx().accesskit_node_builder(shown.response.id, |node| {
        node.set_label(say!("widgets-list", name = name.as_str(), n = listed.len()));
    });
    if leaping {
        // These crops will be out of view before they could come.
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    memory.list = list;
    if let Some((place, face)) = clicked {
        shown.response.request_focus();
        memory.move_to(place, face);
        if selection.is_plain_click(listed, place, ui.input(|input| input.modifiers)) {
            opened = Some(face);
        }
    }
    opened
}

#[derive(Clone, Copy)]
struct Cell {
    place: usize,
    total: usize,
    at_cursor: bool,
    is_chosen: bool,
    list: egui::Id,
}

/// What was done to a cell.
enum Touch {
    None,
    Clicked,
    /// Assistive technology has moved the keyboard to it.
    Reached,
}

fn cell_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId, rect: Rect, state: Cell, below: Option<String>) -> Touch {
    let palette = theme::palette(ui);
    let label = cx.state.crops.label(face).cloned();
    let who = label.as_ref().and_then(|label| label.subject.as_ref()).map(|subject| cx.title_of(subject));
    let whole = Rect::from_min_size(rect.min, rect.size() + vec2(0.0, LABEL));
    let response = ui.interact(whole, ui.scope_id().with(("face", face.0)), Sense::CLICK);
    let Cell { place, total, at_cursor, is_chosen, list } = state;
    let (number, n) = (face.to_string(), place + 1);
    let name = match &who {
        Some(who) => say!("enroll-face-of", who = who, face = number, place = n, total = total),
        None => say!("enroll-face", face = number, place = n, total = total),
    };
    let reached = widgets::Item { name, place, total, at_cursor, is_chosen }.tell(ui, list, &response);
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
    if let Some(text) = below.or(who) {
        let below = Rect::from_min_size(rect.left_bottom(), vec2(rect.width(), LABEL));
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            widgets::elided(ui, RichText::new(text).font(theme::small()).color(palette.text_soft));
        });
    }
    let touch = match () {
        () if response.clicked() => Touch::Clicked,
        () if reached => Touch::Reached,
        () => Touch::None,
    };
    let has_keyboard = at_cursor && keys::is_at(ui, list);
    widgets::context_menu(ui, &response, has_keyboard, |ui| menu_ui(ui, cx, face));
    if let Some(label) = label {
        response.on_hover_text(say!("faces-hover", quality = format!("{:.2}", label.quality)));
    }
    touch
}

/// Returns the face that is to be opened.
fn take_keys(
    ui: &Ui,
    memory: &mut GridMemory,
    list: &mut LongList,
    id: egui::Id,
    columns: usize,
    listed: Listed<'_>,
) -> Option<FaceId> {
    let mut opened = None;
    for key in ListKeys::take(ui, id) {
        let last = listed.len().saturating_sub(1);
        let now = memory.cursor_place(listed);
        let page = columns * list.rows_in_view();
        let next = match (key, now) {
            (ListKey::Enter, Some(at)) => {
                opened = listed.get(at);
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
            memory.move_to(next, face);
        }
        list.reveal(next / columns);
    }
    opened
}
