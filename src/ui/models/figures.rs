//! Cards of the detail pane: what the gallery holds by a model, its speed, its manifest.

use crate::words::told;
use egui::{Grid, Label, RichText, Ui};

use super::hindrance;
use super::memory::Question;
use super::parts::missing;
use crate::app::{JobKind, ModelView, ModelsCommand, SpeedOfThreads, short_digest};
use crate::say;
use crate::ui::tune::words;
use crate::ui::{Cx, format, theme, widgets};

fn card_ui(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    widgets::card(ui).inner_margin(egui::Margin::same(16)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        widgets::section_title(ui, title);
        ui.spacing_mut().item_spacing.y = 4.0;
        contents(ui);
    });
    ui.add_space(theme::GAP_SMALL);
}

pub fn gallery_card_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    card_ui(ui, &say!("models-in-gallery"), |ui| {
        let (Some(embedded), Some(missing)) = (model.embedded, missing(cx, model)) else {
            match &cx.state.models_view.problem {
                Some(reason) => {
                    widgets::problem_ui(ui, &say!("models-stored-unread", reason = told(reason)));
                    if widgets::button(ui, &say!("models-try-again")).clicked() {
                        cx.push(ModelsCommand::Read);
                    }
                }
                None => drop(widgets::caption(ui, say!("models-counting"))),
            }
            return;
        };
        let faces = cx.state.status.faces;
        let count = match (embedded, missing) {
            _ if faces == 0 => say!("models-no-face"),
            (0, _) => say!("models-no-embedding"),
            (_, 0) => say!("models-all-embedded", faces = say!("faces", n = faces)),
            _ => say!("models-some-embedded", n = format::count(embedded), faces = say!("faces", n = faces)),
        };
        ui.label(count);
        if embedded == 0 {
            return;
        }
        let bytes = format::bytes(model.stored_bytes);
        if model.active {
            widgets::caption(ui, say!("models-stored", bytes = bytes));
            return;
        }
        widgets::caption(ui, say!("models-stored-kept", bytes = bytes));
        let reason = hindrance(cx);
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let button = widgets::button(ui, &say!("models-free", bytes = format::bytes(model.stored_bytes)));
            let button = button.accessible_name(say!("models-forget-name", title = model.title.as_str()));
            if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                cx.memory.models.confirm = Some(Question::Forget(model.name.clone()));
            }
        });
    });
}

pub fn speed_card_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    card_ui(ui, &say!("models-speed"), |ui| {
        match &model.speed {
            None => {
                widgets::caption(ui, say!("models-not-measured"));
            }
            Some(speed) => {
                // On a machine with one core both are the same.
                let mut rows = vec![speed.one_thread];
                if speed.all_threads.threads != speed.one_thread.threads {
                    rows.push(speed.all_threads);
                }
                speed_grid_ui(ui, &rows);
                let when = words::stamp(speed.measured_at.saturating_mul(1000));
                widgets::caption(ui, say!("models-measured", when = when, device = speed.device.as_str()));
            }
        }
        let is_working = cx.state.jobs.iter().any(|job| !job.state.is_ended());
        let is_measuring = cx.state.running_job(JobKind::MeasureSpeed).is_some();
        let reason = match () {
            () if model.problem.is_some() => Some(say!("models-cannot-be-used")),
            () if is_measuring => Some(say!("models-speed-busy")),
            () if is_working => Some(say!("models-speed-other")),
            () => None,
        };
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let text = if model.speed.is_some() { say!("models-measure-again") } else { say!("models-measure") };
            let button =
                widgets::button(ui, &text).accessible_name(say!("models-measure-name", title = model.title.as_str()));
            if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                cx.push(ModelsCommand::MeasureSpeed(model.name.clone()));
            }
        });
    });
}

fn speed_grid_ui(ui: &mut Ui, rows: &[SpeedOfThreads]) {
    let palette = theme::palette(ui);
    let head = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft));
    let figure = |ui: &mut Ui, per_sec: f32, millis: f32| {
        let text = say!("models-rate", rate = format::rate(per_sec), millis = format::millis(millis));
        ui.add(Label::new(text).selectable(true));
    };
    Grid::new("speed").num_columns(3).spacing([24.0, 4.0]).min_row_height(20.0).show(ui, |ui| {
        head(ui, "");
        head(ui, &say!("models-one-crop"));
        head(ui, &say!("models-batch", n = SpeedOfThreads::BATCH));
        ui.end_row();
        for row in rows {
            head(ui, &say!("tune-threads", n = row.threads));
            figure(ui, row.single_per_sec(), row.single_millis);
            figure(ui, row.batched_per_sec(), row.batched_millis);
            ui.end_row();
        }
    });
}

