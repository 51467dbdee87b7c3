//! The points of a sweep: recall over its cost, with the front of those worth having.

use egui::{Button, Color32, Grid, Pos2, RichText, Stroke, TextEdit, Ui, vec2};
use egui_plot::{PlotPoint, Points};

use super::chart::{AxisDef, Hands, chart_ui, line};
use super::{family, words};
use crate::app::{Cost, Family, SweepAxes, SweepFormat, matches_filter, pareto_front};
use crate::say;
use crate::types::{Estimate, OperatingPoint, SweepRun};
use crate::ui::{Cx, DialogKind, format, theme, widgets};

/// In points; below it what is chosen above the chart takes several rows.
const WIDE: f32 = 640.0;

/// How near the pointer must come to a point, in points of the screen.
const REACH: f32 = 12.0;

/// Places of the points that the filters leave, in the run's order.
pub fn shown_points(cx: &Cx<'_>, run: &SweepRun) -> Vec<usize> {
    let memory = &cx.memory.tune.sweep;
    let fits = |point: &OperatingPoint| {
        !memory.hidden.contains(&Family::of(&point.spec))
            && matches_filter(
                &memory.filter,
                &format!("{} {}", point.spec, words::params_text(&point.spec, &point.params)),
            )
    };
    (0..run.points.len()).filter(|&i| fits(&run.points[i])).collect()
}

pub fn chart_card_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &SweepRun, height: f32) {
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        controls_ui(ui, cx);
        families_ui(ui, cx, run);
        let shown = shown_points(cx, run);
        let used = ui.min_rect().height();
        scatter_ui(ui, cx, run, &shown, height - used - 26.0 - 28.0);
        provenance_ui(ui, run);
    });
}

/// A row, or several where there is no room for one, which the contents are told.
fn row_ui(ui: &mut Ui, contents: impl FnOnce(&mut Ui, bool)) {
    let is_wide = ui.available_width() >= WIDE;
    if is_wide {
        ui.horizontal(|ui| contents(ui, true));
    } else {
        ui.horizontal_wrapped(|ui| contents(ui, false));
    }
}

fn controls_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    row_ui(ui, |ui, is_wide| {
        let memory = &mut cx.memory.tune.sweep;
        let options = [
            (Cost::P50, "p50".to_owned()),
            (Cost::P99, "p99".to_owned()),
            (Cost::Ram, say!("tune-ram")),
            (Cost::Build, say!("tune-build-time")),
        ];
        if let Some(cost) = widgets::segments_ui(ui, &say!("tune-cost"), memory.axes.cost, &options) {
            memory.axes.cost = cost;
        }
        ui.checkbox(&mut memory.axes.log_cost, say!("tune-log-cost")).on_hover_text(say!("tune-log-cost-hint"));
        let hint = say!("tune-log-missed-hint");
        ui.checkbox(&mut memory.axes.log_missed, say!("tune-log-missed")).on_hover_text(hint);
        if is_wide {
            widgets::at_right(ui, |ui| exports_ui(ui, cx));
        } else {
            exports_ui(ui, cx);
        }
    });
}

fn exports_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let axes = cx.memory.tune.sweep.axes;
    ui.spacing_mut().button_padding = vec2(8.0, 3.0);
    ui.spacing_mut().item_spacing.x = 4.0;
    for format in SweepFormat::ALL {
        let button = ui.add(Button::new(format.title())).accessible_name(say!("tune-export", format = format.title()));
        if button.on_hover_text(say!("tune-export-hint")).clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::SaveSweep(format, axes));
        }
    }
}

/// Switches for each family that occurs, and the text filter.
fn families_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &SweepRun) {
    let memory = &mut cx.memory.tune.sweep;
    row_ui(ui, |ui, is_wide| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for family in Family::ALL {
            if !run.points.iter().any(|point| Family::of(&point.spec) == family) {
                continue;
            }
            let mut is_shown = !memory.hidden.contains(&family);
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 16.0), egui::Sense::hover());
            family::paint(ui, ui.painter(), rect.center(), 4.5, family);
            if ui.checkbox(&mut is_shown, words::phrase(family.title())).changed() {
                memory.hidden.retain(|hidden| *hidden != family);
                if !is_shown {
                    memory.hidden.push(family);
                }
            }
            ui.add_space(6.0);
        }
        let edit = TextEdit::singleline(&mut memory.filter).hint_text(say!("tune-filter-hint")).desired_width(172.0);
        let edit_ui = |ui: &mut Ui| ui.add(edit).accessible_name(say!("tune-filter"));
        if is_wide {
            widgets::at_right(ui, edit_ui);
        } else {
            edit_ui(ui);
        }
    });
}

