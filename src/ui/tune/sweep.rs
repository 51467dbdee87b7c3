//! A grid of specs and parameters, measured as a job.

use crate::words::told;
use std::collections::BTreeSet;

use egui::{Button, DragValue, Label, RichText, TextEdit, Ui};

use super::parts::{columns_ui, jobs_ui, waiting_ui};
use super::probes::{number_row, probes_ui};
use super::{sweep_chart, sweep_points, words};
use crate::app::{Command, JobKind, Knob, TuneCommand, count_points, numbers_from_text, spec_from_text};
use crate::say;
use crate::types::{Circumstances, IndexSpec, SweepRequest};
use crate::ui::{Cx, theme, widgets};

const GRIDS: [Knob; 5] = [Knob::NProbe, Knob::EfSearch, Knob::RefineFactor, Knob::LshCandidates, Knob::Templates];

pub fn sweep_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    columns_ui(ui, cx, "tune-sweep", setup_ui, results_ui);
}

fn setup_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    jobs_ui(ui, cx, &[JobKind::Sweep]);
    widgets::section_title(ui, &say!("tune-indexes"));
    let specs = ui.scope(|ui| specs_ui(ui, cx)).inner;
    ui.add_space(theme::GAP_SMALL);
    widgets::section_title(ui, &say!("tune-search-parameters"));
    let grids = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            grids_ui(ui, cx, specs.as_deref().unwrap_or(&[]))
        })
        .inner;
    ui.add_space(theme::GAP_SMALL);
    probes_ui(ui, cx);
    ui.add_space(theme::GAP_SMALL);
    widgets::section_title(ui, &say!("tune-measurement"));
    let memory = &mut cx.memory.tune.sweep;
    number_row(ui, &say!("tune-neighbours"), &say!("tune-neighbours-hint"), |ui| {
        ui.add(DragValue::new(&mut memory.k).range(1..=1000).speed(0.1))
    });
    number_row(ui, &say!("tune-batch"), &say!("tune-batch-hint"), |ui| {
        ui.add(DragValue::new(&mut memory.batch).range(1..=4096).speed(0.5))
    });
    number_row(ui, &say!("tune-threads-title"), &say!("tune-threads-hint"), |ui| {
        ui.add(DragValue::new(&mut memory.threads).range(1..=256).speed(0.1))
    });
    ui.add_space(theme::GAP_SMALL);
    let request = request(cx, specs, grids);
    start_ui(ui, cx, request);
    ui.add_space(theme::GAP);
    saved_ui(ui, cx);
}

/// The chosen specs, each once; or what is wrong with the person's own.
fn specs_ui(ui: &mut Ui, cx: &mut Cx<'_>) -> Result<Vec<IndexSpec>, String> {
    let tune = &cx.state.tune;
    let memory = &mut cx.memory.tune.sweep;
    let mut specs = Vec::new();
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.spacing_mut().interact_size.y = 22.0;
    if let Some(overview) = &tune.overview {
        let text = overview.spec.to_string();
        check_ui(ui, &mut memory.with_live, &say!("tune-the-live-index"), &text);
        if memory.with_live {
            specs.push(overview.spec.clone());
        }
    }
    for preset in &tune.presets {
        let mut chosen = memory.presets.contains(&preset.name);
        let text =
            say!("tune-preset-hint", spec = preset.spec.to_string(), purpose = words::phrase(&preset.useful_for));
        if check_ui(ui, &mut chosen, &words::preset(&preset.name), &text) {
            if chosen {
                memory.presets.insert(preset.name.clone());
            } else {
                memory.presets.remove(&preset.name);
            }
        }
        if chosen {
            specs.push(preset.spec.clone());
        }
    }
    ui.add_space(theme::GAP_SMALL);
    let label = widgets::caption(ui, say!("tune-own-specs"));
    let edit = TextEdit::singleline(&mut memory.own)
        .hint_text("IVF4096,PQ64; HNSW32,SQ8")
        .desired_width(f32::INFINITY)
        .char_limit(1000);
    let hint = say!("tune-own-specs-hint");
    ui.add(edit).labelled_by(label.id).on_hover_text(hint);
    let d = tune.overview.as_ref().map_or(512, |overview| overview.d);
    let mut problem = None;
    for text in memory.own.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        match spec_from_text(text, d).map_err(|reason| told(&reason)) {
            Ok(spec) => specs.push(spec),
            Err(reason) => problem = problem.or(Some(reason)),
        }
    }
    if let Some(problem) = problem {
        wrong_ui(ui, &problem);
        return Err(problem);
    }
    let mut seen = BTreeSet::new();
    specs.retain(|spec| seen.insert(spec.clone()));
    Ok(specs)
}

/// A checkbox whose text is cut where it is too long.
fn check_ui(ui: &mut Ui, checked: &mut bool, text: &str, hint: &str) -> bool {
    ui.horizontal(|ui| {
        ui.set_max_width(ui.available_width());
        ui.checkbox(checked, text).on_hover_text(hint).changed()
    })
    .inner
}

fn wrong_ui(ui: &mut Ui, reason: &str) {
    let palette = theme::palette(ui);
    ui.add(Label::new(RichText::new(reason).font(theme::small()).color(palette.bad)).wrap());
}

