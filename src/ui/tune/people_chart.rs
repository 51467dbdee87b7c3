//! The DET chart: people missed over strangers that match, both by their logarithm.

use egui::{Color32, Stroke, Ui};
use egui_plot::{PlotPoint, Points};

use super::chart::{AxisDef, Hands, band, chart_ui, dashed, legend_ui, line};
use super::words;
use crate::app::{Scale, point_at_threshold};
use crate::say;
use crate::types::{IdentificationCurve, IdentificationPoint};
use crate::ui::{Cx, theme, widgets};

/// How near a click must come to a curve, in points of the screen.
const REACH: f32 = 40.0;

pub fn curve_color(ui: &Ui, place: usize, curve: &IdentificationCurve) -> Color32 {
    let series = &theme::palette(ui).series;
    if curve.is_exact {
        return series.grey;
    }
    [series.teal, series.orange, series.violet, series.green, series.rose][place % 5]
}

/// One curve ready to be drawn, in places of the axes.
struct Drawn {
    color: Color32,
    is_exact: bool,
    across: Vec<f64>,
    mean: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    thresholds: Vec<f32>,
    marked: Option<[f64; 2]>,
}

impl Drawn {
    fn places(&self) -> Vec<[f64; 2]> {
        self.across.iter().zip(&self.mean).map(|(&x, &y)| [x, y]).collect()
    }
}

/// Shares below what the searches can tell stand at half of one search.
fn floors(curve: &IdentificationCurve) -> [f64; 2] {
    [curve.nonmated_searches, curve.mated_searches].map(|n| 0.5 / n.max(1) as f64)
}

fn place(point: &IdentificationPoint, [fpir, fnir]: [f64; 2]) -> [f64; 2] {
    [Scale::Log.place(point.fpir.mean.max(fpir)), Scale::Log.place(point.fnir.mean.max(fnir))]
}

fn drawn(color: Color32, curve: &IdentificationCurve, threshold: f32) -> Drawn {
    let floors = floors(curve);
    let sound: Vec<&IdentificationPoint> =
        curve.points.iter().filter(|p| p.fpir.mean.is_finite() && p.fnir.mean.is_finite()).collect();
    let up = |value: f64| Scale::Log.place(value.max(floors[1]));
    Drawn {
        color,
        is_exact: curve.is_exact,
        across: sound.iter().map(|point| place(point, floors)[0]).collect(),
        mean: sound.iter().map(|point| up(point.fnir.mean)).collect(),
        low: sound.iter().map(|point| up(point.fnir.low)).collect(),
        high: sound.iter().map(|point| up(point.fnir.high)).collect(),
        thresholds: sound.iter().map(|point| point.threshold).collect(),
        marked: point_at_threshold(&curve.points, threshold).map(|point| place(&point, floors)),
    }
}

