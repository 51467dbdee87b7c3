//! The frame around every screen: navigation above, status below.

use egui::{Align, Align2, Frame, Label, Layout, Margin, Panel, RichText, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::{Cx, format, history, messages, theme, widgets};
use crate::app::{AppState, Command, Screen};

/// Below it the navigation draws together.
const NARROW: f32 = 880.0;

pub(super) fn navigation_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(16, 0));
    Panel::top("navigation").frame(frame).exact_size(48.0).show_separator_line(true).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let narrow = ui.available_width() < NARROW;
            brand_ui(ui);
            ui.add_space(if narrow { theme::GAP_SMALL } else { theme::GAP_LARGE });
            ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
            for screen in Screen::ALL {
                if tab_ui(ui, screen, cx.state, if narrow { 16.0 } else { 28.0 }).clicked() && cx.state.screen != screen
                {
                    cx.push(Command::ShowScreen(screen));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let text = if narrow { "?" } else { "Shortcuts" };
                let help = widgets::quiet_button(ui, text).accessible_name("Keyboard shortcuts");
                if help.on_hover_text("Keyboard shortcuts (F1)").clicked() {
                    cx.memory.help_open = true;
                }
                messages::button_ui(ui, cx);
                history::buttons_ui(ui, cx);
            });
        });
    });
}

/// Two overlapping rings: a likeness.
fn brand_ui(ui: &mut Ui) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 20.0), Sense::hover());
    let painter = ui.painter();
    let [left, right] = [-4.5, 4.5].map(|dx| rect.center() + vec2(dx, 0.0));
    painter.circle_stroke(left, 7.5, Stroke::new(2.0, palette.text_faint));
    painter.circle_stroke(right, 7.5, Stroke::new(2.0, palette.accent));
    ui.label(RichText::new("Likeness").font(theme::heading()));
}

fn tab_ui(ui: &mut Ui, screen: Screen, state: &AppState, margins: f32) -> egui::Response {
    let palette = theme::palette(ui);
    let selected = state.screen == screen;
    let galley = ui.painter().layout_no_wrap(screen.title().to_owned(), theme::strong(), palette.text);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + margins, 48.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, screen.title()));
    let color = if selected {
        palette.text
    } else if response.hovered() {
        palette.text_soft
    } else {
        palette.text_faint
    };
    let painter = ui.painter();
    if selected {
        let line = egui::Rect::from_min_max(rect.left_bottom() - vec2(-8.0, 3.0), rect.right_bottom() - vec2(8.0, 0.0));
        painter.rect_filled(line, 1.5, palette.accent);
    }
    painter.text(rect.center(), Align2::CENTER_CENTER, screen.title(), theme::strong(), color);
    widgets::focus_ring(ui, &response, rect.shrink2(vec2(4.0, 8.0)));
    let keys = ["Ctrl 1", "Ctrl 2", "Ctrl 3", "Ctrl 4", "Ctrl 5"];
    let key = Screen::ALL.iter().position(|&s| s == screen).and_then(|i| keys.get(i)).copied().unwrap_or_default();
    response.on_hover_text(format!("{} ({key})", screen.title()))
}

/// Says that nothing can be changed here, and why.
pub(super) fn read_only_ui(ui: &mut Ui, state: &AppState) {
    let Some(reason) = &state.status.read_only else { return };
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.warn_soft).inner_margin(Margin::symmetric(16, 0));
    Panel::top("read only").frame(frame).exact_size(30.0).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(RichText::new("Read only").font(theme::small_strong()).color(palette.warn));
            let reason = RichText::new(reason).font(theme::small()).color(palette.text);
            widgets::elided(ui, reason);
        });
    });
}

pub(super) fn status_bar_ui(ui: &mut Ui, state: &AppState) {
    let palette = theme::palette(ui);
    let status = &state.status;
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(16, 0));
    Panel::bottom("status").frame(frame).exact_size(28.0).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            if status.starting {
                ui.add(egui::Spinner::new().size(14.0).color(palette.accent));
                soft(ui, "Loading models and index\u{2026}", "The gallery can be looked at while they load.");
            } else {
                let figures = [
                    (format::counted(status.photos, "photo", "photos"), "Photos in the gallery"),
                    (format::counted(status.faces, "face", "faces"), "Faces found on them"),
                    (format::counted(status.subjects, "subject", "subjects"), "People that faces are named after"),
                ];
                for (text, hint) in figures {
                    soft(ui, &text, hint);
                    separator(ui);
                }
                let index = match status.generation {
                    Some(number) => format!("Index {}", format::count(number)),
                    None => "No index yet".to_owned(),
                };
                soft(ui, &index, "Generation of the search index: it grows by one each time the index is published");
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP;
                if status.memory_bytes > 0 {
                    soft(ui, &format::bytes(status.memory_bytes), "Memory in use");
                    separator(ui);
                }
                let texts = [(&status.device, "What computes"), (&status.model, "The model in use")];
                for (i, (text, hint)) in texts.into_iter().filter(|(text, _)| !text.is_empty()).enumerate() {
                    if i > 0 {
                        separator(ui);
                    }
                    let label = Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft));
                    ui.add(label.truncate()).on_hover_text(format!("{hint}: {text}"));
                }
            });
        });
    });
}

fn soft(ui: &mut Ui, text: &str, hint: &str) {
    let palette = theme::palette(ui);
    ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft)).on_hover_text(hint);
}

fn separator(ui: &mut Ui) {
    let palette = theme::palette(ui);
    ui.label(RichText::new("\u{b7}").font(theme::small()).color(palette.text_faint));
}
