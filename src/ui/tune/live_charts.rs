//! The stream as lines over time and as a histogram.

use egui::{RichText, Stroke, Ui, vec2};
use egui_plot::{Bar, BarChart, LineStyle, PlotPoint, VLine};

use super::chart::{AxisDef, Hands, band, chart_ui, dashed, legend_ui, line};
use crate::app::{LiveStream, Scale};
use crate::say;
use crate::types::{Estimate, TuneSample};
use crate::ui::{Cx, theme, widgets};

/// Bars of the histogram.
const BINS: usize = 32;

pub fn charts_ui(ui: &mut Ui, cx: &mut Cx<'_>, height: f32) {
    // Each of the two rows has a card's margins and a head above its chart.
    let chart = ((height - theme::GAP) / 2.0 - 62.0).max(90.0);
    let live = &cx.state.tune.live;
    card_ui(ui, ui.available_width(), |ui| recall_ui(ui, live, chart));
    let width = ui.available_width();
    let left = ((width - theme::GAP) * 0.62).floor();
    let linear = &mut cx.memory.tune.live.linear_latency;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        card_ui(ui, left, |ui| latency_ui(ui, live, linear, chart));
        card_ui(ui, width - left - theme::GAP, |ui| histogram_ui(ui, live, chart));
    });
}

fn card_ui(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui(vec2(width, 0.0), |ui| {
        widgets::card(ui).show(ui, |ui| {
            ui.vertical(|ui| {
                ui.set_width(width - 26.0);
                ui.spacing_mut().item_spacing.y = 4.0;
                contents(ui);
            });
        });
    });
}

fn title_ui(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::small_strong()));
}

fn recall_ui(ui: &mut Ui, live: &LiveStream, height: f32) {
    let palette = theme::palette(ui);
    let k = live.settings.k;
    let name = format!("Recall@{k}");
    let (first, second) = (palette.series.teal, palette.series.rose);
    ui.horizontal(|ui| {
        title_ui(ui, &say!("tune-recall-over-time"));
        ui.add_space(theme::GAP);
        legend_ui(ui, &[(first, false, &name), (second, false, "One-recall@1")]);
        widgets::caption_inline(ui, &say!("tune-bands"));
    });
    let of = |pick: fn(&TuneSample) -> Estimate| Band::from_history(live, pick);
    let (recall, one) = (of(|sample| sample.recall_at_k), of(|sample| sample.one_recall_at_1));
    let changes = live.changes();
    let axes = [seconds(), AxisDef::new("", Scale::Linear).including(&[1.0])];
    chart_ui(ui, &say!("tune-recall-over-time"), height, axes, Hands::Off, |plot| {
        for change in changes {
            plot.vline(change_line(change, palette.border_strong));
        }
        for (name, color, estimates) in [("recall-band", first, &recall), ("one-recall-band", second, &one)] {
            plot.add(band(name, &estimates.at, &estimates.low, &estimates.high, color));
        }
        plot.line(line("recall", recall.means(), first));
        plot.line(line("one-recall", one.means(), second));
    });
}

fn seconds() -> AxisDef {
    AxisDef::new("", Scale::Linear).including(&[0.0]).written(|secs| format!("{secs:.0} s"))
}

fn change_line(at: f32, color: egui::Color32) -> VLine {
    VLine::new("change", f64::from(at))
        .stroke(Stroke::new(1.0, color))
        .style(LineStyle::dotted_dense())
        .allow_hover(false)
}

/// Estimates over time, column by column.
struct Band {
    at: Vec<f64>,
    mean: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Band {
    fn from_history(live: &LiveStream, pick: fn(&TuneSample) -> Estimate) -> Self {
        let mut band = Self { at: Vec::new(), mean: Vec::new(), low: Vec::new(), high: Vec::new() };
        for sample in &live.history {
            let estimate = pick(sample);
            if [estimate.mean, estimate.low, estimate.high].iter().all(|value| value.is_finite()) {
                band.at.push(f64::from(sample.at_secs));
                band.mean.push(estimate.mean);
                band.low.push(estimate.low);
                band.high.push(estimate.high);
            }
        }
        band
    }

    fn means(&self) -> Vec<[f64; 2]> {
        self.at.iter().zip(&self.mean).map(|(&at, &mean)| [at, mean]).collect()
    }
}

fn latency_ui(ui: &mut Ui, live: &LiveStream, linear: &mut bool, height: f32) {
    let palette = theme::palette(ui);
    let series = &palette.series;
    let exact = live.info.as_ref().and_then(|info| info.exact).map(|latency| f64::from(latency.p50_millis));
    ui.horizontal(|ui| {
        title_ui(ui, &say!("tune-latency-ms"));
        ui.add_space(theme::GAP);
        let mut entries = vec![(series.teal, false, "p50"), (series.orange, false, "p95"), (series.rose, false, "p99")];
        let exact_search = say!("tune-exact");
        if exact.is_some() {
            entries.push((series.grey, true, &exact_search));
        }
        legend_ui(ui, &entries);
    });
    let scale = if *linear { Scale::Linear } else { Scale::Log };
    let of = |pick: fn(&TuneSample) -> f32| -> Vec<[f64; 2]> {
        let points = live.history.iter().map(|sample| (f64::from(sample.at_secs), f64::from(pick(sample))));
        points.filter(|(_, millis)| millis.is_finite()).map(|(at, millis)| [at, scale.place(millis)]).collect()
    };
    let lines = [
        ("p99", series.rose, of(|sample| sample.latency.p99_millis)),
        ("p95", series.orange, of(|sample| sample.latency.p95_millis)),
        ("p50", series.teal, of(|sample| sample.latency.p50_millis)),
    ];
    let ends = [live.history.front(), live.history.back()].map(|sample| sample.map_or(0.0, |s| f64::from(s.at_secs)));
    let changes = live.changes();
    let axes = [seconds(), AxisDef::new("", scale)];
    let top = ui.next_widget_position();
    chart_ui(ui, &say!("tune-latency-over-time"), height, axes, Hands::Off, |plot| {
        for change in changes {
            plot.vline(change_line(change, palette.border_strong));
        }
        if let Some(exact) = exact {
            let place = scale.place(exact);
            plot.line(dashed("exact", vec![[ends[0], place], [ends[1], place]], series.grey));
        }
        for (name, color, places) in lines {
            plot.line(line(name, places, color));
        }
    });
    axis_switch_ui(ui, top, linear);
}

/// In the head's right corner, above the chart that begins at `chart_top`.
fn axis_switch_ui(ui: &mut Ui, chart_top: egui::Pos2, linear: &mut bool) {
    let right = ui.max_rect().right();
    let rect =
        egui::Rect::from_min_max(egui::pos2(right - 96.0, chart_top.y - 30.0), egui::pos2(right, chart_top.y - 4.0));
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let mut corner = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout));
    let mut logarithmic = !*linear;
    if corner.checkbox(&mut logarithmic, say!("tune-log-axis")).on_hover_text(say!("tune-log-axis-hint")).changed() {
        *linear = !logarithmic;
    }
}

