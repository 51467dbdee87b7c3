//! Settings: how the window looks, how faces are looked for, which model compares them, where everything lies.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::{Cx, enroll, fonts, format, theme, widgets};
use crate::app::{EnrollCommand, Screen, SettingsCommand, ThemeChoice, WindowCommand};
use crate::types::{DetectorParams, Language};
use crate::{say, words};

pub(super) fn screen_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let frame = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 16, bottom: 0 });
    CentralPanel::default().frame(frame).show(ui, |ui| {
        widgets::scroll_ui(ui, ScrollArea::vertical().auto_shrink(false), widgets::Pages::Always, |ui| {
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
    group(ui, &say!("settings-appearance"), |ui| appearance_ui(ui, cx));
    group(ui, &say!("settings-detector"), |ui| detector_ui(ui, cx));
}

fn right_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    group(ui, &say!("settings-model"), |ui| models_ui(ui, cx));
    group(ui, &say!("settings-data"), |ui| data_ui(ui, cx));
    group(ui, &say!("settings-about"), about_ui);
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
    ui.label(RichText::new(say!("settings-theme")).font(theme::small()).color(palette.text_soft));
    let options = [
        (ThemeChoice::System, say!("settings-theme-system")),
        (ThemeChoice::Light, say!("settings-theme-light")),
        (ThemeChoice::Dark, say!("settings-theme-dark")),
    ];
    if let Some(theme) = widgets::segments_ui(ui, &say!("settings-theme"), cx.state.settings.theme, &options)
        && theme != cx.state.settings.theme
    {
        cx.push(SettingsCommand::SetTheme(theme));
    }
    language_ui(ui, cx);
    let stored = f64::from(theme::text_scale(&cx.state.settings) * 100.0).round();
    let mut percent = cx.memory.settings.text_scale.unwrap_or(stored);
    let hint = say!("settings-text-size-hint");
    if widgets::slider_row(ui, &say!("settings-text-size"), &mut percent, 75.0..=200.0, 5.0, " %", &hint) {
        cx.memory.settings.text_scale = Some(percent);
    }
    if !ui.input(|input| input.pointer.any_down())
        && let Some(percent) = cx.memory.settings.text_scale.take()
        && (percent - stored).abs() > 0.5
    {
        cx.push(SettingsCommand::SetTextScale((percent / 100.0) as f32));
    }
}

fn language_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    ui.label(RichText::new(say!("settings-language")).font(theme::small()).color(palette.text_soft));
    // Each by its own name, for those who cannot read the present one.
    let spoken = Language::ALL.map(|language| (Some(language), language.own_name().to_owned()));
    let options: Vec<_> = [(None, say!("settings-language-system"))].into_iter().chain(spoken).collect();
    if let Some(language) = widgets::segments_ui(ui, &say!("settings-language"), cx.state.settings.language, &options)
        && language != cx.state.settings.language
    {
        cx.push(SettingsCommand::SetLanguage(language));
    }
    if words::is_forced() {
        widgets::caption(ui, say!("settings-language-forced"));
    }
    if !fonts::can_write(ui.ctx(), words::spoken()) {
        widgets::caption(ui, say!("fonts-none"));
    }
}

fn detector_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    widgets::caption(ui, say!("settings-detector-about"));
    if cx.read_only().is_some() {
        widgets::caption(ui, say!("settings-detector-read-only"));
    }
    let mut params = cx.state.settings.detector;
    if enroll::params_ui(ui, &mut params) && params.validate().is_ok() {
        cx.push(EnrollCommand::SetDetectorParams(params));
    }
    let usual = cx.state.settings.detector == DetectorParams::default();
    let reset = ui.add_enabled(!usual, egui::Button::new(say!("settings-detector-usual")));
    if reset.clicked() {
        cx.push(EnrollCommand::SetDetectorParams(DetectorParams::default()));
    }
}

/// The model in use alone: the others, and everything about them, have a screen of their own.
fn models_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    widgets::caption(ui, say!("settings-model-about"));
    match cx.state.models.iter().find(|model| model.active) {
        None => {
            widgets::caption(ui, if cx.state.status.starting { say!("loading") } else { say!("settings-no-model") });
        }
        Some(model) => {
            widgets::elided(ui, RichText::new(&model.title).font(theme::strong()));
            widgets::value_row(ui, &say!("name"), &model.name);
            widgets::value_row(ui, &say!("dimensions"), format::count(model.d as u64));
            widgets::value_row(ui, &say!("threshold"), format!("{:.3}", model.threshold));
            widgets::value_row(ui, &say!("licence"), &model.licence);
            if let Some(problem) = &model.problem {
                let text = RichText::new(told(problem)).font(theme::small()).color(palette.bad);
                ui.add(Label::new(text).wrap().selectable(true));
            }
        }
    }
    if widgets::button(ui, &say!("settings-models")).accessible_name(say!("settings-models-hint")).clicked() {
        cx.push(WindowCommand::ShowScreen(Screen::Models));
    }
}

fn data_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let status = &cx.state.status;
    let path = status.data_dir.display().to_string();
    widgets::value_row(ui, &say!("folder"), &path);
    let gallery = say!(
        "settings-gallery-holds",
        photos = say!("photos", n = status.photos),
        faces = say!("faces", n = status.faces),
        subjects = say!("subjects", n = status.subjects)
    );
    widgets::value_row(ui, &say!("settings-gallery"), gallery);
    widgets::caption(ui, say!("settings-stays-here"));
    ui.horizontal(|ui| {
        let known = !status.data_dir.as_os_str().is_empty();
        ui.add_enabled_ui(known, |ui| {
            if widgets::button(ui, &say!("settings-show-folder")).clicked() {
                cx.push(WindowCommand::ShowInFolder(status.data_dir.clone()));
            }
            if widgets::button(ui, &say!("copy-path")).clicked() {
                ui.ctx().copy_text(path.clone());
            }
        });
    });
}

fn about_ui(ui: &mut Ui) {
    widgets::value_row(ui, &say!("likeness"), say!("settings-version", version = env!("CARGO_PKG_VERSION")));
    widgets::value_row(ui, &say!("licence"), say!("settings-licence"));
    widgets::value_row(ui, &say!("settings-typeface"), say!("settings-typeface-name"));
    widgets::caption(ui, say!("settings-what-it-is"));
}
