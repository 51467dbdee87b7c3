//! The points of a sweep as a list, and those pinned side by side.

use crate::words::told;
use egui::{
    Align, Align2, Button, Grid, Layout, Rect, Response, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};

use super::sweep_chart::{numbers_of, shown_points, toggle_pin};
use super::{family, words};
use crate::app::{Family, pareto_front};
use crate::say;
use crate::types::{IndexSpec, OperatingPoint, SweepRun, Telling};
use crate::ui::widgets::LongList;
use crate::ui::{Cx, format, theme, widgets};

const ROW: f32 = 28.0;

pub fn points_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &SweepRun) {
    let shown = shown_points(cx, run);
    ui.horizontal(|ui| {
        let memory = &mut cx.memory.tune.sweep;
        let options = [
            (false, say!("tune-list-points", n = format::count(shown.len() as u64))),
            (true, say!("tune-list-compared", n = format::count(memory.pinned.len() as u64))),
        ];
        if let Some(pinned) = widgets::segments_ui(ui, &say!("tune-list"), memory.show_pinned, &options) {
            memory.show_pinned = pinned;
        }
        if !memory.pinned.is_empty() && widgets::quiet_button(ui, &say!("tune-unpin-all")).clicked() {
            memory.pinned.clear();
        }
        if !run.problems.is_empty() {
            let palette = theme::palette(ui);
            let text = say!("tune-not-built", n = run.problems.len());
            let reasons: Vec<String> = run.problems.iter().map(not_built).collect();
            ui.label(RichText::new(text).font(theme::small()).color(palette.warn)).on_hover_text(reasons.join("\n"));
        }
    });
    if cx.memory.tune.sweep.show_pinned {
        compared_ui(ui, cx);
    } else {
        list_ui(ui, cx, run, &shown);
    }
}

/// Widths of the columns, in the order of [`titles`]: the spec takes what is left.
const COLUMNS: [f32; 6] = [62.0, 88.0, 62.0, 62.0, 60.0, 74.0];
/// Of those, the ones that a narrow row has no room for.
const LEFT_OUT: [usize; 2] = [3, 5];
/// Room for the buttons and what parts them from the figures, in points.
fn actions_width(ui: &Ui) -> f32 {
    let width = |text: String| widgets::text_width(ui, &text, theme::small()) + 16.0;
    let pin = width(say!("tune-pin")).max(width(say!("tune-unpin")));
    8.0 + pin + 4.0 + width(say!("tune-apply")) + 4.0
}

/// Why an index could not be built.
fn not_built((spec, reason): &(IndexSpec, Telling)) -> String {
    say!("tune-not-built-why", spec = spec.to_string(), reason = told(reason))
}

fn titles() -> [String; 6] {
    let [recall, one, p50, p99] = ["Recall@k", "One-recall@1", "p50", "p99"].map(str::to_owned);
    [recall, one, p50, p99, say!("tune-ram"), say!("tune-number-build")]
}

fn cells(point: &OperatingPoint) -> [String; 6] {
    [
        words::share(point.recall_at_k.mean),
        words::share(point.one_recall_at_1.mean),
        format::millis(point.latency.p50_millis),
        format::millis(point.latency.p99_millis),
        format::bytes(point.ram_bytes),
        if point.build_secs < 0.5 { "< 1 s".to_owned() } else { format::duration(point.build_secs) },
    ]
}