fn histogram_ui(ui: &mut Ui, live: &LiveStream, height: f32) {
    let palette = theme::palette(ui);
    let series = &palette.series;
    title_row_ui(ui, live);
    let Some(newest) = live.newest() else { return };
    let bins = bins(&newest.millis);
    let latency = newest.latency;
    let axes = [AxisDef::new("", Scale::Log), AxisDef::new("", Scale::Linear).including(&[0.0])];
    chart_ui(ui, &say!("tune-histogram"), height, axes, Hands::Off, |plot| {
        // Names stand one above the other, so that they do not meet; those of the slowest on the left, where there is room.
        let anchor = |name: &str| if name == "p50" { egui::Align2::LEFT_CENTER } else { egui::Align2::RIGHT_CENTER };
        let bars = bins.iter().map(|&(low, high, count)| {
            Bar::new((low + high) / 2.0, count as f64)
                .width(high - low)
                .fill(series.teal.gamma_multiply(0.55))
                .stroke(Stroke::NONE)
        });
        plot.bar_chart(BarChart::new("searches", bars.collect()).allow_hover(false));
        let top = bins.iter().map(|&(.., count)| count).max().unwrap_or(0) as f64;
        for (name, millis, color, height) in [
            ("p50", latency.p50_millis, series.teal, 1.3),
            ("p95", latency.p95_millis, series.orange, 1.18),
            ("p99", latency.p99_millis, series.rose, 1.06),
        ] {
            if millis > 0.0 && millis.is_finite() {
                let place = Scale::Log.place(f64::from(millis));
                plot.vline(VLine::new(name, place).stroke(Stroke::new(1.5, color)).allow_hover(false));
                let text = RichText::new(format!(" {name} ")).font(theme::small()).color(color);
                let at = PlotPoint::new(place, top * height);
                plot.text(egui_plot::Text::new(name, at, text).anchor(anchor(name)).allow_hover(false));
            }
        }
    });
}

fn title_row_ui(ui: &mut Ui, live: &LiveStream) {
    ui.horizontal(|ui| {
        title_ui(ui, &say!("tune-by-latency"));
        let n = live.newest().map_or(0, |newest| newest.millis.len());
        widgets::caption_inline(ui, &say!("tune-latest", n = crate::ui::format::count(n as u64)));
    });
}

/// (low, high, searches) of equal width on a logarithmic axis, in places of that axis.
fn bins(millis: &[f32]) -> Vec<(f64, f64, usize)> {
    let places: Vec<f64> =
        millis.iter().filter(|m| m.is_finite() && **m > 0.0).map(|m| Scale::Log.place(f64::from(*m))).collect();
    let (low, high) = places.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &p| (l.min(p), h.max(p)));
    if places.is_empty() {
        return Vec::new();
    }
    let width = ((high - low) / BINS as f64).max(1e-3);
    let mut counts = [0usize; BINS];
    for place in places {
        counts[(((place - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let edge = |i: usize| low + width * i as f64;
    counts.iter().enumerate().map(|(i, &count)| (edge(i), edge(i + 1), count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_search_stands_in_one_bar() {
        let millis = [0.1, 0.2, 0.2, 5.0, f32::NAN, 0.0, 40.0];
        let bins = bins(&millis);
        assert_eq!(bins.len(), BINS);
        assert_eq!(bins.iter().map(|bin| bin.2).sum::<usize>(), 5);
        assert_eq!((bins[0].2, bins[BINS - 1].2), (1, 1));
        assert_eq!(super::bins(&[1.0; 20]).iter().map(|bin| bin.2).sum::<usize>(), 20);
        assert!(super::bins(&[]).is_empty());
    }
}
