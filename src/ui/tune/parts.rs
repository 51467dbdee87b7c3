//! What the parts of the Tune screen share.

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use crate::app::{JobKind, TuneCommand};
use crate::say;
use crate::types::IndexSpec;
use crate::ui::{Cx, enroll, theme, widgets};

/// The two columns of most parts: what is asked on the left, what was found on the right.
pub fn columns_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    name: &'static str,
    left: impl FnOnce(&mut Ui, &mut Cx<'_>),
    right: impl FnOnce(&mut Ui, &mut Cx<'_>),
) {
    let palette = theme::palette(ui);
    let side = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 4, bottom: 0 });
    let width = (ui.available_width() * 0.25).clamp(256.0, 320.0);
    let panel = Panel::left(name).frame(side).default_size(width).size_range(244.0..=420.0);
    widgets::side_panel_ui(ui, panel, name, &say!("window-screen-tune"), |ui| {
        let area = ScrollArea::vertical().id_salt(name).auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            left(ui, cx);
            ui.add_space(theme::GAP_LARGE);
        });
    });
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 16, top: 4, bottom: 12 });
    CentralPanel::default().frame(centre).show(ui, |ui| right(ui, cx));
}

/// Jobs of these kinds, newest first: the running one and the last that ended.
pub fn jobs_ui(ui: &mut Ui, cx: &mut Cx<'_>, kinds: &[JobKind]) {
    let state = cx.state;
    let mut shown_ended = false;
    for job in state.jobs.iter().rev().filter(|job| kinds.contains(&job.kind)) {
        if job.state.is_ended() && std::mem::replace(&mut shown_ended, true) {
            continue;
        }
        enroll::job_ui(ui, job, cx.commands);
    }
}

/// A place for a chart that has nothing to show yet.
pub fn waiting_ui(ui: &mut Ui, title: &str, text: &str) {
    widgets::empty_state(ui, title, text, |_| {});
}

pub fn card_ui(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    widgets::card(ui).inner_margin(Margin::same(16)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        widgets::section_title(ui, title);
        ui.spacing_mut().item_spacing.y = 4.0;
        contents(ui);
    });
    ui.add_space(theme::GAP_SMALL);
}

/// Builds it, where no other is being built and it is not the live one.
pub fn build_button_ui(ui: &mut Ui, cx: &mut Cx<'_>, spec: &IndexSpec, name: &str) {
    let is_live = cx.state.tune.overview.as_ref().is_some_and(|overview| overview.spec == *spec);
    let reason = if is_live { Some(say!("tune-is-live")) } else { hindrance(cx) };
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let button = widgets::button(ui, &say!("tune-build")).accessible_name(say!("tune-build-name", name = name));
        let button = button.on_hover_text(say!("tune-build-hint"));
        if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            cx.push(TuneCommand::BuildIndex(spec.clone()));
        }
    });
}

/// Why no index can be built now, where none can.
pub fn hindrance(cx: &Cx<'_>) -> Option<String> {
    let is_busy = cx.state.running_job(JobKind::BuildIndex).is_some();
    cx.read_only().map(str::to_owned).or_else(|| is_busy.then(|| say!("tune-build-busy")))
}
