//! How a person is called, and what is written beside it.

use egui::{Key, Label, Margin, Modifiers, Response, RichText, TextEdit, Ui};

use super::memory::EditDraft;
use crate::app::PeopleCommand;
use crate::say;
use crate::types::{SubjectRecord, name_key};
use crate::ui::{Cx, keys, theme, widgets};

/// Returns whether it stays open.
pub fn dialog_ui(ui: &Ui, cx: &mut Cx<'_>, draft: &mut EditDraft) -> bool {
    let Some(person) = cx.memory.people.find(cx.state, draft.subject) else { return false };
    let title = cx.title_of(&person.subject_name());
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "edit-person", &say!("people-edit-name", name = title), 440.0, |ui| {
        let palette = theme::palette(ui);
        let faces = say!("faces", n = person.faces);
        ui.label(RichText::new(faces).font(theme::small()).color(palette.text_soft));
        ui.add_space(theme::GAP_SMALL);
        let entered = fields_ui(ui, draft);
        let can = notes_ui(ui, cx, person, draft);
        ui.add_space(theme::GAP);
        let read_only = cx.read_only();
        ui.horizontal(|ui| {
            let save = widgets::changing(ui, read_only, |ui| {
                ui.add_enabled_ui(can, |ui| widgets::primary_button(ui, &say!("save")).clicked()).inner
            });
            let by_key = entered || keys::pressed(ui.ctx(), Modifiers::COMMAND, Key::Enter);
            (save || (by_key && can && read_only.is_none()), widgets::button(ui, &say!("cancel")).clicked())
        })
        .inner
    });
    let (save, cancel) = modal.inner;
    if save {
        let (name, external_id, note) = draft.told();
        cx.push(PeopleCommand::Describe { subject: draft.subject, name, external_id, note });
    }
    // A click beside the dialog is not to throw away what was typed.
    let is_left = modal.should_close() && !modal.backdrop_response.clicked();
    !(save || cancel || is_left)
}

/// Returns whether Enter was pressed in one of them.
fn fields_ui(ui: &mut Ui, draft: &mut EditDraft) -> bool {
    let name = field_ui(ui, &say!("name"), &mut draft.name, say!("people-name-hint"), 200);
    if !std::mem::replace(&mut draft.is_begun, true) {
        name.request_focus();
    }
    let external_id =
        field_ui(ui, &say!("people-external-id"), &mut draft.external_id, say!("people-external-id-hint"), 200);
    let note = field_ui(ui, &say!("note"), &mut draft.note, say!("people-note-hint"), 400);
    let enter = ui.input(|input| input.key_pressed(Key::Enter));
    enter && [name, external_id, note].iter().any(Response::lost_focus)
}

fn field_ui(ui: &mut Ui, name: &str, text: &mut String, hint: String, limit: usize) -> Response {
    let palette = theme::palette(ui);
    ui.add_space(2.0);
    let label = ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
    let edit = TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).char_limit(limit);
    ui.add(edit.margin(Margin::symmetric(8, 5))).labelled_by(label.id)
}

/// Says what stands in the way or is worth knowing; returns whether there is something that can be saved.
fn notes_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &SubjectRecord, draft: &EditDraft) -> bool {
    let palette = theme::palette(ui);
    let (name, external_id, note) = draft.told();
    if name_key(&name).is_empty() {
        ui.label(RichText::new(say!("people-needs-name")).font(theme::small()).color(palette.bad));
        return false;
    }
    let others: Vec<_> = cx.memory.people.named(cx.state, &name);
    let others: Vec<_> = others.into_iter().filter(|other| other.id != person.id).collect();
    let is_told_apart = external_id.is_some() || note.is_some();
    let mut texts = Vec::new();
    if let Some(first) = others.first() {
        let text = match others.len() {
            1 => say!("people-same-name", name = cx.title_of(&first.subject_name())),
            n => say!("people-same-name-several", n = n),
        };
        let color = if is_told_apart { palette.text_soft } else { palette.warn };
        texts.push((text, color));
    }
    let shared = external_id.as_ref().and_then(|id| {
        cx.state.subjects.iter().find(|other| other.id != person.id && other.external_id.as_ref() == Some(id))
    });
    if let Some(other) = shared {
        texts.push((say!("people-same-external-id", name = cx.title_of(&other.subject_name())), palette.warn));
    }
    for (text, color) in texts {
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(color)).wrap());
    }
    (&name, &external_id, &note) != (&person.name, &person.external_id, &person.note)
}
