//! What can be done with one face, wherever faces are listed.

use egui::Ui;

use crate::app::{Change, EnrollCommand, PeopleCommand, Removal, Screen, SearchCommand, WindowCommand};
use crate::say;
use crate::types::{FaceId, Ignored};
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
        let mut ignored = None;
        ui.menu_button(say!("faces-ignore"), |ui| ignored = ignore_menu_ui(ui));
        if let Some(why) = ignored {
            cx.push(PeopleCommand::Change(Change::Ignore { faces: vec![face], why }));
            ui.close();
        }
        if ui.button(say!("faces-take-out")).clicked() {
            cx.push(PeopleCommand::AskRemoval(Removal::Faces(vec![face])));
            ui.close();
        }
    });
}

/// Why faces are to be left alone.
pub fn ignore_menu_ui(ui: &mut Ui) -> Option<Ignored> {
    let mut chosen = None;
    for (why, hint) in [
        (Ignored::Stranger, say!("ignored-stranger-hint")),
        (Ignored::Statue, say!("ignored-statue-hint")),
        (Ignored::Poster, say!("ignored-poster-hint")),
        (Ignored::NotAFace, say!("ignored-not-a-face-hint")),
    ] {
        if ui.button(ignored_title(why)).on_hover_text(hint).clicked() {
            chosen = Some(why);
            ui.close();
        }
    }
    chosen
}

/// What such a face is called.
pub fn ignored_title(why: Ignored) -> String {
    match why {
        Ignored::Stranger => say!("ignored-stranger"),
        Ignored::Statue => say!("ignored-statue"),
        Ignored::Poster => say!("ignored-poster"),
        Ignored::NotAFace => say!("ignored-not-a-face"),
    }
}
