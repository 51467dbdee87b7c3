//! People missed: open-set identification by leave-one-out, and the threshold that follows from it.

use crate::words::told;
use egui::{DragValue, RichText, Sense, TextEdit, Ui, vec2};

use super::parts::{columns_ui, jobs_ui, waiting_ui};
use super::people_chart::{curve_name, threshold_now};
use super::probes::number_row;
use super::{people_chart, words};
use crate::app::{
    JobKind, Knob, Load, SearchCommand, TuneCommand, numbers_from_text, point_at_threshold, threshold_for_fnir,
};
use crate::say;
use crate::types::{IdentificationCurve, IdentificationPoint, IndexSpec, SearchParams};
use crate::ui::{Cx, format, theme, widgets};

pub fn people_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    columns_ui(ui, cx, "tune-people", settings_ui, results_ui);
}

/// What most decides how much a search finds.
fn deciding_knob(spec: &IndexSpec) -> Option<Knob> {
    [Knob::NProbe, Knob::EfSearch, Knob::LshCandidates, Knob::Templates, Knob::RefineFactor]
        .into_iter()
        .find(|knob| knob.missing_from(spec).is_none())
}

fn settings_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    jobs_ui(ui, cx, &[JobKind::People]);
    widgets::section_title(ui, &say!("tune-people-measure"));
    let text = say!("tune-people-about");
    widgets::caption(ui, text);
    let settings = searches_ui(ui, cx);
    let is_running = matches!(cx.state.tune.people, Load::Loading);
    let reason = match &settings {
        _ if is_running => Some(say!("tune-people-busy")),
        Err(reason) => Some(reason.clone()),
        Ok(_) => None,
    };
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let measure = widgets::primary_button(ui, &say!("tune-people-measure-now"));
        if measure.on_disabled_hover_text(reason.unwrap_or_default()).clicked()
            && let Ok(settings) = settings
        {
            cx.push(TuneCommand::MeasurePeopleMissed(settings));
        }
    });
    if let Load::Ready(curves) = &cx.state.tune.people
        && !curves.is_empty()
    {
        ui.add_space(theme::GAP);
        threshold_ui(ui, cx, curves);
    }
}

/// The settings to be measured, exact search left out: it comes by itself.
fn searches_ui(ui: &mut Ui, cx: &mut Cx<'_>) -> Result<Vec<SearchParams>, String> {
    let Some(overview) = &cx.state.tune.overview else { return Err(say!("tune-index-not-read")) };
    let Some(knob) = deciding_knob(&overview.spec) else {
        widgets::caption(ui, say!("tune-people-one-setting"));
        return Ok(vec![overview.params]);
    };
    let text = &mut cx.memory.tune.people.values;
    let label = widgets::caption(ui, say!("tune-people-with", knob = words::knob(knob)));
    let edit = TextEdit::singleline(text).desired_width(f32::INFINITY).char_limit(200);
    ui.add(edit).labelled_by(label.id).on_hover_text(say!("tune-people-values-hint"));
    let values = numbers_from_text(text).map_err(|reason| told(&reason));
    let problem = match &values {
        Err(reason) => Some(reason.clone()),
        Ok(values) if values.is_empty() => Some(say!("tune-people-no-value")),
        Ok(values) if values.len() > 5 => Some(say!("tune-people-too-many")),
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        let palette = theme::palette(ui);
        ui.label(RichText::new(&problem).font(theme::small()).color(palette.bad));
        return Err(problem);
    }
    let with = |value| {
        let mut params = overview.params;
        knob.set(&mut params, value);
        params
    };
    values.map(|values| values.into_iter().map(with).collect())
}

/// Position of the curve that thresholds are read from: the chosen one, else that of the live search, else the last.
fn chosen_curve(cx: &Cx<'_>, curves: &[IdentificationCurve]) -> usize {
    let last = curves.len().saturating_sub(1);
    let live = cx.state.tune.overview.as_ref().map(|overview| overview.params);
    let of_live = || curves.iter().position(|curve| !curve.is_exact && Some(curve.params) == live);
    cx.memory.tune.people.chosen.filter(|chosen| *chosen <= last).or_else(of_live).unwrap_or(last)
}

