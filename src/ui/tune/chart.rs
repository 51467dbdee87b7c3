//! Charts in the program's look: axes with marks that suit their scale, bands, a legend, a name for assistive
//! technology.

use std::ops::RangeInclusive;

use egui::{Color32, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, FilledArea, GridInput, GridMark, Line, LineStyle, Plot, PlotPoints, PlotResponse, PlotUi};

use super::chart_keys;
use crate::app::{Scale, tick_text};
use crate::ui::{theme, widgets};

/// One axis: what stands along it and how.
#[derive(Clone)]
pub struct AxisDef {
    pub title: String,
    pub scale: Scale,
    /// How a mark is written.
    pub text: fn(f64) -> String,
    /// Values that are always in view.
    pub include: Vec<f64>,
}

impl AxisDef {
    pub fn new(title: impl Into<String>, scale: Scale) -> Self {
        Self { title: title.into(), scale, text: tick_text, include: Vec::new() }
    }

    pub fn including(mut self, values: &[f64]) -> Self {
        self.include.extend(values.iter().map(|&value| self.scale.place(value)).filter(|place| place.is_finite()));
        self
    }

    pub fn written(mut self, text: fn(f64) -> String) -> Self {
        self.text = text;
        self
    }
}

/// What a person may do with a chart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    /// Nothing: it follows its data.
    Off,
    /// Move and zoom, by keys too; a double click or 0 shows all again.
    Move,
    /// Click and drag on what it shows; it stays where it is.
    Pick,
}

/// Draws a chart of `height` points over the available width. `name` is its id and for assistive technology.
pub fn chart_ui<'a, R>(
    ui: &mut Ui,
    name: &str,
    height: f32,
    [x, y]: [AxisDef; 2],
    hands: Hands,
    build: impl FnOnce(&mut PlotUi<'a>) -> R + 'a,
) -> PlotResponse<R> {
    let palette = theme::palette(ui);
    let moves = hands == Hands::Move;
    let id = ui.make_persistent_id((name, x.scale as u8, y.scale as u8));
    let asked = if moves { chart_keys::take(ui, id) } else { Default::default() };
    // Another scale is another chart: what was zoomed into on one says nothing on the other.
    let mut plot = Plot::new((name.to_owned(), x.scale as u8, y.scale as u8))
        .height(height.max(80.0))
        .show_x(false)
        .show_y(false)
        .show_crosshair(false)
        .label_formatter(|_| None)
        .allow_zoom(moves)
        .allow_drag(moves)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_scroll(false)
        .allow_double_click_reset(moves)
        .set_margin_fraction(vec2(0.02, 0.06))
        .grid_color(palette.border)
        .grid_fade(0.0)
        .sense(if hands == Hands::Off { Sense::CLICK } else { Sense::click_and_drag() });
    for place in &x.include {
        plot = plot.include_x(*place);
    }
    for place in &y.include {
        plot = plot.include_y(*place);
    }
    let plot = plot
        .x_grid_spacer(spacer(x.scale, 7, 34.0))
        .y_grid_spacer(spacer(y.scale, if height > 200.0 { 8 } else { 5 }, 16.0))
        .custom_x_axes(vec![hints(ui, AxisHints::new_x(), x)])
        .custom_y_axes(vec![hints(ui, AxisHints::new_y(), y).min_thickness(38.0)]);
    let response = ui
        .scope(|ui| {
            ui.visuals_mut().extreme_bg_color = palette.surface;
            ui.visuals_mut().widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.border);
            plot.show(ui, move |plot| {
                asked.apply(plot);
                build(plot)
            })
        })
        .inner;
    chart_keys::remember(ui, id, &response.response);
    widgets::focus_ring(ui, &response.response, response.response.rect);
    response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}

fn hints<'a>(ui: &Ui, hints: AxisHints<'a>, axis: AxisDef) -> AxisHints<'a> {
    let palette = theme::palette(ui);
    let (scale, text) = (axis.scale, axis.text);
    let hints = hints
        .formatter(move |mark: GridMark, _: &RangeInclusive<f64>| text(rounded(scale.value(mark.value))))
        .tick_label_color(palette.text_soft)
        .tick_label_font(theme::small())
        .label_spacing(egui::Rangef::new(1.0, 2.0));
    if axis.title.is_empty() {
        hints
    } else {
        hints.label(RichText::new(axis.title).font(theme::small()).color(palette.text_soft))
    }
}

/// Takes away what going to the place and back has added.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = 10f64.powi(6 - value.abs().log10().floor() as i32);
    let rounded = (value * digits).round() / digits;
    if rounded.is_finite() { rounded } else { value }
}

/// Places of those values that stand `apart` or more from each other; rounder ones come first.
fn thinned(scale: Scale, values: Vec<f64>, apart: f64) -> Vec<f64> {
    let roundness = |value: f64| match scale {
        Scale::Linear => 0,
        Scale::Log => usize::from((value.log10() - value.log10().round()).abs() > 1e-9),
        Scale::Nines => match value {
            1.0 => 0,
            v if v > 0.0 => 1 + usize::from((scale.place(v) - scale.place(v).round()).abs() > 1e-9),
            _ => 3,
        },
    };
    let mut order: Vec<f64> = values;
    order.sort_by_key(|value| roundness(*value));
    let mut places: Vec<f64> = Vec::new();
    for place in order.into_iter().map(|value| scale.place(value)) {
        if places.iter().all(|other| (other - place).abs() >= apart) {
            places.push(place);
        }
    }
    places.sort_by(f64::total_cmp);
    places
}

