//! Two people that are one.

use egui::{Key, Label, Margin, RichText, TextEdit, Ui};

use super::memory::MergeDraft;
use super::people_list_ui;
use crate::app::PeopleCommand;
use crate::say;
use crate::types::SubjectRecord;
use crate::ui::{Cx, theme, widgets};

/// Returns whether it stays open.
pub fn dialog_ui(ui: &Ui, cx: &mut Cx<'_>, draft: &mut MergeDraft) -> bool {
    let Some(from) = cx.memory.people.find(cx.state, draft.from) else { return false };
    let title = cx.title_of(&from.subject_name());
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "merge-people", &say!("people-merge-who", name = title), 440.0, |ui| {
        ui.add_space(theme::GAP_SMALL);
        choice_ui(ui, cx, draft, from);
        let into = draft.into.and_then(|into| cx.memory.people.find(cx.state, into));
        if let Some(into) = into {
            outcome_ui(ui, cx, from, into);
        }
        ui.add_space(theme::GAP);
        let read_only = cx.read_only();
        ui.horizontal(|ui| {
            let merge = widgets::changing(ui, read_only, |ui| {
                let merge = ui
                    .add_enabled_ui(into.is_some(), |ui| widgets::primary_button(ui, &say!("people-merge-button")))
                    .inner;
                if std::mem::take(&mut draft.is_chosen) {
                    merge.request_focus();
                }
                merge.on_disabled_hover_text(say!("people-merge-other-first")).clicked()
            });
            (merge, widgets::button(ui, &say!("cancel")).clicked())
        })
        .inner
    });
    let (merge, cancel) = modal.inner;
    if merge && let Some(into) = draft.into {
        cx.push(PeopleCommand::Merge { from: draft.from, into });
    }
    !(merge || cancel || modal.should_close())
}

/// The field, and those who fit: at first who has the same name, where there is somebody.
fn choice_ui(ui: &mut Ui, cx: &mut Cx<'_>, draft: &mut MergeDraft, from: &SubjectRecord) {
    let palette = theme::palette(ui);
    if cx.state.subjects.len() < 2 {
        ui.label(say!("people-merge-nobody-else"));
        return;
    }
    let label = ui.label(RichText::new(say!("people-merge-other")).font(theme::small()).color(palette.text_soft));
    let edit =
        TextEdit::singleline(&mut draft.text).hint_text(say!("name")).desired_width(f32::INFINITY).char_limit(200);
    let edit = ui.add(edit.margin(Margin::symmetric(8, 5))).labelled_by(label.id);
    if !std::mem::replace(&mut draft.is_begun, true) {
        edit.request_focus();
    }
    if edit.changed() {
        draft.into = None;
    }
    let text = if draft.text.trim().is_empty() { &from.name } else { &draft.text };
    let is_typed = !draft.text.trim().is_empty();
    let fitting = draft.fitting.of(&mut cx.memory.people, cx.state, text);
    let fitting: Vec<_> = fitting.iter().filter(|person| person.id != from.id).cloned().collect();
    let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered
        && is_typed
        && let Some(first) = fitting.first()
    {
        return draft.choose(first.id);
    }
    if draft.into.is_some() {
        return;
    }
    if is_typed && fitting.is_empty() {
        let text = say!("people-merge-nobody", name = draft.text.trim());
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.warn)).wrap());
    }
    if let Some(into) = people_list_ui(ui, cx, &fitting, |title| say!("people-merge-into", name = title)) {
        draft.choose(into);
    }
}

/// How many faces each has, and what comes of it.
fn outcome_ui(ui: &mut Ui, cx: &mut Cx<'_>, from: &SubjectRecord, into: &SubjectRecord) {
    let palette = theme::palette(ui);
    let (old, new) = (cx.title_of(&from.subject_name()), cx.title_of(&into.subject_name()));
    let faces = |n: u64| say!("faces", n = n);
    ui.add_space(theme::GAP_SMALL);
    widgets::card(ui).fill(palette.well).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let total = from.faces.saturating_add(into.faces);
        for (who, n) in [(&old, from.faces), (&new, into.faces)] {
            egui::Sides::new().shrink_left().truncate().show(
                ui,
                |ui| widgets::elided(ui, RichText::new(who)).on_hover_text(who),
                |ui| ui.label(RichText::new(faces(n)).color(palette.text_soft)),
            );
        }
        ui.separator();
        let text = say!("people-merge-outcome", name = &new, faces = faces(total));
        ui.add(Label::new(RichText::new(text).font(theme::strong())).wrap());
    });
    let text = say!("people-merge-outcome-about", old = old, new = new);
    ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft)).wrap());
}
