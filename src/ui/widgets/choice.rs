//! One of a few, beside each other.

use egui::{Align, Button, Color32, Frame, Layout, Margin, RichText, Role, Stroke, Ui, vec2};

use super::{name_group, text_width};
use crate::ui::theme;

/// Two or more ways to look at one thing, which `name` says to assistive technology; returns the one clicked.
pub fn segments_ui<T: Copy + PartialEq>(ui: &mut Ui, name: &str, chosen: T, options: &[(T, String)]) -> Option<T> {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.well).corner_radius(theme::RADIUS).inner_margin(Margin::same(2));
    let mut clicked = None;
    let width_of = |text: &str| text_width(ui, text, theme::strong());
    let width: f32 = options.iter().map(|(_, text)| width_of(text) + 26.0).sum::<f32>() + 4.0;
    // Two lines are better than names that are cut.
    let wraps = width > ui.available_width() && !ui.layout().prefer_right_to_left();
    let align = if ui.layout().prefer_right_to_left() { Layout::right_to_left } else { Layout::left_to_right };
    let layout = align(Align::Center).with_main_wrap(wraps);
    frame.show(ui, |ui| {
        name_group(ui, Role::RadioGroup, name);
        let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.spacing_mut().button_padding = vec2(12.0, 3.0);
            let visuals = ui.visuals_mut();
            visuals.selection.bg_fill = palette.surface;
            visuals.selection.stroke.color = palette.text;
            visuals.widgets.inactive.bg_stroke.color = Color32::TRANSPARENT;
            visuals.widgets.inactive.fg_stroke.color = palette.text_soft;
            // Within a layout from the right the first one comes last.
            let mut in_order: Vec<&(T, String)> = options.iter().collect();
            if ui.layout().prefer_right_to_left() {
                in_order.reverse();
            }
            for (option, text) in in_order {
                let selected = *option == chosen;
                let button = Button::selectable(selected, RichText::new(text).font(theme::strong()));
                let button = button.frame_when_inactive(selected);
                // A ring says it where two shades of grey do not.
                let button = if selected { button.stroke(Stroke::new(1.5, palette.accent)) } else { button };
                if ui.add(button).clicked() {
                    clicked = Some(*option);
                }
            }
        });
    });
    clicked
}
