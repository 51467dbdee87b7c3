//! Search: the probe on the left, candidates on the right, any candidate side by side with the probe.

mod candidates;
mod chosen;
mod compare;
mod memory;
mod probe;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, ScrollArea, Ui};

use super::faces::filter_ui;
use super::widgets::{self, Pages};
use super::{Cx, DialogKind, keys, theme};
use crate::app::{Load, SearchCommand};
use crate::say;
use chosen::chosen_face;
pub(super) use memory::SearchMemory;

/// In points; below it there is no room for two columns. Large text makes windows narrow, too.
const NARROW: f32 = 520.0;

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    take_keys(ui, cx);
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground);
    let comparable = cx.state.search.compare.is_some() && chosen_face(cx).is_some();
    if comparable {
        CentralPanel::default().frame(frame.inner_margin(Margin::same(16))).show(ui, |ui| compare::compare_ui(ui, cx));
        return;
    }
    if ui.available_width() < NARROW {
        top_panel_ui(ui, cx);
    } else {
        side_panel_ui(ui, cx);
    }
    let centre = frame.inner_margin(Margin { left: 16, right: 8, top: 16, bottom: 8 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        let search = &cx.state.search;
        if search.probe != Load::Nothing || !search.filter.is_empty() {
            let filter = search.filter.clone();
            let mut memory = std::mem::take(&mut cx.memory.search.filter);
            if let Some(wanted) = filter_ui(ui, cx, &mut memory, &filter, DialogKind::FilterFolder) {
                cx.push(SearchCommand::SetFilter(wanted));
            }
            cx.memory.search.filter = memory;
        }
        candidates::candidates_ui(ui, cx);
    });
}

fn side_panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let frame = Frame::NONE.fill(theme::palette(ui).ground);
    let side = frame.inner_margin(Margin { left: 16, right: 8, top: 16, bottom: 0 });
    let width = (ui.available_width() * 0.32).clamp(260.0, 380.0);
    let widest = (ui.available_width() * 0.4).clamp(260.0, 560.0);
    let panel = Panel::left("search-side").frame(side).default_size(width).size_range(240.0..=widest);
    widgets::side_panel_ui(ui, panel, "search-side", &say!("probe"), |ui| {
        widgets::scroll_ui(ui, ScrollArea::vertical().auto_shrink(false), Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            probe::probe_ui(ui, cx);
        });
    });
}

/// The same above the candidates.
fn top_panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let frame = Frame::NONE.fill(theme::palette(ui).ground);
    let frame = frame.inner_margin(Margin { left: 16, right: 8, top: 12, bottom: 8 });
    let highest = ui.available_height() * 0.45;
    Panel::top("search-top").frame(frame).max_size(highest).show(ui, |ui| {
        // At once as high as it needs, up to that.
        let area = ScrollArea::vertical().max_height(highest - 20.0).min_scrolled_height(highest - 20.0);
        widgets::scroll_ui(ui, area.auto_shrink([false, true]), Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            probe::probe_ui(ui, cx);
        });
    });
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>) {
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    if !keys::keys_are_free(ui.ctx()) {
        return;
    }
    let search = &cx.state.search;
    let faces = search.probe.ready().map_or(0, |photo| photo.faces.len());
    for (i, key) in DIGITS.into_iter().enumerate().take(faces) {
        if keys::pressed(ui.ctx(), Modifiers::NONE, key) && i != search.chosen {
            cx.push(SearchCommand::ChooseFace(i));
        }
    }
}
