//! Training runs: their folders on the left, what the chosen one is doing on the right.

use egui::{CentralPanel, Color32, Frame, Label, Margin, Panel, Response, RichText, ScrollArea, Sense, Ui};

use super::list::choice_card_ui;
use super::run_charts::charts_ui;
use crate::app::{ModelsCommand, RunState, TrainingRun, WindowCommand};
use crate::say;
use crate::ui::{Cx, format, theme, widgets};

/// The run shown: the one chosen, or the latest.
pub fn chosen_run<'a>(cx: &Cx<'a>) -> Option<&'a TrainingRun> {
    let runs = cx.state.models_view.runs.as_deref()?;
    let chosen = cx.memory.models.run.as_ref();
    chosen.and_then(|chosen| runs.iter().find(|run| run.name == *chosen)).or(runs.first())
}

pub fn runs_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let Some(run) = chosen_run(cx) else {
        let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin::symmetric(16, 0));
        CentralPanel::default().frame(frame).show(ui, |ui| nothing_ui(ui, cx));
        return;
    };
    let side = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 4, bottom: 0 });
    let width = (ui.available_width() * 0.28).clamp(244.0, 340.0);
    let panel = Panel::left("training-runs").frame(side).default_size(width).size_range(220.0..=460.0);
    widgets::side_panel_ui(ui, panel, "training-runs", &say!("models-runs"), |ui| {
        let area = ScrollArea::vertical().id_salt("training-runs").auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            for other in cx.state.models_view.runs.iter().flatten() {
                let is_chosen = other.name == run.name;
                let card = card_ui(ui, other, is_chosen);
                if is_chosen && std::mem::take(&mut cx.memory.models.reveal) {
                    card.scroll_to_me(None);
                }
                if card.clicked() {
                    cx.memory.models.run = Some(other.name.clone());
                }
            }
            ui.add_space(theme::GAP_LARGE);
        });
    });
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 4, bottom: 0 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        let area = ScrollArea::vertical().id_salt(("training-run", &run.name)).auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            ui.set_max_width(ui.available_width() - 16.0);
            run_ui(ui, cx, run);
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

fn nothing_ui(ui: &mut Ui, cx: &Cx<'_>) {
    if cx.state.models_view.runs.is_none() {
        widgets::empty_state(ui, &say!("models-runs-looking"), &say!("models-runs-looking-text"), |_| {});
        return;
    }
    let folder = cx.state.status.data_dir.join("training");
    let text = say!("models-runs-none-text");
    widgets::empty_state(ui, &say!("models-runs-none"), &text, |ui| {
        let command = say!("models-runs-command", folder = folder.display().to_string());
        widgets::card(ui).show(ui, |ui| {
            ui.add(Label::new(RichText::new(&command).monospace()).selectable(true));
        });
        if widgets::button(ui, &say!("models-copy-folder")).clicked() {
            ui.ctx().copy_text(folder.display().to_string());
        }
    });
}

fn badge(ui: &Ui, state: RunState) -> (String, Color32, Color32) {
    let palette = theme::palette(ui);
    match state {
        RunState::Running => (say!("models-running"), palette.accent, palette.accent_soft),
        RunState::Finished => (say!("models-finished"), palette.good, palette.good_soft),
        RunState::Stopped => (say!("models-stopped"), palette.warn, palette.warn_soft),
    }
}

fn card_ui(ui: &mut Ui, run: &TrainingRun, chosen: bool) -> Response {
    let palette = theme::palette(ui);
    choice_card_ui(ui, ("run", &run.name), say!("models-show-run", name = run.name.as_str()), chosen, |ui| {
        let (word, color, tint) = badge(ui, run.state);
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| widgets::elided(ui, RichText::new(&run.name).font(theme::strong())),
            |ui| widgets::badge(ui, &word, color, tint),
        );
        let text = RichText::new(progress_text(run)).font(theme::small()).color(palette.text_soft);
        ui.add(Label::new(text).truncate());
        if let Some(last) = run.records.last().filter(|last| last.steps_total > 0) {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 4.0), Sense::hover());
            let share = last.step as f32 / last.steps_total as f32;
            widgets::track(ui.painter(), rect, share, color, palette.well);
        }
    })
}

fn progress_text(run: &TrainingRun) -> String {
    run.records.last().map_or_else(
        || say!("models-nothing-logged"),
        |last| say!("models-step-of", step = format::count(last.step), total = format::count(last.steps_total)),
    )
}

fn run_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &TrainingRun) {
    ui.add(Label::new(RichText::new(&run.name).font(theme::title())).wrap());
    figures_ui(ui, run);
    actions_ui(ui, cx, run);
    if let Some(problem) = &run.problem {
        widgets::problem_ui(ui, problem);
    }
    if run.bad_lines > 0 {
        widgets::note_ui(ui, &say!("models-bad-lines", n = run.bad_lines));
    }
    if run.records.is_empty() {
        let text = say!("models-nothing-logged-yet");
        widgets::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            widgets::caption(ui, text);
        });
    } else {
        charts_ui(ui, run);
    }
    request_ui(ui, run);
}

fn figures_ui(ui: &mut Ui, run: &TrainingRun) {
    let palette = theme::palette(ui);
    let Some(last) = run.records.last() else { return };
    let mut parts = vec![
        progress_text(run),
        say!("models-epoch", epoch = format!("{:.2}", last.epoch)),
        say!("models-loss-of", loss = crate::app::tick_text(f64::from(last.loss))),
        say!("models-images-a-second", rate = format::rate(last.images_per_second)),
    ];
    if let Some(left) = run.secs_left {
        parts.push(say!("models-left", time = format::duration(left)));
    }
    let (word, color, tint) = badge(ui, run.state);
    ui.horizontal_wrapped(|ui| {
        widgets::badge(ui, &word, color, tint);
        ui.label(RichText::new(parts.join("  \u{b7}  ")).color(palette.text_soft));
    });
}

fn actions_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &TrainingRun) {
    ui.horizontal(|ui| {
        if let Some(model) = &run.model {
            let import = widgets::changing(ui, cx.read_only(), |ui| {
                let import = widgets::primary_button(ui, &say!("models-import-run"));
                import.on_hover_text(say!("models-import-run-hint")).clicked()
            });
            if import {
                cx.push(ModelsCommand::InspectWeights(model.clone()));
            }
        }
        if widgets::button(ui, &say!("models-show-folder")).on_hover_text(run.folder.display().to_string()).clicked() {
            // The folder itself is opened, not the one that it lies in.
            cx.push(WindowCommand::ShowInFolder(run.folder.join("log.jsonl")));
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

fn request_ui(ui: &mut Ui, run: &TrainingRun) {
    if run.request.is_empty() {
        return;
    }
    widgets::card(ui).inner_margin(Margin::same(16)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        widgets::section_title(ui, &say!("models-asked"));
        ui.spacing_mut().item_spacing.y = 2.0;
        let palette = theme::palette(ui);
        egui::Grid::new("run request").num_columns(2).spacing([16.0, 2.0]).min_row_height(20.0).show(ui, |ui| {
            for (key, value) in &run.request {
                ui.label(RichText::new(key).font(theme::small()).color(palette.text_soft));
                ui.add(Label::new(value).truncate().selectable(true));
                ui.end_row();
            }
        });
    });
}
