//! One face: its photo, its aligned crop, its quality, its name, and a trial of the detector.

use crate::words::told;
use egui::{Frame, Key, Margin, Modifiers, Panel, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::detector;
use super::evidence::{evidence_ui, stored_ui};
use super::memory::DetailMemory;
use super::naming::name_ui;
use crate::app::{
    Command, DetailView, EnrollCommand, Evidence, FaceView, Load, PeopleCommand, PhotoView, Removal, Screen,
    SearchCommand, WindowCommand,
};
use crate::say;
use crate::types::FaceId;
use crate::ui::theme::marks;
use crate::ui::widgets::{Framing, Mapping, Pages};
use crate::ui::{Cx, format, keys, people, theme, widgets};

pub fn detail_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let Some(detail) = &cx.state.detail else { return };
    let memory = &mut cx.memory.enroll.detail;
    if memory.face != Some(detail.face) {
        let detector = std::mem::take(&mut memory.detector);
        *memory = DetailMemory { face: Some(detail.face), detector, ..DetailMemory::default() };
    }
    take_keys(ui, cx, detail);
    header_ui(ui, cx, detail);
    ui.add_space(theme::GAP_SMALL);
    match &detail.photo {
        Load::Nothing | Load::Loading => waiting_ui(ui),
        Load::Failed(reason) => {
            let text = format!("{}\n{}", told(reason), say!("enroll-photo-failed-about"));
            widgets::empty_state(ui, &say!("enroll-photo-failed"), &text, |_| {});
        }
        Load::Ready(photo) => {
            let frame = Frame::NONE.inner_margin(Margin { left: 16, right: 0, top: 0, bottom: 0 });
            let width = (ui.available_width() * 0.36).clamp(240.0, 320.0);
            let widest = (ui.available_width() * 0.45).clamp(230.0, 420.0);
            let panel = Panel::right("detail-side").frame(frame).default_size(width).size_range(220.0..=widest);
            let mut left = widgets::left_of_panel(ui, "detail-side", width);
            match &photo.evidence {
                Evidence::Gone(reason) => stored_ui(&mut left, cx, detail.face, &told(reason)),
                Evidence::Same | Evidence::Changed => {
                    evidence_ui(&mut left, cx, photo, detail.face);
                    photo_ui(&mut left, cx, detail, photo);
                }
            }
            let panel = panel.show_separator_line(false);
            widgets::side_panel_ui(ui, panel, "detail-side", &say!("enroll-about-face"), |ui| {
                widgets::scroll_ui(ui, ScrollArea::vertical().auto_shrink(false), Pages::Always, |ui| {
                    ui.set_max_width(ui.available_width() - 10.0);
                    side_ui(ui, cx, detail, photo);
                });
            });
        }
    }
}

fn face_title(face: FaceId) -> String {
    say!("enroll-face-alone", face = face.to_string())
}

pub fn waiting_ui(ui: &mut Ui) {
    let palette = theme::palette(ui);
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.4).max(24.0));
        widgets::spinner(ui, 24.0, &say!("enroll-opening"));
        ui.label(RichText::new(say!("enroll-opening")).color(palette.text_soft));
    });
}

/// The faces beside this one, as the grid shows them: the one before on the left, the next on the right.
fn neighbours(cx: &mut Cx<'_>, face: FaceId) -> (Option<usize>, Option<usize>) {
    let listed = cx.state.listed();
    let Some(place) = cx.memory.enroll.grid.place(listed, face) else { return (None, None) };
    (place.checked_sub(1), (place + 1 < listed.len()).then_some(place + 1))
}

fn go_to(cx: &mut Cx<'_>, place: usize) {
    if let Some(face) = cx.state.listed().get(place) {
        cx.memory.enroll.grid.move_to(place, face);
        cx.push(EnrollCommand::SelectFace(Some(face)));
    }
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, detail: &DetailView) {
    if !keys::keys_are_free(ui.ctx()) {
        return;
    }
    if keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape) {
        cx.push(EnrollCommand::SelectFace(None));
    }
    let photo = detail.photo.ready();
    let face = photo.and_then(|photo| photo.faces.iter().find(|face| face.id == Some(detail.face)));
    people::take_keys(ui.ctx(), cx, face.and_then(|face| face.subject.as_ref()));
    if !keys::nothing_is_focused(ui.ctx()) {
        return;
    }
    let (newer, older) = neighbours(cx, detail.face);
    for (key, place) in [(Key::ArrowLeft, newer), (Key::ArrowRight, older)] {
        if keys::pressed(ui.ctx(), Modifiers::NONE, key)
            && let Some(place) = place
        {
            go_to(cx, place);
        }
    }
}

fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>, detail: &DetailView) {
    let palette = theme::palette(ui);
    let (newer, older) = neighbours(cx, detail.face);
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        let back = widgets::button(ui, &say!("enroll-all-faces"));
        if back.on_hover_text(say!("enroll-all-faces-hint")).clicked() {
            cx.push(EnrollCommand::SelectFace(None));
        }
        for (text, name, hint, place) in [
            ("\u{2039}", say!("enroll-previous-face"), say!("enroll-previous-face-hint"), newer),
            ("\u{203a}", say!("enroll-next-face"), say!("enroll-next-face-hint"), older),
        ] {
            let button = ui.add_enabled(place.is_some(), egui::Button::new(text).min_size(vec2(28.0, 28.0)));
            let button = button.accessible_name(name).on_hover_text(hint);
            if button.clicked()
                && let Some(place) = place
            {
                go_to(cx, place);
            }
        }
        let path = detail.photo.ready().and_then(|photo| photo.path.as_deref());
        if let Some(path) = path {
            ui.add_space(theme::GAP_SMALL);
            widgets::elided(ui, RichText::new(format::file_name(path)).font(theme::heading()))
                .on_hover_text(path.display().to_string());
        } else {
            ui.label(RichText::new(face_title(detail.face)).font(theme::heading()).color(palette.text));
        }
    });
}

fn photo_ui(ui: &mut Ui, cx: &mut Cx<'_>, detail: &DetailView, photo: &PhotoView) {
    let rect = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(rect);
    let texture = cx.memory.texture(ui.ctx(), &photo.pixels);
    let memory = &mut cx.memory.enroll.detail;
    let label = say!("enroll-the-photo");
    let (mapping, painter, _) =
        widgets::canvas_ui(ui, rect, texture, photo, Framing::WholePhoto, &mut memory.view, &label);
    detector::draw_trial(&painter, &mapping, detail, &memory.detector);
    // Boxes of the picture that was enrolled would lie on other pixels.
    if memory.detector.shows_faces() && photo.evidence == Evidence::Same {
        boxes_ui(ui, cx, detail, photo, (rect, mapping, painter));
    }
    widgets::zoom_ui(ui, rect, &mut cx.memory.enroll.detail.view, &label);
}

/// The faces on the photo; another one is opened with a click or a key.
fn boxes_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    detail: &DetailView,
    photo: &PhotoView,
    (rect, mapping, painter): (egui::Rect, Mapping, egui::Painter),
) {
    for (i, face) in photo.faces.iter().enumerate() {
        let chosen = face.id == Some(detail.face);
        let bounds = mapping.rect(face.bbox);
        if chosen {
            widgets::draw_box(&painter, bounds, marks::CHOSEN, 2.5);
            widgets::draw_landmarks(&painter, &mapping, &face.landmarks);
            continue;
        }
        let target = bounds.intersect(rect);
        let Some(id) = face.id.filter(|_| target.is_positive()) else { continue };
        let response = ui.interact(target, ui.scope_id().with(("face-on-photo", i)), Sense::click());
        let name = face.subject.as_ref().map_or_else(|| face_title(id), |subject| cx.title_of(subject));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, say!("enroll-open", name = &name)));
        let width = match () {
            () if response.has_focus() => 4.0,
            () if response.hovered() => 2.5,
            () => 1.5,
        };
        widgets::draw_box(&painter, bounds, marks::OTHER, width);
        if response.on_hover_text(name).clicked() {
            cx.commands.push(Command::Enroll(EnrollCommand::SelectFace(Some(id))));
        }
    }
}

fn side_ui(ui: &mut Ui, cx: &mut Cx<'_>, detail: &DetailView, photo: &PhotoView) {
    let Some(face) = photo.faces.iter().find(|face| face.id == Some(detail.face)) else {
        widgets::caption(ui, say!("enroll-face-gone"));
        return;
    };
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        identity_ui(ui, cx, detail.face, face);
    });
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        quality_ui(ui, face);
    });
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        facts_ui(ui, cx, photo, face);
    });
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        detector::panel_ui(ui, cx.state, &mut cx.memory.enroll.detail.detector, detail, cx.commands);
    });
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        removal_ui(ui, cx, detail.face, photo, face);
    });
    ui.add_space(theme::GAP);
}

