//! Pieces that screens are made of.

mod access;
mod canvas;
mod choice;
mod dialog;
mod list;
mod menu;
mod notes;
mod right;
mod rows;
mod scroll;

use egui::{
    Align2, Button, Color32, Frame, Label, Margin, Painter, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind,
    TextureId, Ui, WidgetInfo, pos2, vec2,
};

pub use access::{Item, name_group, spinner};
pub use canvas::{Framing, Mapping, View, canvas_ui, draw_box, draw_landmarks, zoom_ui};
pub use choice::segments_ui;
pub use dialog::{dialog_ui, is_dialog_shown};
pub use list::{ListKey, ListKeys, LongList};
pub use menu::context_menu;
pub use notes::{check_mark, note_ui, problem_ui};
pub use right::at_right;
pub use rows::{meter_row, slider, slider_row, value_row};
pub use scroll::{Pages, left_of_panel, scroll_ui, side_panel_ui};

use super::theme;

/// The one thing that a view is for.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for (visuals, fill) in [
            (&mut widgets.inactive, palette.accent),
            (&mut widgets.hovered, palette.accent_hover),
            (&mut widgets.active, palette.accent_hover),
        ] {
            visuals.weak_bg_fill = fill;
            visuals.fg_stroke.color = palette.on_accent;
        }
        widgets.inactive.bg_stroke = Stroke::new(1.0, palette.accent);
        widgets.hovered.bg_stroke = Stroke::new(1.0, palette.accent_hover);
        widgets.active.bg_stroke = Stroke::new(1.0, palette.accent_hover);
        let response = ui.add(Button::new(text));
        // The ring of the focus would not stand out from the accent.
        focus_ring(ui, &response, response.rect.expand(4.0));
        response
    })
    .inner
}

pub fn button(ui: &mut Ui, text: &str) -> Response {
    ui.add(Button::new(text))
}

/// A button that is only text until the pointer is on it.
pub fn quiet_button(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui);
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 4.0);
        let visuals = &mut ui.visuals_mut().widgets.inactive;
        visuals.weak_bg_fill = Color32::TRANSPARENT;
        visuals.bg_stroke = Stroke::new(1.0, Color32::TRANSPARENT);
        visuals.fg_stroke.color = palette.accent;
        ui.add(Button::new(text))
    })
    .inner
}

/// A button that is on or off, which its border says too.
pub fn toggle_button(ui: &mut Ui, is_on: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 4.0);
        let button = Button::selectable(is_on, text).min_size(vec2(0.0, 28.0)).frame_when_inactive(true);
        ui.add(if is_on { button.stroke(Stroke::new(1.5, palette.accent)) } else { button })
    })
    .inner
}

/// A text that acts, flush with the text around it.
pub fn text_button(ui: &mut Ui, text: &str) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(0.0, 2.0);
        ui.spacing_mut().interact_size.y = 22.0;
        let palette = theme::palette(ui);
        ui.visuals_mut().widgets.inactive.fg_stroke.color = palette.accent;
        let response = ui.add(Button::new(text).frame_when_inactive(false).fill(Color32::TRANSPARENT));
        focus_ring(ui, &response, response.rect.expand2(vec2(3.0, 0.0)));
        response
    })
    .inner
}

/// A small cross.
pub fn close_button(ui: &mut Ui, label: &str) -> Response {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    if response.hovered() {
        ui.painter().rect_filled(rect, f32::from(theme::RADIUS), palette.hover);
    }
    let color = if response.hovered() { palette.text } else { palette.text_faint };
    let [a, b] = [-4.0, 4.0];
    for (from, to) in [((a, a), (b, b)), ((a, b), (b, a))] {
        let points = [from, to].map(|(x, y)| rect.center() + vec2(x, y));
        ui.painter().line_segment(points, Stroke::new(1.5, color));
    }
    focus_ring(ui, &response, rect);
    response.on_hover_text(label)
}

/// Which way a bent arrow points.
#[derive(Clone, Copy, PartialEq)]
pub enum Turn {
    /// To the left, for undo.
    Back,
    /// To the right, for redo.
    Forth,
}

