//! One model in full: what can be done with it, how it fares, and its manifest.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, Margin, RichText, ScrollArea, Ui, vec2};

use super::figures::{gallery_card_ui, manifest_card_ui, speed_card_ui};
use super::memory::Question;
use super::parts::missing;
use super::{chosen_model, hindrance};
use crate::app::{JobKind, Load, ModelView, ModelsCommand};
use crate::say;
use crate::ui::{Cx, theme, widgets};

pub fn detail_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 4, bottom: 0 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        let Some(model) = chosen_model(cx) else { return };
        let area = ScrollArea::vertical().id_salt(("model-detail", &model.name)).auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            ui.set_max_width((ui.available_width() - 16.0).min(860.0));
            head_ui(ui, cx, model);
            if let Some(problem) = &model.problem {
                widgets::problem_ui(ui, &say!("models-unusable", problem = told(problem)));
            }
            test_ui(ui, cx, model);
            gallery_card_ui(ui, cx, model);
            speed_card_ui(ui, cx, model);
            manifest_card_ui(ui, model);
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

fn head_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    let palette = theme::palette(ui);
    ui.add(Label::new(RichText::new(&model.title).font(theme::title())).wrap());
    ui.horizontal_wrapped(|ui| {
        if model.active {
            widgets::badge(ui, &say!("models-in-use"), palette.good, palette.good_soft);
        }
        if model.problem.is_some() {
            widgets::badge(ui, &say!("models-not-usable"), palette.bad, palette.bad_soft);
        }
        use_button_ui(ui, cx, model);
        test_button_ui(ui, cx, model);
        if model.imported {
            let in_use = || model.active.then(|| say!("models-in-use-first"));
            let reason = cx.read_only().map(str::to_owned).or_else(in_use).or_else(|| hindrance(cx));
            ui.add_enabled_ui(reason.is_none(), |ui| {
                let button = widgets::button(ui, &say!("models-remove"))
                    .accessible_name(say!("models-remove-name", title = model.title.as_str()));
                if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                    cx.memory.models.confirm = Some(Question::Remove(model.name.clone()));
                }
            });
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

/// Where nothing is left to embed it is changed to at once; else the person is told what that takes.
fn use_button_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    let missing = missing(cx, model);
    if model.active && missing.is_none_or(|missing| missing == 0) {
        return;
    }
    let reason = model.problem.as_ref().map(|_| say!("models-cannot-be-used")).or_else(|| hindrance(cx));
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let (text, name) = if model.active {
            (say!("models-embed-missing"), say!("models-embed-missing"))
        } else {
            (say!("models-use"), say!("models-use-name", title = model.title.as_str()))
        };
        let button = widgets::primary_button(ui, &text).accessible_name(name);
        if button.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            if model.active || missing == Some(0) {
                cx.push(ModelsCommand::Use(model.name.clone()));
            } else {
                cx.memory.models.confirm = Some(Question::Use(model.name.clone()));
            }
        }
    });
}

fn test_button_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    let is_running = cx.state.running_job(JobKind::TestModel).is_some();
    ui.add_enabled_ui(!is_running, |ui| {
        let button = widgets::button(ui, &say!("models-self-test"))
            .accessible_name(say!("models-test-name", title = model.title.as_str()))
            .on_hover_text(say!("models-self-test-hint"));
        if button.on_disabled_hover_text(say!("models-test-busy")).clicked() {
            cx.push(ModelsCommand::Test(model.name.clone()));
        }
    });
}

fn test_ui(ui: &mut Ui, cx: &mut Cx<'_>, model: &ModelView) {
    let palette = theme::palette(ui);
    match cx.state.models_view.tests.get(&model.name) {
        None | Some(Load::Nothing) => {}
        Some(Load::Loading) => {
            ui.horizontal(|ui| {
                widgets::spinner(ui, 14.0, &say!("models-testing"));
                widgets::caption_inline(ui, &say!("models-testing"));
            });
        }
        Some(Load::Ready(())) => {
            widgets::card(ui).fill(palette.good_soft).inner_margin(vec2(12.0, 8.0)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let text = say!("models-self-test-passed");
                ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.good)).wrap());
            });
        }
        Some(Load::Failed(reason)) => widgets::problem_ui(ui, &say!("models-self-test-failed", reason = told(reason))),
    }
}
