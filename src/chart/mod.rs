//! Measurements as pictures: a sweep's recall over what it costs, and the error curves of recognition, as SVG.
//!
//! Drawn by hand: `plotters` (0.3, the same sweep drawn with both on 2026-11-27) ticks logarithms by decades alone, puts labels
//! on top of each other and the legend on the points, and has no words on how it was measured; axes, placing and page, most of
//! the code here, would stay.

mod axis;
mod det;
mod error;
mod labels;
mod page;
mod png;
mod scale;

use axis::{Axis, number_text};
use labels::{Placer, Rect};
use page::{Anchor, Colours, DARK, LIGHT, Page, marker, text_width, wrapped};

pub use det::svg_from_report;
pub use error::ChartError;
pub use labels::params_text;
pub use png::png_from_svg;
pub use scale::{Scale, tick_text};

use crate::eval::latency::Spacing;
use crate::eval::pareto::{Cost, pareto_front};
use crate::types::{IndexSpec, OperatingPoint, ProbeSet, SweepRun};

/// How recall is laid out upwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RecallScale {
    Linear,
    /// By the logarithm of what is missed, 1 − recall: .9, .99 and .999 at equal distances.
    #[default]
    Misses,
}

/// How a run is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartOptions {
    pub cost: Cost,
    pub cost_spacing: Spacing,
    pub recall_scale: RecallScale,
    pub dark: bool,
    /// Width and height in pixels, at least 640 × 400; a long legend makes it higher.
    pub size: [u32; 2],
}

impl Default for ChartOptions {
    fn default() -> Self {
        Self {
            cost: Cost::P50,
            cost_spacing: Spacing::Log,
            recall_scale: RecallScale::Misses,
            dark: false,
            size: [1200, 760],
        }
    }
}

const MARGIN: f64 = 24.0;
const LEFT: f64 = 84.0;
const BOTTOM: f64 = 68.0;
const LEGEND_WIDTH: f64 = 270.0;
const LEGEND_SIZE: f64 = 12.0;
const LEGEND_LINE: f64 = 16.0;
const CAPTION_LINE: f64 = 18.0;

/// The scatter of a run's points with the Pareto front, a legend of specs, and everything below the title that the
/// figures depend on: k, batch, threads, probes, size, machine and data.
///
/// Vertical strokes are 95 % intervals. Points whose recall or cost is not a number are left out; an exact recall of 1
/// lies on the upper edge where recall is laid out by misses.
pub fn svg_from_run(run: &SweepRun, options: &ChartOptions) -> String {
    let colours = if options.dark { &DARK } else { &LIGHT };
    let shown: Vec<&OperatingPoint> = run.points.iter().filter(|point| is_drawable(point, options)).collect();
    let specs = specs_of(&shown);
    let layout = Layout::new(run, options, &specs);
    let chart = Chart { run, options, colours, shown, specs, layout };
    chart.draw()
}

fn is_drawable(point: &OperatingPoint, options: &ChartOptions) -> bool {
    let cost = options.cost.of(point);
    point.recall_at_k.mean.is_finite() && cost.is_finite() && (options.cost_spacing == Spacing::Linear || cost > 0.0)
}

/// Each spec once, in the order in which they come.
fn specs_of<'a>(points: &[&'a OperatingPoint]) -> Vec<&'a IndexSpec> {
    let mut specs: Vec<&IndexSpec> = Vec::new();
    for point in points {
        if !specs.contains(&&point.spec) {
            specs.push(&point.spec);
        }
    }
    specs
}

struct Layout {
    size: [f64; 2],
    /// Lines under the title.
    caption: Vec<String>,
    /// Lines of each spec's name.
    legend: Vec<Vec<String>>,
    plot: Rect,
}

