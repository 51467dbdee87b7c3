//! Settings: how the window looks, how faces are looked for, which model compares them, where everything lies.

use egui::{CentralPanel, Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::{Cx, enroll, format, theme, widgets};
use crate::app::{EnrollCommand, Screen, SettingsCommand, ThemeChoice, WindowCommand};
use crate::types::DetectorParams;

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 16, bottom: 0 });
    CentralPanel::default().frame(frame).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 16.0).min(1080.0);
            ui.set_max_width(width);
            if width < 720.0 {
                left_ui(ui, cx);
                right_ui(ui, cx);
            } else {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
                    let left = (width - theme::GAP_LARGE) * 0.42;
                    ui.vertical(|ui| {
                        ui.set_width(left);
                        left_ui(ui, cx);
                    });
                    ui.vertical(|ui| {
                        ui.set_width(width - theme::GAP_LARGE - left);
                        right_ui(ui, cx);
                    });
                });
            }
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

fn left_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    group(ui, "Appearance", |ui| appearance_ui(ui, cx));
    group(ui, "Detector", |ui| detector_ui(ui, cx));
}

fn right_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    group(ui, "Model", |ui| models_ui(ui, cx));
    group(ui, "Data", |ui| data_ui(ui, cx));
    group(ui, "About", about_ui);
}

fn group(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    widgets::card(ui).inner_margin(Margin::same(16)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        widgets::section_title(ui, title);
        contents(ui);
    });
    ui.add_space(theme::GAP);
}

fn appearance_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    ui.label(RichText::new("Theme").font(theme::small()).color(palette.text_soft));
    let options = [
        (ThemeChoice::System, "System".to_owned()),
        (ThemeChoice::Light, "Light".to_owned()),
        (ThemeChoice::Dark, "Dark".to_owned()),
    ];
    if let Some(theme) = widgets::segments_ui(ui, cx.state.settings.theme, &options)
        && theme != cx.state.settings.theme
    {
        cx.push(SettingsCommand::SetTheme(theme));
    }
    let stored = f64::from(theme::text_scale(&cx.state.settings) * 100.0).round();
    let mut percent = cx.memory.settings.text_scale.unwrap_or(stored);
    let hint = "Size of text and controls (Ctrl +, Ctrl \u{2212}, Ctrl 0)";
    if widgets::slider_row(ui, "Text size", &mut percent, 75.0..=200.0, 5.0, " %", hint) {
        cx.memory.settings.text_scale = Some(percent);
    }
    if !ui.input(|input| input.pointer.any_down())
        && let Some(percent) = cx.memory.settings.text_scale.take()
        && (percent - stored).abs() > 0.5
    {
        cx.push(SettingsCommand::SetTextScale((percent / 100.0) as f32));
    }
}

fn detector_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    widgets::caption(ui, "How faces are looked for in later enrollments and searches. What is enrolled stays.");
    if cx.read_only().is_some() {
        widgets::caption(ui, "Read only: they hold for searches in this window, and are not kept.");
    }
    let mut params = cx.state.settings.detector;
    if enroll::params_ui(ui, &mut params) && params.validate().is_ok() {
        cx.push(EnrollCommand::SetDetectorParams(params));
    }
    let usual = cx.state.settings.detector == DetectorParams::default();
    let reset = ui.add_enabled(!usual, egui::Button::new("Restore the usual values"));
    if reset.clicked() {
        cx.push(EnrollCommand::SetDetectorParams(DetectorParams::default()));
    }
}

/// The model in use alone: the others, and everything about them, have a screen of their own.
fn models_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    widgets::caption(ui, "A model turns a face into the numbers that are compared.");
    match cx.state.models.iter().find(|model| model.active) {
        None => {
            widgets::caption(ui, if cx.state.status.starting { "Loading\u{2026}" } else { "No model was found." });
        }
        Some(model) => {
            widgets::elided(ui, RichText::new(&model.title).font(theme::strong()));
            widgets::value_row(ui, "Name", &model.name);
            widgets::value_row(ui, "Dimensions", format::count(model.d as u64));
            widgets::value_row(ui, "Threshold", format!("{:.3}", model.threshold));
            widgets::value_row(ui, "Licence", &model.licence);
            if let Some(problem) = &model.problem {
                let text = RichText::new(problem).font(theme::small()).color(palette.bad);
                ui.add(Label::new(text).wrap().selectable(true));
            }
        }
    }
    if widgets::button(ui, "Models\u{2026}").accessible_name("Show all models").clicked() {
        cx.push(WindowCommand::ShowScreen(Screen::Models));
    }
}

fn data_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let status = &cx.state.status;
    let path = status.data_dir.display().to_string();
    widgets::value_row(ui, "Folder", &path);
    let gallery = format!(
        "{}, {}, {}",
        format::counted(status.photos, "photo", "photos"),
        format::counted(status.faces, "face", "faces"),
        format::counted(status.subjects, "subject", "subjects")
    );
    widgets::value_row(ui, "Gallery", gallery);
    widgets::caption(ui, "Faces and names stay in this folder; no photo leaves this computer.");
    ui.horizontal(|ui| {
        let known = !status.data_dir.as_os_str().is_empty();
        ui.add_enabled_ui(known, |ui| {
            if widgets::button(ui, "Show data folder").clicked() {
                cx.push(WindowCommand::ShowInFolder(status.data_dir.clone()));
            }
            if widgets::button(ui, "Copy path").clicked() {
                ui.ctx().copy_text(path.clone());
            }
        });
    });
}

fn about_ui(ui: &mut Ui) {
    widgets::value_row(ui, "Likeness", format!("version {}", env!("CARGO_PKG_VERSION")));
    widgets::value_row(ui, "Licence", "MIT or Apache-2.0");
    widgets::value_row(ui, "Typeface", "Inter, SIL Open Font License 1.1");
    let text = "Likeness finds faces in photo archives and finds a face again. A score is a hint for a person to judge, \
                never a proof of identity.";
    widgets::caption(ui, text);
}
