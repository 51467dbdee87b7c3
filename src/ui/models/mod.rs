//! Models: which there are, which one is in use, what each takes and how fast it is; importing and removing them; and
//! training runs as they go.

mod confirm;
mod detail;
mod figures;
mod import;
mod list;
mod memory;
mod parts;
mod run_charts;
mod runs;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, RichText, Ui};

use super::{Cx, DialogKind, keys, theme, widgets};
use crate::say;
pub(super) use memory::ModelsMemory;
pub use memory::ModelsTab;
use parts::{chosen_model, hindrance};

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    take_keys(ui, cx);
    let palette = theme::palette(ui);
    let head = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 8 });
    Panel::top("models head").frame(head).show_separator_line(false).show(ui, |ui| head_ui(ui, cx));
    if cx.state.models.is_empty() {
        let (title, text) = if cx.state.status.starting {
            (say!("models-loading"), say!("models-loading-text"))
        } else {
            (say!("models-none"), say!("models-none-text"))
        };
        CentralPanel::default()
            .frame(Frame::NONE.fill(palette.ground))
            .show(ui, |ui| widgets::empty_state(ui, &title, &text, |_| {}));
        return;
    }
    match cx.memory.models.tab {
        ModelsTab::Models => {
            list::list_panel_ui(ui, cx);
            detail::detail_ui(ui, cx);
        }
        ModelsTab::Runs => runs::runs_ui(ui, cx),
    }
    import::import_ui(ui, cx);
    confirm::confirm_ui(ui, cx);
}

fn head_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal(|ui| {
        let runs = cx.state.models_view.runs.as_ref().map_or(0, Vec::len);
        let options = [
            (ModelsTab::Models, say!("models-all")),
            (ModelsTab::Runs, if runs > 0 { say!("models-runs-of", runs = runs) } else { say!("models-runs") }),
        ];
        if let Some(tab) = widgets::segments_ui(ui, &say!("window-screen-models"), cx.memory.models.tab, &options) {
            cx.memory.models.tab = tab;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let import = widgets::changing(ui, cx.read_only(), |ui| {
                let hint = say!("models-import-hint");
                widgets::primary_button(ui, &say!("models-import-button")).on_hover_text(hint).clicked()
            });
            if import {
                cx.memory.dialogs.open(ui.ctx(), DialogKind::ImportModel);
            }
            let palette = theme::palette(ui);
            if let Some(model) = cx.state.models.iter().find(|model| model.active) {
                let text = say!("models-in-use-of", title = model.title.as_str());
                let label = RichText::new(&text).font(theme::small()).color(palette.text_soft);
                ui.add_space(theme::GAP);
                widgets::elided(ui, label).on_hover_text(text);
            }
        });
    });
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>) {
    let ctx = ui.ctx();
    if !keys::keys_are_free(ctx) || !keys::nothing_is_focused(ctx) {
        return;
    }
    let step = match () {
        () if keys::pressed(ctx, Modifiers::NONE, Key::ArrowDown) => 1,
        () if keys::pressed(ctx, Modifiers::NONE, Key::ArrowUp) => -1,
        () => return,
    };
    let (names, chosen): (Vec<&str>, _) = match cx.memory.models.tab {
        ModelsTab::Models => (
            cx.state.models.iter().map(|model| model.name.as_str()).collect(),
            chosen_model(cx).map(|model| model.name.clone()),
        ),
        ModelsTab::Runs => {
            let runs = cx.state.models_view.runs.as_deref().unwrap_or_default();
            (runs.iter().map(|run| run.name.as_str()).collect(), runs::chosen_run(cx).map(|run| run.name.clone()))
        }
    };
    let Some(at) = chosen.and_then(|chosen| names.iter().position(|name| *name == chosen)) else { return };
    let next = names.get(at.saturating_add_signed(step)).map(|name| (*name).to_owned());
    cx.memory.models.reveal = next.is_some();
    match (next, cx.memory.models.tab) {
        (None, _) => {}
        (next, ModelsTab::Models) => cx.memory.models.chosen = next,
        (next, ModelsTab::Runs) => cx.memory.models.run = next,
    }
}