impl Layout {
    fn new(run: &SweepRun, options: &ChartOptions, specs: &[&IndexSpec]) -> Self {
        let width = f64::from(options.size[0].max(640));
        let caption: Vec<String> =
            caption(run).iter().flat_map(|line| wrapped(line, 13.0, width - 2.0 * MARGIN)).collect();
        let wrap = |spec: &&IndexSpec| wrapped(&spec.to_string(), LEGEND_SIZE, LEGEND_WIDTH - 34.0);
        let legend: Vec<Vec<String>> = specs.iter().map(wrap).collect();
        let top = 62.0 + CAPTION_LINE * caption.len() as f64;
        let legend_lines: usize = legend.iter().map(Vec::len).sum();
        let legend_height = LEGEND_LINE * (legend_lines + 4) as f64 + 6.0 * legend.len() as f64;
        let height = f64::from(options.size[1].max(400)).max(top + legend_height + MARGIN);
        let plot = [LEFT, top, width - LEGEND_WIDTH - MARGIN, height - BOTTOM];
        Self { size: [width, height], caption, legend, plot }
    }
}

/// What the figures depend on.
fn caption(run: &SweepRun) -> Vec<String> {
    let request = &run.request;
    let probes = match (run.points.iter().map(|p| p.nq).min(), run.points.iter().map(|p| p.nq).max()) {
        (Some(least), Some(most)) if least == most => number_text(most as f64),
        (Some(least), Some(most)) => format!("{} to {}", number_text(least as f64), number_text(most as f64)),
        _ => "no".to_owned(),
    };
    let kind = match &request.probes {
        ProbeSet::GallerySample { noise, .. } => format!("faces of the gallery moved by {noise}"),
        ProbeSet::HeldOut { .. } => "held-out photos of enrolled people".to_owned(),
        ProbeSet::File { path } => {
            format!("from {}", path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()))
        }
        ProbeSet::PastSearches => "past searches".to_owned(),
    };
    let threads = if request.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", request.threads) };
    let batch = if request.batch == 1 { "1 (one probe at a time)".to_owned() } else { request.batch.to_string() };
    let begun = jiff::Timestamp::from_millisecond(run.begun_at).map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let mut lines = vec![
        format!("k {} · batch {batch} · {threads} · {probes} probes ({kind})", request.k),
        format!("{} · model {} · {}", run.machine, run.model, begun.unwrap_or_default()),
        format!("data {}", run.data_digest),
    ];
    if !run.problems.is_empty() {
        let specs: Vec<String> = run.problems.iter().map(|(spec, _)| spec.to_string()).collect();
        lines.push(format!("not built: {}", specs.join("; ")));
    }
    lines
}

struct Chart<'a> {
    run: &'a SweepRun,
    options: &'a ChartOptions,
    colours: &'a Colours,
    shown: Vec<&'a OperatingPoint>,
    specs: Vec<&'a IndexSpec>,
    layout: Layout,
}

