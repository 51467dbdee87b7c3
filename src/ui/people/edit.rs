//! How a person is called, and what is written beside it.

use egui::{Frame, Id, Key, Label, Margin, Modal, Modifiers, Response, RichText, TextEdit, Ui};

use crate::app::PeopleCommand;
use crate::types::{SubjectId, SubjectRecord, name_key};
use crate::ui::{Cx, format, shortcuts, theme, widgets};

/// The person as typed.
pub struct Draft {
    subject: SubjectId,
    name: String,
    external_id: String,
    note: String,
    /// The field for the name has had the keyboard.
    is_begun: bool,
}

impl Draft {
    pub fn new(person: &SubjectRecord) -> Self {
        Self {
            subject: person.id,
            name: person.name.clone(),
            external_id: person.external_id.clone().unwrap_or_default(),
            note: person.note.clone().unwrap_or_default(),
            is_begun: false,
        }
    }

    /// Name, external id and note as they would be kept.
    fn told(&self) -> (String, Option<String>, Option<String>) {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        (self.name.trim().to_owned(), some(&self.external_id), some(&self.note))
    }
}

/// Returns whether it stays open.
pub fn dialog_ui(ui: &Ui, cx: &mut Cx<'_>, draft: &mut Draft) -> bool {
    let Some(person) = cx.memory.people.find(cx.state, draft.subject) else { return false };
    let title = cx.title_of(&person.subject_name());
    let ctx = ui.ctx();
    let frame = Frame::window(&ctx.global_style()).inner_margin(24);
    let modal = Modal::new(Id::unique("edit person")).frame(frame).show(ctx, |ui| {
        ui.set_width(440.0_f32.min(ctx.content_rect().width() - 64.0));
        let palette = theme::palette(ui);
        ui.add(Label::new(RichText::new(format!("Edit {title}")).font(theme::title())).wrap());
        let faces = format::counted(person.faces, "face", "faces");
        ui.label(RichText::new(faces).font(theme::small()).color(palette.text_soft));
        ui.add_space(theme::GAP_SMALL);
        let entered = fields_ui(ui, draft);
        let can = notes_ui(ui, cx, person, draft);
        ui.add_space(theme::GAP);
        let read_only = cx.read_only();
        ui.horizontal(|ui| {
            let save = widgets::changing(ui, read_only, |ui| {
                ui.add_enabled_ui(can, |ui| widgets::primary_button(ui, "Save").clicked()).inner
            });
            let by_key = entered || shortcuts::pressed(ui.ctx(), Modifiers::COMMAND, Key::Enter);
            (save || (by_key && can && read_only.is_none()), widgets::button(ui, "Cancel").clicked())
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
fn fields_ui(ui: &mut Ui, draft: &mut Draft) -> bool {
    let name = field_ui(ui, "Name", &mut draft.name, "Name of this person", 200);
    if !std::mem::replace(&mut draft.is_begun, true) {
        name.request_focus();
    }
    let external_id = field_ui(ui, "External id", &mut draft.external_id, "Case, staff or register number", 200);
    let note = field_ui(ui, "Note", &mut draft.note, "What tells this person from others of that name", 400);
    let enter = ui.input(|input| input.key_pressed(Key::Enter));
    enter && [name, external_id, note].iter().any(Response::lost_focus)
}

fn field_ui(ui: &mut Ui, name: &str, text: &mut String, hint: &str, limit: usize) -> Response {
    let palette = theme::palette(ui);
    ui.add_space(2.0);
    let label = ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
    let edit = TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).char_limit(limit);
    ui.add(edit.margin(Margin::symmetric(8, 5))).labelled_by(label.id)
}

/// Says what stands in the way or is worth knowing; returns whether there is something that can be saved.
fn notes_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &SubjectRecord, draft: &Draft) -> bool {
    let palette = theme::palette(ui);
    let (name, external_id, note) = draft.told();
    if name_key(&name).is_empty() {
        ui.label(RichText::new("A person has a name.").font(theme::small()).color(palette.bad));
        return false;
    }
    let others: Vec<_> = cx.memory.people.named(cx.state, &name);
    let others: Vec<_> = others.into_iter().filter(|other| other.id != person.id).collect();
    let is_told_apart = external_id.is_some() || note.is_some();
    let mut texts = Vec::new();
    if let Some(first) = others.first() {
        let who = match others.len() {
            1 => format!("{} has this name too", cx.title_of(&first.subject_name())),
            n => format!("{} have this name too", format::counted(n as u64, "other person", "other people")),
        };
        let color = if is_told_apart { palette.text_soft } else { palette.warn };
        texts.push((format!("{who}. That may stay: an external id or a note tells them apart."), color));
    }
    let shared = external_id.as_ref().and_then(|id| {
        cx.state.subjects.iter().find(|other| other.id != person.id && other.external_id.as_ref() == Some(id))
    });
    if let Some(other) = shared {
        texts.push((format!("{} has this external id too.", cx.title_of(&other.subject_name())), palette.warn));
    }
    for (text, color) in texts {
        ui.add(Label::new(RichText::new(text).font(theme::small()).color(color)).wrap());
    }
    (&name, &external_id, &note) != (&person.name, &person.external_id, &person.note)
}
