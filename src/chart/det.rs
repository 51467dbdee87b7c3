//! Error curves of a recognition report: the false matches of strangers over the misses of mates, both axes
//! logarithmic, every network in its colour, bare photos in full lines and covered ones in broken ones.

use super::axis::{Axis, number_text};
use super::labels::{Placer, Rect};
use super::page::{Anchor, Colours, DARK, LIGHT, Page, marker, text_width, wrapped};
use super::steps_along;
use crate::eval::latency::Spacing;
use crate::eval::recognition::{Condition, DetSample, RecognitionReport, TarPoint};
use crate::types::count;

const MARGIN: f64 = 24.0;
const LEFT: f64 = 84.0;
const LEGEND_WIDTH: f64 = 330.0;
const CAPTION_LINE: f64 = 18.0;
const LEGEND_LINE: f64 = 16.0;

/// One curve.
struct Series {
    model: String,
    /// Place of the model among the models: its colour and shape.
    number: usize,
    condition: Condition,
    /// False alarms and misses, 0…1.
    points: Vec<[f64; 2]>,
    /// Operating points with their labels.
    marks: Vec<([f64; 2], String)>,
    /// Lines of the legend under the name.
    details: Vec<String>,
}

/// What the two axes are, and how many comparisons stand behind each.
struct Words {
    title: String,
    x: String,
    y: String,
    /// Least share other than 0 on each axis.
    least: [f64; 2],
}

/// The report's error curves as SVG, `size` pixels (at least 900 × 560) on a light or dark page; of a report with all
/// pairs those. Nothing but a note where nothing was measured.
pub fn svg_from_report(report: &RecognitionReport, dark: bool, size: [u32; 2]) -> String {
    let colours = if dark { &DARK } else { &LIGHT };
    let (series, words) =
        if report.verification.is_empty() { identification_series(report) } else { verification_series(report) };
    let width = f64::from(size[0].max(900));
    let caption: Vec<String> =
        caption(report).iter().flat_map(|line| wrapped(line, 13.0, width - 2.0 * MARGIN)).collect();
    let top = 64.0 + CAPTION_LINE * caption.len() as f64;
    let legend: usize = series.iter().map(|series| series.details.len() + 1).sum();
    let legend_height = LEGEND_LINE * legend as f64 + 8.0 * series.len() as f64;
    let height = f64::from(size[1].max(560)).max(top + legend_height + MARGIN);
    let plot = [LEFT, top, width - LEGEND_WIDTH - MARGIN, height - 68.0];
    let mut page = Page::new([width, height], colours.page, &words.title);
    let (strong, faint) =
        (format!("font-weight=\"600\" fill=\"{}\"", colours.text), format!("fill=\"{}\"", colours.faint_text));
    page.text([MARGIN, 40.0], 20.0, Anchor::Start, &strong, &words.title);
    for (at, line) in caption.iter().enumerate() {
        page.text([MARGIN, 62.0 + CAPTION_LINE * at as f64], 13.0, Anchor::Start, &faint, line);
    }
    let axes = Axes::new(&series, &words, plot);
    axes.draw(&mut page, &words, colours);
    if series.iter().all(|series| series.points.is_empty()) {
        let middle = [(plot[0] + plot[2]) / 2.0, (plot[1] + plot[3]) / 2.0];
        page.text(middle, 15.0, Anchor::Middle, &faint, "Nothing has been measured");
    }
    draw_curves(&mut page, &axes, &series, colours);
    draw_legend(&mut page, &series, colours, [plot[2] + 20.0, plot[1] + 8.0]);
    page.finish()
}

fn caption(report: &RecognitionReport) -> Vec<String> {
    let data = &report.data;
    let mut counts = format!("{}, {}", count(data.people as u64, "person"), count(data.photos as u64, "photo"));
    if let Some(result) = report.verification.first() {
        counts += &format!(
            ", {} mated and {} listed",
            result.mated_pairs,
            count(result.nonmated_pairs as u64, "nonmated pair")
        );
        if let Some(all) = &result.all_pairs {
            counts += &format!(
                "; drawn here: all {} mated and {}",
                all.mated_pairs,
                count(all.nonmated_pairs as u64, "nonmated pair")
            );
        }
    }
    if let Some(result) = report.identification.first() {
        counts += &format!(
            ", {}, {} mated and {}",
            count(result.ntotal as u64, "enrolled face"),
            result.mated_searches,
            count(result.nonmated_searches as u64, "nonmated search")
        );
    }
    let missed = if data.photos_missed > 0 {
        format!(" · {} without a face", count(data.photos_missed as u64, "photo"))
    } else {
        String::new()
    };
    let mut lines = vec![format!("{counts}{missed}"), report.method.clone()];
    if let Some(masks) = &report.masks {
        let source = match masks.count {
            Some(n) => format!("{} of a folder", count(n as u64, "picture")),
            None => "drawn".to_owned(),
        };
        let lost = data.photos_missed_covered.map_or_else(String::new, |[lost, of]| {
            format!("; {lost} of {} not found again", count(of as u64, "covered face"))
        });
        lines.push(format!("masks: {source}, on the second photo of a pair or the probe, seed {}{lost}", masks.seed));
    }
    lines.push(format!(
        "data {} · likeness {} · {} · {}",
        short(&data.digest),
        report.version,
        report.machine,
        report.begun_at
    ));
    lines
}

fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

fn verification_series(report: &RecognitionReport) -> (Vec<Series>, Words) {
    let has_all = report.verification.iter().any(|result| result.all_pairs.is_some());
    let mut least = [1.0f64; 2];
    let series = report.verification.iter().map(|result| {
        let (det, tar, counts): (&[DetSample], &[TarPoint], _) = match &result.all_pairs {
            Some(all) => (&all.det, &all.tar, [all.nonmated_pairs, all.mated_pairs]),
            None => (&result.det, &result.tar, [result.nonmated_pairs, result.mated_pairs]),
        };
        for (least, count) in least.iter_mut().zip(counts) {
            *least = least.min(1.0 / count.max(1) as f64);
        }
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let mark = |point: &TarPoint| {
            let at = [point.at.fmr.mean, 1.0 - point.at.tar.mean];
            (at, format!("{} %", percent(point.at.tar.mean)))
        };
        let detail = |point: &TarPoint| {
            let tar = point.at.tar;
            let (mean, low, high) = (percent(tar.mean), percent(tar.low), percent(tar.high));
            format!("TAR {mean} % ({low}–{high}) at FMR {}", number_text(point.fmr_target))
        };
        let std = result.accuracy_std.map_or_else(String::new, |std| format!(" ± {:.2}", 100.0 * std));
        let accuracy = format!("accuracy {:.2}{std} %, {} failures", 100.0 * result.accuracy, result.failures);
        Series {
            model: result.model.clone(),
            number: report.models.iter().position(|model| model.name == result.model).unwrap_or_default(),
            condition: result.condition,
            points: det.iter().map(|point| [point.fmr, point.fnmr]).collect(),
            marks: tar.iter().map(mark).collect(),
            details: tar.iter().map(detail).chain([accuracy]).collect(),
        }
    });
    let series = series.collect();
    let title =
        if has_all { "False matches and false nonmatches, all pairs" } else { "False matches and false nonmatches" };
    let words = Words {
        title: title.to_owned(),
        x: "FMR: strangers accepted".to_owned(),
        y: "FNMR: mates refused; labels: TAR = 1 − FNMR".to_owned(),
        least,
    };
    (series, words)
}

fn identification_series(report: &RecognitionReport) -> (Vec<Series>, Words) {
    let mut least = [1.0f64; 2];
    let series = report.identification.iter().map(|result| {
        for (least, count) in least.iter_mut().zip([result.nonmated_searches, result.mated_searches]) {
            *least = least.min(1.0 / count.max(1) as f64);
        }
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let marks = result
            .at_fpir
            .iter()
            .map(|point| ([point.at.fpir.mean, point.at.fnir.mean], format!("{} %", percent(point.at.fnir.mean))));
        let details = result.at_fpir.iter().map(|point| {
            let fnir = point.at.fnir;
            let (mean, low, high) = (percent(fnir.mean), percent(fnir.low), percent(fnir.high));
            format!("FNIR {mean} % ({low}–{high}) at FPIR {}", number_text(point.fpir_target))
        });
        let ranks = format!(
            "rank 1 {} %, rank 10 {} %, {} failures",
            percent(result.rank_1.mean),
            percent(result.rank_10.mean),
            result.failures
        );
        Series {
            model: result.model.clone(),
            number: report.models.iter().position(|model| model.name == result.model).unwrap_or_default(),
            condition: result.condition,
            points: result.curve.iter().map(|point| [point.fpir.mean, point.fnir.mean]).collect(),
            marks: marks.collect(),
            details: details.chain([ranks]).collect(),
        }
    });
    let series = series.collect();
    let words = Words {
        title: "False alarms and misses of searches".to_owned(),
        x: "FPIR: searches for strangers that raise an alarm".to_owned(),
        y: "FNIR: searches for enrolled people that miss".to_owned(),
        least,
    };
    (series, words)
}

struct Axes {
    x: Axis,
    y: Axis,
    plot: Rect,
}

impl Axes {
    fn new(series: &[Series], words: &Words, plot: Rect) -> Self {
        // A whole decade begins each axis, the one that a single comparison stands in.
        let floor = |least: f64| 10f64.powf(least.clamp(1e-7, 0.1).log10().floor().max(-7.0));
        let most = series.iter().flat_map(|s| &s.points).map(|point| point[1]).fold(0.01, f64::max);
        let top = if most > 0.5 { 1.0 } else { most * 1.6 };
        Self {
            x: Axis { spacing: Spacing::Log, ends: [floor(words.least[0]), 1.0], pixels: [plot[0], plot[2]] },
            y: Axis { spacing: Spacing::Log, ends: [floor(words.least[1]), top], pixels: [plot[3], plot[1]] },
            plot,
        }
    }

    fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x.pixel_of(x), self.y.pixel_of(y)]
    }

    fn draw(&self, page: &mut Page, words: &Words, colours: &Colours) {
        let [left, top, right, bottom] = self.plot;
        let (width, height) = (right - left, bottom - top);
        page.raw(&format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{}\" stroke=\"{}\"/>",
            colours.plot, colours.grid
        ));
        let grid = format!("stroke=\"{}\" stroke-width=\"1\"", colours.grid);
        let (text, faint) = (format!("fill=\"{}\"", colours.text), format!("fill=\"{}\"", colours.faint_text));
        let mut free_from = f64::NEG_INFINITY;
        for tick in self.x.ticks() {
            let (x, name) = (self.x.pixel_of(tick), number_text(tick));
            page.line([x, top], [x, bottom], &grid);
            let half = text_width(&name, 12.0) / 2.0;
            if x - half >= free_from {
                page.text([x, bottom + 18.0], 12.0, Anchor::Middle, &faint, &name);
                free_from = x + half + 6.0;
            }
        }
        let mut free_below = f64::INFINITY;
        for tick in self.y.ticks() {
            let y = self.y.pixel_of(tick);
            page.line([left, y], [right, y], &grid);
            if y <= free_below {
                page.text([left - 8.0, y + 4.0], 12.0, Anchor::End, &faint, &number_text(tick));
                free_below = y - 15.0;
            }
        }
        page.text([(left + right) / 2.0, bottom + 46.0], 14.0, Anchor::Middle, &text, &words.x);
        let (x, y) = (MARGIN, (top + bottom) / 2.0);
        let turned = format!("{text} transform=\"rotate(-90 {x:.1} {y:.1})\"");
        page.text([x, y], 14.0, Anchor::Middle, &turned, &words.y);
    }
}

fn line_style(colours: &Colours, number: usize, condition: Condition) -> String {
    let colour = colours.series[number % colours.series.len()];
    let dashes = match condition {
        Condition::Bare => "",
        Condition::Masked => " stroke-dasharray=\"7 4\"",
        Condition::MaskedRedetected => " stroke-dasharray=\"2 3\"",
    };
    format!("stroke=\"{colour}\" stroke-width=\"2\"{dashes}")
}

fn draw_curves(page: &mut Page, axes: &Axes, series: &[Series], colours: &Colours) {
    let mut strokes = Vec::new();
    for series in series {
        // Steps, as the errors are: between two thresholds nothing changes.
        let mut line: Vec<[f64; 2]> = Vec::new();
        for point in series.points.iter().map(|point| axes.at(*point)) {
            if let Some(last) = line.last().copied().filter(|last| *last != point) {
                line.push([point[0], last[1]]);
            }
            line.push(point);
        }
        page.path(&line, &line_style(colours, series.number, series.condition));
        strokes.extend(line.windows(2).flat_map(steps_along));
    }
    let marks = || series.iter().flat_map(|s| s.marks.iter().map(move |(at, label)| (s, axes.at(*at), label)));
    let taken = marks().map(|(_, [x, y], _)| [x - 6.0, y - 6.0, x + 6.0, y + 6.0]).collect();
    for (series, at, label) in marks() {
        page.raw(&marker(
            at,
            series.number,
            colours,
            &format!("{}, {}: {label}", series.model, series.condition.name()),
        ));
    }
    let [left, top, right, bottom] = axes.plot;
    let mut placer = Placer::new([left + 3.0, top + 3.0, right - 3.0, bottom - 3.0], taken, strokes);
    for (series, at, label) in marks() {
        let style = format!(
            "fill=\"{}\" stroke=\"{}\" stroke-width=\"3\" paint-order=\"stroke\"",
            colours.series[series.number % colours.series.len()],
            colours.plot
        );
        if let Some(spot) = placer.place(at, label) {
            page.text(spot, Placer::SIZE, Anchor::Start, &style, label);
        }
    }
}

fn draw_legend(page: &mut Page, series: &[Series], colours: &Colours, [left, top]: [f64; 2]) {
    let (text, faint) = (format!("fill=\"{}\"", colours.text), format!("fill=\"{}\"", colours.faint_text));
    let mut y = top;
    for series in series {
        page.line([left - 8.0, y], [left + 20.0, y], &line_style(colours, series.number, series.condition));
        page.raw(&marker([left + 6.0, y], series.number, colours, ""));
        let name = format!("{}, {}", series.model, series.condition.name());
        page.text([left + 28.0, y + 4.0], 13.0, Anchor::Start, &text, &name);
        for detail in &series.details {
            y += LEGEND_LINE;
            page.text([left + 28.0, y + 4.0], 11.5, Anchor::Start, &faint, detail);
        }
        y += LEGEND_LINE + 8.0;
    }
}
