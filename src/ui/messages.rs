//! Messages: the newest in the lower right corner until they are put aside, and the list of the last ones.

use crate::words::told;
use egui::{Align2, Area, Frame, Id, Label, Margin, Order, RichText, ScrollArea, Stroke, Ui, vec2};

use super::{Cx, format, theme, widgets};
use crate::app::{Command, Notice, NoticeLevel, PeopleCommand, WindowCommand};
use crate::say;

/// Messages in the corner; there are more in the list.
const SHOWN: usize = 4;

/// Errors that nobody has put aside yet.
pub(super) fn unseen(cx: &Cx<'_>) -> usize {
    cx.state.notices.iter().filter(|notice| notice.level == NoticeLevel::Error).count()
}

/// Opens the list; says how many errors nobody has put aside yet.
pub(super) fn button_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let unseen = unseen(cx);
    let text = if unseen == 0 { say!("messages") } else { say!("messages-unseen", n = unseen) };
    let button = widgets::quiet_button(ui, &text).accessible_name(say!("messages"));
    if button.on_hover_text(say!("messages-hint")).clicked() {
        cx.memory.messages_open = true;
    }
}

/// The newest messages, each until the person takes it away.
pub(super) fn notices_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let own = cx.memory.notices.iter().rev().map(|notice| (notice, true));
    let all: Vec<(Notice, bool)> = own
        .chain(cx.state.notices.iter().rev().map(|notice| (notice, false)))
        .map(|(notice, own)| (notice.clone(), own))
        .collect();
    if all.is_empty() {
        return;
    }
    let area = Area::new(Id::unique("notices")).order(Order::Middle).anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -44.0));
    area.show(ui.ctx(), |ui| {
        ui.set_max_width(380.0);
        ui.spacing_mut().item_spacing.y = theme::GAP;
        if all.len() > SHOWN {
            more_ui(ui, cx, all.len() - SHOWN);
        }
        for (notice, own) in all.iter().take(SHOWN).rev() {
            if notice_ui(ui, notice, cx.commands) {
                if *own {
                    cx.memory.notices.retain(|other| other.id != notice.id);
                } else {
                    cx.push(WindowCommand::DismissNotice(notice.id));
                }
            }
        }
    });
}

fn more_ui(ui: &mut Ui, cx: &mut Cx<'_>, hidden: usize) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.surface).corner_radius(8).inner_margin(Margin::symmetric(12, 2));
    frame.stroke(Stroke::new(1.0, palette.border)).show(ui, |ui| {
        ui.set_width(356.0);
        ui.horizontal(|ui| {
            let text = say!("messages-more", n = hidden);
            ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft));
            widgets::at_right(ui, |ui| {
                if widgets::text_button(ui, &say!("messages-show-all")).clicked() {
                    cx.memory.messages_open = true;
                }
                if widgets::text_button(ui, &say!("messages-dismiss-all")).clicked() {
                    cx.memory.notices.clear();
                    cx.push(WindowCommand::DismissNotices);
                }
            });
        });
    });
}

/// The last messages, newest first, over everything else.
pub(super) fn list_ui(ui: &Ui, cx: &mut Cx<'_>) {
    if !cx.memory.messages_open {
        return;
    }
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "messages", &say!("messages"), 600.0, |ui| {
        ui.add_space(theme::GAP_SMALL);
        let mut messages: Vec<&Notice> = cx.state.messages.iter().chain(&cx.memory.notices).collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.at));
        if messages.is_empty() {
            widgets::caption(ui, say!("messages-none"));
        }
        let area = ScrollArea::vertical().max_height(ctx.content_rect().height() - 200.0);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            ui.set_max_width(ui.available_width() - 16.0);
            for message in messages {
                line_ui(ui, message);
            }
        });
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let close = widgets::primary_button(ui, &say!("close")).clicked();
            let any = !cx.state.notices.is_empty() || !cx.memory.notices.is_empty();
            let seen = any && widgets::button(ui, &say!("messages-dismiss-all")).clicked();
            (close, seen)
        })
        .inner
    });
    let (close, seen) = modal.inner;
    if seen {
        cx.memory.notices.clear();
        cx.push(WindowCommand::DismissNotices);
    }
    if close || modal.should_close() {
        cx.memory.messages_open = false;
    }
}

fn line_ui(ui: &mut Ui, message: &Notice) {
    let palette = theme::palette(ui);
    let (color, word) = color_and_word(ui, message.level);
    ui.horizontal_top(|ui| {
        let when = RichText::new(format::time_of_day(message.at)).font(theme::small()).color(palette.text_faint);
        ui.add_sized(vec2(64.0, 20.0), Label::new(when)).on_hover_text(format::moment(message.at));
        ui.add_sized(vec2(64.0, 20.0), Label::new(RichText::new(word).font(theme::small_strong()).color(color)));
        ui.add(Label::new(text_of(message)).wrap().selectable(true));
    });
    ui.add_space(2.0);
}

fn text_of(notice: &Notice) -> String {
    let text = format::capital(&told(&notice.text));
    match notice.times {
        0 | 1 => text,
        times => say!("messages-times", text = text, n = times),
    }
}

fn color_and_word(ui: &Ui, level: NoticeLevel) -> (egui::Color32, String) {
    let palette = theme::palette(ui);
    match level {
        NoticeLevel::Info => (palette.accent, say!("messages-note")),
        NoticeLevel::Warning => (palette.warn, say!("messages-warning")),
        NoticeLevel::Error => (palette.bad, say!("messages-error")),
    }
}

fn dismissal(level: NoticeLevel) -> String {
    match level {
        NoticeLevel::Info => say!("messages-dismiss-note"),
        NoticeLevel::Warning => say!("messages-dismiss-warning"),
        NoticeLevel::Error => say!("messages-dismiss-error"),
    }
}

/// True when the person takes it away.
fn notice_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) -> bool {
    let palette = theme::palette(ui);
    let (color, word) = color_and_word(ui, notice.level);
    let frame = Frame::NONE
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border_strong))
        .corner_radius(8)
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin { left: 16, right: 8, top: 8, bottom: 10 });
    let shown = frame.show(ui, |ui| {
        ui.set_width(356.0);
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(316.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add_space(2.0);
                ui.label(RichText::new(word).font(theme::small_strong()).color(color));
                ui.add(Label::new(text_of(notice)).wrap().selectable(true));
                if let Some(batch) = notice.undo
                    && widgets::text_button(ui, &say!("undo")).accessible_name(say!("messages-undo")).clicked()
                {
                    commands.push(Command::People(PeopleCommand::Undo(Some(batch))));
                }
            });
            widgets::close_button(ui, &dismissal(notice.level)).clicked()
        })
        .inner
    });
    let rect = shown.response.rect;
    let stripe = egui::Rect::from_min_size(rect.min + vec2(6.0, 10.0), vec2(3.0, rect.height() - 20.0));
    ui.painter().rect_filled(stripe, 1.5, color);
    shown.inner
}