fn threshold_ui(ui: &mut Ui, cx: &mut Cx<'_>, curves: &[IdentificationCurve]) {
    widgets::section_title(ui, &say!("threshold"));
    let mut one_in = cx.memory.tune.people.one_in;
    let hint = say!("tune-people-miss-hint");
    number_row(ui, &say!("tune-people-miss"), &hint, |ui| {
        ui.add(
            DragValue::new(&mut one_in)
                .range(2..=1_000_000)
                .speed(1.0)
                .suffix(format!(" {}", say!("tune-people-suffix"))),
        )
    });
    cx.memory.tune.people.one_in = one_in;
    let Some(curve) = curves.get(chosen_curve(cx, curves)) else { return };
    let name = curve_name(cx, curve);
    match threshold_for_fnir(&curve.points, 1.0 / f64::from(one_in)) {
        Some(point) => {
            let text = say!(
                "tune-people-threshold",
                name = name,
                threshold = format::score(point.threshold),
                share = words::percent(point.fpir.mean)
            );
            widgets::caption(ui, text);
            if point.fnir.high > 1.0 / f64::from(one_in) {
                let high = words::one_in(point.fnir.high).unwrap_or_default();
                let n = format::count(curve.mated_searches as u64);
                widgets::caption(ui, say!("tune-people-confidence", n = n, high = high));
            }
            if widgets::button(ui, &say!("tune-people-mark", score = format::score(point.threshold))).clicked() {
                cx.memory.tune.people.threshold = Some(point.threshold);
            }
        }
        None => {
            let least = curve.points.first().and_then(|point| words::one_in(point.fnir.mean));
            let text = match least {
                Some(least) => say!("tune-people-least", name = name, least = least),
                None => say!("tune-people-unmeasured", name = name),
            };
            widgets::caption(ui, text);
        }
    }
    ui.add_space(theme::GAP_SMALL);
    slider_ui(ui, cx, curve);
}

fn slider_ui(ui: &mut Ui, cx: &mut Cx<'_>, curve: &IdentificationCurve) {
    let ends = [curve.points.first(), curve.points.last()].map(|point| point.map(|point| f64::from(point.threshold)));
    let [Some(low), Some(high)] = ends else { return };
    if low >= high || !low.is_finite() || !high.is_finite() {
        return;
    }
    let mut threshold = f64::from(threshold_now(cx)).clamp(low, high);
    let hint = say!("tune-operating-hint");
    if widgets::slider_row(ui, &say!("tune-operating"), &mut threshold, low..=high, 0.001, "", &hint) {
        cx.memory.tune.people.threshold = Some(threshold as f32);
    }
    if let Some(point) = point_at_threshold(&curve.points, threshold as f32) {
        let missed = words::one_in(point.fnir.mean).unwrap_or_else(|| say!("tune-share-none"));
        let text = say!("tune-operating-misses", missed = missed, share = words::percent(point.fpir.mean));
        widgets::caption(ui, text);
    }
    let chosen = threshold as f32;
    let is_new = (chosen - cx.state.search.threshold).abs() > 5e-4;
    ui.add_enabled_ui(is_new, |ui| {
        let text = say!("tune-operating-use", score = format::score(chosen));
        let button = widgets::button(ui, &text).on_hover_text(say!("tune-operating-use-hint"));
        if button.on_disabled_hover_text(say!("tune-operating-is")).clicked() {
            cx.push(SearchCommand::SetThreshold(chosen));
        }
    });
}

fn results_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    match &cx.state.tune.people {
        Load::Nothing => {
            let (title, text) = if cx.state.status.subjects == 0 {
                (say!("tune-people-nobody"), say!("tune-people-nobody-text"))
            } else {
                (say!("tune-people-empty"), say!("tune-people-empty-text"))
            };
            waiting_ui(ui, &title, &text);
        }
        Load::Loading => waiting_ui(ui, &say!("tune-people-searching"), &say!("tune-people-searching-text")),
        Load::Failed(reason) => widgets::problem_ui(ui, &told(reason)),
        Load::Ready(curves) if curves.iter().all(|curve| curve.points.is_empty()) => {
            let text = say!("tune-people-too-few-text");
            waiting_ui(ui, &say!("tune-people-too-few"), &text);
        }
        Load::Ready(curves) => curves_ui(ui, cx, curves),
    }
}

