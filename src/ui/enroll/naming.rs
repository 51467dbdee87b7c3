//! Saying who a face is: a name that is typed, or one of those that are known.

use egui::{Key, Margin, RichText, TextEdit, Ui};

use super::memory::NamingMemory;
use crate::app::{FaceView, Naming, PeopleCommand};
use crate::say;
use crate::types::FaceId;
use crate::ui::people::{self, PersonAct, people_list_ui};
use crate::ui::{Cx, theme, widgets};

pub fn name_ui(ui: &mut Ui, cx: &mut Cx<'_>, id: FaceId, face: &FaceView) {
    let stored = face.subject.as_ref().map(|subject| subject.name.clone()).unwrap_or_default();
    let memory = &mut cx.memory.enroll.detail.naming;
    if memory.before.as_ref() != Some(&stored) {
        *memory = NamingMemory { text: stored.clone(), before: Some(stored.clone()), ..NamingMemory::default() };
    }
    let read_only = cx.read_only();
    let (who, act) = widgets::changing(ui, read_only, |ui| {
        let entered = field_ui(ui, cx, &stored);
        let chosen = people_ui(ui, cx, face, &stored);
        let (removed, act) = person_ui(ui, cx, face);
        (if removed { Some(Naming::Nobody) } else { chosen.or(entered) }, act)
    });
    if let Some(who) = who {
        cx.push(PeopleCommand::Name { faces: vec![id], who });
    }
    if let (Some(act), Some(subject)) = (act, &face.subject) {
        people::open(cx, subject.id, act);
    }
}

/// What can be done about who it is now: whether the name is taken away, and what is asked about the person.
fn person_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: &FaceView) -> (bool, Option<PersonAct>) {
    let Some(subject) = &face.subject else { return (false, None) };
    let title = cx.title_of(subject);
    let contents = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing = egui::vec2(theme::GAP, 0.0);
        let act = people::buttons_ui(ui, &title);
        (widgets::text_button(ui, &say!("naming-remove")).clicked(), act)
    };
    // Below each other where the three have no room beside each other.
    if ui.available_width() < 250.0 { ui.vertical(contents).inner } else { ui.horizontal(contents).inner }
}

/// The field with its button; what was entered, where that is one person.
fn field_ui(ui: &mut Ui, cx: &mut Cx<'_>, stored: &str) -> Option<Naming> {
    let palette = theme::palette(ui);
    let memory = &mut cx.memory.enroll.detail.naming;
    let label = ui.label(RichText::new(say!("subject")).font(theme::small()).color(palette.text_soft));
    let mut entered = false;
    ui.horizontal(|ui| {
        let button = widgets::buttons_width(ui, &[&say!("save")], 0.0) + ui.spacing().item_spacing.x;
        let edit = TextEdit::singleline(&mut memory.text)
            .hint_text(say!("naming-hint"))
            .desired_width((ui.available_width() - button).max(40.0))
            .char_limit(200)
            .margin(Margin::symmetric(8, 5));
        let edit = ui.add(edit).labelled_by(label.id);
        if edit.changed() {
            memory.ambiguous = false;
        }
        entered |= edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let typed = memory.text.trim();
        let save = ui.add_enabled(!typed.is_empty() && typed != stored, egui::Button::new(say!("save")));
        entered |= save.accessible_name(say!("naming-save")).clicked();
    });
    let typed = memory.text.trim().to_owned();
    if !entered || typed.is_empty() || typed == stored {
        return None;
    }
    match cx.memory.people.named(cx.state, &typed).as_slice() {
        [] => Some(Naming::Name(typed)),
        [one] => Some(Naming::Subject(one.id)),
        // Nobody but a person can tell which.
        _ => {
            cx.memory.enroll.detail.naming.ambiguous = true;
            None
        }
    }
}

/// Those whose names fit what is typed, and a new person of a name that is taken.
fn people_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: &FaceView, stored: &str) -> Option<Naming> {
    let memory = &mut cx.memory.enroll.detail.naming;
    let typed = memory.text.trim().to_owned();
    let now = face.subject.as_ref().map(|subject| subject.id);
    if typed.is_empty() || (typed == stored && !memory.ambiguous) {
        return None;
    }
    let fitting = memory.fitting.of(&mut cx.memory.people, cx.state, &typed);
    let fitting: Vec<_> = fitting.iter().filter(|person| Some(person.id) != now).cloned().collect();
    let ambiguous = memory.ambiguous;
    let palette = theme::palette(ui);
    if ambiguous {
        let text = say!("naming-several");
        ui.label(RichText::new(text).font(theme::small_strong()).color(palette.warn));
    }
    let chosen = people_list_ui(ui, cx, &fitting, |title| say!("naming-is", name = title));
    let mut chosen = chosen.map(Naming::Subject);
    let is_taken = !cx.memory.people.named(cx.state, &typed).is_empty();
    if is_taken && widgets::text_button(ui, &say!("naming-new")).clicked() {
        chosen = Some(Naming::New(typed));
    }
    if chosen.is_some() {
        cx.memory.enroll.detail.naming.ambiguous = false;
    }
    chosen
}