pub fn manifest_card_ui(ui: &mut Ui, model: &ModelView) {
    card_ui(ui, &say!("models-manifest"), |ui| {
        widgets::value_row(ui, &say!("name"), &model.name);
        widgets::value_row(ui, &say!("models-architecture"), &model.architecture);
        widgets::value_row(ui, &say!("models-embedding"), say!("models-numbers", n = format::count(model.d as u64)));
        let score = say!("models-threshold-of", score = format::score(model.threshold));
        widgets::value_row(ui, &say!("threshold"), score);
        let [width, height] = model.size;
        let order = if model.bgr { "BGR" } else { "RGB" };
        widgets::value_row(
            ui,
            &say!("models-input"),
            say!("models-input-of", width = width, height = height, order = order),
        );
        widgets::value_row(ui, &say!("models-values"), say!("models-values-of", range = range_text(model)));
        widgets::value_row(ui, &say!("models-mean"), three(model.mean));
        widgets::value_row(ui, &say!("models-std"), three(model.std));
        let points: Vec<String> = model.template.iter().map(|[x, y]| format!("{x:.1}, {y:.1}")).collect();
        widgets::value_row(ui, &say!("models-landmarks"), points.join("  \u{b7}  "));
        wrapped_row(ui, &say!("licence"), &model.licence);
        wrapped_row(ui, &say!("models-source"), &model.source);
        if let Some(notes) = &model.notes {
            wrapped_row(ui, &say!("models-notes"), notes);
        }
        digest_row(ui, model);
        let bytes = if model.bytes > 0 { format::bytes(model.bytes) } else { say!("models-missing") };
        widgets::value_row(ui, &say!("models-weights"), bytes);
        wrapped_row(ui, &say!("models-file"), &model.weights.display().to_string());
        ui.add_space(theme::GAP_SMALL);
        if widgets::button(ui, &say!("models-copy-manifest")).on_hover_text(say!("models-copy-manifest-hint")).clicked()
        {
            ui.ctx().copy_text(model.manifest.clone());
        }
    });
}

fn digest_row(ui: &mut Ui, model: &ModelView) {
    ui.horizontal(|ui| {
        let Some(digest) = &model.digest else {
            widgets::value_row(ui, "SHA-256", say!("models-not-stated"));
            return;
        };
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 64.0).clamp(120.0, 230.0));
            widgets::value_row(ui, "SHA-256", format!("{}\u{2026}", short_digest(digest)));
        });
        let copy = widgets::text_button(ui, &say!("models-copy")).accessible_name(say!("models-copy-digest"));
        if copy.on_hover_text(digest).clicked() {
            ui.ctx().copy_text(digest.clone());
        }
    });
}

/// A name on the left and a text that may be long.
fn wrapped_row(ui: &mut Ui, name: &str, text: &str) {
    let palette = theme::palette(ui);
    ui.horizontal_top(|ui| {
        let width = 88.0_f32.min(ui.available_width() * 0.4);
        let (rect, response) = ui.allocate_exact_size(egui::vec2(width, 20.0), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, name));
        let at = rect.left_center();
        ui.painter().text(at, egui::Align2::LEFT_CENTER, name, theme::small(), palette.text_soft);
        ui.add(Label::new(RichText::new(text).color(palette.text)).wrap().selectable(true));
    });
}

fn three(values: [f32; 3]) -> String {
    if values[0] == values[1] && values[1] == values[2] {
        return format!("{}", values[0]);
    }
    values.map(|value| value.to_string()).join(", ")
}

/// "-1 … 1": what black and white become.
fn range_text(model: &ModelView) -> String {
    let ends = [0.0, 255.0].map(|value: f32| {
        let ends: Vec<f32> = (0..3).map(|c| (value - model.mean[c]) / model.std[c].max(1e-9)).collect();
        ends.iter().sum::<f32>() / 3.0
    });
    let text = ends
        .map(|end| format!("{:.2}", end + 0.0).trim_end_matches('0').trim_end_matches('.').replace('-', "\u{2212}"));
    format!("{} \u{2026} {}", text[0], text[1])
}