fn curves_ui(ui: &mut Ui, cx: &mut Cx<'_>, curves: &[IdentificationCurve]) {
    let bottom = 26.0 * (curves.len() as f32 + 1.0) + 84.0;
    let height = (ui.available_height() - bottom).max(220.0);
    people_chart::chart_card_ui(ui, cx, curves, height);
    ui.scope(|ui| rows_ui(ui, cx, curves));
    if curves.iter().any(|curve| !curve.is_exact) {
        let text = say!("tune-people-fast-note");
        widgets::note_ui(ui, &text);
    }
}

/// Each curve at the chosen threshold; a click makes it the one that thresholds are read from.
fn rows_ui(ui: &mut Ui, cx: &mut Cx<'_>, curves: &[IdentificationCurve]) {
    let palette = theme::palette(ui);
    let threshold = threshold_now(cx);
    let chosen = chosen_curve(cx, curves);
    ui.spacing_mut().item_spacing.y = 2.0;
    let columns = |rect: egui::Rect| [0.47, 0.70, 0.88, 1.0].map(|share| rect.left() + rect.width() * share - 8.0);
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let p50 = "p50".to_owned();
    let titles = [say!("tune-column-missed"), say!("tune-column-false"), say!("tune-column-searches"), p50];
    let at = |x: f32, rect: egui::Rect| egui::pos2(x, rect.center().y);
    let text = say!("tune-at-threshold", threshold = format::score(threshold));
    let left = egui::Align2::LEFT_CENTER;
    ui.painter().text(at(head.left() + 24.0, head), left, text, theme::small(), palette.text_faint);
    for (x, title) in columns(head).into_iter().zip(titles) {
        let right = egui::Align2::RIGHT_CENTER;
        ui.painter().text(at(x, head), right, title, theme::small(), palette.text_faint);
    }
    for (i, curve) in curves.iter().enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        let name = curve_name(cx, curve);
        response.widget_info(|| {
            egui::WidgetInfo::selected(
                egui::Role::RadioButton,
                true,
                i == chosen,
                say!("tune-read-from", name = name.as_str()),
            )
        });
        if response.hovered() || i == chosen {
            ui.painter().rect_filled(rect, 4.0, if i == chosen { palette.accent_soft } else { palette.hover });
        }
        widgets::focus_ring(ui, &response, rect);
        let color = people_chart::curve_color(ui, i, curve);
        ui.painter().circle_filled(at(rect.left() + 11.0, rect), 4.5, color);
        let columns = columns(rect);
        let width = columns[0] - rect.left() - 150.0;
        let place = at(rect.left() + 24.0, rect);
        widgets::paint_elided(ui.painter(), place, left, width, &name, theme::small(), palette.text);
        let cells = cells(curve, point_at_threshold(&curve.points, threshold));
        for (x, cell) in columns.into_iter().zip(cells) {
            ui.painter().text(at(x, rect), egui::Align2::RIGHT_CENTER, cell, theme::small(), palette.text);
        }
        if response.on_hover_text(say!("tune-read-from-this")).clicked() {
            cx.memory.tune.people.chosen = Some(i);
        }
    }
}

fn cells(curve: &IdentificationCurve, point: Option<IdentificationPoint>) -> [String; 4] {
    let with = |estimate: crate::types::Estimate| {
        let bounds = format!("{} \u{2013} {}", words::percent(estimate.low), words::percent(estimate.high));
        format!("{} ({})", words::percent(estimate.mean), bounds.replace(" %", ""))
    };
    let searches =
        format!("{} + {}", format::count(curve.mated_searches as u64), format::count(curve.nonmated_searches as u64));
    let millis = format::millis(curve.latency.p50_millis);
    match point {
        Some(point) => [with(point.fnir), with(point.fpir), searches, millis],
        None => [say!("tune-not-measured"), say!("tune-not-measured"), searches, millis],
    }
}
