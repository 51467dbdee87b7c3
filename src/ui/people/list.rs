//! People to choose from.

use egui::{Align, Layout, RichText, Ui};

use crate::say;
use crate::types::{SubjectId, SubjectRecord};
use crate::ui::{Cx, theme};

/// A line each: who, and how many faces; returns who was clicked. `label` says it to assistive technology.
pub fn people_list_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    people: &[SubjectRecord],
    label: impl Fn(&str) -> String,
) -> Option<SubjectId> {
    let palette = theme::palette(ui);
    let mut chosen = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for person in people {
            let title = cx.title_of(&person.subject_name());
            ui.horizontal(|ui| {
                let about = say!("faces", n = person.faces);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(RichText::new(about).font(theme::small()).color(palette.text_faint));
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let button = egui::Button::new(RichText::new(&title)).truncate().frame_when_inactive(false);
                        let button = ui.add(button).accessible_name(label(&title));
                        if button.on_hover_text(person.note.as_deref().unwrap_or(&title)).clicked() {
                            chosen = Some(person.id);
                        }
                    });
                });
            });
        }
    });
    chosen
}
