use crate::words::told;
use egui::{Align, Align2, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::{Command, Evidence, Load, PhotoView, SearchCommand};
use crate::say;
use crate::ui::theme::marks;
use crate::ui::widgets::{Framing, View};
use crate::ui::{Cx, DialogKind, format, theme, widgets};

pub fn probe_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    widgets::section_title(ui, &say!("probe"));
    ui.horizontal_wrapped(|ui| {
        if widgets::primary_button(ui, &say!("search-choose")).on_hover_text(say!("search-choose-hint")).clicked() {
            cx.memory.dialogs.open(ui.ctx(), DialogKind::ProbePhoto);
        }
        let begun = cx.state.search.probe != Load::Nothing;
        if begun && widgets::button(ui, &say!("search-clear")).on_hover_text(say!("search-clear-hint")).clicked() {
            cx.push(SearchCommand::Clear);
        }
    });
    match &cx.state.search.probe {
        Load::Nothing => {
            widgets::caption(ui, say!("probe-drop-hint"));
        }
        Load::Loading => {
            ui.add_space(theme::GAP);
            ui.horizontal(|ui| {
                widgets::spinner(ui, 18.0, &say!("probe-looking"));
                ui.label(say!("probe-looking"));
            });
        }
        Load::Failed(reason) => {
            let palette = theme::palette(ui);
            widgets::card(ui).fill(palette.bad_soft).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(say!("probe-failed")).font(theme::strong()).color(palette.bad));
                ui.add(egui::Label::new(told(reason)).wrap().selectable(true));
                widgets::caption(ui, say!("probe-failed-about"));
            });
        }
        Load::Ready(photo) => {
            photo_ui(ui, cx, photo);
            faces_ui(ui, cx, photo);
            latency_ui(ui, cx);
        }
    }
    ui.add_space(theme::GAP_LARGE);
    limits_ui(ui, cx);
    ui.add_space(theme::GAP_LARGE);
}

fn photo_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &PhotoView) {
    let palette = theme::palette(ui);
    let [width, height] = photo.size.map(|side| side.max(1) as f32);
    let shown = vec2(ui.available_width(), (ui.available_width() * height / width).clamp(120.0, 320.0));
    let (rect, _) = ui.allocate_exact_size(shown, Sense::hover());
    let texture = cx.memory.texture(ui.ctx(), &photo.pixels);
    let place = std::sync::Arc::as_ptr(&photo.pixels) as usize;
    let memory = &mut cx.memory.search.probe;
    if std::mem::replace(&mut memory.photo, place) != place {
        memory.view = View::default();
    }
    let view = &mut memory.view;
    let (mapping, painter, _) =
        widgets::canvas_ui(ui, rect, texture, photo, Framing::WholePhoto, view, &say!("probe-photo"));
    let chosen = cx.state.search.chosen;
    // Boxes of the picture that was enrolled do not belong on other pixels.
    let faces = if photo.evidence == Evidence::Same { photo.faces.as_slice() } else { &[] };
    for (i, face) in faces.iter().enumerate() {
        let bounds = mapping.rect(face.bbox);
        let target = bounds.intersect(rect);
        let hovered = if target.is_positive() {
            let response = ui.interact(target, ui.scope_id().with(("probe-box", i)), Sense::CLICK);
            let name = || say!("probe-face-on-photo", i = i + 1, n = photo.faces.len());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, i == chosen, name()));
            if response.clicked() && i != chosen {
                cx.commands.push(Command::Search(SearchCommand::ChooseFace(i)));
            }
            response.hovered()
        } else {
            false
        };
        if i == chosen {
            widgets::draw_box(&painter, bounds, marks::CHOSEN, 2.5);
            widgets::draw_landmarks(&painter, &mapping, &face.landmarks);
        } else {
            widgets::draw_box(&painter, bounds, marks::OTHER, if hovered { 2.5 } else { 1.5 });
        }
    }
    widgets::zoom_ui(ui, rect, &mut cx.memory.search.probe.view, &say!("probe-photo"));
    let about = match &photo.evidence {
        Evidence::Same => None,
        Evidence::Changed => Some(say!("probe-changed")),
        Evidence::Gone(_) => Some(say!("probe-gone")),
    };
    if let Some(about) = about {
        ui.add(egui::Label::new(RichText::new(about).font(theme::small()).color(palette.warn)).wrap());
    }
    if let Some(notice) = &photo.partly_read {
        let text = RichText::new(say!("probe-partly-read", notice = notice)).font(theme::small()).color(palette.warn);
        ui.add(egui::Label::new(text).wrap().selectable(true));
    }
    if let Some(path) = &photo.path {
        let name = RichText::new(format::file_name(path)).font(theme::small()).color(palette.text_soft);
        widgets::elided(ui, name).on_hover_text(path.display().to_string());
    } else {
        widgets::caption(ui, say!("probe-from-clipboard"));
    }
}

