//! Enroll: photos come in on the left, faces appear on the right; a face opens into its photo.

mod detail;
mod detector;
mod evidence;
mod grid;
mod issues;
mod jobs;
mod memory;
mod missing;
mod naming;
mod questions;

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Ui};

use crate::app::EnrollCommand;
use crate::say;

use super::widgets::Pages;
use super::{Cx, DialogKind, theme, widgets};
use detector::effort_ui;
pub(super) use detector::params_ui;
pub(super) use evidence::{evidence_ui, stored_ui};
pub(super) use jobs::job_ui;
use memory::CentralView;
pub(super) use memory::EnrollMemory;

/// In points; below it there is no room for two columns. Large text makes windows narrow, too.
const NARROW: f32 = 640.0;

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    if ui.available_width() >= NARROW {
        side_panel_ui(ui, cx);
    } else if cx.state.detail.is_none() {
        top_panel_ui(ui, cx);
    }
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 16, bottom: 8 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        if cx.state.detail.is_some() {
            detail::detail_ui(ui, cx);
        } else {
            header_ui(ui, cx);
            ui.add_space(theme::GAP_SMALL);
            match cx.memory.enroll.view {
                CentralView::Faces => grid::grid_ui(ui, cx),
                CentralView::Issues => issues::issues_ui(ui, cx),
                CentralView::Questions => questions::questions_ui(ui, cx),
                CentralView::Missing => missing::missing_ui(ui, cx),
            }
        }
    });
}

fn side_panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let side = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 16, bottom: 0 });
    let width = (ui.available_width() * 0.28).clamp(248.0, 328.0);
    let widest = (ui.available_width() * 0.38).clamp(240.0, 440.0);
    let panel = Panel::left("enroll-side").frame(side).default_size(width).size_range(232.0..=widest);
    widgets::side_panel_ui(ui, panel, "enroll-side", &say!("enroll-add-photos"), |ui| {
        widgets::scroll_ui(ui, ScrollArea::vertical().auto_shrink(false), Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            sources_ui(ui, cx);
            ui.add_space(theme::GAP_LARGE);
            jobs::jobs_ui(ui, cx);
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

/// The same above the faces, as low as it can be.
fn top_panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 8 });
    let highest = ui.available_height() * 0.4;
    Panel::top("enroll-top").frame(frame).max_size(highest).show(ui, |ui| {
        // At once as high as it needs, up to that.
        let area = ScrollArea::vertical().max_height(highest - 20.0).min_scrolled_height(highest - 20.0);
        widgets::scroll_ui(ui, area.auto_shrink([false, true]), Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            sources_ui(ui, cx);
            jobs::jobs_ui(ui, cx);
        });
    });
}

fn sources_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    widgets::section_title(ui, &say!("enroll-add-photos"));
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| sources_buttons_ui(ui, cx));
    let hint = say!("enroll-from-folders-hint");
    ui.checkbox(&mut cx.memory.enroll.subjects_from_folders, say!("enroll-from-folders")).on_hover_text(hint);
    let mut params = cx.state.settings.detector;
    if effort_ui(ui, &mut params, &say!("detector-effort")) {
        cx.push(EnrollCommand::SetDetectorParams(params));
    }
    let hint = say!("enroll-drop-hint");
    ui.label(RichText::new(hint).font(theme::small()).color(palette.text_faint));
}

fn sources_buttons_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal_wrapped(|ui| {
        let folders = widgets::primary_button(ui, &say!("enroll-add-folders"));
        if folders.on_hover_text(say!("enroll-add-folders-hint")).clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::EnrollFolders);
        }
        let photos = widgets::button(ui, &say!("enroll-add-single-photos"));
        if photos.on_hover_text(say!("enroll-add-single-photos-hint")).clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::EnrollPhotos);
        }
    });
}

fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let issues = cx.state.issues.len() as u64;
    let mut has_room = true;
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        let memory = &mut cx.memory.enroll;
        let mut options = vec![
            (CentralView::Faces, say!("enroll-view-faces", n = cx.state.faces.len())),
            (CentralView::Issues, say!("enroll-view-issues", n = issues)),
        ];
        // Most galleries have neither.
        let questions = cx.state.record.questions.len() as u64;
        if questions > 0 || memory.view == CentralView::Questions {
            options.push((CentralView::Questions, say!("enroll-view-questions", n = questions)));
        }
        let missing = cx.state.record.missing_counts.photos;
        if missing > 0 || memory.view == CentralView::Missing {
            options.push((CentralView::Missing, say!("enroll-view-missing", n = missing)));
        }
        if let Some(view) = widgets::segments_ui(ui, &say!("enroll-view"), memory.view, &options) {
            memory.view = view;
        }
        // Beside the segments where there is room.
        has_room = ui.available_width() > 250.0;
        if has_room {
            actions_ui(ui, cx);
        }
    });
    // The size of the faces matters least.
    if !has_room && matches!(cx.memory.enroll.view, CentralView::Issues | CentralView::Missing) {
        ui.horizontal(|ui| actions_ui(ui, cx));
    }
}

/// What can be done with all that is listed.
fn actions_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    match cx.memory.enroll.view {
        CentralView::Faces if !cx.state.faces.is_empty() => grid::size_slider_ui(ui, &mut cx.memory.enroll.grid),
        CentralView::Issues if !cx.state.issues.is_empty() => issues::all_actions_ui(ui, cx),
        CentralView::Missing if cx.state.record.missing_counts.photos > 0 => missing::all_actions_ui(ui, cx),
        _ => {}
    }
}
