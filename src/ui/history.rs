//! What was changed, in words, and the way back.

use crate::words::told;
use egui::{Align, Frame, Label, Layout, Margin, Panel, RichText, ScrollArea, Ui, vec2};

use super::format::capital;
use super::{Cx, format, theme, widgets};
use crate::app::{BatchTurn, BatchView, Command, PeopleCommand};

/// The switch of the panel.
pub(super) fn switch_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let shown = cx.memory.history_open;
    let button = if shown {
        ui.add(egui::Button::selectable(true, "History").min_size(vec2(0.0, 28.0)))
    } else {
        widgets::quiet_button(ui, "History")
    };
    if button.on_hover_text("What was changed, by whom, and the way back").clicked() {
        cx.memory.history_open = !shown;
    }
}

/// Undo and Redo.
pub(super) fn turns_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let record = &cx.state.record;
    let mut sides = [
        ("Undo", "Ctrl Z", record.undo.as_ref(), Command::People(PeopleCommand::Undo(None))),
        ("Redo", "Ctrl Shift Z", record.redo.as_ref(), Command::People(PeopleCommand::Redo)),
    ];
    // Within a layout from the right the first one comes last.
    if ui.layout().prefer_right_to_left() {
        sides.reverse();
    }
    for (name, keys, batch, command) in sides {
        let hint = match batch {
            Some(batch) => format!("{name}: {} ({keys})", told(&batch.words)),
            None => format!("There is nothing to {} ({keys})", name.to_lowercase()),
        };
        let can = batch.is_some() && cx.read_only().is_none();
        let button = ui.add_enabled_ui(can, |ui| widgets::turn_button(ui, name)).inner;
        let hint = cx.read_only().map_or(hint, str::to_owned);
        if button.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
            cx.push(command);
        }
    }
}

pub(super) fn panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if !cx.memory.history_open {
        return;
    }
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 8 });
    // A small window keeps its room for what the panel is about.
    let width = (ui.available_width() * 0.28).clamp(210.0, 300.0);
    Panel::right("history").frame(frame).default_size(width).size_range(200.0..=420.0).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new("History").font(theme::heading()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::close_button(ui, "Close the history").clicked() {
                    cx.memory.history_open = false;
                }
            });
        });
        ui.add_space(theme::GAP_SMALL);
        if let Some(reason) = &cx.state.record.problem {
            super::widgets::problem_ui(ui, &format!("The history could not be read: {}", told(reason)));
        }
        if cx.state.record.history.is_empty() {
            let text = "Names given, people merged, photos taken out: each change is listed here, and can be taken back \
                        at any time, also after the program was closed.";
            widgets::caption(ui, text);
            return;
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            for batch in &cx.state.record.history {
                line_ui(ui, cx.commands, batch, cx.read_only);
            }
            if cx.state.record.is_cut {
                widgets::caption(ui, "Earlier changes: `likeness history`.");
            }
        });
    });
}

fn line_ui(ui: &mut Ui, commands: &mut Vec<Command>, batch: &BatchView, read_only: Option<&str>) {
    let palette = theme::palette(ui);
    let mut text = RichText::new(capital(&told(&batch.words)));
    match batch.state {
        BatchTurn::Done => {}
        BatchTurn::Undone => text = text.strikethrough().color(palette.text_faint),
        BatchTurn::Purged | BatchTurn::Final => text = text.color(palette.text_soft),
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.spacing_mut().interact_size.y = 20.0;
    ui.add(Label::new(text).wrap());
    let state = match batch.state {
        BatchTurn::Undone => "  \u{b7}  undone",
        BatchTurn::Purged => "  \u{b7}  deleted for ever",
        BatchTurn::Done | BatchTurn::Final => "",
    };
    let about = format!("{}, {}{state}", format::moment(batch.at), batch.actor);
    let about = RichText::new(about).font(theme::small()).color(palette.text_faint);
    if batch.state != BatchTurn::Done {
        ui.add(Label::new(about).wrap());
        ui.add(egui::Separator::default().spacing(14.0));
        return;
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled_ui(read_only.is_none(), |ui| widgets::text_button(ui, "Undo")).inner;
            let button = button.accessible_name(format!("Undo: {}", told(&batch.words)));
            if button.on_disabled_hover_text(read_only.unwrap_or_default()).clicked() {
                commands.push(Command::People(PeopleCommand::Undo(Some(batch.id))));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| widgets::elided(ui, about));
        });
    });
    ui.add(egui::Separator::default().spacing(14.0));
}