/// With the unit, for an axis.
fn cost_title(cost: Cost, batch: usize) -> String {
    match cost {
        Cost::P50 if batch > 1 => say!("tune-cost-batch-p50", n = batch),
        Cost::P99 if batch > 1 => say!("tune-cost-batch-p99", n = batch),
        Cost::P50 => say!("tune-cost-p50"),
        Cost::P99 => say!("tune-cost-p99"),
        Cost::Ram => say!("tune-cost-ram"),
        Cost::Build => say!("tune-cost-build"),
    }
}

fn axes_of(axes: SweepAxes, k: usize, batch: usize) -> [AxisDef; 2] {
    let cost = AxisDef::new(cost_title(axes.cost, batch), axes.cost_scale());
    [cost, AxisDef::new(format!("Recall@{k}"), axes.recall_scale())]
}

fn scatter_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &SweepRun, shown: &[usize], height: f32) {
    let palette = theme::palette(ui);
    let axes = cx.memory.tune.sweep.axes;
    let [across, up] = [axes.cost_scale(), axes.recall_scale()];
    let place = |point: &OperatingPoint| [across.place(axes.cost.of(point)), up.place(point.recall_at_k.mean)];
    let points: Vec<OperatingPoint> = shown.iter().map(|&i| run.points[i].clone()).collect();
    let front: Vec<[f64; 2]> = pareto_front(&points, axes.cost).into_iter().map(|i| place(&points[i])).collect();
    let pinned = &cx.memory.tune.sweep.pinned;
    let rings: Vec<[f64; 2]> = pinned.iter().filter(|pin| points.contains(pin)).map(place).collect();
    let by_family: Vec<(Color32, Family, Vec<[f64; 2]>)> = Family::ALL
        .into_iter()
        .map(|family| {
            let of_family = points.iter().filter(|point| Family::of(&point.spec) == family);
            (family::color(ui, family), family, of_family.map(place).filter(is_place).collect())
        })
        .collect();
    let places: Vec<[f64; 2]> = points.iter().map(place).collect();
    let line_color = palette.text_faint;
    let ring_color = palette.text;
    let name = say!("tune-sweep-chart", cost = cost_title(axes.cost, run.request.batch), n = points.len());
    let response = chart_ui(ui, &name, height, axes_of(axes, run.request.k, run.request.batch), Hands::Move, |plot| {
        if front.len() > 1 {
            plot.line(line("front", front, line_color).width(1.5));
        }
        for (color, family, places) in by_family {
            if !places.is_empty() {
                let points = Points::new(words::phrase(family.title()), places).shape(family::shape(family));
                plot.points(points.radius(4.5).color(color).allow_hover(false));
            }
        }
        if !rings.is_empty() {
            plot.points(Points::new("pinned", rings).radius(8.0).filled(false).color(ring_color).allow_hover(false));
        }
        let pointer = plot.response().hover_pos()?;
        let screen = |place: &[f64; 2]| plot.screen_from_plot(PlotPoint::new(place[0], place[1]));
        nearest(&places.iter().map(screen).collect::<Vec<_>>(), pointer)
    });
    let Some(hovered) = response.inner else { return };
    let point = &points[hovered];
    let at = response.transform.position_from_point(&PlotPoint::new(places[hovered][0], places[hovered][1]));
    ui.painter().circle_stroke(at, 8.0, Stroke::new(2.0, palette.text));
    if response.response.clicked() {
        toggle_pin(&mut cx.memory.tune.sweep.pinned, point);
    }
    response.response.on_hover_ui_at_pointer(|ui| card_ui(ui, point));
}

fn is_place(place: &[f64; 2]) -> bool {
    place.iter().all(|value| value.is_finite())
}

fn nearest(screen: &[Pos2], pointer: Pos2) -> Option<usize> {
    let away = |i: &usize| screen[*i].distance(pointer);
    (0..screen.len()).filter(|i| away(i) <= REACH).min_by(|a, b| away(a).total_cmp(&away(b)))
}

