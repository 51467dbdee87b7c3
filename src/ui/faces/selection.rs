//! What can be done with faces that were chosen together.

use egui::{Frame, Key, Margin, TextEdit, Ui};

use super::memory::Selection;
use super::menu::ignore_menu_ui;
use crate::app::{Change, Naming, PeopleCommand, Removal};
use crate::say;
use crate::types::{FaceId, SubjectId};
use crate::ui::people::people_list_ui;
use crate::ui::{Cx, theme, widgets};

/// What the faces are that can be chosen, and so what can be said of them.
#[derive(Clone, Copy, Debug)]
pub enum Chosen<'a> {
    Any,
    /// A person's, who is called so.
    Of(SubjectId, &'a str),
    /// Of one group that nobody named.
    Group,
    /// Faces without a name that resemble a person, who is called so.
    Like(SubjectId, &'a str),
    /// Left alone.
    Ignored,
}

/// A bar while faces are chosen: name them, say what else they are, take them out, or let them go.
pub fn selection_ui(ui: &mut Ui, cx: &mut Cx<'_>, selection: &mut Selection, kind: Chosen<'_>) {
    if !matches!(kind, Chosen::Ignored) {
        selection.follow(&cx.state.faces);
    }
    if selection.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    let frame =
        Frame::NONE.fill(palette.accent_soft).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        let read_only = cx.read_only();
        let mut done = None;
        ui.horizontal_wrapped(|ui| {
            ui.label(say!("faces-chosen", n = selection.chosen.len()));
            widgets::changing(ui, read_only, |ui| {
                done = said_ui(ui, selection, kind);
                if !matches!(kind, Chosen::Ignored) {
                    done = done.take().or(name_ui(ui, cx, selection, kind)).or(leave_ui(ui, selection));
                }
            });
            if widgets::text_button(ui, &say!("faces-let-go")).clicked() {
                selection.clear();
            }
        });
        if read_only.is_none() && !matches!(kind, Chosen::Ignored) {
            done = done.or(fitting_ui(ui, cx, selection, kind));
        }
        if let Some(command) = done {
            selection.clear();
            cx.push(command);
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

/// What can be said of faces of this kind alone.
fn said_ui(ui: &mut Ui, selection: &Selection, kind: Chosen<'_>) -> Option<PeopleCommand> {
    let faces = || selection.faces();
    let clicked = |ui: &mut Ui, text: String, hint: String| widgets::button(ui, &text).on_hover_text(hint).clicked();
    match kind {
        Chosen::Any => None,
        Chosen::Of(subject, title) => {
            let is_not = clicked(ui, say!("faces-not-them"), say!("faces-not-them-hint", name = title));
            let split = Change::Split { subject, faces: faces(), who: Naming::Nobody };
            is_not.then_some(PeopleCommand::Change(split))
        }
        Chosen::Group => {
            let leaves = clicked(ui, say!("faces-leave-group"), say!("faces-leave-group-hint"));
            leaves.then(|| PeopleCommand::Change(Change::LeaveGroup(faces())))
        }
        Chosen::Like(subject, title) => {
            let yes = widgets::primary_button(ui, &say!("faces-confirm"));
            if yes.on_hover_text(say!("faces-confirm-hint", name = title)).clicked() {
                return Some(PeopleCommand::Name { faces: faces(), who: Naming::Subject(subject) });
            }
            let no = clicked(ui, say!("faces-reject"), say!("faces-reject-hint", name = title));
            no.then(|| PeopleCommand::Change(Change::Reject { faces: faces(), subject }))
        }
        Chosen::Ignored => {
            let back = clicked(ui, say!("faces-notice"), say!("faces-notice-hint"));
            back.then(|| PeopleCommand::Change(Change::Notice(faces())))
        }
    }
}

/// The name of all of them as it is typed; where several people have it, they are listed below to choose from.
fn name_ui(ui: &mut Ui, cx: &mut Cx<'_>, selection: &mut Selection, kind: Chosen<'_>) -> Option<PeopleCommand> {
    let hint = if matches!(kind, Chosen::Of(..)) { say!("faces-other-name") } else { say!("naming-hint") };
    let edit = TextEdit::singleline(&mut selection.name).hint_text(hint).desired_width(180.0);
    let edit = ui.add(edit.char_limit(200)).accessible_name(say!("faces-name-all"));
    let typed = selection.name.trim().to_owned();
    let named = ui.add_enabled(!typed.is_empty(), egui::Button::new(say!("faces-name")));
    let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if typed.is_empty() || !(named.clicked() || entered) {
        return None;
    }
    let who = match cx.memory.people.named(cx.state, &typed).as_slice() {
        [] => Naming::Name(typed),
        [one] => Naming::Subject(one.id),
        _ => return None,
    };
    Some(naming(selection.faces(), who, kind))
}

/// Faces of a person that are somebody else are split off, so that the person is not suggested for them again.
fn naming(faces: Vec<FaceId>, who: Naming, kind: Chosen<'_>) -> PeopleCommand {
    match kind {
        Chosen::Of(subject, _) => PeopleCommand::Change(Change::Split { subject, faces, who }),
        Chosen::Any | Chosen::Group | Chosen::Like(..) | Chosen::Ignored => PeopleCommand::Name { faces, who },
    }
}

fn leave_ui(ui: &mut Ui, selection: &Selection) -> Option<PeopleCommand> {
    let mut ignored = None;
    ui.menu_button(say!("faces-ignore"), |ui| ignored = ignore_menu_ui(ui));
    if let Some(why) = ignored {
        return Some(PeopleCommand::Change(Change::Ignore { faces: selection.faces(), why }));
    }
    let out = widgets::button(ui, &say!("faces-take-out")).clicked();
    out.then(|| PeopleCommand::AskRemoval(Removal::Faces(selection.faces())))
}

/// People whose name begins with what is typed.
fn fitting_ui(ui: &mut Ui, cx: &mut Cx<'_>, selection: &mut Selection, kind: Chosen<'_>) -> Option<PeopleCommand> {
    let fitting = selection.fitting.of(&mut cx.memory.people, cx.state, &selection.name).to_vec();
    if fitting.is_empty() {
        return None;
    }
    let chosen = people_list_ui(ui, cx, &fitting, |title| say!("faces-name-as", name = title))?;
    Some(naming(selection.faces(), Naming::Subject(chosen), kind))
}
