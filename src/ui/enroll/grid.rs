//! All faces as crops, newest first. A million of them cost no more than those in view.

use egui::{Align, Layout, Rect, Role, Sense, Slider, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::memory::GridMemory;
use crate::app::EnrollCommand;
use crate::say;
use crate::types::FaceId;
use crate::ui::widgets::{ListKey, ListKeys, LongList};
use crate::ui::{Cx, DialogKind, theme, widgets};

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

pub fn grid_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let faces = &cx.state.faces;
    if faces.is_empty() {
        nothing_ui(ui, cx);
        return;
    }
    let cell = cx.memory.enroll.grid.crop_side + GAP;
    // As many as fit, then as wide as fills the row.
    let width = ui.available_width() - 12.0 + GAP;
    let columns = ((width / cell) as usize).max(1);
    let cell = (width / columns as f32).floor().clamp(cell, cell * 1.5);
    let rows = faces.len().div_ceil(columns);

    let mut list = std::mem::take(&mut cx.memory.enroll.grid.list);
    let added = faces.len().saturating_sub(std::mem::replace(&mut cx.memory.enroll.grid.faces_before, faces.len()));
    if added > 0 && added < faces.len() {
        list.insert_above(added as f64 / columns as f64);
    }
    let name = say!("enroll-faces");
    let id = ui.make_persistent_id(&name);
    take_keys(ui, cx, &mut list, id, columns);
    let cursor = cx.memory.enroll.grid.cursor_place(faces);
    let leaping = list.is_leaping();
    let mut clicked = None;
    let wanted_before = cx.memory.wanted_crops.len();
    let shown = list.show(ui, &name, cell, rows, |ui, row, rect| {
        for column in 0..columns {
            let from_newest = row * columns + column;
            if from_newest >= faces.len() {
                break;
            }
            let place = faces.len() - 1 - from_newest;
            let at = pos2(rect.left() + column as f32 * cell, rect.top());
            let rect = Rect::from_min_size(at, vec2(cell - GAP, cell - GAP));
            if cell_ui(ui, cx, faces[place], rect, cursor == Some(place)) {
                clicked = Some(place);
            }
        }
    });
    if leaping {
        // These crops will be out of view before they could come.
        cx.memory.wanted_crops.truncate(wanted_before);
    }
    cx.memory.enroll.grid.list = list;
    if let Some(place) = clicked {
        shown.response.request_focus();
        cx.memory.enroll.grid.move_to(place, faces[place]);
        cx.push(EnrollCommand::SelectFace(Some(faces[place])));
    }
}

/// True when clicked.
fn cell_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId, rect: Rect, at_cursor: bool) -> bool {
    let palette = theme::palette(ui);
    let response = ui.interact(rect, ui.scope_id().with(("face", face.0)), Sense::CLICK);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, at_cursor, say!("enroll-face", face = face.to_string()))
    });
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, face);
    widgets::crop_image(ui, rect, texture);
    if at_cursor {
        let ring = rect.expand(2.0);
        ui.painter().rect_stroke(ring, 8.0, Stroke::new(2.5, palette.accent), StrokeKind::Middle);
    } else if response.hovered() {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
    response.clicked()
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, list: &mut LongList, id: egui::Id, columns: usize) {
    let faces = &cx.state.faces;
    for key in ListKeys::take(ui, id) {
        let last = faces.len() - 1;
        let grid = &mut cx.memory.enroll.grid;
        // From the newest, as shown.
        let now = grid.cursor_place(faces).map(|place| last - place);
        let page = columns * list.rows_in_view();
        let next = match (key, now) {
            (ListKey::Enter, Some(at)) => {
                cx.push(EnrollCommand::SelectFace(Some(faces[last - at])));
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
        let place = last - next;
        grid.move_to(place, faces[place]);
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
