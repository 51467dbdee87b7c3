//! A goal in, a point out; the live index changes only when the person says so.

use crate::words::told;
use egui::{DragValue, Grid, RichText, Ui};

use super::parts::{columns_ui, jobs_ui, waiting_ui};
use super::probes::{number_row, probes_ui};
use super::sweep_chart::numbers_of;
use super::words;
use crate::app::{JobKind, Load, TuneCommand, params_text};
use crate::types::{Goal, OperatingPoint};
use crate::ui::{Cx, theme, widgets};

pub fn autotune_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    columns_ui(ui, cx, "tune autotune", goal_ui, result_ui);
}

fn goal_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    jobs_ui(ui, cx, &[JobKind::Autotune]);
    widgets::section_title(ui, "Goal");
    let memory = &mut cx.memory.tune.autotune;
    number_row(ui, "Recall@10 at least", "Share of the true 10 nearest that a search must find", |ui| {
        ui.add(DragValue::new(&mut memory.min_recall).range(0.1..=1.0).speed(0.001).min_decimals(2).max_decimals(4))
    });
    number_row(ui, "Latency p50 at most", "Half of the searches take no longer", |ui| {
        let field = DragValue::new(&mut memory.max_millis).range(0.01..=10_000.0).speed(0.05).max_decimals(2);
        ui.add(field.suffix(" ms"))
    });
    number_row(ui, "RAM at most", "Memory of the index, without memory-mapped files", |ui| {
        let field = DragValue::new(&mut memory.max_gigabytes).range(0.001..=4096.0).speed(0.05).max_decimals(3);
        ui.add(field.suffix(" GB"))
    });
    widgets::caption(ui, sentence(&memory.goal()));
    ui.add_space(theme::GAP_SMALL);
    probes_ui(ui, cx);
    ui.add_space(theme::GAP_SMALL);
    let is_running = matches!(cx.state.tune.autotune, Load::Loading);
    ui.add_enabled_ui(!is_running, |ui| {
        let find = widgets::primary_button(ui, "Find a point");
        let find = find.on_hover_text("Build and measure candidates beside the live index");
        if find.on_disabled_hover_text("It is being looked for").clicked() {
            let goal = cx.memory.tune.autotune.goal();
            cx.push(TuneCommand::Autotune(goal, cx.state.tune.live.settings.probes.clone()));
        }
    });
}

fn sentence(goal: &Goal) -> String {
    let missed = match words::one_in(1.0 - goal.min_recall_at_k) {
        Some(share) => format!("At most {share} of the true 10 nearest may be missed."),
        None => "None of the true 10 nearest may be missed: only exact search promises that.".to_owned(),
    };
    format!("{missed} The live index changes only when you apply what is found.")
}

fn result_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    match &cx.state.tune.autotune {
        Load::Nothing => {
            let text = "Autotune builds candidates beside the live index, measures them with the probes, and proposes \
                        the fastest that meets the goal.";
            waiting_ui(ui, "Say what you need", text);
        }
        Load::Loading => waiting_ui(ui, "Looking for a point", "Candidates are built and measured."),
        Load::Failed(reason) => {
            widgets::section_title(ui, "No point meets the goal");
            widgets::problem_ui(ui, &told(reason));
            widgets::caption(ui, "Ask for less recall, more time or more memory, or measure other indexes in a sweep.");
        }
        Load::Ready(point) => found_ui(ui, cx, point),
    }
}

fn found_ui(ui: &mut Ui, cx: &mut Cx<'_>, point: &OperatingPoint) {
    let palette = theme::palette(ui);
    let is_live = cx.state.tune.overview.as_ref().is_some_and(|o| o.spec == point.spec && o.params == point.params);
    widgets::card(ui).inner_margin(16).show(ui, |ui| {
        ui.set_width(ui.available_width().min(640.0));
        ui.label(RichText::new("This point meets the goal").font(theme::small()).color(palette.good));
        ui.label(RichText::new(point.spec.to_string()).font(theme::title()));
        ui.label(RichText::new(params_text(&point.spec, &point.params)).color(palette.text_soft));
        ui.add_space(theme::GAP_SMALL);
        let missed = words::missed_neighbours(point.recall_at_k.mean, point.k);
        ui.label(format!("It {missed}."));
        ui.add_space(theme::GAP_SMALL);
        ui.spacing_mut().interact_size.y = 20.0;
        Grid::new("found").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
            // The first is how it is searched, which stands above.
            for (name, value) in numbers_of(point).into_iter().skip(1) {
                ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
                ui.label(value);
                ui.end_row();
            }
        });
        ui.add_space(theme::GAP);
        let reason = cx.read_only().or(is_live.then_some("The live index is searched like this already"));
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let apply = widgets::primary_button(ui, "Apply\u{2026}").on_hover_text("Names what changes, and asks");
            if apply.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                cx.memory.tune.confirm = Some(point.clone());
            }
        });
    });
}
