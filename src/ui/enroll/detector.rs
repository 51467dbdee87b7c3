//! The detector's parameters, and what each of its stages lets through on one photo.

use crate::words::told;
use egui::{Color32, Painter, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use super::memory::DetectorMemory;
use crate::app::{AppState, Command, DetailView, EnrollCommand, Load, Trial};
use crate::say;
use crate::types::{DetectorParams, Effort, ScoredBox};
use crate::ui::theme::marks;
use crate::ui::widgets::Mapping;
use crate::ui::{format, theme, widgets};

/// More boxes than this are not drawn: they would hide the photo and cost a frame.
const BOXES_DRAWN: usize = 1500;

/// Sliders and numbers for every parameter. True when one changed.
pub fn params_ui(ui: &mut Ui, params: &mut DetectorParams) -> bool {
    let mut changed = false;
    let mut size = f64::from(params.min_face_size);
    let hint = say!("detector-least-hint");
    if widgets::slider_row(ui, &say!("detector-least"), &mut size, 12.0..=400.0, 1.0, " px", &hint) {
        params.min_face_size = size as f32;
        changed = true;
    }
    let mut factor = f64::from(params.scale_factor);
    let hint = say!("detector-step-hint");
    if widgets::slider_row(ui, &say!("detector-step"), &mut factor, 0.5..=0.94, 0.001, "", &hint) {
        params.scale_factor = factor as f32;
        changed = true;
    }
    let stages = [
        (say!("detector-pnet"), say!("detector-pnet-hint")),
        (say!("detector-rnet"), say!("detector-rnet-hint")),
        (say!("detector-onet"), say!("detector-onet-hint")),
    ];
    for ((name, hint), threshold) in stages.into_iter().zip(&mut params.thresholds) {
        let mut value = f64::from(*threshold);
        if widgets::slider_row(ui, &name, &mut value, 0.0..=1.0, 0.01, "", &hint) {
            *threshold = value as f32;
            changed = true;
        }
    }
    changed |= max_side_ui(ui, params);
    changed | effort_ui(ui, params, &say!("detector-effort-of-trial"))
}

/// The choice between speed and small faces on large photos, `name` for assistive technology. True when it changed.
pub fn effort_ui(ui: &mut Ui, params: &mut DetectorParams, name: &str) -> bool {
    let option = |effort| match effort {
        Effort::Fast => (effort, say!("detector-effort-fast")),
        Effort::Thorough => (effort, say!("detector-effort-thorough")),
    };
    let chosen = ui.horizontal_wrapped(|ui| {
        ui.label(say!("detector-effort"));
        widgets::segments_ui(ui, name, params.effort, &Effort::ALL.map(option))
    });
    chosen.response.on_hover_text(say!("detector-effort-hint"));
    match chosen.inner {
        Some(effort) if effort != params.effort => {
            params.effort = effort;
            true
        }
        _ => false,
    }
}

fn max_side_ui(ui: &mut Ui, params: &mut DetectorParams) -> bool {
    let mut limited = params.max_image_side != 0;
    let mut changed = false;
    let hint = say!("detector-scale-down-hint");
    if ui.checkbox(&mut limited, say!("detector-scale-down")).on_hover_text(&hint).changed() {
        params.max_image_side = if limited { DetectorParams::default().max_image_side } else { 0 };
        changed = true;
    }
    if limited {
        let mut side = f64::from(params.max_image_side);
        if widgets::slider_row(ui, &say!("detector-side"), &mut side, 64.0..=8000.0, 16.0, " px", &hint) {
            params.max_image_side = side.round() as u32;
            changed = true;
        }
    }
    changed
}

pub fn panel_ui(
    ui: &mut Ui,
    state: &AppState,
    memory: &mut DetectorMemory,
    detail: &DetailView,
    commands: &mut Vec<Command>,
) {
    widgets::section_title(ui, &say!("detector"));
    widgets::caption(ui, say!("detector-about"));
    let stored = state.settings.detector;
    let mut params = memory.draft.unwrap_or(stored);
    if params_ui(ui, &mut params) {
        memory.draft = (params != stored).then_some(params);
    }
    ui.horizontal_wrapped(|ui| {
        let busy = detail.trial == Load::Loading;
        let tryout = ui.add_enabled_ui(!busy, |ui| widgets::primary_button(ui, &say!("detector-try"))).inner;
        if tryout.clicked() {
            commands.push(Command::Enroll(EnrollCommand::TryDetector(params)));
        }
        if busy {
            widgets::spinner(ui, 18.0, &say!("detector-trying"));
        }
        let differs = params != stored;
        let reason = state.status.read_only.as_ref().map(told).or_else(|| (!differs).then(|| say!("detector-in-use")));
        let keep = ui.add_enabled(reason.is_none(), egui::Button::new(say!("detector-keep")));
        if keep.on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            commands.push(Command::Enroll(EnrollCommand::SetDetectorParams(params)));
            memory.draft = None;
        }
        if differs && widgets::quiet_button(ui, &say!("reset")).accessible_name(say!("detector-reset")).clicked() {
            memory.draft = None;
        }
    });
    match &detail.trial {
        Load::Failed(reason) => {
            let palette = theme::palette(ui);
            ui.label(RichText::new(say!("detector-failed", reason = reason)).font(theme::small()).color(palette.bad));
        }
        Load::Ready(trial) => trial_ui(ui, memory, trial),
        Load::Nothing | Load::Loading => {}
    }
}

