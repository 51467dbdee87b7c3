//! What can be done with faces that were chosen together.

use egui::{Frame, Key, Margin, TextEdit, Ui};

use super::memory::Selection;
use crate::app::{Naming, PeopleCommand, Removal};
use crate::say;
use crate::ui::people::people_list_ui;
use crate::ui::{Cx, theme, widgets};

/// A bar while faces are chosen: name them, take them out, or let them go.
pub fn selection_ui(ui: &mut Ui, cx: &mut Cx<'_>, selection: &mut Selection) {
    selection.follow(&cx.state.faces);
    if selection.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    let frame =
        Frame::NONE.fill(palette.accent_soft).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        let read_only = cx.read_only();
        let mut done = false;
        ui.horizontal_wrapped(|ui| {
            ui.label(say!("faces-chosen", n = selection.chosen.len()));
            widgets::changing(ui, read_only, |ui| {
                let edit =
                    TextEdit::singleline(&mut selection.name).hint_text(say!("naming-hint")).desired_width(180.0);
                let edit = ui.add(edit.char_limit(200)).accessible_name(say!("faces-name-all"));
                let typed = selection.name.trim().to_owned();
                let named = ui.add_enabled(!typed.is_empty(), egui::Button::new(say!("faces-name")));
                let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                if (named.clicked() || entered) && !typed.is_empty() {
                    done |= name(cx, selection, &typed);
                }
                if widgets::button(ui, &say!("faces-take-out")).clicked() {
                    let faces = selection.chosen.iter().copied().collect();
                    cx.push(PeopleCommand::AskRemoval(Removal::Faces(faces)));
                    done = true;
                }
            });
            done |= widgets::text_button(ui, &say!("faces-let-go")).clicked();
        });
        let fitting = selection.fitting.of(&mut cx.memory.people, cx.state, &selection.name).to_vec();
        if !fitting.is_empty() && read_only.is_none() {
            let chosen = people_list_ui(ui, cx, &fitting, |title| say!("faces-name-as", name = title));
            if let Some(subject) = chosen {
                let faces = selection.chosen.iter().copied().collect();
                cx.push(PeopleCommand::Name { faces, who: Naming::Subject(subject) });
                done = true;
            }
        }
        if done {
            selection.clear();
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

/// Names all of them where one person is meant; where several have the name, they are listed below to choose from.
fn name(cx: &mut Cx<'_>, selection: &Selection, typed: &str) -> bool {
    let who = match cx.memory.people.named(cx.state, typed).as_slice() {
        [] => Naming::Name(typed.to_owned()),
        [one] => Naming::Subject(one.id),
        _ => return false,
    };
    cx.push(PeopleCommand::Name { faces: selection.chosen.iter().copied().collect(), who });
    true
}