pub fn toggle_pin(pinned: &mut Vec<OperatingPoint>, point: &OperatingPoint) {
    match pinned.iter().position(|pin| pin == point) {
        Some(at) => {
            pinned.remove(at);
        }
        None => pinned.push(point.clone()),
    }
}

/// Every number of a point: what is hovered, and a column of the comparison.
pub fn numbers_of(point: &OperatingPoint) -> Vec<(String, String)> {
    let with_interval = |estimate: Estimate| format!("{} ({})", words::share(estimate.mean), words::interval(estimate));
    let maybe = |estimate: Option<Estimate>| estimate.map_or_else(|| say!("tune-not-measured"), with_interval);
    let latency = point.latency;
    vec![
        (say!("tune-number-search"), words::params_text(&point.spec, &point.params)),
        ("Recall@k".to_owned(), with_interval(point.recall_at_k)),
        ("One-recall@1".to_owned(), with_interval(point.one_recall_at_1)),
        (say!("tune-number-recall-mated"), maybe(point.recall_mated)),
        (say!("tune-number-one-mated"), maybe(point.one_recall_mated)),
        (say!("tune-number-recall-nonmated"), maybe(point.recall_nonmated)),
        (
            match point.batch {
                1 => "p50, p95, p99".to_owned(),
                n => say!("tune-batch-latency", n = n),
            },
            format!(
                "{}, {}, {}",
                format::millis(latency.p50_millis),
                format::millis(latency.p95_millis),
                format::millis(latency.p99_millis)
            ),
        ),
        (say!("tune-number-rate"), format::rate(point.probes_per_sec as f32)),
        (say!("tune-ram"), format::bytes(point.ram_bytes)),
        (
            say!("tune-number-ram-each"),
            say!("tune-number-bytes", n = format::count(point.ram_bytes / point.ntotal.max(1) as u64)),
        ),
        (say!("tune-on-disk"), format::bytes(point.disk_bytes)),
        (say!("tune-number-build"), format::duration(point.build_secs)),
        (say!("tune-faces"), format!("{} \u{d7} {}", format::count(point.ntotal as u64), point.d)),
        (
            say!("tune-number-measured-with"),
            say!(
                "tune-number-measured",
                k = point.k,
                probes = say!("tune-probes", n = point.nq),
                batch = point.batch,
                threads = say!("tune-threads", n = point.threads)
            ),
        ),
    ]
}

fn card_ui(ui: &mut Ui, point: &OperatingPoint) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 16.0), egui::Sense::hover());
        family::paint(ui, ui.painter(), rect.center(), 4.5, Family::of(&point.spec));
        ui.label(RichText::new(point.spec.to_string()).font(theme::strong()));
    });
    ui.spacing_mut().interact_size.y = 18.0;
    Grid::new("numbers").num_columns(2).spacing([16.0, 2.0]).show(ui, |ui| {
        for (name, value) in numbers_of(point) {
            ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
            ui.label(RichText::new(value).font(theme::small()));
            ui.end_row();
        }
    });
}

fn provenance_ui(ui: &mut Ui, run: &SweepRun) {
    let palette = theme::palette(ui);
    let request = &run.request;
    let nq = run.points.iter().map(|point| point.nq).max().unwrap_or(0);
    let text = [
        format!("k {}", request.k),
        say!("tune-probes", n = nq),
        say!("tune-batch-of", n = request.batch),
        say!("tune-threads", n = request.threads),
        format!("{} \u{d7} {}", say!("faces", n = run.ntotal), run.d),
        words::probes(&request.probes),
        run.model.clone(),
        say!("tune-data", digest = words::digest(&run.data_digest)),
        run.machine.clone(),
    ]
    .join("  \u{b7}  ");
    let label = RichText::new(&text).font(theme::small()).color(palette.text_faint);
    widgets::elided(ui, label).on_hover_text(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_within_reach_is_hovered() {
        let screen = [Pos2::new(0.0, 0.0), Pos2::new(10.0, 0.0), Pos2::new(f32::NAN, 0.0)];
        assert_eq!(nearest(&screen, Pos2::new(7.0, 1.0)), Some(1));
        assert_eq!(nearest(&screen, Pos2::new(3.0, 1.0)), Some(0));
        assert_eq!(nearest(&screen, Pos2::new(50.0, 1.0)), None);
        assert_eq!(nearest(&[], Pos2::ZERO), None);
    }
}
