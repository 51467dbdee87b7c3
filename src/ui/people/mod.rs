//! People as they are told apart: by name, and where that is not enough by what else is known of them. And what is
//! changed about a person as a whole: how they are described, and that two are one.

mod edit;
mod fitting;
mod index;
mod list;
mod memory;
mod merge;

use egui::{Context, Key, Modifiers, Ui};

pub use index::{People, Suggestions};
pub use list::people_list_ui;
pub(super) use memory::PersonDialog;

use super::{Cx, keys, widgets};
use crate::say;
use crate::types::{SubjectId, SubjectName};

/// What can be done with a person, wherever one is on view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PersonAct {
    Edit,
    Merge,
}

/// Buttons for both; `title` is how the person is called. `changing` is around them.
pub(super) fn buttons_ui(ui: &mut Ui, title: &str) -> Option<PersonAct> {
    let edit = widgets::text_button(ui, &say!("people-edit")).accessible_name(say!("people-edit-name", name = title));
    let merge = widgets::text_button(ui, &say!("people-merge"));
    let merge = merge.accessible_name(say!("people-merge-name", name = title));
    let edit = edit.on_hover_text(say!("people-edit-hint")).clicked();
    let merge = merge.on_hover_text(say!("people-merge-hint")).clicked();
    match (edit, merge) {
        (true, _) => Some(PersonAct::Edit),
        (_, true) => Some(PersonAct::Merge),
        _ => None,
    }
}

/// F2 and Shift F2, for the person that a view is about.
fn act_by_key(ctx: &Context, cx: &Cx<'_>) -> Option<PersonAct> {
    if cx.read_only().is_some() || !keys::keys_are_free(ctx) {
        return None;
    }
    // The more specific one first: consuming a key ignores an extra Shift.
    if keys::pressed(ctx, Modifiers::SHIFT, Key::F2) {
        Some(PersonAct::Merge)
    } else {
        keys::pressed(ctx, Modifiers::NONE, Key::F2).then_some(PersonAct::Edit)
    }
}

/// Does what was asked for by key about the person that a view is about, if it is about one.
pub(super) fn take_keys(ctx: &Context, cx: &mut Cx<'_>, subject: Option<&SubjectName>) {
    if let Some(subject) = subject
        && let Some(act) = act_by_key(ctx, cx)
    {
        open(cx, subject.id, act);
    }
}

/// Within a menu about a face of this person.
pub(super) fn menu_ui(ui: &mut Ui, cx: &mut Cx<'_>, subject: &SubjectName, title: &str) {
    let read_only = cx.read_only();
    if let Some(act) = widgets::changing(ui, read_only, |ui| buttons_ui(ui, title)) {
        open(cx, subject.id, act);
        ui.close();
    }
}

/// Opens the dialog; nothing where the person is no more.
pub(super) fn open(cx: &mut Cx<'_>, subject: SubjectId, act: PersonAct) {
    let Some(person) = cx.memory.people.find(cx.state, subject) else { return };
    cx.memory.person = match act {
        PersonAct::Edit => PersonDialog::edit(person),
        PersonAct::Merge => PersonDialog::merge(person, None),
    };
}

pub(super) fn dialog_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let dialog = std::mem::take(&mut cx.memory.person);
    let stays = match dialog {
        PersonDialog::None => return,
        PersonDialog::Edit(mut draft) => edit::dialog_ui(ui, cx, &mut draft).then_some(PersonDialog::Edit(draft)),
        PersonDialog::Merge(mut draft) => merge::dialog_ui(ui, cx, &mut draft).then_some(PersonDialog::Merge(draft)),
    };
    cx.memory.person = stays.unwrap_or_default();
}
