//! One model in full: what can be done with it, how it fares, and its manifest.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, Margin, RichText, ScrollArea, Ui, vec2};

use super::figures::{gallery_card_ui, manifest_card_ui, speed_card_ui};
use super::memory::Question;
use super::parts::missing;
use super::{chosen_model, hindrance};
use crate::app::{JobKind, Load, ModelView, ModelsCommand};
use crate::ui::{Cx, theme, widgets};

pub fn detail_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let centre = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 4, top: 4, bottom: 0 });
    CentralPanel::default().frame(centre).show(ui, |ui| {
        let Some(model) = chosen_model(cx) else { return };
        ScrollArea::vertical().id_salt(("model detail", &model.name)).auto_shrink(false).show(ui, |ui| {
            ui.set_max_width((ui.available_width() - 16.0).min(860.0));
            head_ui(ui, cx, model);
            if let Some(problem) = &model.problem {
                widgets::problem_ui(ui, &format!("It cannot be used: {}", told(problem)));
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
            widgets::badge(ui, "In use", palette.good, palette.good_soft);
        }
        if model.problem.is_some() {
            widgets::badge(ui, "Not usable", palette.bad, palette.bad_soft);
        }
        use_button_ui(ui, cx, model);
        test_button_ui(ui, cx, model);
        if model.imported {
            let in_use = model.active.then_some("It is in use; choose another one first");
            let reason = cx.read_only().or(in_use).or_else(|| hindrance(cx));
            ui.add_enabled_ui(reason.is_none(), |ui| {
                let button = widgets::button(ui, "Remove\u{2026}").accessible_name(format!("Remove {}", model.title));
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
    let reason = model.problem.as_ref().map(|_| "It cannot be used").or_else(|| hindrance(cx));
    ui.add_enabled_ui(reason.is_none(), |ui| {
        let (text, name) = if model.active {
            ("Embed the missing faces", "Embed the missing faces".to_owned())
        } else {
            ("Use this model", format!("Use {}", model.title))
        };
        let button = widgets::primary_button(ui, text).accessible_name(name);
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
        let button = widgets::button(ui, "Self-test").accessible_name(format!("Test {}", model.title)).on_hover_text(
            "Checksum, loading, finite vectors of unit length, the same alone and in a batch, and two views of one drawn \
             face nearer to each other than to another",
        );
        if button.on_disabled_hover_text("A model is being tested").clicked() {
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
                ui.add(egui::Spinner::new().size(14.0).color(palette.accent));
                widgets::caption_inline(ui, "Testing\u{2026}");
            });
        }
        Some(Load::Ready(())) => {
            widgets::card(ui).fill(palette.good_soft).inner_margin(vec2(12.0, 8.0)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let text = "Self-test passed: the weights are as they were imported, and the network does its work.";
                ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.good)).wrap());
            });
        }
        Some(Load::Failed(reason)) => widgets::problem_ui(ui, &format!("Self-test failed: {}", told(reason))),
    }
}