fn faces_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &PhotoView) {
    let palette = theme::palette(ui);
    let chosen = cx.state.search.chosen;
    if photo.faces.is_empty() {
        widgets::card(ui).fill(palette.warn_soft).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(say!("probe-no-face")).font(theme::strong()).color(palette.warn));
            widgets::caption(ui, say!("probe-no-face-about"));
        });
        return;
    }
    let text = say!("probe-faces", n = photo.faces.len());
    ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft));
    ui.horizontal_wrapped(|ui| {
        for (i, face) in photo.faces.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(56.0, 56.0), Sense::click());
            let name = || say!("probe-face", i = i + 1, n = photo.faces.len());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, i == chosen, name()));
            let texture = match (&face.crop, face.id) {
                (Some(crop), _) => cx.memory.texture(ui.ctx(), crop),
                (None, Some(id)) => cx.memory.crop_texture(ui.ctx(), cx.state, id),
                (None, None) => None,
            };
            widgets::crop_image(ui, rect, texture);
            if i < 9 && photo.faces.len() > 1 {
                number_ui(ui, rect, i + 1, i == chosen);
            }
            if i == chosen {
                let stroke = egui::Stroke::new(2.5, palette.accent);
                ui.painter().rect_stroke(rect.expand(1.0), 7.0, stroke, egui::StrokeKind::Middle);
            }
            widgets::focus_ring(ui, &response, rect);
            let quality = format!("{:.2}", face.quality.score);
            let hint = say!("probe-face-quality", i = i + 1, n = photo.faces.len(), quality = quality);
            if response.on_hover_text(hint).clicked() && i != chosen {
                cx.push(SearchCommand::ChooseFace(i));
            }
        }
    });
    if let Some(face) = photo.faces.get(chosen)
        && face.quality.score < 0.35
    {
        let text = say!("probe-low-quality");
        ui.label(RichText::new(text).font(theme::small()).color(palette.warn));
    }
}

fn number_ui(ui: &Ui, crop: Rect, number: usize, chosen: bool) {
    let palette = theme::palette(ui);
    let (fill, text) = if chosen { (palette.accent, palette.on_accent) } else { (palette.surface, palette.text_soft) };
    let rect = Rect::from_min_size(crop.min + vec2(3.0, 3.0), vec2(16.0, 16.0));
    ui.painter().rect_filled(rect, 4.0, fill);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, number, theme::small_strong(), text);
}

fn latency_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let search = &cx.state.search;
    let mut parts = Vec::new();
    if search.probe_millis > 0.0 {
        parts.push(say!("probe-found-in", time = format::millis(search.probe_millis)));
    }
    if search.candidates.ready().is_some() && search.search_millis > 0.0 {
        let searched = search.passing.map_or(cx.state.status.faces, |passing| passing as u64);
        let (faces, time) = (say!("faces", n = searched), format::millis(search.search_millis));
        parts.push(say!("probe-searched-in", faces = faces, time = time));
    }
    if !parts.is_empty() {
        widgets::caption(ui, parts.join("  \u{b7}  "));
    }
}

fn limits_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    widgets::section_title(ui, &say!("search-candidates"));
    let mut threshold = f64::from(cx.state.search.threshold);
    let hint = say!("search-threshold-hint");
    if widgets::slider_row(ui, &say!("threshold"), &mut threshold, 0.0..=1.0, 0.001, "", &hint) {
        cx.push(SearchCommand::SetThreshold(threshold as f32));
    }
    let advised = cx.state.models.iter().find(|model| model.active).map(|model| model.threshold);
    if let Some(advised) = advised
        && (advised - cx.state.search.threshold).abs() > 5e-4
    {
        let text = say!("search-threshold-of-model", threshold = format::score(advised));
        if widgets::text_button(ui, &text).clicked() {
            cx.push(SearchCommand::SetThreshold(advised));
        }
    }
    let mut range = cx.state.search.range;
    let hint = say!("search-all-above-hint");
    if ui.checkbox(&mut range, say!("search-all-above")).on_hover_text(hint).changed() {
        cx.push(SearchCommand::SetRange(range));
    }
    let mut k = cx.state.search.k as u64;
    ui.add_enabled_ui(!range, |ui| limit_ui(ui, cx, &mut k));
}

fn limit_ui(ui: &mut Ui, cx: &mut Cx<'_>, k: &mut u64) {
    ui.horizontal(|ui| {
        let palette = theme::palette(ui);
        let label = RichText::new(say!("search-at-most")).font(theme::small()).color(palette.text_soft);
        ui.label(label).on_hover_text(say!("search-at-most-hint"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let number =
                egui::DragValue::new(k).range(1..=1000).speed(0.25).suffix(format!(" {}", say!("search-at-most-unit")));
            if ui.add(number).accessible_name(say!("search-at-most-number")).changed() {
                cx.push(SearchCommand::SetK(usize::try_from(*k).unwrap_or(usize::MAX)));
            }
        });
    });
}
