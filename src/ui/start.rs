//! What is shown in place of everything else where the data folder could not be opened.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::{Cx, DialogKind, theme, widgets};
use crate::app::{ProgramCommand, StartFailure};
use crate::say;

pub(super) fn failed_ui(ui: &mut Ui, cx: &mut Cx<'_>, failure: &StartFailure) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin::same(24));
    CentralPanel::default().frame(frame).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.24).max(8.0));
            ui.set_max_width(620.0_f32.min(ui.available_width()));
            ui.label(RichText::new(say!("window-start-failed")).font(theme::title()));
            ui.add_space(theme::GAP);
            Frame::NONE.fill(palette.bad_soft).corner_radius(8).inner_margin(16).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let room = (ui.ctx().content_rect().height() * 0.4).max(60.0);
                widgets::scroll_ui(ui, ScrollArea::vertical().max_height(room), widgets::Pages::Always, |ui| {
                    ui.add(
                        Label::new(RichText::new(super::format::capital(&told(&failure.reason))).color(palette.text))
                            .wrap()
                            .selectable(true),
                    );
                });
            });
            ui.add_space(theme::GAP);
            let text = say!("window-start-failed-about");
            ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
            ui.add_space(theme::GAP);
            buttons_ui(ui, cx);
        });
    });
}

fn buttons_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    // In the middle of what is a row of known width.
    let words = [say!("window-start-retry"), say!("window-start-other")];
    let width = widgets::buttons_width(ui, &[&words[0], &words[1]], ui.spacing().item_spacing.x);
    ui.allocate_ui(egui::vec2(width, 32.0), |ui| {
        ui.horizontal(|ui| {
            if widgets::primary_button(ui, &words[0]).clicked() {
                cx.push(ProgramCommand::Retry(None));
            }
            let other = widgets::button(ui, &words[1]);
            if other.on_hover_text(say!("window-start-other-hint")).clicked() {
                cx.memory.dialogs.open(ui.ctx(), DialogKind::DataFolder);
            }
        });
    });
}
