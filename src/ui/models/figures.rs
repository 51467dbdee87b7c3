//! Cards of the detail pane: what the gallery holds by a model, its speed, its manifest.

use crate::words::told;
use egui::{Grid, Label, RichText, Ui};

use super::hindrance;
use super::memory::Question;
use super::parts::missing;
use crate::app::{JobKind, ModelView, ModelsCommand, SpeedOfThreads, short_digest};
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
    card_ui(ui, "In this gallery", |ui| {
        let (Some(embedded), Some(missing)) = (model.embedded, missing(cx, model)) else {
            match &cx.state.models_view.problem {
                Some(reason) => {
                    widgets::problem_ui(ui, &format!("What is stored for it could not be read: {}", told(reason)));
                    if widgets::button(ui, "Try again").clicked() {
                        cx.push(ModelsCommand::Read);
                    }
                }
                None => drop(widgets::caption(ui, "Counting\u{2026}")),
            }
            return;
        };
        let faces = cx.state.status.faces;
        let count = match (embedded, missing) {
            _ if faces == 0 => "No face is enrolled yet.".to_owned(),
            (0, _) => "No face has an embedding by it.".to_owned(),
            (_, 0) => format!("All {} have an embedding by it.", format::counted(faces, "face", "faces")),
            _ => format!(
                "{} of {} have an embedding by it.",
                format::count(embedded),
                format::counted(faces, "face", "faces")
            ),
        };
        ui.label(count);
        if embedded == 0 {
            return;
        }
        let text = format!("Embeddings and index take {} on disk.", format::bytes(model.stored_bytes));
        if model.active {
            widgets::caption(ui, text);
            return;
        }
        let again = "They are kept, so that choosing the model again takes over at once; only faces that came since are \
                     then embedded.";
        widgets::caption(ui, format!("{text} {again}"));
        let reason = hindrance(cx);
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let button = widgets::button(ui, &format!("Free {}\u{2026}", format::bytes(model.stored_bytes)));
            let button = button.accessible_name(format!("Delete the embeddings by {}", model.title));
            if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                cx.memory.models.confirm = Some(Question::Forget(model.name.clone()));
            }
        });
    });
}

pub fn speed_card_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    card_ui(ui, "Speed on this machine", |ui| {
        match &model.speed {
            None => {
                widgets::caption(ui, "Not measured yet. It takes about ten seconds in the background.");
            }
            Some(speed) => {
                // On a machine with one core both are the same.
                let mut rows = vec![speed.one_thread];
                if speed.all_threads.threads != speed.one_thread.threads {
                    rows.push(speed.all_threads);
                }
                speed_grid_ui(ui, &rows);
                let when = words::stamp(speed.measured_at.saturating_mul(1000));
                widgets::caption(ui, format!("From crop to embedding. Measured {when} on {}.", speed.device));
            }
        }
        let is_working = cx.state.jobs.iter().any(|job| !job.state.is_ended());
        let is_measuring = cx.state.running_job(JobKind::MeasureSpeed).is_some();
        let reason = match () {
            () if model.problem.is_some() => Some("It cannot be used"),
            () if is_measuring => Some("A speed is being measured"),
            () if is_working => Some("Other work is under way, and would be measured too; wait for its end"),
            () => None,
        };
        ui.add_enabled_ui(reason.is_none(), |ui| {
            let text = if model.speed.is_some() { "Measure again" } else { "Measure" };
            let button = widgets::button(ui, text).accessible_name(format!("Measure the speed of {}", model.title));
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
        let text = format!("{} /s  \u{b7}  {}", format::rate(per_sec), format::millis(millis));
        ui.add(Label::new(text).selectable(true));
    };
    Grid::new("speed").num_columns(3).spacing([24.0, 4.0]).min_row_height(20.0).show(ui, |ui| {
        head(ui, "");
        head(ui, "One crop");
        head(ui, &format!("Batch of {}, per crop", SpeedOfThreads::BATCH));
        ui.end_row();
        for row in rows {
            head(ui, &format::counted(row.threads as u64, "thread", "threads"));
            figure(ui, row.single_per_sec(), row.single_millis);
            figure(ui, row.batched_per_sec(), row.batched_millis);
            ui.end_row();
        }
    });
}

pub fn manifest_card_ui(ui: &mut Ui, model: &ModelView) {
    card_ui(ui, "Manifest", |ui| {
        widgets::value_row(ui, "Name", &model.name);
        widgets::value_row(ui, "Architecture", &model.architecture);
        widgets::value_row(ui, "Embedding", format!("{} numbers", format::count(model.d as u64)));
        let score = format!("{}: from this cosine on, two faces count as one person's", format::score(model.threshold));
        widgets::value_row(ui, "Threshold", score);
        let [width, height] = model.size;
        let order = if model.bgr { "BGR" } else { "RGB" };
        widgets::value_row(ui, "Input", format!("{width}\u{d7}{height} pixels, {order}"));
        widgets::value_row(ui, "Values", format!("(pixel \u{2212} mean) / std, {}", range_text(model)));
        widgets::value_row(ui, "Mean", three(model.mean));
        widgets::value_row(ui, "Std", three(model.std));
        let points: Vec<String> = model.template.iter().map(|[x, y]| format!("{x:.1}, {y:.1}")).collect();
        widgets::value_row(ui, "Landmarks", points.join("  \u{b7}  "));
        wrapped_row(ui, "Licence", &model.licence);
        wrapped_row(ui, "Source", &model.source);
        if let Some(notes) = &model.notes {
            wrapped_row(ui, "Notes", notes);
        }
        digest_row(ui, model);
        let bytes = if model.bytes > 0 { format::bytes(model.bytes) } else { "missing".to_owned() };
        widgets::value_row(ui, "Weights", bytes);
        wrapped_row(ui, "File", &model.weights.display().to_string());
        ui.add_space(theme::GAP_SMALL);
        if widgets::button(ui, "Copy the manifest").on_hover_text("As TOML, as it stands beside the weights").clicked()
        {
            ui.ctx().copy_text(model.manifest.clone());
        }
    });
}

fn digest_row(ui: &mut Ui, model: &ModelView) {
    ui.horizontal(|ui| {
        let Some(digest) = &model.digest else {
            widgets::value_row(ui, "SHA-256", "not stated");
            return;
        };
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 64.0).clamp(120.0, 230.0));
            widgets::value_row(ui, "SHA-256", format!("{}\u{2026}", short_digest(digest)));
        });
        let copy = widgets::text_button(ui, "Copy").accessible_name("Copy the digest");
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
