//! The frame around every screen: navigation above, status below.

use crate::words::told;
use egui::{Align, Align2, Frame, Label, Layout, Margin, Panel, RichText, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::{Cx, format, history, messages, screens, theme, widgets};
use crate::app::{AppState, Screen, WindowCommand};
use crate::say;

/// Widths of the navigation, in points: below each it draws together further. Large text makes windows narrow, too.
const NARROW: f32 = 960.0;
const COMPACT: f32 = 800.0;
const TIGHT: f32 = 560.0;

/// Room for the button that holds what has none, in points.
const MORE: f32 = 84.0;

pub(super) fn navigation_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(16, 0));
    Panel::top("navigation").frame(frame).exact_size(48.0).show_separator_line(true).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let width = ui.available_width();
            let (gap, margins) = match width {
                TIGHT.. if width >= NARROW => (theme::GAP_LARGE, 28.0),
                TIGHT.. => (theme::GAP_SMALL, 16.0),
                _ => (0.0, 6.0),
            };
            if width >= TIGHT {
                brand_ui(ui, width >= COMPACT);
            }
            ui.add_space(gap);
            ui.spacing_mut().item_spacing.x = if width >= TIGHT { theme::GAP_SMALL } else { 0.0 };
            let shown = if width < TIGHT { tabs_that_fit(ui, width - MORE, margins) } else { Screen::ALL.len() };
            let (tabs, hidden) = Screen::ALL.split_at(shown);
            for &screen in tabs {
                if tab_ui(ui, screen, cx.state, margins).clicked() && cx.state.screen != screen {
                    cx.push(WindowCommand::ShowScreen(screen));
                }
            }
            widgets::at_right(ui, |ui| {
                if width < COMPACT {
                    more_ui(ui, cx, hidden);
                    return;
                }
                history::turns_ui(ui, cx);
                history::switch_ui(ui, cx);
                messages::button_ui(ui, cx);
                help_button_ui(ui, cx, if width < NARROW { "?".to_owned() } else { say!("window-shortcuts") });
            });
        });
    });
}

/// How many of the screens' names have room.
fn tabs_that_fit(ui: &Ui, room: f32, margins: f32) -> usize {
    let mut right = 0.0;
    let fits = |screen: &&Screen| {
        right += widgets::text_width(ui, &screens::about(**screen).0, theme::strong()) + margins;
        right <= room
    };
    Screen::ALL.iter().take_while(fits).count()
}

fn help_button_ui(ui: &mut Ui, cx: &mut Cx<'_>, text: String) {
    let help = widgets::quiet_button(ui, &text).accessible_name(say!("shortcuts"));
    if help.on_hover_text(say!("window-shortcuts-hint")).clicked() {
        cx.memory.help_open = true;
    }
}

/// What has no room beside the screens' names, and those of the screens that have none.
fn more_ui(ui: &mut Ui, cx: &mut Cx<'_>, hidden: &[Screen]) {
    let unseen = messages::unseen(cx);
    let text = if unseen == 0 { say!("window-more") } else { say!("window-more-unseen", n = unseen) };
    ui.menu_button(text, |ui| {
        for &screen in hidden {
            let (title, _) = screens::about(screen);
            if ui.selectable_label(cx.state.screen == screen, title).clicked() {
                cx.push(WindowCommand::ShowScreen(screen));
                ui.close();
            }
        }
        ui.horizontal(|ui| history::turns_ui(ui, cx));
        history::switch_ui(ui, cx);
        messages::button_ui(ui, cx);
        help_button_ui(ui, cx, say!("window-shortcuts"));
    });
}

/// Two overlapping rings: a likeness.
fn brand_ui(ui: &mut Ui, with_name: bool) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 20.0), Sense::hover());
    let painter = ui.painter();
    let [left, right] = [-4.5, 4.5].map(|dx| rect.center() + vec2(dx, 0.0));
    painter.circle_stroke(left, 7.5, Stroke::new(2.0, palette.text_faint));
    painter.circle_stroke(right, 7.5, Stroke::new(2.0, palette.accent));
    if with_name {
        ui.label(RichText::new(say!("likeness")).font(theme::heading()));
    }
}

