//! What is shown while the window is about to close and something is still to be finished.

use crate::words::told;
use egui::{CentralPanel, Frame, Label, RichText, Ui};

use super::{Cx, theme, widgets};
use crate::app::{Closing, ProgramCommand};
use crate::say;

pub(super) fn closing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let palette = theme::palette(ui);
    CentralPanel::default().frame(Frame::NONE.fill(palette.ground).inner_margin(24)).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.32).max(8.0));
            ui.set_max_width(520.0_f32.min(ui.available_width()));
            widgets::spinner(ui, 28.0, &say!("window-closing"));
            ui.add_space(theme::GAP_SMALL);
            ui.label(RichText::new(say!("window-closing")).font(theme::title()));
            ui.add(Label::new(RichText::new(text_of(cx)).color(palette.text_soft)).wrap());
            ui.add_space(theme::GAP);
            let now = widgets::button(ui, &say!("window-closing-now"));
            if now.on_hover_text(say!("window-closing-now-hint")).clicked() {
                cx.push(ProgramCommand::CloseNow);
            }
        });
    });
}

fn text_of(cx: &Cx<'_>) -> String {
    let running: Vec<String> =
        cx.state.jobs.iter().filter(|job| !job.state.is_ended()).map(|job| told(&job.title)).collect();
    match (cx.state.closing, running.as_slice()) {
        (Some(Closing::Jobs), [one]) => say!("window-closing-job", title = one.as_str()),
        (Some(Closing::Jobs), [_, _, ..]) => say!("window-closing-jobs", n = running.len()),
        _ => say!("window-closing-writing"),
    }
}
