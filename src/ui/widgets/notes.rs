use egui::{Label, RichText, Ui};

use super::card;
use crate::ui::theme;

/// A reason in the colour of errors.
pub fn problem_ui(ui: &mut Ui, reason: &str) {
    let palette = theme::palette(ui);
    card(ui).fill(palette.bad_soft).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(reason).color(palette.bad)).wrap().selectable(true));
    });
}

/// Something worth knowing, on a tint.
pub fn note_ui(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    card(ui).fill(palette.warn_soft).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text)).wrap());
    });
}

/// A tick on a disc: what is chosen, told by form and not by colour alone.
pub fn check_mark(painter: &egui::Painter, middle: egui::Pos2, disc: egui::Color32, tick: egui::Color32) {
    painter.circle_filled(middle, 9.0, disc);
    let points = [egui::vec2(-4.0, 0.0), egui::vec2(-1.0, 3.0), egui::vec2(4.0, -3.5)].map(|at| middle + at);
    painter.add(egui::Shape::line(points.to_vec(), egui::Stroke::new(2.0, tick)));
}
