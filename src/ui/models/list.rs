//! The models as a list of cards.

use crate::words::told;
use egui::{
    Frame, Label, Margin, Panel, Response, RichText, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo,
};

use super::chosen_model;
use super::parts::JOBS;
use crate::app::{Command, ModelView, ModelsCommand, short_digest};
use crate::say;
use crate::ui::tune::jobs_ui;
use crate::ui::{Cx, format, theme, widgets};

pub fn list_panel_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    let side = Frame::NONE.fill(palette.ground).inner_margin(Margin { left: 16, right: 8, top: 4, bottom: 0 });
    let width = (ui.available_width() * 0.38).clamp(280.0, 460.0);
    let panel = Panel::left("models-list").frame(side).default_size(width).size_range(264.0..=620.0);
    widgets::side_panel_ui(ui, panel, "models-list", &say!("models-all"), |ui| {
        let area = ScrollArea::vertical().id_salt("models-list").auto_shrink(false);
        widgets::scroll_ui(ui, area, widgets::Pages::WithFocus, |ui| {
            ui.set_max_width(ui.available_width() - 10.0);
            jobs_ui(ui, cx, &JOBS);
            let chosen = chosen_model(cx).map(|model| model.name.clone());
            for model in &cx.state.models {
                let is_chosen = chosen.as_ref() == Some(&model.name);
                let card = card_ui(ui, model, is_chosen);
                if is_chosen && std::mem::take(&mut cx.memory.models.reveal) {
                    card.scroll_to_me(None);
                }
                if card.clicked() {
                    cx.memory.models.chosen = Some(model.name.clone());
                }
            }
            left_over_ui(ui, cx);
            for reason in &cx.state.models_view.unreadable {
                widgets::note_ui(ui, &say!("models-folder-unusable", reason = told(reason)));
            }
            ui.add_space(theme::GAP_LARGE);
        });
    });
}

/// A card that can be clicked, `name` for assistive technology; the chosen one has a ring.
pub fn choice_card_ui(
    ui: &mut Ui,
    key: (&str, &str),
    name: String,
    chosen: bool,
    contents: impl FnOnce(&mut Ui),
) -> Response {
    let palette = theme::palette(ui);
    let id = ui.make_persistent_id(key);
    let builder = UiBuilder::new().scope_id(id).sense(Sense::click());
    let response = ui
        .scope_builder(builder, |ui| {
            let hovered = ui.response().hovered();
            let fill = if hovered && !chosen { palette.hover } else { palette.surface };
            // The ring takes its place from the margin, so that nothing moves.
            let (stroke, margin) =
                if chosen { (Stroke::new(2.0, palette.accent), 11) } else { (Stroke::new(1.0, palette.border), 12) };
            widgets::card(ui).fill(fill).stroke(stroke).inner_margin(Margin::same(margin)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 3.0;
                ui.spacing_mut().interact_size.y = 18.0;
                contents(ui);
            });
        })
        .response;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &name));
    widgets::focus_ring(ui, &response, response.rect);
    response
}

fn card_ui(ui: &mut Ui, model: &ModelView, chosen: bool) -> Response {
    let palette = theme::palette(ui);
    choice_card_ui(ui, ("model", &model.name), say!("models-show", title = model.title.as_str()), chosen, |ui| {
        title_ui(ui, model);
        for line in lines(model) {
            let text = RichText::new(&line).font(theme::small()).color(palette.text_soft);
            ui.add(Label::new(text).truncate());
        }
        if model.problem.is_some() {
            ui.label(RichText::new(say!("models-open-it")).font(theme::small()).color(palette.bad));
        }
    })
}

fn title_ui(ui: &mut Ui, model: &ModelView) {
    let palette = theme::palette(ui);
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| widgets::elided(ui, RichText::new(&model.title).font(theme::strong())),
        |ui| {
            if model.active {
                widgets::badge(ui, &say!("models-in-use"), palette.good, palette.good_soft);
            }
            if model.problem.is_some() {
                widgets::badge(ui, &say!("models-not-usable"), palette.bad, palette.bad_soft);
            }
        },
    );
}

/// What tells it from others, in three lines.
fn lines(model: &ModelView) -> [String; 3] {
    let dot = "  \u{b7}  ";
    let origin = if model.imported { say!("models-origin-imported") } else { say!("models-built-in") };
    let bytes = if model.bytes > 0 { format::bytes(model.bytes) } else { say!("models-weights-missing") };
    let speed = model.speed.as_ref().map(|speed| {
        let fastest = speed.one_thread.batched_per_sec().max(speed.all_threads.batched_per_sec());
        say!("models-faces-a-second", rate = format::rate(fastest))
    });
    let digest = model.digest.as_deref().map_or_else(|| say!("models-no-digest"), |d| short_digest(d).to_owned());
    let dimensions = say!("models-dimensions-line", d = model.d);
    let threshold = say!("models-threshold-line", score = format::score(model.threshold));
    [
        [model.architecture.clone(), dimensions, bytes, origin].join(dot),
        [Some(threshold), speed, Some(digest)].into_iter().flatten().collect::<Vec<_>>().join(dot),
        say!("models-licence-line", licence = model.licence.as_str()),
    ]
}

/// Embeddings whose model is gone take up space for nothing.
fn left_over_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    for stored in &cx.state.models_view.left_over {
        widgets::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let text = say!(
                "models-left-over",
                embeddings = say!("models-embeddings", n = stored.faces),
                model = stored.name.as_str()
            );
            widgets::caption(ui, text);
            let free = widgets::changing(ui, cx.read_only(), |ui| {
                let button = widgets::button(ui, &say!("models-free-left", bytes = format::bytes(stored.bytes)));
                button.accessible_name(say!("models-forget-name", title = stored.name.as_str())).clicked()
            });
            if free {
                cx.commands.push(Command::Models(ModelsCommand::ForgetEmbeddings(stored.name.clone())));
            }
        });
    }
}
