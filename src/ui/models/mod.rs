//! Models: which there are, which one is in use, what each takes and how fast it is; importing and removing them; and
//! training runs as they go.

mod confirm;
mod detail;
mod figures;
mod import;
mod list;
mod run_charts;
mod runs;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, RichText, Ui};

use super::{Cx, DialogKind, shortcuts, theme, widgets};
use crate::app::{JobKind, ModelView};

/// Parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelsTab {
    #[default]
    Models,
    Runs,
}

/// What the models screen remembers.
#[derive(Default)]
pub(super) struct ModelsMemory {
    pub tab: ModelsTab,
    /// Name of the model shown in full; the one in use where that is not there.
    pub chosen: Option<String>,
    /// The chosen card was reached by key and is to come into view.
    reveal: bool,
    /// Name of the training run shown; the latest where that is not there.
    run: Option<String>,
    /// What is about to happen, once the person says so.
    confirm: Option<confirm::Question>,
    import: import::ImportMemory,
}

/// Jobs that this screen starts.
const JOBS: [JobKind; 5] =
    [JobKind::ChangeModel, JobKind::ImportModel, JobKind::TestModel, JobKind::MeasureSpeed, JobKind::RemoveModel];

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    take_keys(ui, cx);
    let palette = theme::palette(ui);
    let head = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 8 });
    Panel::top("models head").frame(head).show_separator_line(false).show(ui, |ui| head_ui(ui, cx));
    if cx.state.models.is_empty() {
        let (title, text) = if cx.state.status.starting {
            ("Loading the models", "The list of models is being read.")
        } else {
            ("No model was found", "The data folder could not be opened; the message in the corner says why.")
        };
        CentralPanel::default()
            .frame(Frame::NONE.fill(palette.ground))
            .show(ui, |ui| widgets::empty_state(ui, title, text, |_| {}));
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
            (ModelsTab::Models, "All models".to_owned()),
            (ModelsTab::Runs, if runs > 0 { format!("Training runs ({runs})") } else { "Training runs".to_owned() }),
        ];
        if let Some(tab) = widgets::segments_ui(ui, cx.memory.models.tab, &options) {
            cx.memory.models.tab = tab;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let import = widgets::changing(ui, cx.read_only(), |ui| {
                let hint =
                    "A weights file becomes a model: ONNX, TorchScript, safetensors, a state dict. Or drop it here (Ctrl O)";
                widgets::primary_button(ui, "Import\u{2026}").on_hover_text(hint).clicked()
            });
            if import {
                cx.memory.dialogs.open(ui.ctx(), DialogKind::ImportModel);
            }
            let palette = theme::palette(ui);
            if let Some(model) = cx.state.models.iter().find(|model| model.active) {
                let text = format!("In use: {}", model.title);
                let label = RichText::new(&text).font(theme::small()).color(palette.text_soft);
                ui.add_space(theme::GAP);
                widgets::elided(ui, label).on_hover_text(text);
            }
        });
    });
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>) {
    let ctx = ui.ctx();
    if !shortcuts::keys_are_free(ctx) || !shortcuts::nothing_is_focused(ctx) {
        return;
    }
    let step = match () {
        () if shortcuts::pressed(ctx, Modifiers::NONE, Key::ArrowDown) => 1,
        () if shortcuts::pressed(ctx, Modifiers::NONE, Key::ArrowUp) => -1,
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

/// The model shown in full.
fn chosen_model<'a>(cx: &Cx<'a>) -> Option<&'a ModelView> {
    let models = &cx.state.models;
    let chosen = cx.memory.models.chosen.as_ref();
    chosen
        .and_then(|chosen| models.iter().find(|model| model.name == *chosen))
        .or_else(|| models.iter().find(|model| model.active))
        .or(models.first())
}

/// Why no work on models can be begun now, where it cannot.
fn hindrance<'a>(cx: &Cx<'a>) -> Option<&'a str> {
    let busy = |kind| cx.state.running_job(kind).is_some();
    match () {
        () if cx.read_only().is_some() => cx.read_only(),
        () if busy(JobKind::ChangeModel) => Some("The model is being changed; wait for it or cancel it first"),
        () if busy(JobKind::ImportModel) => Some("A model is being imported"),
        () if busy(JobKind::RemoveModel) => Some("A model is being removed"),
        () => None,
    }
}
