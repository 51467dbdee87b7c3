//! What was changed, in words, and the way back.

use crate::words::told;
use egui::{Align, Frame, Label, Layout, Margin, Panel, RichText, ScrollArea, Ui};

use super::format::capital;
use super::widgets::Turn;
use super::{Cx, format, theme, widgets};
use crate::app::{BatchTurn, BatchView, Command, PeopleCommand};
use crate::say;

/// The switch of the panel.
pub(super) fn switch_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let shown = cx.memory.history_open;
    let button = if shown {
        widgets::toggle_button(ui, true, &say!("history"))
    } else {
        widgets::quiet_button(ui, &say!("history"))
    };
    if button.on_hover_text(say!("history-hint")).clicked() {
        cx.memory.history_open = !shown;
    }
}

/// Undo and Redo.
pub(super) fn turns_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let record = &cx.state.record;
    let undo_hint = match &record.undo {
        Some(batch) => say!("history-undo-change", change = &batch.words),
        None => say!("history-no-undo"),
    };
    let redo_hint = match &record.redo {
        Some(batch) => say!("history-redo-change", change = &batch.words),
        None => say!("history-no-redo"),
    };
    let sides = [
        (say!("undo"), Turn::Back, record.undo.is_some(), undo_hint, PeopleCommand::Undo(None)),
        (say!("redo"), Turn::Forth, record.redo.is_some(), redo_hint, PeopleCommand::Redo),
    ];
    for (name, turn, is_there, hint, command) in sides {
        let can = is_there && cx.read_only().is_none();
        let button = ui.add_enabled_ui(can, |ui| widgets::turn_button(ui, turn, &name)).inner;
        let hint = cx.read_only().map_or(hint, str::to_owned);
        if button.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
            cx.push(command);
        }
    }
}

/// Shows a screen, and the history to its right where it is open.
pub(super) fn beside_ui(ui: &mut Ui, cx: &mut Cx<'_>, screen: impl FnOnce(&mut Ui, &mut Cx<'_>)) {
    if !cx.memory.history_open {
        screen(ui, cx);
        return;
    }
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 8 });
    // A small window keeps its room for what the panel is about.
    let width = (ui.available_width() * 0.28).clamp(210.0, 300.0);
    let panel = Panel::right("history").frame(frame).default_size(width).size_range(200.0..=420.0);
    screen(&mut widgets::left_of_panel(ui, "history", width), cx);
    widgets::side_panel_ui(ui, panel, "history", &say!("history"), |ui| panel_ui(ui, cx));
}

fn panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(say!("history")).font(theme::heading()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, &say!("history-close")).clicked() {
                cx.memory.history_open = false;
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
    if let Some(reason) = &cx.state.record.problem {
        super::widgets::problem_ui(ui, &say!("history-failed", reason = reason));
    }
    if cx.state.record.history.is_empty() {
        widgets::caption(ui, say!("history-about"));
        return;
    }
    widgets::scroll_ui(ui, ScrollArea::vertical().auto_shrink(false), widgets::Pages::WithFocus, |ui| {
        ui.set_max_width(ui.available_width() - 10.0);
        for batch in &cx.state.record.history {
            line_ui(ui, cx.commands, batch, cx.read_only);
        }
        if cx.state.record.is_cut {
            widgets::caption(ui, say!("history-earlier"));
        }
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
    let (moment, actor) = (format::moment(batch.at), &batch.actor);
    let about = match batch.state {
        BatchTurn::Undone => say!("history-change-undone", moment = moment, actor = actor),
        BatchTurn::Purged => say!("history-change-purged", moment = moment, actor = actor),
        BatchTurn::Done | BatchTurn::Final => say!("history-change", moment = moment, actor = actor),
    };
    let about = RichText::new(about).font(theme::small()).color(palette.text_faint);
    if batch.state != BatchTurn::Done {
        ui.add(Label::new(about).wrap());
        ui.add(egui::Separator::default().spacing(14.0));
        return;
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled_ui(read_only.is_none(), |ui| widgets::text_button(ui, &say!("undo"))).inner;
            let button = button.accessible_name(say!("history-undo-this", change = &batch.words));
            if button.on_disabled_hover_text(read_only.unwrap_or_default()).clicked() {
                commands.push(Command::People(PeopleCommand::Undo(Some(batch.id))));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| widgets::elided(ui, about));
        });
    });
    ui.add(egui::Separator::default().spacing(14.0));
}
