//! What can be done with one face, wherever faces are listed.

use egui::Ui;

use crate::app::{EnrollCommand, PeopleCommand, Removal, Screen, SearchCommand, WindowCommand};
use crate::say;
use crate::types::FaceId;
use crate::ui::{Cx, widgets};

pub fn menu_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId) {
    if ui.button(say!("faces-open")).clicked() {
        cx.push(WindowCommand::ShowScreen(Screen::Enroll));
        cx.push(EnrollCommand::SelectFace(Some(face)));
        ui.close();
    }
    if ui.button(say!("faces-search")).clicked() {
        cx.push(WindowCommand::ShowScreen(Screen::Search));
        cx.push(SearchCommand::Face(face));
        ui.close();
    }
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        if ui.button(say!("faces-take-out")).clicked() {
            cx.push(PeopleCommand::AskRemoval(Removal::Faces(vec![face])));
            ui.close();
        }
    });
}
