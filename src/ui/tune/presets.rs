//! What could be built: named recipes, and the advisor.

use crate::words::told;
use egui::{DragValue, Label, RichText, TextEdit, Ui};

use super::parts::{build_button_ui, card_ui};
use super::probes::number_row;
use super::words;
use crate::app::{Load, PresetView, TuneCommand, spec_from_text};
use crate::say;
use crate::types::Advice;
use crate::ui::{Cx, format, theme, widgets};

pub fn advisor_card_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    card_ui(ui, &say!("tune-advisor"), |ui| {
        let memory = &mut cx.memory.tune.index;
        let text = say!("tune-advisor-about");
        widgets::caption(ui, text);
        number_row(ui, &say!("tune-advice-memory"), &say!("tune-advice-memory-hint"), |ui| {
            let field = DragValue::new(&mut memory.max_gigabytes).range(0.001..=4096.0).speed(0.05).max_decimals(3);
            ui.add(field.suffix(" GB"))
        });
        number_row(ui, &say!("tune-advice-latency"), &say!("tune-advice-latency-hint"), |ui| {
            let field = DragValue::new(&mut memory.max_millis).range(0.01..=10_000.0).speed(0.05).max_decimals(2);
            ui.add(field.suffix(" ms"))
        });
        let (max_ram_bytes, max_p50_millis) = ((memory.max_gigabytes * 1e9) as u64, memory.max_millis);
        let is_asked = matches!(cx.state.tune.advice, Load::Loading);
        ui.add_enabled_ui(!is_asked, |ui| {
            if widgets::button(ui, &say!("tune-advice-ask")).clicked() {
                cx.push(TuneCommand::AskAdvice { max_ram_bytes, max_p50_millis });
            }
        });
        match &cx.state.tune.advice {
            Load::Nothing => {}
            Load::Loading => {
                widgets::spinner(ui, 16.0, &say!("tune-advice-asking"));
            }
            Load::Failed(reason) => widgets::problem_ui(ui, &told(reason)),
            Load::Ready(advice) => advice_ui(ui, cx, advice),
        }
    });
}

fn advice_ui(ui: &mut Ui, cx: &mut Cx<'_>, advice: &Advice) {
    let palette = theme::palette(ui);
    widgets::card(ui).fill(palette.accent_soft).stroke(egui::Stroke::NONE).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let spec = advice.spec.to_string();
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| widgets::elided(ui, RichText::new(&spec).font(theme::heading())).on_hover_text(&spec),
            |ui| build_button_ui(ui, cx, &advice.spec, &say!("tune-advised", spec = spec.as_str())),
        );
        let text = |text: String| Label::new(RichText::new(text).font(theme::small()).color(palette.text)).wrap();
        ui.add(text(say!("tune-advice-searched-with", params = words::params_text(&advice.spec, &advice.params))));
        for reason in &advice.reasons {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.label(RichText::new("\u{2022}").font(theme::small()).color(palette.accent));
                ui.add(text(told(reason)));
            });
        }
        let predicted = say!(
            "tune-advice-predicted",
            ram = format::bytes(advice.predicted_ram_bytes),
            disk = format::bytes(advice.predicted_disk_bytes),
            time = format::duration(advice.predicted_build_secs),
            p50 = format::millis(advice.predicted_p50_millis)
        );
        ui.add(text(predicted));
    });
}

pub fn presets_card_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    card_ui(ui, &say!("tune-build-another"), |ui| {
        own_ui(ui, cx);
        for preset in &cx.state.tune.presets {
            ui.separator();
            preset_ui(ui, cx, preset);
        }
    });
}

fn preset_ui(ui: &mut Ui, cx: &mut Cx<'_>, preset: &PresetView) {
    let palette = theme::palette(ui);
    let name = words::preset(&preset.name);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| widgets::elided(ui, RichText::new(&name).font(theme::strong())),
            |ui| build_button_ui(ui, cx, &preset.spec, &name),
        );
        let recipe = format!("{}  \u{b7}  {}", preset.spec, words::params_text(&preset.spec, &preset.params));
        widgets::elided(ui, RichText::new(&recipe).font(theme::small()).color(palette.text_soft))
            .on_hover_text(&recipe);
        for (word, text, color) in [
            (say!("tune-useful-for"), words::phrase(&preset.useful_for), palette.good),
            (say!("tune-not-useful-for"), words::phrase(&preset.not_useful_for), palette.warn),
        ] {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.label(RichText::new(word).font(theme::small_strong()).color(color));
                ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text)).wrap());
            });
        }
    });
}

/// A recipe that the person writes.
fn own_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let d = cx.state.tune.overview.as_ref().map_or(512, |overview| overview.d);
    let label = widgets::caption(ui, say!("tune-own-spec"));
    let mut own = std::mem::take(&mut cx.memory.tune.index.own);
    let checked = spec_from_text(&own, d);
    ui.horizontal(|ui| {
        let button = widgets::buttons_width(ui, &[&say!("tune-build")], 0.0) + ui.spacing().item_spacing.x;
        let edit = TextEdit::singleline(&mut own)
            .hint_text("PCA192,IVF4096,PQ64x4fsr,Refine(f16)")
            .desired_width((ui.available_width() - button).max(40.0))
            .char_limit(200);
        ui.add(edit).labelled_by(label.id);
        match &checked {
            Ok(spec) => build_button_ui(ui, cx, spec, &say!("tune-own-spec-name")),
            Err(_) => {
                ui.add_enabled(false, egui::Button::new(say!("tune-build"))).accessible_name(say!("tune-build-own"));
            }
        }
    });
    if let Err(reason) = &checked
        && !own.trim().is_empty()
    {
        ui.add(Label::new(RichText::new(told(reason)).font(theme::small()).color(palette.bad)).wrap());
    }
    cx.memory.tune.index.own = own;
}