fn trial_ui(ui: &mut Ui, memory: &mut DetectorMemory, trial: &Trial) {
    let palette = theme::palette(ui);
    let trace = &trial.trace;
    let faces = say!("faces", n = trace.detections.len());
    let text = say!("detector-faces-in", faces = faces, time = format::millis(trial.millis));
    ui.label(RichText::new(text).font(theme::strong()));
    let stages = [
        (say!("detector-pnet-boxes"), marks::PNET, trace.pnet.len()),
        (say!("detector-rnet-boxes"), marks::RNET, trace.rnet.len()),
        (say!("detector-onet-boxes"), marks::ONET, trace.onet.len()),
        (say!("detector-enrolled-faces"), marks::CHOSEN, usize::MAX),
    ];
    ui.spacing_mut().item_spacing.y = 4.0;
    for ((name, color, count), shown) in stages.into_iter().zip(&mut memory.shown) {
        ui.horizontal(|ui| {
            let (swatch, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
            ui.painter().rect(
                swatch,
                2.0,
                color,
                egui::Stroke::new(1.0, palette.border_strong),
                egui::StrokeKind::Inside,
            );
            let text =
                if count == usize::MAX { name.clone() } else { format!("{name}  {}", format::count(count as u64)) };
            ui.checkbox(shown, text).widget_info(|| WidgetInfo::selected(Role::CheckBox, true, *shown, &name));
        });
    }
    let most = [trace.pnet.len(), trace.rnet.len(), trace.onet.len()].into_iter().max().unwrap_or(0);
    if most > BOXES_DRAWN {
        let text = say!("detector-boxes-drawn", n = BOXES_DRAWN);
        widgets::caption(ui, text);
    }
}

/// The boxes of the stages that are switched on, over the photo.
pub fn draw_trial(painter: &Painter, mapping: &Mapping, detail: &DetailView, memory: &DetectorMemory) {
    let Some(trial) = detail.trial.ready() else { return };
    let stages = [
        (&trial.trace.pnet, marks::PNET, 1.0),
        (&trial.trace.rnet, marks::RNET, 1.5),
        (&trial.trace.onet, marks::ONET, 2.0),
    ];
    for ((boxes, color, width), shown) in stages.into_iter().zip(memory.shown) {
        if shown {
            draw_boxes(painter, mapping, boxes, color, width);
        }
    }
}

fn draw_boxes(painter: &Painter, mapping: &Mapping, boxes: &[ScoredBox], color: Color32, width: f32) {
    let mut threshold = f32::NEG_INFINITY;
    if boxes.len() > BOXES_DRAWN {
        let mut sure: Vec<f32> = boxes.iter().map(|b| b.confidence).collect();
        sure.select_nth_unstable_by(BOXES_DRAWN - 1, |a, b| b.total_cmp(a));
        threshold = sure[BOXES_DRAWN - 1];
    }
    for scored in boxes.iter().filter(|b| b.confidence >= threshold).take(BOXES_DRAWN) {
        let rect = mapping.rect(scored.bbox);
        if rect.intersects(painter.clip_rect()) {
            painter.rect_stroke(rect, 1.0, egui::Stroke::new(width, color), egui::StrokeKind::Middle);
        }
    }
}
