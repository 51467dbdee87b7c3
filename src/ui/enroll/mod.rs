//! Enroll: photos come in on the left, faces appear on the right; a face opens into its photo.

mod detail;
mod detector;
mod evidence;
mod grid;
mod issues;
mod jobs;
mod missing;
mod naming;
mod questions;

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Ui};

use crate::app::EnrollCommand;

use super::{Cx, DialogKind, format, theme, widgets};
use detector::effort_ui;
pub(super) use detector::params_ui;
pub(super) use evidence::{evidence_ui, stored_ui};
pub(super) use jobs::job_ui;

/// What the enroll screen remembers.
#[derive(Default)]
pub(super) struct EnrollMemory {
    pub subjects_from_folders: bool,
    pub grid: grid::GridMemory,
    view: CentralView,
    issues: issues::IssuesMemory,
    questions: widgets::LongList,
    missing: widgets::LongList,
    detail: detail::DetailMemory,
}

impl EnrollMemory {
    pub fn show_issues(&mut self) {
        self.view = CentralView::Issues;
    }

    pub fn show_questions(&mut self) {
        self.view = CentralView::Questions;
    }

    pub fn show_missing(&mut self) {
        self.view = CentralView::Missing;
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CentralView {
    #[default]
    Faces,
    Issues,
    Questions,
    Missing,
}

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
    Panel::left("enroll side").frame(side).default_size(width).size_range(232.0..=widest).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
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
    Panel::top("enroll top").frame(frame).max_size(highest).show(ui, |ui| {
        // At once as high as it needs, up to that.
        let area = ScrollArea::vertical().max_height(highest - 20.0).min_scrolled_height(highest - 20.0);
        area.auto_shrink([false, true]).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            sources_ui(ui, cx);
            jobs::jobs_ui(ui, cx);
        });
    });
}

fn sources_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    widgets::section_title(ui, "Add photos");
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| sources_buttons_ui(ui, cx));
    let hint = "Each face is named after the folder that its photo lies in: for archives with a folder per person.";
    ui.checkbox(&mut cx.memory.enroll.subjects_from_folders, "Subjects from folder names").on_hover_text(hint);
    let mut params = cx.state.settings.detector;
    if effort_ui(ui, &mut params) {
        cx.push(EnrollCommand::SetDetectorParams(params));
    }
    let hint = "Or drop folders and photos anywhere in this window.";
    ui.label(RichText::new(hint).font(theme::small()).color(palette.text_faint));
}

fn sources_buttons_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal_wrapped(|ui| {
        let folders = widgets::primary_button(ui, "Add folders\u{2026}");
        if folders.on_hover_text("Every photo in the folders and below them (Ctrl O)").clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::EnrollFolders);
        }
        let photos = widgets::button(ui, "Add photos\u{2026}");
        if photos.on_hover_text("Single photos (Ctrl Shift O)").clicked() {
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
            (CentralView::Faces, format!("Faces  {}", format::count(cx.state.faces.len() as u64))),
            (CentralView::Issues, format!("Issues  {}", format::count(issues))),
        ];
        // Most galleries have neither.
        let questions = cx.state.record.questions.len() as u64;
        if questions > 0 || memory.view == CentralView::Questions {
            options.push((CentralView::Questions, format!("Questions  {}", format::count(questions))));
        }
        let missing = cx.state.record.missing_counts.photos;
        if missing > 0 || memory.view == CentralView::Missing {
            options.push((CentralView::Missing, format!("Missing  {}", format::count(missing))));
        }
        if let Some(view) = widgets::segments_ui(ui, memory.view, &options) {
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
