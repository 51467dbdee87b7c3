//! A group of faces that nobody named: who is it?

use egui::{RichText, Ui};

use super::person::{back_ui, open_face};
use super::words::{group_title, suggestion_text};
use crate::app::{Change, Naming, PeopleCommand, Suggestion};
use crate::say;
use crate::types::{FaceId, GroupId};
use crate::ui::faces::{Chosen, Grid, grid_ui, ignore_menu_ui, selection_ui};
use crate::ui::{Cx, theme, widgets};

pub fn group_ui(ui: &mut Ui, cx: &mut Cx<'_>, group: GroupId, faces: &[FaceId], suggestion: Option<&Suggestion>) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        back_ui(ui, cx);
        ui.label(RichText::new(group_title(group)).font(theme::title()));
        ui.label(RichText::new(say!("faces", n = faces.len())).color(palette.text_soft));
    });
    if faces.is_empty() {
        widgets::empty_state(ui, &say!("roster-group-empty"), &say!("roster-group-empty-about"), |_| {});
        return;
    }
    ui.add_space(theme::GAP_SMALL);
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        ui.horizontal_wrapped(|ui| whole_ui(ui, cx, group, suggestion));
    });
    ui.add_space(theme::GAP_SMALL);
    let mut memory = std::mem::take(&mut cx.memory.roster.person.faces);
    memory.selection.keep_listed(faces);
    selection_ui(ui, cx, &mut memory.selection, Chosen::Group);
    let grid = Grid::of(faces);
    if let Some(face) = grid_ui(ui, cx, grid, &mut memory.grid, &mut memory.selection) {
        open_face(cx, face);
    }
    cx.memory.roster.person.faces = memory;
}

/// What can be said of all of them at once.
fn whole_ui(ui: &mut Ui, cx: &mut Cx<'_>, group: GroupId, suggestion: Option<&Suggestion>) {
    let palette = theme::palette(ui);
    if let Some(suggestion) = suggestion {
        ui.label(RichText::new(suggestion_text(cx, suggestion)).color(palette.text_soft));
        if let Some(subject) = &suggestion.subject {
            let title = cx.title_of(subject);
            if widgets::primary_button(ui, &say!("roster-all-are", name = title)).clicked() {
                let who = Naming::Subject(subject.id);
                cx.push(PeopleCommand::Change(Change::NameGroup { group, who }));
            }
        }
    }
    ui.menu_button(say!("roster-ignore-group"), |ui| {
        if let Some(why) = ignore_menu_ui(ui) {
            cx.push(PeopleCommand::Change(Change::IgnoreGroup { group, why }));
            ui.close();
        }
    });
    widgets::caption_inline(ui, &say!("roster-group-hint"));
}
