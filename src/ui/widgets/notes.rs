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