/// A bent arrow.
pub fn turn_button(ui: &mut Ui, turn: Turn, name: &str) -> Response {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(28.0, 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if response.hovered() && ui.is_enabled() {
        ui.painter().rect_filled(rect, f32::from(theme::RADIUS), palette.hover);
    }
    let color = if ui.is_enabled() { palette.text } else { palette.outline };
    let side = if turn == Turn::Back { 1.0 } else { -1.0 };
    let at = |x: f32, y: f32| rect.center() + vec2(x * side, y);
    let arc: Vec<egui::Pos2> = (0..=12)
        .map(|step| {
            let angle = std::f32::consts::PI * (-0.5 + step as f32 / 12.0);
            at(1.0 + 4.5 * angle.cos(), 0.5 + 4.5 * angle.sin())
        })
        .collect();
    let stroke = Stroke::new(1.6, color);
    let painter = ui.painter();
    painter.line_segment([at(-5.0, -4.0), at(1.0, -4.0)], stroke);
    painter.line(arc, stroke);
    painter.line_segment([at(1.0, 5.0), at(-3.0, 5.0)], stroke);
    for end in [at(-2.0, -7.0), at(-2.0, -1.0)] {
        painter.line_segment([at(-5.0, -4.0), end], stroke);
    }
    focus_ring(ui, &response, rect);
    response
}

/// What changes the gallery: off where that cannot be, with the reason on hover.
pub fn changing<R>(ui: &mut Ui, read_only: Option<&str>, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let shown = ui.add_enabled_ui(read_only.is_none(), contents);
    if let Some(reason) = read_only {
        shown.response.on_hover_text(reason).on_disabled_hover_text(reason);
    }
    shown.inner
}

/// How wide a text is in one line, in points.
pub fn text_width(ui: &Ui, text: &str, font: egui::FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// The room for buttons beside each other, in points: at least what their texts need.
pub fn buttons_width(ui: &Ui, texts: &[&str], gap: f32) -> f32 {
    let font = egui::TextStyle::Button.resolve(ui.style());
    let margins = 2.0 * ui.spacing().button_padding.x;
    let buttons: f32 = texts.iter().map(|text| text_width(ui, text, font.clone()) + margins).sum();
    buttons.ceil() + gap * texts.len().saturating_sub(1) as f32
}

/// A surface with a border that holds one thing.
pub fn card(ui: &Ui) -> Frame {
    let palette = theme::palette(ui);
    Frame::NONE
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(8)
        .inner_margin(Margin::same(12))
}

pub fn section_title(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(theme::heading()))
}

pub fn caption(ui: &mut Ui, text: impl Into<String>) -> Response {
    let palette = theme::palette(ui);
    ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft)).wrap())
}

/// The same as a word in a row.
pub fn caption_inline(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui);
    ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft))
}

/// One line, cut where it is too long; the whole text on hover.
pub fn elided(ui: &mut Ui, text: RichText) -> Response {
    ui.add(Label::new(text).truncate())
}

/// A coloured word on its tint.
pub fn badge(ui: &mut Ui, text: &str, color: Color32, tint: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::small_strong(), color);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, 4.0, tint);
    ui.painter().galley(Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min, galley, color);
    response
}

/// What a screen shows while it has nothing: what it is for and what to do. `actions` draws the buttons.
pub fn empty_state(ui: &mut Ui, title: &str, text: &str, actions: impl FnOnce(&mut Ui)) {
    let palette = theme::palette(ui);
    let height = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((height * 0.5 - 120.0).max(24.0));
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, 72.0), Sense::hover());
        viewfinder(ui.painter(), rect, Stroke::new(2.0, palette.border_strong));
        silhouette(ui.painter(), rect.shrink(16.0), palette.border_strong);
        ui.add_space(theme::GAP_LARGE);
        ui.label(RichText::new(title).font(theme::title()));
        ui.scope(|ui| {
            ui.set_max_width(440.0);
            ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
        });
        ui.add_space(theme::GAP);
        actions(ui);
    });
}

/// Four corners, as a camera marks a face.
fn viewfinder(painter: &Painter, rect: Rect, stroke: Stroke) {
    let arm = rect.width() * 0.24;
    for (corner, x, y) in [
        (rect.left_top(), 1.0, 1.0),
        (rect.right_top(), -1.0, 1.0),
        (rect.left_bottom(), 1.0, -1.0),
        (rect.right_bottom(), -1.0, -1.0),
    ] {
        painter.line_segment([corner, corner + vec2(arm * x, 0.0)], stroke);
        painter.line_segment([corner, corner + vec2(0.0, arm * y)], stroke);
    }
}

/// A head and shoulders, where a face is not loaded yet.
pub fn silhouette(painter: &Painter, rect: Rect, color: Color32) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let side = rect.width().min(rect.height());
    painter.circle_filled(rect.center() - vec2(0.0, side * 0.14), side * 0.19, color);
    painter.circle_filled(pos2(rect.center().x, rect.center().y + side * 0.48), side * 0.36, color);
}

/// A crop with round corners, or its placeholder.
pub fn crop_image(ui: &Ui, rect: Rect, texture: Option<TextureId>) {
    let palette = theme::palette(ui);
    match texture {
        Some(id) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let shape = egui::epaint::RectShape::filled(rect, theme::RADIUS, theme::marks::UNTINTED);
            ui.painter().add(shape.with_texture(id, uv));
        }
        None => {
            ui.painter().rect_filled(rect, theme::RADIUS, palette.well);
            silhouette(ui.painter(), rect.shrink(rect.width() * 0.22), palette.border_strong);
        }
    }
}

/// Where the keyboard is.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let palette = theme::palette(ui);
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    }
}

/// A track filled to `share`, 0…1.
pub fn track(painter: &Painter, rect: Rect, share: f32, fill: Color32, ground: Color32) {
    let radius = rect.height() / 2.0;
    painter.rect_filled(rect, radius, ground);
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    if share > 0.0 {
        let width = (rect.width() * share).max(rect.height());
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(width, rect.height())), radius, fill);
    }
}

/// Text cut with an ellipsis to `width`, painted at `at`; for rows that are painted rather than laid out.
pub fn paint_elided(
    painter: &Painter,
    at: egui::Pos2,
    anchor: Align2,
    width: f32,
    text: &str,
    font: egui::FontId,
    color: Color32,
) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(8.0));
    let galley = painter.layout_job(job);
    let rect = anchor.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}