fn tab_ui(ui: &mut Ui, screen: Screen, state: &AppState, margins: f32) -> egui::Response {
    let palette = theme::palette(ui);
    let selected = state.screen == screen;
    let (title, _) = screens::about(screen);
    let galley = ui.painter().layout_no_wrap(title.clone(), theme::strong(), palette.text);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + margins, 48.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, &title));
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
    painter.text(rect.center(), Align2::CENTER_CENTER, &title, theme::strong(), color);
    widgets::focus_ring(ui, &response, rect.shrink2(vec2(4.0, 8.0)));
    let key =
        screens::by_key().find(|(_, other)| *other == screen).map(|(key, _)| format!("Ctrl {}", key.symbol_or_name()));
    let key = key.unwrap_or_default();
    response.on_hover_text(say!("window-screen-hint", screen = title, keys = key))
}

/// Says that nothing can be changed here, and why.
pub(super) fn read_only_ui(ui: &mut Ui, state: &AppState) {
    let Some(reason) = &state.status.read_only else { return };
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.warn_soft).inner_margin(Margin::symmetric(16, 0));
    Panel::top("read-only").frame(frame).exact_size(30.0).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(RichText::new(say!("window-read-only")).font(theme::small_strong()).color(palette.warn));
            let reason = RichText::new(format::capital(&told(reason))).font(theme::small()).color(palette.text);
            widgets::elided(ui, reason);
        });
    });
}

/// A text of the status bar, and what it means on hover.
type Figure = (String, String);

pub(super) fn status_bar_ui(ui: &mut Ui, state: &AppState) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(16, 0));
    Panel::bottom("status").frame(frame).exact_size(28.0).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            if state.status.starting {
                widgets::spinner(ui, 14.0, &starting().0);
                figure_ui(ui, &starting());
            } else {
                figures_ui(ui, &gallery_figures(state));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| figures_ui(ui, &machine_figures(state)));
        });
    });
}

fn starting() -> Figure {
    (say!("window-loading"), say!("window-loading-hint"))
}

/// The most telling first.
fn gallery_figures(state: &AppState) -> Vec<Figure> {
    let status = &state.status;
    let index = match status.generation {
        Some(number) => say!("window-index", n = number),
        None => say!("window-no-index"),
    };
    vec![
        (say!("photos", n = status.photos), say!("window-photos-hint")),
        (say!("faces", n = status.faces), say!("window-faces-hint")),
        (say!("subjects", n = status.subjects), say!("window-subjects-hint")),
        (index, say!("window-index-hint")),
    ]
}

/// From the right.
fn machine_figures(state: &AppState) -> Vec<Figure> {
    let status = &state.status;
    let memory = if status.memory_bytes > 0 { format::bytes(status.memory_bytes) } else { String::new() };
    let figures = [
        (memory, say!("window-memory-hint")),
        (told(&status.device), say!("window-device-hint", device = &status.device)),
        (status.model.clone(), say!("window-model-hint", model = &status.model)),
    ];
    figures.into_iter().filter(|(text, _)| !text.is_empty()).collect()
}

/// As many of them, from the first, as there is room for; the first is cut rather than left out.
fn figures_ui(ui: &mut Ui, figures: &[Figure]) {
    let palette = theme::palette(ui);
    let width_of =
        |ui: &Ui, text: &str| ui.painter().layout_no_wrap(text.to_owned(), theme::small(), palette.text_soft).size().x;
    for (i, figure) in figures.iter().enumerate() {
        let dot = if i > 0 { width_of(ui, "\u{b7}") + theme::GAP } else { 0.0 };
        if i > 0 && dot + width_of(ui, &figure.0) + theme::GAP > ui.available_width() {
            return;
        }
        if i > 0 {
            ui.label(RichText::new("\u{b7}").font(theme::small()).color(palette.text_faint));
        }
        figure_ui(ui, figure);
    }
}

fn figure_ui(ui: &mut Ui, (text, hint): &Figure) {
    let palette = theme::palette(ui);
    let label = Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft));
    ui.add(label.truncate()).on_hover_text(hint);
}
