//! The faces of the list.

use egui::{Align, Layout, Slider, Ui, UiBuilder};

use crate::app::EnrollCommand;
use crate::say;
use crate::ui::faces::{Chosen, Grid, GridMemory, grid_ui as faces_ui, list_bar_ui, selection_ui};
use crate::ui::{Cx, DialogKind, widgets};

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
    if cx.state.faces.is_empty() {
        nothing_ui(ui, cx);
        return;
    }
    list_bar_ui(ui, cx);
    let mut selection = std::mem::take(&mut cx.memory.enroll.selection);
    selection_ui(ui, cx, &mut selection, Chosen::Any);
    let listed = cx.state.listed();
    if !listed.is_empty() {
        let mut memory = std::mem::take(&mut cx.memory.enroll.grid);
        let grid = Grid { listed, grows_above: cx.state.list.listing.is_usual(), caption: None };
        if let Some(face) = faces_ui(ui, cx, grid, &mut memory, &mut selection) {
            cx.push(EnrollCommand::SelectFace(Some(face)));
        }
        cx.memory.enroll.grid = memory;
    } else if cx.state.list.faces.ready().is_some() {
        widgets::empty_state(ui, &say!("faces-none"), &say!("faces-none-about"), |_| {});
    }
    cx.memory.enroll.selection = selection;
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