/// Marks with at least `room` points of the screen between.
fn spacer(scale: Scale, wanted: usize, room: f64) -> impl Fn(GridInput) -> Vec<GridMark> {
    move |input| {
        let (low, high) = input.bounds;
        // The recommended step is that of eight points on the screen.
        let apart = input.base_step_size / 8.0 * room;
        let places = thinned(scale, scale.ticks(low, high, wanted), apart);
        let gaps = places.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let step_size = gaps.fold(high - low, f64::min).max(f64::MIN_POSITIVE);
        // A mark counts as far from the next as the room it has, so that labels that fit are shown.
        let mark = |i: usize| {
            let left = i.checked_sub(1).map_or(f64::INFINITY, |before| places[i] - places[before]);
            let right = places.get(i + 1).map_or(f64::INFINITY, |after| after - places[i]);
            let room = left.min(right);
            GridMark { value: places[i], step_size: if room.is_finite() { room } else { step_size } }
        };
        (0..places.len()).map(mark).collect()
    }
}

/// A line through places.
pub fn line<'a>(name: &str, places: Vec<[f64; 2]>, color: Color32) -> Line<'a> {
    Line::new(name, PlotPoints::new(places)).color(color).width(2.0).allow_hover(false)
}

pub fn dashed<'a>(name: &str, places: Vec<[f64; 2]>, color: Color32) -> Line<'a> {
    line(name, places, color).width(1.5).style(LineStyle::dashed_loose())
}

/// The band of a confidence interval: places across, low and high.
pub fn band(name: &str, across: &[f64], low: &[f64], high: &[f64], color: Color32) -> FilledArea {
    FilledArea::new(name, across, low, high).fill_color(color.gamma_multiply(0.16)).allow_hover(false)
}

/// What a colour stands for, as a row of swatches that wraps.
pub fn legend_ui(ui: &mut Ui, entries: &[(Color32, bool, &str)]) {
    let palette = theme::palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
        for (color, is_dashed, text) in entries {
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
            let middle = rect.center().y;
            let ends: &[[f32; 2]] = if *is_dashed { &[[0.0, 4.0], [8.0, 12.0]] } else { &[[0.0, 13.0]] };
            for [from, to] in ends {
                let ends = [pos2(rect.left() + from, middle), pos2(rect.left() + to, middle)];
                ui.painter().line_segment(ends, Stroke::new(2.5, *color));
            }
            ui.label(RichText::new(*text).font(theme::small()).color(palette.text_soft));
            ui.add_space(8.0);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_the_room_to_its_nearest_neighbour() {
        for (scale, bounds) in [
            (Scale::Linear, (0.0, 60.0)),
            (Scale::Log, (-1.0, 2.2)),
            (Scale::Nines, (0.3, 4.1)),
            (Scale::Log, (0.0, 0.2)),
        ] {
            let marks = spacer(scale, 6, 16.0)(GridInput { bounds, base_step_size: 0.01 });
            assert!(marks.len() > 1, "{scale:?}");
            for pair in marks.windows(2) {
                let gap = pair[1].value - pair[0].value;
                assert!(gap > 0.0 && pair[0].step_size <= gap + 1e-12 && pair[1].step_size <= gap + 1e-12);
            }
        }
        assert!(spacer(Scale::Linear, 6, 16.0)(GridInput { bounds: (1.0, 1.0), base_step_size: 0.1 }).is_empty());
    }

    #[test]
    fn where_room_is_short_the_round_marks_stay() {
        let values = |scale: Scale, places: Vec<f64>| -> Vec<f64> {
            places.into_iter().map(|place| rounded(scale.value(place))).collect()
        };
        let shares = Scale::Nines.ticks(0.5, 4.1, 5);
        assert_eq!(values(Scale::Nines, thinned(Scale::Nines, shares, 0.9)), [0.9, 0.99, 0.999, 1.0]);
        let times = Scale::Log.ticks(-1.0, 1.0, 5);
        assert_eq!(values(Scale::Log, thinned(Scale::Log, times, 0.9)), [0.1, 1.0, 10.0]);
    }

    #[test]
    fn marks_are_written_without_the_noise_of_logarithms() {
        for value in [0.9, 0.99, 0.001, 5.0, 20_000.0, 0.0] {
            let there = Scale::Log.value(Scale::Log.place(value));
            assert!(
                value == 0.0 || tick_text(rounded(there)) == tick_text(value),
                "{value}: {}",
                tick_text(rounded(there))
            );
            assert_eq!(
                tick_text(rounded(Scale::Nines.value(Scale::Nines.place(value.min(1.0))))),
                tick_text(value.min(1.0))
            );
        }
    }
}
