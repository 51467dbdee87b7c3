//! What is shown while the window is about to close and something is still to be finished.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, RichText, Ui};

use super::{Cx, format, theme, widgets};
use crate::app::{Closing, ProgramCommand};

pub(super) fn closing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    CentralPanel::default().frame(Frame::NONE.fill(palette.ground).inner_margin(24)).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.32).max(8.0));
            ui.set_max_width(520.0_f32.min(ui.available_width()));
            ui.add(egui::Spinner::new().size(28.0).color(palette.accent));
            ui.add_space(theme::GAP_SMALL);
            ui.label(RichText::new("Finishing\u{2026}").font(theme::title()));
            ui.add(Label::new(RichText::new(text_of(cx)).color(palette.text_soft)).wrap());
            ui.add_space(theme::GAP);
            let hint = "What is not on the disk by now may be lost: the photos in hand, and changes of the last moment. The \
                        gallery stays whole.";
            if widgets::button(ui, "Close now").on_hover_text(hint).clicked() {
                cx.push(ProgramCommand::CloseNow);
            }
        });
    });
}

fn text_of(cx: &Cx<'_>) -> String {
    let running: Vec<String> =
        cx.state.jobs.iter().filter(|job| !job.state.is_ended()).map(|job| told(&job.title)).collect();
    match (cx.state.closing, running.as_slice()) {
        (Some(Closing::Jobs), [one]) => {
            format!("\u{201c}{one}\u{201d} comes to a resting place. The next start takes it up again.")
        }
        (Some(Closing::Jobs), [_, _, ..]) => format!(
            "{} come to a resting place. The next start takes them up again.",
            format::counted(running.len() as u64, "job", "jobs")
        ),
        _ => "The last changes are being written.".to_owned(),
    }
}
