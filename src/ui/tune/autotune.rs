//! A goal in, a point out; the live index changes only when the person says so.

use crate::words::told;
use egui::{DragValue, Grid, RichText, Ui};

use super::parts::{columns_ui, jobs_ui, waiting_ui};
use super::probes::{number_row, probes_ui};
use super::sweep_chart::numbers_of;
use super::words;
use crate::app::{JobKind, Load, TuneCommand};
use crate::say;
use crate::types::{Goal, OperatingPoint};
use crate::ui::{Cx, format, theme, widgets};

pub fn autotune_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    columns_ui(ui, cx, "tune-autotune", goal_ui, result_ui);
}

fn goal_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    jobs_ui(ui, cx, &[JobKind::Autotune]);
    widgets::section_title(ui, &say!("tune-goal"));
    let threshold = cx.state.search.threshold;
    let memory = &mut cx.memory.tune.autotune;
    let options = [(false, say!("tune-goal-by-recall")), (true, say!("tune-goal-by-people"))];
    if let Some(by_people) = widgets::segments_ui(ui, &say!("tune-goal"), memory.by_people, &options) {
        memory.by_people = by_people;
    }
    if memory.by_people {
        let hint = say!("tune-goal-people-hint");
        number_row(ui, &say!("tune-goal-people"), &hint, |ui| {
            ui.add(
                DragValue::new(&mut memory.miss_one_in)
                    .range(2..=1_000_000)
                    .speed(1.0)
                    .suffix(format!(" {}", say!("tune-people-suffix"))),
            )
        });
    } else {
        number_row(ui, &say!("tune-goal-recall"), &say!("tune-goal-recall-hint"), |ui| {
            ui.add(DragValue::new(&mut memory.min_recall).range(0.1..=1.0).speed(0.001).min_decimals(2).max_decimals(4))
        });
    }
    number_row(ui, &say!("tune-goal-latency"), &say!("tune-goal-latency-hint"), |ui| {
        let field = DragValue::new(&mut memory.max_millis).range(0.01..=10_000.0).speed(0.05).max_decimals(2);
        ui.add(field.suffix(" ms"))
    });
    number_row(ui, &say!("tune-goal-ram"), &say!("tune-goal-ram-hint"), |ui| {
        let field = DragValue::new(&mut memory.max_gigabytes).range(0.001..=4096.0).speed(0.05).max_decimals(3);
        ui.add(field.suffix(" GB"))
    });
    let goal = memory.goal(threshold);
    widgets::caption(ui, sentence(&goal));
    ui.add_space(theme::GAP_SMALL);
    probes_ui(ui, cx);
    ui.add_space(theme::GAP_SMALL);
    let is_running = matches!(cx.state.tune.autotune, Load::Loading);
    ui.add_enabled_ui(!is_running, |ui| {
        let find = widgets::primary_button(ui, &say!("tune-find"));
        let find = find.on_hover_text(say!("tune-find-hint"));
        if find.on_disabled_hover_text(say!("tune-find-busy")).clicked() {
            cx.push(TuneCommand::Autotune(goal, cx.state.tune.live.settings.probes.clone()));
        }
    });
}

fn sentence(goal: &Goal) -> String {
    if let Some(missed) = goal.missed {
        let share = words::one_in(missed.max_fnir).unwrap_or_default();
        return say!("tune-goal-people-text", share = share, threshold = format::score(missed.threshold));
    }
    match words::one_in(1.0 - goal.min_recall_at_k) {
        Some(share) => say!("tune-goal-some", share = share),
        None => say!("tune-goal-none"),
    }
}

fn result_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    match &cx.state.tune.autotune {
        Load::Nothing => {
            let text = say!("tune-autotune-about");
            waiting_ui(ui, &say!("tune-autotune-empty"), &text);
        }
        Load::Loading => waiting_ui(ui, &say!("tune-autotune-busy"), &say!("tune-autotune-busy-text")),
        Load::Failed(reason) => {
            widgets::section_title(ui, &say!("tune-no-point"));
            widgets::problem_ui(ui, &told(reason));
            widgets::caption(ui, say!("tune-no-point-text"));
        }
        Load::Ready(point) => found_ui(ui, cx, point),
    }
}

fn found_ui(ui: &mut Ui, cx: &mut Cx<'_>, point: &OperatingPoint) {
    let palette = theme::palette(ui);
    let is_live = cx.state.tune.overview.as_ref().is_some_and(|o| o.spec == point.spec && o.params == point.params);
    widgets::card(ui).inner_margin(16).show(ui, |ui| {
        ui.set_width(ui.available_width().min(640.0));
        ui.label(RichText::new(say!("tune-point-found")).font(theme::small()).color(palette.good));
        ui.label(RichText::new(point.spec.to_string()).font(theme::title()));
        ui.label(RichText::new(words::params_text(&point.spec, &point.params)).color(palette.text_soft));
        ui.add_space(theme::GAP_SMALL);
        let missed = match point.fnir {
            Some(fnir) => match words::one_in(fnir.mean) {
                Some(share) => say!("tune-point-misses-people", share = share),
                None => say!("tune-point-misses-nobody", n = point.nq),
            },
            None => {
                let missed = words::missed_neighbours(point.recall_at_k.mean, point.k);
                say!("tune-point-misses", missed = missed)
            }
        };
        ui.label(missed);
        widgets::caption(ui, say!("tune-points-in-chart"));
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
        let reason = cx.read_only().map(str::to_owned).or_else(|| is_live.then(|| say!("tune-already-live")));
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let apply = widgets::primary_button(ui, &say!("tune-apply")).on_hover_text(say!("tune-apply-hint"));
            if apply.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                cx.memory.tune.confirm = Some(point.clone());
            }
        });
    });
}
