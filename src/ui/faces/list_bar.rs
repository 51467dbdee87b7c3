//! How a list of faces is sorted, and which faces stand in it.

use egui::{ComboBox, Slider, Ui};

use super::filter_ui;
use super::memory::FilterMemory;
use crate::app::{EnrollCommand, Load};
use crate::say;
use crate::types::{FaceOrder, FaceQuery};
use crate::ui::{Cx, DialogKind, theme, widgets};

/// The bar over the faces; the filter is opened with a button and stays while it leaves faces out.
pub fn list_bar_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let listing = cx.state.list.listing.clone();
    let mut wanted = listing.clone();
    ui.horizontal_wrapped(|ui| {
        let choices = FaceOrder::ALL.map(|order| (order, order_title(order)));
        order_ui(ui, &mut wanted.order, &mut wanted.is_turned, &choices);
        let is_open = cx.memory.enroll.is_filter_open || !listing.query.is_empty();
        if widgets::toggle_button(ui, is_open, &say!("faces-filter")).on_hover_text(say!("faces-filter-hint")).clicked()
        {
            cx.memory.enroll.is_filter_open = !is_open;
            if is_open {
                wanted.query = FaceQuery::default();
            }
        }
        match &cx.state.list.faces {
            Load::Loading => drop(widgets::spinner(ui, 16.0, &say!("faces-listing"))),
            _ if listing.is_usual() => {}
            _ => {
                let (shown, all) = (cx.state.listed().len(), cx.state.faces.len());
                widgets::caption_inline(ui, &say!("faces-shown", shown = shown, all = all));
            }
        }
    });
    if cx.memory.enroll.is_filter_open || !listing.query.is_empty() {
        let mut memory = std::mem::take(&mut cx.memory.enroll.filter);
        if let Some(query) = filter_ui(ui, cx, &mut memory, &listing.query, DialogKind::ListFolder) {
            wanted.query = query;
        }
        quality_ui(ui, &mut memory, &mut wanted.query);
        cx.memory.enroll.filter = memory;
    }
    if let Load::Failed(reason) = &cx.state.list.faces {
        widgets::problem_ui(ui, &crate::words::told(reason));
    }
    if wanted != listing {
        // What is out of sight is not named by mistake.
        cx.memory.enroll.selection.clear();
        cx.push(EnrollCommand::List(wanted));
    }
}

/// What a list is sorted by.
pub fn order_title(order: FaceOrder) -> String {
    match order {
        FaceOrder::Newest => say!("faces-by-newest"),
        FaceOrder::Day => say!("faces-by-day"),
        FaceOrder::Folder => say!("faces-by-folder"),
        FaceOrder::Quality => say!("faces-by-quality"),
    }
}

/// The choice of an order among these, and whether it is turned round.
pub fn order_ui<T: Copy + PartialEq>(ui: &mut Ui, order: &mut T, is_turned: &mut bool, choices: &[(T, String)]) {
    let chosen = choices.iter().find(|(choice, _)| choice == order).map_or("", |(_, title)| title);
    widgets::caption_inline(ui, &say!("faces-sort"));
    let combo = ComboBox::from_id_salt("face-order").selected_text(chosen);
    let combo = combo.show_ui(ui, |ui| {
        for (choice, title) in choices {
            ui.selectable_value(order, *choice, title);
        }
    });
    combo
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, say!("faces-sort-name", order = chosen)));
    ui.checkbox(is_turned, say!("faces-turned"));
}

/// The least quality, chosen when the slider is let go.
fn quality_ui(ui: &mut Ui, memory: &mut FilterMemory, query: &mut FaceQuery) {
    ui.horizontal(|ui| {
        widgets::caption_inline(ui, &say!("faces-quality"));
        let mut quality = memory.quality.unwrap_or_else(|| query.quality_from.unwrap_or(0));
        ui.spacing_mut().slider_width = 120.0;
        let slider = widgets::slider(ui, Slider::new(&mut quality, 0..=100).show_value(false));
        let slider = slider.accessible_name(say!("faces-quality")).on_hover_text(say!("faces-quality-hint"));
        widgets::caption_inline(ui, &say!("faces-quality-share", percent = quality));
        memory.quality = slider.dragged().then_some(quality);
        if slider.drag_stopped() || (slider.changed() && !slider.dragged()) {
            query.quality_from = (quality > 0).then_some(quality);
        }
    });
    ui.add_space(theme::GAP_SMALL);
}
