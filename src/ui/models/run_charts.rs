//! Curves of a training run over its steps.

use egui::{Color32, RichText, Ui};
use egui_plot::Points;

use crate::app::{Scale, TrainRecord, TrainingRun};
use crate::say;
use crate::ui::tune::chart::{AxisDef, Hands, chart_ui, legend_ui, line};
use crate::ui::{theme, widgets};

const HEIGHT: f32 = 200.0;

pub fn charts_ui(ui: &mut Ui, run: &TrainingRun) {
    let series = &theme::palette(ui).series;
    let loss = places(run, |record| record.loss);
    // Losses fall over orders of magnitude; one that reaches 0 has no logarithm.
    let scale = if loss.iter().all(|[_, y]| *y > 0.0) { Scale::Log } else { Scale::Linear };
    curve_card_ui(ui, &say!("models-loss"), scale, loss, series.teal);
    measures_card_ui(ui, run);
    curve_card_ui(
        ui,
        &say!("models-learning-rate"),
        Scale::Linear,
        places(run, |record| record.learning_rate),
        series.violet,
    );
}

fn places(run: &TrainingRun, value: impl Fn(&TrainRecord) -> f32) -> Vec<[f64; 2]> {
    // Before the first step there is a measurement at most.
    let places = run
        .records
        .iter()
        .filter(|record| record.step > 0)
        .map(|record| [record.step as f64, f64::from(value(record))]);
    places.filter(|[_, y]| y.is_finite()).collect()
}

fn curve_card_ui(ui: &mut Ui, name: &str, scale: Scale, values: Vec<[f64; 2]>, color: Color32) {
    let placed: Vec<[f64; 2]> = values.into_iter().map(|[x, y]| [x, scale.place(y)]).collect();
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new(name).font(theme::small_strong()));
        let axes = [AxisDef::new(say!("models-step"), Scale::Linear), AxisDef::new("", scale)];
        let chart = say!("models-over-steps", name = name);
        chart_ui(ui, &chart, HEIGHT, axes, Hands::Off, move |plot| {
            // A line of one place cannot be seen.
            plot.points(Points::new("ends", last_of(&placed)).color(color).radius(3.0).allow_hover(false));
            plot.line(line("curve", placed, color));
        });
    });
}

fn last_of(placed: &[[f64; 2]]) -> Vec<[f64; 2]> {
    placed.last().copied().into_iter().collect()
}

/// What was measured on held-out people, a curve for each name.
fn measures_card_ui(ui: &mut Ui, run: &TrainingRun) {
    let mut curves: Vec<(String, Vec<[f64; 2]>)> = Vec::new();
    for record in &run.records {
        for (name, value) in record.validation.iter().filter(|(_, value)| value.is_finite()) {
            let place = [record.step as f64, f64::from(*value)];
            match curves.iter_mut().find(|(known, _)| known == name) {
                Some((_, places)) => places.push(place),
                None => curves.push((name.clone(), vec![place])),
            }
        }
    }
    if curves.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    let series = &palette.series;
    let colors = [series.orange, series.green, series.rose, series.violet, series.teal, series.grey];
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new(say!("models-held-out")).font(theme::small_strong()));
        let named: Vec<(Color32, bool, String)> = curves
            .iter()
            .enumerate()
            .map(|(i, (name, places))| {
                let latest = places.last().map_or(0.0, |[_, y]| *y);
                (colors[i % colors.len()], false, format!("{name} {latest:.4}"))
            })
            .collect();
        let entries: Vec<(Color32, bool, &str)> =
            named.iter().map(|(c, dashed, name)| (*c, *dashed, name.as_str())).collect();
        legend_ui(ui, &entries);
        let axes = [AxisDef::new(say!("models-step"), Scale::Linear), AxisDef::new("", Scale::Linear)];
        chart_ui(ui, &say!("models-measures"), HEIGHT, axes, Hands::Off, move |plot| {
            for (i, (_, places)) in curves.into_iter().enumerate() {
                let color = colors[i % colors.len()];
                plot.points(Points::new("measured", places.clone()).color(color).radius(3.0).allow_hover(false));
                plot.line(line("curve", places, color));
            }
        });
    });
}