/// The values of each parameter, or what is wrong with one.
fn grids_ui(ui: &mut Ui, cx: &mut Cx<'_>, specs: &[IndexSpec]) -> Result<[Vec<u32>; 5], String> {
    let memory = &mut cx.memory.tune.sweep;
    let mut values: [Vec<u32>; 5] = Default::default();
    let mut problem = None;
    for (i, knob) in GRIDS.into_iter().enumerate() {
        let is_used = specs.iter().any(|spec| knob.missing_from(spec).is_none());
        let text = &mut memory.grids[i];
        let because = say!("tune-no-index-has-it");
        ui.horizontal(|ui| {
            ui.add_enabled_ui(is_used, |ui| {
                let palette = theme::palette(ui);
                let (rect, _) = ui.allocate_exact_size(egui::vec2(92.0, 24.0), egui::Sense::hover());
                let color = if is_used { palette.text_soft } else { palette.text_faint };
                ui.painter().text(
                    rect.left_center(),
                    egui::Align2::LEFT_CENTER,
                    words::knob(knob),
                    theme::small(),
                    color,
                );
                let edit = TextEdit::singleline(text).desired_width(f32::INFINITY).char_limit(400).font(theme::small());
                ui.add(edit)
                    .accessible_name(say!("tune-knob-values", name = words::knob(knob)))
                    .on_hover_text(words::phrase(knob.explanation()))
                    .on_disabled_hover_text(because);
            });
        });
        match numbers_from_text(text).map_err(|reason| told(&reason)) {
            Ok(numbers) => values[i] = numbers,
            Err(reason) if is_used => {
                wrong_ui(ui, &reason);
                problem = problem.or(Some(say!("tune-knob-problem", name = words::knob(knob), reason = reason)));
            }
            Err(_) => {}
        }
    }
    problem.map_or(Ok(values), Err)
}

fn request(
    cx: &Cx<'_>,
    specs: Result<Vec<IndexSpec>, String>,
    grids: Result<[Vec<u32>; 5], String>,
) -> Result<SweepRequest, String> {
    let memory = &cx.memory.tune.sweep;
    let specs = specs?;
    if specs.is_empty() {
        return Err(say!("tune-choose-index"));
    }
    let [nprobe, ef_search, refine_factor, lsh_candidates, templates] = grids?;
    let probes = cx.state.tune.live.settings.probes.clone();
    let (k, batch, threads) = (memory.k, memory.batch, memory.threads);
    Ok(SweepRequest {
        specs,
        nprobe,
        ef_search,
        refine_factor,
        lsh_candidates,
        templates,
        probes,
        k,
        batch,
        threads,
        circumstances: Circumstances::default(),
    })
}

fn start_ui(ui: &mut Ui, cx: &mut Cx<'_>, request: Result<SweepRequest, String>) {
    let is_running = cx.state.running_job(JobKind::Sweep).is_some();
    let reason = match &request {
        _ if is_running => Some(say!("tune-sweep-running")),
        Err(reason) => Some(reason.clone()),
        Ok(_) => None,
    };
    let text = match &request {
        Ok(request) => {
            let points = say!("tune-points", n = count_points(request));
            say!("tune-built-beside-live", points = points, n = request.specs.len())
        }
        Err(reason) => reason.clone(),
    };
    widgets::caption(ui, text);
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let start = widgets::primary_button(ui, &say!("tune-start-sweep"));
        let start = start.on_hover_text(say!("tune-start-sweep-hint"));
        if start.on_disabled_hover_text(reason.unwrap_or_default()).clicked()
            && let Ok(request) = request
        {
            cx.push(TuneCommand::StartSweep(request));
        }
    });
}

fn saved_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let sweep = &cx.state.tune.sweep;
    if let Some(problem) = &sweep.problem {
        widgets::problem_ui(ui, &told(problem));
    }
    if sweep.saved.is_empty() {
        return;
    }
    let is_running = cx.state.running_job(JobKind::Sweep).is_some();
    widgets::section_title(ui, &say!("tune-kept-sweeps"));
    for saved in &sweep.saved {
        let is_shown = sweep.name.as_deref() == Some(saved.name.as_str());
        let title = words::stamp(saved.begun_at);
        let points = say!("tune-points", n = saved.points);
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| {
                let text = RichText::new(say!("tune-kept-sweep", title = title.as_str(), points = points))
                    .font(theme::small());
                widgets::elided(ui, text).on_hover_text(&saved.name);
            },
            |ui| {
                ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
                ui.spacing_mut().interact_size.y = 22.0;
                let text = if is_shown { say!("tune-on-view") } else { say!("tune-open") };
                let button = ui.add_enabled(!is_shown && !is_running, Button::new(text));
                let because = if is_running { say!("tune-sweep-running") } else { say!("tune-is-on-view") };
                let button = button.accessible_name(say!("tune-open-sweep", title = title.as_str()));
                if button.on_disabled_hover_text(because).clicked() {
                    cx.commands.push(Command::Tune(TuneCommand::OpenSweep(saved.name.clone())));
                }
            },
        );
    }
}

fn results_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let sweep = &cx.state.tune.sweep;
    let Some(run) = &sweep.run else {
        let text = say!("tune-sweep-empty-text");
        waiting_ui(ui, &say!("tune-sweep-empty"), &text);
        return;
    };
    // Where there is no room for both, they stand below each other and are scrolled.
    const CHART: f32 = 340.0;
    const LIST: f32 = 220.0;
    if ui.available_height() < 420.0 {
        let area = egui::ScrollArea::vertical().id_salt("sweep-results").auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            sweep_chart::chart_card_ui(ui, cx, run, CHART);
            ui.allocate_ui(egui::vec2(ui.available_width(), LIST), |ui| {
                ui.set_height(LIST);
                sweep_points::points_ui(ui, cx, run);
            });
        });
        return;
    }
    let bottom = (ui.available_height() * 0.36).clamp(150.0, 320.0);
    let height = ui.available_height() - bottom - theme::GAP;
    ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| sweep_chart::chart_card_ui(ui, cx, run, height));
    sweep_points::points_ui(ui, cx, run);
}