fn list_ui(ui: &mut Ui, cx: &mut Cx<'_>, run: &SweepRun, shown: &[usize]) {
    if shown.is_empty() {
        if run.points.is_empty() && !run.problems.is_empty() {
            let reasons: Vec<String> = run.problems.iter().map(not_built).collect();
            widgets::problem_ui(ui, &reasons.join("\n"));
            return;
        }
        let text = if run.points.is_empty() { say!("tune-no-points") } else { say!("tune-no-point-fits") };
        widgets::caption(ui, text);
        return;
    }
    let points: Vec<OperatingPoint> = shown.iter().map(|&i| run.points[i].clone()).collect();
    let front = pareto_front(&points, cx.memory.tune.sweep.axes.cost);
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[b].recall_at_k.mean.total_cmp(&points[a].recall_at_k.mean));
    head_ui(ui);
    let spacing = ui.spacing().item_spacing;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut list = std::mem::take(&mut cx.memory.tune.sweep.points);
    let name = |row: usize| name_of(&points[order[row]]);
    list.show_rows(ui, &say!("tune-list"), ROW, order.len(), name, |ui, row, rect| {
        let i = order[row];
        Some(row_ui(ui, cx, &points[i], front.contains(&i), rect))
    });
    cx.memory.tune.sweep.points = list;
    ui.spacing_mut().item_spacing = spacing;
}

/// Columns that a row of this width has room for, with their right edges; the spec ends where the first begins.
fn edges(ui: &Ui, row: Rect) -> (f32, Vec<(usize, f32)>) {
    let is_narrow = row.width() < 800.0;
    let titles = titles();
    let mut right = row.right() - actions_width(ui);
    let mut edges = Vec::new();
    for (column, width) in COLUMNS.iter().enumerate().rev() {
        if is_narrow && LEFT_OUT.contains(&column) {
            continue;
        }
        edges.push((column, right));
        // Titles are longer in some languages than the figures below them.
        right -= width.max(widgets::text_width(ui, &titles[column], theme::small()) + 12.0);
    }
    (right, edges)
}

fn head_ui(ui: &mut Ui) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let rect = rect.with_max_x(rect.right() - LongList::BAR);
    let painter = ui.painter();
    let at = pos2(rect.left() + 20.0, rect.center().y);
    painter.text(at, Align2::LEFT_CENTER, say!("tune-index-and-search"), theme::small(), palette.text_faint);
    let titles = titles();
    for (column, right) in edges(ui, rect).1 {
        let title = &titles[column];
        painter.text(pos2(right, rect.center().y), Align2::RIGHT_CENTER, title, theme::small(), palette.text_faint);
    }
}

/// Returns its first control.
fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, point: &OperatingPoint, on_front: bool, rect: Rect) -> Response {
    let palette = theme::palette(ui);
    let response = ui.interact(rect, ui.scope_id().with("point"), Sense::hover());
    let read_only = cx.read_only();
    let memory = &mut cx.memory.tune;
    let is_pinned = memory.sweep.pinned.contains(point);
    if is_pinned || ui.rect_contains_pointer(rect) {
        ui.painter().rect_filled(rect, 4.0, if is_pinned { palette.accent_soft } else { palette.hover });
    }
    let painter = ui.painter();
    family::paint(ui, painter, pos2(rect.left() + 9.0, rect.center().y), 4.5, Family::of(&point.spec));
    let (end, edges) = edges(ui, rect);
    let cells = cells(point);
    let params = words::params_text(&point.spec, &point.params);
    let text = format!("{}  \u{b7}  {params}", point.spec);
    let left = rect.left() + 20.0;
    let width = end - left - 8.0;
    let font = if on_front { theme::small_strong() } else { theme::small() };
    widgets::paint_elided(
        painter,
        pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        width,
        &text,
        font.clone(),
        palette.text,
    );
    for (column, right) in edges {
        let at = pos2(right, rect.center().y);
        painter.text(at, Align2::RIGHT_CENTER, &cells[column], font.clone(), palette.text);
    }
    let buttons = Rect::from_min_max(pos2(rect.right() - actions_width(ui) + 8.0, rect.top()), rect.right_bottom());
    let mut strip = ui.new_child(UiBuilder::new().max_rect(buttons).layout(Layout::left_to_right(Align::Center)));
    strip.spacing_mut().button_padding = vec2(8.0, 1.0);
    strip.spacing_mut().interact_size.y = 22.0;
    strip.spacing_mut().item_spacing.x = 4.0;
    let small = |text: &str| Button::new(RichText::new(text).font(theme::small()));
    let spec = point.spec.to_string();
    let (verb, name) = if is_pinned {
        (say!("tune-unpin"), say!("tune-unpin-point", spec = spec, params = params.as_str()))
    } else {
        (say!("tune-pin"), say!("tune-pin-point", spec = spec, params = params.as_str()))
    };
    let pin = strip.add(small(&verb)).accessible_name(name);
    if pin.clicked() {
        toggle_pin(&mut memory.sweep.pinned, point);
    }
    let apply = widgets::changing(&mut strip, read_only, |ui| {
        let apply = ui.add(small(&say!("tune-apply"))).accessible_name(say!(
            "tune-apply-point",
            spec = point.spec.to_string(),
            params = params.as_str()
        ));
        apply.on_hover_text(say!("tune-apply-point-hint")).clicked()
    });
    if apply {
        memory.confirm = Some(point.clone());
    }
    let hint = if on_front { say!("tune-on-front") } else { String::new() };
    response.on_hover_text(if hint.is_empty() { text } else { format!("{text}\n{hint}") });
    pin
}