pub fn chart_card_ui(ui: &mut Ui, cx: &mut Cx<'_>, curves: &[IdentificationCurve], height: f32) {
    let threshold = threshold_now(cx);
    let named: Vec<(Color32, bool, String)> = curves
        .iter()
        .enumerate()
        .map(|(i, curve)| (curve_color(ui, i, curve), curve.is_exact, curve_name(cx, curve)))
        .collect();
    let curves: Vec<Drawn> =
        curves.iter().zip(&named).map(|(curve, (color, ..))| drawn(*color, curve, threshold)).collect();
    let palette = theme::palette(ui);
    let picked = widgets::card(ui)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.horizontal(|ui| {
                let entries: Vec<(Color32, bool, &str)> =
                    named.iter().map(|(color, is_exact, name)| (*color, *is_exact, name.as_str())).collect();
                legend_ui(ui, &entries);
            });
            let share: fn(f64) -> String = super::words::percent_mark;
            let axes = [
                AxisDef::new(say!("tune-axis-fpir"), Scale::Log).written(share),
                AxisDef::new(say!("tune-axis-fnir"), Scale::Log).written(share),
            ];
            let surface = palette.surface;
            let name = say!("tune-people-chart");
            let response = chart_ui(ui, &name, height - 60.0, axes, Hands::Pick, move |plot| {
                for curve in &curves {
                    plot.add(band("band", &curve.across, &curve.low, &curve.high, curve.color));
                }
                for curve in &curves {
                    let places = curve.places();
                    let named = if curve.is_exact {
                        dashed("curve", places, curve.color).width(2.0)
                    } else {
                        line("curve", places, curve.color)
                    };
                    plot.line(named);
                }
                for curve in &curves {
                    if let Some(at) = curve.marked {
                        plot.points(Points::new("mark", vec![at]).radius(6.5).color(surface).allow_hover(false));
                        plot.points(Points::new("marked", vec![at]).radius(5.0).color(curve.color).allow_hover(false));
                    }
                }
                let pointer = plot.response().hover_pos()?;
                let screen = |at: [f64; 2]| plot.screen_from_plot(PlotPoint::new(at[0], at[1]));
                let mut best: Option<(f32, usize, f32, egui::Pos2)> = None;
                for (i, curve) in curves.iter().enumerate() {
                    for (at, &threshold) in curve.places().into_iter().zip(&curve.thresholds) {
                        let there = screen(at);
                        let away = there.distance(pointer);
                        if away <= REACH && best.is_none_or(|(nearest, ..)| away < nearest) {
                            best = Some((away, i, threshold, there));
                        }
                    }
                }
                best.map(|(_, curve, threshold, there)| (curve, threshold, there))
            });
            let plot = response.response.on_hover_cursor(egui::CursorIcon::PointingHand);
            let (curve, threshold, there) = response.inner?;
            ui.painter().circle_stroke(there, 7.0, Stroke::new(1.5, palette.text));
            let is_picked = plot.clicked() || plot.dragged();
            let (name, score) = (named[curve].2.as_str(), crate::ui::format::score(threshold));
            plot.on_hover_text_at_pointer(say!("tune-people-at", name = name, threshold = score));
            is_picked.then_some((curve, threshold))
        })
        .inner;
    if let Some((curve, threshold)) = picked {
        cx.memory.tune.people.chosen = Some(curve);
        cx.memory.tune.people.threshold = Some(threshold);
    }
}

/// The chosen threshold, or the one in force.
pub fn threshold_now(cx: &Cx<'_>) -> f32 {
    cx.memory.tune.people.threshold.unwrap_or(cx.state.search.threshold)
}

pub fn curve_name(cx: &Cx<'_>, curve: &IdentificationCurve) -> String {
    if curve.is_exact {
        return say!("tune-exact-search");
    }
    cx.state
        .tune
        .overview
        .as_ref()
        .map_or_else(String::new, |overview| words::params_text(&overview.spec, &curve.params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Estimate, Latency, SearchParams};

    #[test]
    fn shares_of_nothing_stand_at_half_a_search() {
        let estimate = |mean| Estimate { mean, low: mean, high: mean };
        let point =
            |threshold, fnir, fpir| IdentificationPoint { threshold, fnir: estimate(fnir), fpir: estimate(fpir) };
        let curve = IdentificationCurve {
            params: SearchParams::default(),
            is_exact: false,
            k: 10,
            people: 100,
            mated_searches: 500,
            nonmated_searches: 50,
            points: vec![point(0.1, 0.0, 1.0), point(0.2, 0.1, 0.0), point(0.3, f64::NAN, 0.0)],
            latency: Latency::default(),
        };
        let drawn = drawn(Color32::WHITE, &curve, 0.19);
        assert_eq!(drawn.across, [0.0, -2.0]);
        assert_eq!(drawn.mean, [-3.0, -1.0]);
        assert_eq!(drawn.thresholds, [0.1, 0.2]);
        assert_eq!(drawn.marked, Some([-2.0, -1.0]));
    }
}