fn identity_ui(ui: &mut Ui, cx: &mut Cx<'_>, id: FaceId, face: &FaceView) {
    let palette = theme::palette(ui);
    ui.horizontal_top(|ui| {
        // Beside it the button must have its room.
        let side = if ui.available_width() < 240.0 { 56.0 } else { 96.0 };
        let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, say!("enroll-crop")));
        let texture = match &face.crop {
            Some(crop) => cx.memory.texture(ui.ctx(), crop),
            None => cx.memory.crop_texture(ui.ctx(), cx.state, id),
        };
        widgets::crop_image(ui, rect, texture);
        response.on_hover_text(say!("enroll-crop-hint"));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            let who = face.subject.as_ref().map_or_else(|| say!("not-named"), |subject| cx.title_of(subject));
            let color = if face.subject.is_some() { palette.text } else { palette.text_faint };
            widgets::elided(ui, RichText::new(who).font(theme::heading()).color(color));
            ui.label(RichText::new(face_title(id)).font(theme::small()).color(palette.text_faint));
            let text = if side < 96.0 { say!("search") } else { say!("search-this-face") };
            if widgets::primary_button(ui, &text).accessible_name(say!("search-this-face")).clicked() {
                cx.push(SearchCommand::Face(id));
                cx.push(WindowCommand::ShowScreen(Screen::Search));
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
    name_ui(ui, cx, id, face);
}

fn quality_ui(ui: &mut Ui, face: &FaceView) {
    let q = &face.quality;
    widgets::section_title(ui, &say!("quality"));
    ui.spacing_mut().item_spacing.y = 4.0;
    for (name, value, explanation) in [
        (say!("quality-overall"), q.score, say!("quality-overall-hint")),
        (say!("quality-size"), q.size, say!("quality-size-hint")),
        (say!("quality-sharpness"), q.sharpness, say!("quality-sharpness-hint")),
        (say!("quality-pose"), q.pose, say!("quality-pose-hint")),
        (say!("quality-exposure"), q.exposure, say!("quality-exposure-hint")),
        (say!("quality-detector"), q.confidence, say!("quality-detector-hint")),
    ] {
        widgets::meter_row(ui, &name, value, &explanation);
    }
}

fn facts_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &PhotoView, face: &FaceView) {
    widgets::section_title(ui, &say!("enroll-photo"));
    ui.spacing_mut().item_spacing.y = 4.0;
    if let Some(path) = &photo.path {
        widgets::value_row(ui, &say!("enroll-fact-file"), format::file_name(path));
        widgets::value_row(ui, &say!("folder"), format::folder(path));
    }
    let [width, height] = photo.size.map(u64::from);
    widgets::value_row(ui, &say!("enroll-fact-size"), say!("enroll-pixels", width = width, height = height));
    if let Some(stamp) = &photo.taken_at {
        widgets::value_row(ui, &say!("enroll-fact-taken"), format::taken_at(stamp));
    }
    widgets::value_row(ui, &say!("enroll-faces"), format::count(photo.faces.len() as u64));
    let [w, h] = [face.bbox.width(), face.bbox.height()].map(|side| side.max(0.0).round() as u64);
    widgets::value_row(ui, &say!("enroll-fact-this-face"), say!("enroll-pixels", width = w, height = h));
    if let Some(path) = &photo.path
        && widgets::button(ui, &say!("show-in-folder")).clicked()
    {
        cx.push(WindowCommand::ShowInFolder(path.clone()));
    }
}

fn removal_ui(ui: &mut Ui, cx: &mut Cx<'_>, id: FaceId, photo: &PhotoView, face: &FaceView) {
    widgets::section_title(ui, &say!("enroll-take-out"));
    let mut ways = vec![(say!("enroll-take-out-face"), Removal::Faces(vec![id]))];
    ways.extend(photo.id.map(|photo| (say!("enroll-take-out-photo"), Removal::Photos(vec![photo]))));
    if let Some(folder) = photo.path.as_deref().and_then(std::path::Path::parent) {
        ways.push((say!("enroll-take-out-folder"), Removal::Folder(folder.to_path_buf())));
    }
    if let Some(subject) = &face.subject {
        ways.push((say!("enroll-take-out-person", name = cx.title_of(subject)), Removal::FacesOf(subject.id)));
    }
    let read_only = cx.read_only();
    let asked = widgets::changing(ui, read_only, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let mut asked = None;
        for (text, removal) in ways {
            if ui.add(egui::Button::new(text).truncate()).clicked() {
                asked = Some(removal);
            }
        }
        asked
    });
    if let Some(removal) = asked {
        cx.push(PeopleCommand::AskRemoval(removal));
    }
}