impl Chart<'_> {
    fn draw(&self) -> String {
        let title = format!(
            "Recall and {} of {} faces, {}-d",
            cost_words(self.options.cost, self.run.request.batch),
            number_text(self.run.ntotal as f64),
            self.run.d
        );
        let mut page = Page::new(self.layout.size, self.colours.page, &title);
        let strong = format!("font-weight=\"600\" fill=\"{}\"", self.colours.text);
        page.text([MARGIN, 40.0], 20.0, Anchor::Start, &strong, &title);
        let faint = format!("fill=\"{}\"", self.colours.faint_text);
        for (at, line) in self.layout.caption.iter().enumerate() {
            page.text([MARGIN, 62.0 + CAPTION_LINE * at as f64], 13.0, Anchor::Start, &faint, line);
        }
        let (cost_axis, recall_axis) = (self.cost_axis(), self.recall_axis());
        self.draw_axes(&mut page, &cost_axis, &recall_axis);
        if self.shown.is_empty() {
            let [left, top, right, bottom] = self.layout.plot;
            let middle = [(left + right) / 2.0, (top + bottom) / 2.0];
            page.text(middle, 15.0, Anchor::Middle, &faint, "No point has been measured");
        } else {
            self.draw_points(&mut page, &cost_axis, &recall_axis);
            self.draw_legend(&mut page);
        }
        page.finish()
    }

    fn cost_of(&self, point: &OperatingPoint) -> f64 {
        self.options.cost.of(point) / self.cost_unit().0
    }

    /// How many of `Cost`'s own units one unit of the axis is, and its name.
    fn cost_unit(&self) -> (f64, &'static str) {
        let most = self.shown.iter().map(|point| self.options.cost.of(point)).fold(0.0, f64::max);
        match self.options.cost {
            Cost::P50 | Cost::P99 => (1.0, "ms"),
            Cost::Ram if most >= 2e9 => (1e9, "GB"),
            Cost::Ram => (1e6, "MB"),
            Cost::Build => (1.0, "s"),
        }
    }

    fn cost_axis(&self) -> Axis {
        let costs = || self.shown.iter().map(|point| self.cost_of(point));
        let (low, high) = (costs().fold(f64::INFINITY, f64::min), costs().fold(f64::NEG_INFINITY, f64::max));
        let ends = match self.options.cost_spacing {
            _ if self.shown.is_empty() => [0.1, 10.0],
            Spacing::Linear => [0.0, if high > 0.0 { 1.06 * high } else { 1.0 }],
            Spacing::Log => {
                // A tenth of the range on either side, and never less than half as much again.
                let margin = (high / low).powf(0.08).max(1.25);
                [low / margin, high * margin]
            }
        };
        Axis { spacing: self.options.cost_spacing, ends, pixels: [self.layout.plot[0], self.layout.plot[2]] }
    }

    /// Over recall, or over 1 − recall falling upwards.
    fn recall_axis(&self) -> Axis {
        let pixels = [self.layout.plot[3], self.layout.plot[1]];
        let recalls = || self.shown.iter().map(|point| point.recall_at_k.mean);
        let lowest = recalls().fold(1.0, f64::min);
        match self.options.recall_scale {
            RecallScale::Linear => {
                let low = ((lowest - 0.03) * 20.0).floor() / 20.0;
                Axis { spacing: Spacing::Linear, ends: [low.clamp(0.0, 0.95), 1.0], pixels }
            }
            RecallScale::Misses => {
                let misses = recalls().map(|recall| 1.0 - recall).filter(|miss| *miss > 1e-9);
                let least = misses.fold(f64::INFINITY, f64::min).min(0.01);
                let most = (1.0 - lowest).max(0.02);
                // The upper edge, where 1 lies, keeps its distance from the best of the others.
                Axis { spacing: Spacing::Log, ends: [(1.3 * most).min(1.0), least / 2.5], pixels }
            }
        }
    }

    fn recall_pixel(&self, axis: &Axis, recall: f64) -> f64 {
        axis.pixel_of(if self.options.recall_scale == RecallScale::Misses { 1.0 - recall } else { recall })
    }

    fn draw_axes(&self, page: &mut Page, cost_axis: &Axis, recall_axis: &Axis) {
        let [left, top, right, bottom] = self.layout.plot;
        let colours = self.colours;
        page.raw(&format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"{}\"/>",
            right - left,
            bottom - top,
            colours.plot,
            colours.grid
        ));
        let grid = format!("stroke=\"{}\" stroke-width=\"1\"", colours.grid);
        let (text, faint) = (format!("fill=\"{}\"", colours.text), format!("fill=\"{}\"", colours.faint_text));
        let mut free_from = f64::NEG_INFINITY;
        for tick in cost_axis.ticks() {
            let x = cost_axis.pixel_of(tick);
            page.line([x, top], [x, bottom], &grid);
            let name = number_text(tick);
            let half = text_width(&name, 12.0) / 2.0;
            if x - half >= free_from {
                page.text([x, bottom + 18.0], 12.0, Anchor::Middle, &faint, &name);
                free_from = x + half + 6.0;
            }
        }
        for (y, name) in self.recall_ticks(recall_axis) {
            page.line([left, y], [right, y], &grid);
            page.text([left - 8.0, y + 4.0], 12.0, Anchor::End, &faint, &name);
        }
        let logarithmic = if self.options.cost_spacing == Spacing::Log { ", logarithmic" } else { "" };
        let cost_name = format!("{} [{}]{logarithmic}", cost_title(self.options.cost), self.cost_unit().1);
        page.text([(left + right) / 2.0, bottom + 46.0], 14.0, Anchor::Middle, &text, &cost_name);
        let by_misses = if self.options.recall_scale == RecallScale::Misses { ", by what is missed" } else { "" };
        let recall_name = format!("recall@{}{by_misses}", self.run.request.k);
        let (x, y) = (MARGIN, (top + bottom) / 2.0);
        let turned = format!("{text} transform=\"rotate(-90 {x:.1} {y:.1})\"");
        page.text([x, y], 14.0, Anchor::Middle, &turned, &recall_name);
    }

    /// Pixels and names, with at least a line's height between.
    fn recall_ticks(&self, axis: &Axis) -> Vec<(f64, String)> {
        let is_by_misses = self.options.recall_scale == RecallScale::Misses;
        let mut ticks: Vec<(f64, String)> = Vec::new();
        if is_by_misses {
            ticks.push((axis.pixels[1], "1".to_owned()));
        }
        for tick in axis.ticks() {
            let y = axis.pixel_of(tick);
            if ticks.iter().all(|(other, _)| (other - y).abs() >= 15.0) {
                ticks.push((y, number_text(if is_by_misses { 1.0 - tick } else { tick })));
            }
        }
        ticks
    }

    fn draw_points(&self, page: &mut Page, cost_axis: &Axis, recall_axis: &Axis) {
        let at = |point: &OperatingPoint| {
            [cost_axis.pixel_of(self.cost_of(point)), self.recall_pixel(recall_axis, point.recall_at_k.mean)]
        };
        let owned: Vec<OperatingPoint> = self.shown.iter().map(|point| (*point).clone()).collect();
        let front = pareto_front(&owned, self.options.cost);
        let mut strokes = Vec::new();
        for (series, spec) in self.specs.iter().enumerate() {
            let own: Vec<OperatingPoint> = owned.iter().filter(|point| point.spec == **spec).cloned().collect();
            let line: Vec<[f64; 2]> = pareto_front(&own, self.options.cost).into_iter().map(|i| at(&own[i])).collect();
            let colour = self.colours.series[series % self.colours.series.len()];
            page.path(&line, &format!("stroke=\"{colour}\" stroke-width=\"1.5\" stroke-opacity=\"0.55\""));
            strokes.extend(line.windows(2).flat_map(steps_along));
        }
        let line: Vec<[f64; 2]> = front.iter().map(|&i| at(self.shown[i])).collect();
        page.path(&line, &self.front_style());
        for point in &self.shown {
            let [x, _] = at(point);
            let ends = [point.recall_at_k.low, point.recall_at_k.high].map(|end| self.recall_pixel(recall_axis, end));
            page.line([x, ends[0]], [x, ends[1]], &self.interval_style(self.series_of(point)));
            strokes.push([x - 1.0, ends[1], x + 1.0, ends[0]]);
        }
        let mut taken = Vec::new();
        for point in &self.shown {
            let [x, y] = at(point);
            page.raw(&marker([x, y], self.series_of(point), self.colours, &self.tooltip(point)));
            taken.push([x - 6.0, y - 6.0, x + 6.0, y + 6.0]);
        }
        taken.extend(line.windows(2).flat_map(steps_along));
        let [left, top, right, bottom] = self.layout.plot;
        let mut placer = Placer::new([left + 3.0, top - 14.0, right - 3.0, bottom - 3.0], taken, strokes);
        let style = format!(
            "fill=\"{}\" stroke=\"{}\" stroke-width=\"3\" paint-order=\"stroke\"",
            self.colours.text, self.colours.plot
        );
        // Points on the front are named, those in the corner of high recall first.
        for &i in front.iter().rev() {
            let point = self.shown[i];
            let name = params_text(&point.spec, &point.params);
            let name = if name.is_empty() { "exact".to_owned() } else { name };
            if let Some(spot) = placer.place(at(point), &name) {
                page.text(spot, Placer::SIZE, Anchor::Start, &style, &name);
            }
        }
    }

    fn draw_legend(&self, page: &mut Page) {
        let [_, top, right, _] = self.layout.plot;
        let (left, mut y) = (right + 20.0, top + 8.0);
        let text = format!("fill=\"{}\"", self.colours.text);
        for (series, lines) in self.layout.legend.iter().enumerate() {
            page.raw(&marker([left + 6.0, y], series, self.colours, ""));
            for line in lines {
                page.text([left + 22.0, y + 4.0], LEGEND_SIZE, Anchor::Start, &text, line);
                y += LEGEND_LINE;
            }
            y += 6.0;
        }
        y += 6.0;
        page.line([left - 4.0, y], [left + 16.0, y], &self.front_style());
        page.text([left + 22.0, y + 4.0], LEGEND_SIZE, Anchor::Start, &text, "Pareto front");
        y += LEGEND_LINE + 6.0;
        let grey = format!("stroke=\"{}\" stroke-width=\"1.5\"", self.colours.faint_text);
        page.line([left + 6.0, y - 8.0], [left + 6.0, y + 8.0], &grey);
        page.text([left + 22.0, y + 4.0], LEGEND_SIZE, Anchor::Start, &text, "95 % interval of the mean");
    }

    fn series_of(&self, point: &OperatingPoint) -> usize {
        self.specs.iter().position(|spec| **spec == point.spec).unwrap_or_default()
    }

    fn front_style(&self) -> String {
        format!("stroke=\"{}\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\"", self.colours.front)
    }

    fn interval_style(&self, series: usize) -> String {
        let colour = self.colours.series[series % self.colours.series.len()];
        format!("stroke=\"{colour}\" stroke-width=\"1.5\" stroke-opacity=\"0.6\"")
    }

    fn tooltip(&self, point: &OperatingPoint) -> String {
        let recall = &point.recall_at_k;
        let name = format!("{} {}", point.spec, params_text(&point.spec, &point.params));
        format!(
            "{}: recall@{} {:.4} ({:.4} to {:.4}), one-recall@1 {:.4}; p50{} {} ms, p99 {} ms; {} MB of memory, built in {} s",
            name.trim_end(),
            point.k,
            recall.mean,
            recall.low,
            recall.high,
            point.one_recall_at_1.mean,
            if point.batch > 1 { " of a batch" } else { "" },
            number_text(f64::from(point.latency.p50_millis)),
            number_text(f64::from(point.latency.p99_millis)),
            number_text((point.ram_bytes as f64 / 1e5).round() / 10.0),
            number_text((f64::from(point.build_secs) * 10.0).round() / 10.0),
        )
    }
}

/// Small boxes along a stroke, so that labels keep off it.
fn steps_along(ends: &[[f64; 2]]) -> Vec<Rect> {
    let ([x0, y0], [x1, y1]) = (ends[0], ends[1]);
    let steps = ((x1 - x0).hypot(y1 - y0) / 4.0).ceil().max(1.0);
    let place = |step: usize| {
        let share = step as f64 / steps;
        let (x, y) = (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
        [x - 1.5, y - 1.5, x + 1.5, y + 1.5]
    };
    (0..=steps as usize).map(place).collect()
}

fn cost_words(cost: Cost, batch: usize) -> &'static str {
    match cost {
        Cost::P50 | Cost::P99 if batch > 1 => "latency of a batch",
        Cost::P50 | Cost::P99 => "latency",
        Cost::Ram => "memory",
        Cost::Build => "build time",
    }
}

fn cost_title(cost: Cost) -> &'static str {
    match cost {
        Cost::P50 => "time of a search, median",
        Cost::P99 => "time of a search, 99th percentile",
        Cost::Ram => "memory of the index",
        Cost::Build => "time to build the index",
    }
}

#[cfg(test)]
mod tests;
