//! Faces that are left alone, where that can be taken back.

use egui::Ui;

use crate::app::{EnrollCommand, ListedRows, Rows, Screen, WindowCommand};
use crate::say;
use crate::types::FaceId;
use crate::ui::Cx;
use crate::ui::faces::{Chosen, Grid, grid_ui, ignored_title, selection_ui};
use crate::ui::widgets;

pub fn ignored_ui(ui: &mut Ui, cx: &mut Cx<'_>, rows: &Rows) {
    let ListedRows::Ignored { faces, why } = &rows.rows else { return };
    let mut memory = std::mem::take(&mut cx.memory.roster.ignored);
    memory.selection.keep_listed(faces);
    widgets::caption(ui, say!("roster-ignored-about"));
    selection_ui(ui, cx, &mut memory.selection, Chosen::Ignored);
    // They stand with the latest first.
    let caption = |face: FaceId| {
        let at = faces.binary_search_by(|other| face.cmp(other)).ok()?;
        why.get(at).copied().map(ignored_title)
    };
    let grid = Grid { caption: Some(&caption), ..Grid::of(faces) };
    if let Some(face) = grid_ui(ui, cx, grid, &mut memory.grid, &mut memory.selection) {
        cx.push(WindowCommand::ShowScreen(Screen::Enroll));
        cx.push(EnrollCommand::SelectFace(Some(face)));
    }
    cx.memory.roster.ignored = memory;
}
