//! Probes searched over and over while the sliders move.

use crate::words::told;
use egui::{Label, RichText, Ui, vec2};

use super::parts::{columns_ui, waiting_ui};
use super::probes::{knob_ui, log_slider_ui, probes_ui, provenance};
use super::{live_charts, words};
use crate::app::{Knob, TuneCommand};
use crate::say;
use crate::types::{Estimate, TuneSettings};
use crate::ui::{Cx, format, theme, widgets};

pub fn live_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    columns_ui(ui, cx, "tune-live", settings_ui, results_ui);
}

pub fn start_or_stop(cx: &mut Cx<'_>) {
    let live = &cx.state.tune.live;
    if live.running {
        cx.push(TuneCommand::Stop);
    } else if cx.state.tune.overview.is_some() {
        cx.push(TuneCommand::Start(live.settings.clone()));
    }
}

fn settings_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let live = &cx.state.tune.live;
    let overview = cx.state.tune.overview.as_ref();
    let is_ready = overview.is_some();
    ui.horizontal(|ui| {
        let text = if live.running { say!("tune-stop") } else { say!("tune-start") };
        let hint = if live.running { say!("tune-stop-hint") } else { say!("tune-start-hint") };
        ui.add_enabled_ui(is_ready, |ui| {
            let button = if live.running { widgets::button(ui, &text) } else { widgets::primary_button(ui, &text) };
            if button.on_hover_text(hint).on_disabled_hover_text(say!("tune-index-not-read")).clicked() {
                start_or_stop(cx);
            }
        });
        if live.running {
            widgets::spinner(ui, 14.0, &say!("tune-searching"));
            widgets::caption_inline(ui, &say!("tune-searching"));
        }
    });
    if let Some(problem) = &live.problem {
        widgets::problem_ui(ui, &told(problem));
    }
    widgets::section_title(ui, &say!("tune-search-parameters"));
    if overview.is_some_and(|overview| overview.spec.is_exact()) {
        let text = say!("tune-compares-all");
        widgets::caption(ui, text);
    }
    knobs_ui(ui, cx);
    ui.add_space(theme::GAP_SMALL);
    let params = cx.state.tune.live.settings.params;
    let is_applied = overview.is_none_or(|overview| overview.params == params);
    let reason = cx.read_only().map(str::to_owned).or_else(|| is_applied.then(|| say!("tune-params-in-use")));
    let use_these = ui.add_enabled(reason.is_none(), egui::Button::new(say!("tune-use-params")));
    let hint = say!("tune-use-params-hint");
    if use_these.on_hover_text(hint).on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
        cx.push(TuneCommand::ApplyParams(params));
    }
    ui.add_space(theme::GAP);
    probes_ui(ui, cx);
}

fn knobs_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let tune = &cx.state.tune;
    let before = &tune.live.settings;
    let mut settings = before.clone();
    let hint = say!("tune-k-hint");
    let k = u32::try_from(settings.k).unwrap_or(u32::MAX);
    if let Some(k) = log_slider_ui(ui, "k", &hint, k, [1, 1000], None) {
        settings.k = k as usize;
    }
    let overview = tune.overview.as_ref();
    let by_radius = settings.params.lsh_radius.is_some();
    for knob in Knob::ALL {
        // One of the two limits the prefilter.
        if (knob == Knob::LshCandidates && by_radius) || (knob == Knob::LshRadius && !by_radius) {
            continue;
        }
        let missing = match overview {
            Some(overview) => knob.missing_from(&overview.spec).map(words::phrase),
            None => Some(say!("tune-index-not-read-yet")),
        };
        let (spec, ntotal) = overview.map_or((&crate::types::IndexSpec::FLAT, 0), |o| (&o.spec, o.ntotal));
        let range = knob.range(spec, ntotal);
        if let Some(value) = knob_ui(ui, knob, knob.value(&settings.params), range, missing.as_deref()) {
            knob.set(&mut settings.params, value);
        }
        if let Some(in_effect) = settings.params.ef_search_in_effect(spec, settings.k)
            && knob == Knob::EfSearch
            && in_effect > settings.params.ef_search as usize
        {
            let factor = in_effect / settings.k.max(1);
            widgets::caption(ui, say!("tune-ef-in-effect", n = in_effect, k = settings.k, factor = factor));
        }
        if matches!(knob, Knob::LshCandidates | Knob::LshRadius) && missing.is_none() {
            radius_ui(ui, by_radius, &mut settings, range);
        }
    }
    if settings != *before {
        cx.push(TuneCommand::Change(settings));
    }
}

