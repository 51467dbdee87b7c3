use egui::{
    Align, Align2, DragValue, Label, Layout, Response, RichText, Role, Sense, Slider, SliderClamping, Ui, WidgetInfo,
    vec2,
};

use crate::say;
use crate::ui::theme;

/// A name on the left, a value on the right, each elided where it is too long.
pub fn value_row(ui: &mut Ui, name: &str, value: impl Into<String>) {
    let palette = theme::palette(ui);
    let row = vec2(ui.available_width(), 20.0);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        let width = super::text_width(ui, name, theme::small()).max(88.0).min(ui.available_width() * 0.4);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
        let at = rect.left_center();
        super::paint_elided(ui.painter(), at, Align2::LEFT_CENTER, width, name, theme::small(), palette.text_soft);
        ui.add(Label::new(RichText::new(value).color(palette.text)).truncate().selectable(true));
    });
}

/// A slider in the program's look: a filled rail and a ring to grab.
pub fn slider(ui: &mut Ui, slider: Slider<'_>) -> Response {
    let palette = theme::palette(ui);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        let visuals = ui.visuals_mut();
        visuals.selection.bg_fill = palette.accent;
        for state in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
            state.bg_fill = palette.surface;
            state.fg_stroke = egui::Stroke::new(2.0, palette.accent);
        }
        // The rail is drawn in this one too.
        visuals.widgets.inactive.bg_fill = palette.outline;
        visuals.widgets.active.fg_stroke.width = 3.5;
        ui.add(slider)
    })
    .inner
}

/// A named share 0…1 as a bar with its figure; the colour says whether it is good.
pub fn meter_row(ui: &mut Ui, name: &str, value: f32, explanation: &str) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {value:.2}")));
    let color = match value {
        v if v >= 0.6 => palette.good,
        v if v >= 0.35 => palette.warn,
        _ => palette.bad,
    };
    let painter = ui.painter();
    let middle = rect.center().y;
    let names = super::text_width(ui, name, theme::small()).max(88.0);
    painter.text(rect.left_center(), Align2::LEFT_CENTER, name, theme::small(), palette.text_soft);
    painter.text(rect.right_center(), Align2::RIGHT_CENTER, format!("{value:.2}"), theme::small_strong(), palette.text);
    let track =
        egui::Rect::from_x_y_ranges(rect.left() + names + 8.0..=rect.right() - 40.0, middle - 3.0..=middle + 3.0);
    if track.width() > 0.0 {
        super::track(painter, track, value, color, palette.well);
    }
    response.on_hover_text(explanation);
}

/// A slider with its value as an editable number: name and number above, slider below. True when it changed.
pub fn slider_row(
    ui: &mut Ui,
    name: &str,
    value: &mut f64,
    range: std::ops::RangeInclusive<f64>,
    step: f64,
    unit: &str,
    explanation: &str,
) -> bool {
    let palette = theme::palette(ui);
    let decimals = if step >= 1.0 { 0 } else { step.log10().abs().ceil() as usize };
    // Single precision on the other side and rounding on this one must not pass for a change.
    let unit_in_last_place = 10f64.powi(decimals as i32);
    let before = (*value * unit_in_last_place).round() / unit_in_last_place;
    let mut edited = before;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let label = ui.horizontal(|ui| {
            let text = RichText::new(name).font(theme::small()).color(palette.text_soft);
            let label = ui.label(text).on_hover_text(explanation);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().button_padding = vec2(6.0, 2.0);
                ui.spacing_mut().interact_size.y = 22.0;
                let number = DragValue::new(&mut edited)
                    .range(range.clone())
                    .speed(step)
                    .max_decimals(decimals)
                    .min_decimals(decimals)
                    .suffix(unit.to_owned());
                ui.add(number).accessible_name(say!("widgets-value", name = name));
            });
            label.id
        });
        ui.spacing_mut().slider_width = ui.available_width();
        // A value between two steps stays where it is until a person moves it.
        let rail = Slider::new(&mut edited, range).step_by(step).clamping(SliderClamping::Edits).show_value(false);
        slider(ui, rail).labelled_by(label.inner).on_hover_text(explanation);
    });
    let changed = (edited - before).abs() > step * 0.01;
    if changed {
        *value = edited;
    }
    changed
}