/// What a row says, in words.
fn name_of(point: &OperatingPoint) -> String {
    let params = words::params_text(&point.spec, &point.params);
    let cells = titles().into_iter().zip(cells(point)).map(|(title, cell)| [title, cell].join(" "));
    [format!("{} {params}", point.spec)].into_iter().chain(cells).collect::<Vec<_>>().join(", ")
}

/// One column a pinned point, one row a number.
fn compared_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let read_only = cx.read_only();
    let memory = &mut cx.memory.tune;
    if memory.sweep.pinned.is_empty() {
        widgets::caption(ui, say!("tune-compared-empty"));
        return;
    }
    let palette = theme::palette(ui);
    let pinned = memory.sweep.pinned.clone();
    let columns: Vec<Vec<(String, String)>> = pinned.iter().map(numbers_of).collect();
    let area = ScrollArea::both().id_salt("compared").auto_shrink(false);
    widgets::scroll_ui(ui, area, widgets::Pages::WithFocus, |ui| {
        widgets::name_group(ui, Role::Table, &say!("tune-points-compared"));
        ui.spacing_mut().interact_size.y = 18.0;
        Grid::new("compared").num_columns(pinned.len() + 1).spacing([20.0, 4.0]).striped(false).show(ui, |ui| {
            ui.label("");
            for point in &pinned {
                ui.horizontal(|ui| {
                    let (dot, _) = ui.allocate_exact_size(vec2(10.0, 16.0), Sense::hover());
                    family::paint(ui, ui.painter(), dot.center(), 4.5, Family::of(&point.spec));
                    ui.label(RichText::new(point.spec.to_string()).font(theme::small_strong()));
                    let params = words::params_text(&point.spec, &point.params);
                    let name = say!("tune-take-out", spec = point.spec.to_string(), params = params);
                    if widgets::close_button(ui, &name).clicked() {
                        toggle_pin(&mut memory.sweep.pinned, point);
                    }
                });
            }
            ui.end_row();
            ui.label("");
            for point in &pinned {
                let params = words::params_text(&point.spec, &point.params);
                let name = say!("tune-apply-point", spec = point.spec.to_string(), params = params);
                let apply = widgets::changing(ui, read_only, |ui| {
                    widgets::button(ui, &say!("tune-apply")).accessible_name(name).clicked()
                });
                if apply {
                    memory.confirm = Some(point.clone());
                }
            }
            ui.end_row();
            for (row, (name, _)) in columns[0].iter().enumerate() {
                ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
                for column in &columns {
                    ui.label(RichText::new(&column[row].1).font(theme::small()));
                }
                ui.end_row();
            }
        });
    });
}