/// By number or by distance.
fn radius_ui(ui: &mut Ui, by_radius: bool, settings: &mut TuneSettings, [_, high]: [u32; 2]) {
    let text = if by_radius { say!("tune-limit-by-number") } else { say!("tune-limit-by-distance") };
    if widgets::text_button(ui, &text).clicked() {
        // A third of the bits is where faces of one person begin.
        settings.params.lsh_radius = if by_radius { None } else { Some((high.min(1024) / 3).max(1)) };
    }
}

fn results_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let live = &cx.state.tune.live;
    if live.history.is_empty() {
        let (title, text) = if live.running {
            (say!("tune-measuring-exactly"), say!("tune-measuring-exactly-text"))
        } else {
            (say!("tune-live-empty"), say!("tune-live-empty-text"))
        };
        waiting_ui(ui, &title, &text);
        return;
    }
    figures_ui(ui, cx);
    let k = cx.state.tune.live.settings.k;
    let nq = live.info.as_ref().map(|info| info.nq);
    let threads = live.info.as_ref().map(|info| info.threads);
    let digest = live.info.as_ref().map(|info| info.data_digest.as_str());
    let line = provenance(&live.settings.probes, k, nq, threads, digest);
    let height = ui.available_height() - 22.0;
    live_charts::charts_ui(ui, cx, height);
    let palette = theme::palette(ui);
    let text = RichText::new(&line).font(theme::small()).color(palette.text_faint);
    widgets::elided(ui, text).on_hover_text(line);
}

/// The figures of now, large, with what they mean.
fn figures_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let live = &cx.state.tune.live;
    let Some(newest) = live.newest() else { return };
    let k = live.settings.k;
    let palette = theme::palette(ui);
    let spacing = theme::GAP;
    let width = ((ui.available_width() - spacing * 2.0) / 3.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = spacing;
        let color = |estimate: Estimate| match estimate.mean {
            m if m >= 0.98 => palette.good,
            m if m >= 0.9 => palette.warn,
            _ => palette.bad,
        };
        let recall = newest.recall_at_k;
        let text = say!("tune-this-search", missed = words::missed_neighbours(recall.mean, k));
        figure_ui(ui, width, &format!("Recall@{k}"), &words::share(recall.mean), Some(recall), &text, color(recall));
        let one = newest.one_recall_at_1;
        let text = words::missed_first(one.mean);
        figure_ui(ui, width, "One-recall@1", &words::share(one.mean), Some(one), &text, color(one));
        let latency = newest.latency;
        let [p95, p99] = [latency.p95_millis, latency.p99_millis].map(format::millis);
        let exact = live.info.as_ref().and_then(|info| info.exact);
        let text = match exact {
            Some(exact) => {
                say!("tune-latency-exact", p95 = p95, p99 = p99, exact = format::millis(exact.p50_millis))
            }
            None => say!("tune-latency-tail", p95 = p95, p99 = p99),
        };
        let p50 = format::millis(latency.p50_millis);
        figure_ui(ui, width, &say!("tune-latency-p50"), &p50, None, &text, palette.text);
    });
}

fn figure_ui(
    ui: &mut Ui,
    width: f32,
    name: &str,
    value: &str,
    interval: Option<Estimate>,
    text: &str,
    color: egui::Color32,
) {
    let palette = theme::palette(ui);
    ui.allocate_ui(vec2(width, 108.0), |ui| {
        widgets::card(ui).show(ui, |ui| {
            ui.vertical(|ui| {
                ui.set_width(width - 26.0);
                ui.set_min_height(84.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
                ui.horizontal(|ui| {
                    ui.label(RichText::new(value).font(theme::figure()).color(color));
                    if let Some(estimate) = interval {
                        let hint = say!("tune-interval-hint");
                        widgets::caption_inline(ui, &words::interval(estimate)).on_hover_text(hint);
                    }
                });
                ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text_soft)).wrap());
            });
        });
    });
}
