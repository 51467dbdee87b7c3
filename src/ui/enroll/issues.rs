//! Photos that could not be enrolled, each with its reason.

use crate::words::told;
use egui::{Align, Label, Layout, Rect, Response, RichText, Sense, Ui, UiBuilder, vec2};

use crate::app::{Command, EnrollCommand, IssueView, WindowCommand};
use crate::say;
use crate::ui::{Cx, format, theme, widgets};

const ROW: f32 = 64.0;

/// The buttons beside the headline.
pub fn all_actions_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    widgets::at_right(ui, |ui| {
        if widgets::button(ui, &say!("issues-copy-list")).clicked() {
            let lines: Vec<String> = cx.state.issues.iter().map(line).collect();
            ui.ctx().copy_text(lines.join("\n"));
        }
        if widgets::changing(ui, cx.read_only(), |ui| widgets::primary_button(ui, &say!("issues-retry-all")).clicked())
        {
            cx.push(EnrollCommand::RetryIssues(cx.state.issues.iter().map(|issue| issue.path.clone()).collect()));
        }
        ui.add_space(10.0);
    });
}

pub fn issues_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let issues = &cx.state.issues;
    if issues.is_empty() {
        widgets::empty_state(ui, &say!("issues-none"), &say!("issues-none-about"), |_| {});
        return;
    }
    let mut list = std::mem::take(&mut cx.memory.enroll.issues.list);
    let name = |row: usize| {
        let issue: &IssueView = &issues[row];
        say!("issues-row", name = format::file_name(&issue.path), reason = told(&issue.reason))
    };
    list.show_rows(ui, &say!("issues"), ROW, issues.len(), name, |ui, row, rect| {
        Some(row_ui(ui, &issues[row], rect, cx))
    });
    cx.memory.enroll.issues.list = list;
}

/// Returns its first control.
fn row_ui(ui: &mut Ui, issue: &IssueView, rect: Rect, cx: &mut Cx<'_>) -> Response {
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    ui.painter().rect(card, 8.0, palette.surface, egui::Stroke::new(1.0, palette.border), egui::StrokeKind::Inside);
    ui.painter().circle_filled(card.left_center() + vec2(18.0, 0.0), 4.0, palette.warn);
    let inner = card.shrink2(vec2(12.0, 6.0));
    let words = [say!("issues-retry"), say!("show-in-folder"), say!("issues-copy")];
    let actions = widgets::buttons_width(ui, &words.each_ref().map(String::as_str), theme::GAP_SMALL);
    let [retry_text, show_text, copy_text] = &words;
    let text = Rect::from_min_max(inner.min + vec2(24.0, 0.0), inner.max - vec2(actions + 8.0, 0.0));
    let name = format::file_name(&issue.path);
    let mut text_ui = ui.new_child(UiBuilder::new().max_rect(text).layout(Layout::top_down(Align::Min)));
    text_ui.spacing_mut().item_spacing.y = 2.0;
    text_ui.spacing_mut().interact_size.y = 20.0;
    text_ui.add_space(2.0);
    text_ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        let title = Label::new(RichText::new(&name).font(theme::strong())).truncate().selectable(true);
        ui.add(title).on_hover_text(issue.path.display().to_string());
        let folder = RichText::new(format::folder(&issue.path)).font(theme::small()).color(palette.text_faint);
        ui.add(Label::new(folder).truncate().selectable(true));
    });
    let reason = RichText::new(told(&issue.reason)).font(theme::small()).color(palette.text_soft);
    text_ui.add(Label::new(reason).truncate().selectable(true));

    let actions = Rect::from_min_max(inner.max - vec2(actions, inner.height()), inner.max);
    let layout = Layout::left_to_right(Align::Center);
    let mut actions_ui = ui.new_child(UiBuilder::new().max_rect(actions).layout(layout).sense(Sense::hover()));
    actions_ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
    let retry = widgets::changing(&mut actions_ui, cx.read_only(), |ui| {
        widgets::button(ui, retry_text).accessible_name(say!("issues-retry-name", name = &name))
    });
    if retry.clicked() {
        cx.commands.push(Command::Enroll(EnrollCommand::RetryIssues(vec![issue.path.clone()])));
    }
    let show = widgets::quiet_button(&mut actions_ui, show_text);
    let show = show.accessible_name(say!("issues-show-name", name = &name));
    if show.clicked() {
        cx.commands.push(Command::Window(WindowCommand::ShowInFolder(issue.path.clone())));
    }
    let copy = widgets::quiet_button(&mut actions_ui, copy_text);
    if copy.accessible_name(say!("issues-copy-name", name = name)).clicked() {
        actions_ui.ctx().copy_text(line(issue));
    }
    if retry.enabled() { retry } else { show }
}

fn line(issue: &IssueView) -> String {
    format!("{}\t{}", issue.path.display(), told(&issue.reason))
}
