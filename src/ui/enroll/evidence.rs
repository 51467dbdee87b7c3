//! What a photo's file is now, where it is no longer what was enrolled.

use egui::{Align, Frame, Label, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Evidence, PhotoView};
use crate::say;
use crate::types::FaceId;
use crate::ui::{Cx, theme, widgets};

/// Says that the file has changed, beside the face as it was enrolled. Nothing where it is as it was, and nothing where it
/// is gone: [`stored_ui`] takes the photo's place then.
pub fn evidence_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &PhotoView, face: FaceId) {
    if photo.evidence != Evidence::Changed {
        return;
    }
    let palette = theme::palette(ui);
    Frame::NONE.fill(palette.warn_soft).corner_radius(8).inner_margin(10).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let width = ui.available_width();
        let layout = if width < 220.0 { Layout::top_down(Align::Min) } else { Layout::left_to_right(Align::Min) };
        ui.with_layout(layout, |ui| {
            // Where there is little room the words need it, and the photo below.
            let small = ui.available_width() < 300.0 || ui.available_height() < 300.0;
            crop_ui(ui, cx, face, if small { 48.0 } else { 88.0 });
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                let title = say!("evidence-changed");
                ui.add(Label::new(RichText::new(title).font(theme::strong()).color(palette.warn)).wrap());
                let text = say!("evidence-changed-about");
                ui.add(Label::new(RichText::new(text).font(theme::small()).color(palette.text)).wrap());
            });
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

/// The face as it was enrolled in the place of a photo that cannot be read, with the reason.
pub fn stored_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId, reason: &str) {
    let palette = theme::palette(ui);
    Frame::NONE.fill(palette.canvas).corner_radius(8).inner_margin(16).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ui.vertical_centered(|ui| {
            let side = ui.available_height().min(ui.available_width()).min(420.0) * 0.62;
            ui.add_space((ui.available_height() - side - 96.0).max(0.0) * 0.4);
            crop_ui(ui, cx, face, side.max(48.0));
            ui.add_space(theme::GAP_SMALL);
            ui.label(RichText::new(say!("evidence-gone")).font(theme::heading()));
            ui.set_max_width(560.0_f32.min(ui.available_width()));
            let reason = crate::ui::format::capital(reason.trim_end_matches('.'));
            let text = say!("evidence-gone-about", reason = reason);
            ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap().selectable(true));
        });
    });
}

fn crop_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId, side: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, say!("evidence-crop")));
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, face);
    widgets::crop_image(ui, Rect::from_min_size(rect.min, vec2(side, side)), texture);
}
