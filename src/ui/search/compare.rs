//! The probe and one candidate side by side.

use crate::words::told;
use egui::{Frame, Key, Modifiers, Rect, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::chosen::chosen_face;
use crate::app::{Candidate, EnrollCommand, Evidence, FaceView, Load, PhotoView, Screen, SearchCommand, WindowCommand};
use crate::say;
use crate::ui::enroll::{evidence_ui, stored_ui};
use crate::ui::theme::marks;
use crate::ui::widgets::{Framing, View};
use crate::ui::{Cx, format, keys, people, theme, widgets};

pub fn compare_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let search = &cx.state.search;
    let (Some((at, photo)), Some(candidates), Some(probe), Some(face)) =
        (&search.compare, search.candidates.ready(), search.probe.ready(), chosen_face(cx))
    else {
        gone_ui(ui, cx);
        return;
    };
    let Some(candidate) = candidates.get(*at) else {
        gone_ui(ui, cx);
        return;
    };
    take_keys(ui, cx, *at, candidates.len());
    people::take_keys(ui.ctx(), cx, candidate.subject.as_ref());
    header_ui(ui, cx, *at, candidates.len(), candidate);
    ui.add_space(theme::GAP);
    verdict_ui(ui, cx, candidate);
    ui.add_space(theme::GAP);
    let area = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(area);
    let width = (area.width() - theme::GAP_LARGE) / 2.0;
    let left = Rect::from_min_size(area.min, vec2(width, area.height()));
    let right = left.translate(vec2(width + theme::GAP_LARGE, 0.0));
    let mut left_ui = ui.new_child(UiBuilder::new().id_salt("probe side").max_rect(left));
    probe_side_ui(&mut left_ui, cx, probe, face);
    let mut right_ui = ui.new_child(UiBuilder::new().id_salt("candidate side").max_rect(right));
    candidate_side_ui(&mut right_ui, cx, candidate, photo);
}

/// The list has changed under the view.
fn gone_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    if keys::keys_are_free(ui.ctx()) && keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape) {
        cx.push(SearchCommand::Compare(None));
    }
    widgets::empty_state(ui, &say!("compare-gone"), &say!("compare-gone-about"), |ui| {
        if widgets::primary_button(ui, &say!("compare-gone-back")).clicked() {
            cx.push(SearchCommand::Compare(None));
        }
    });
}

fn take_keys(ui: &Ui, cx: &mut Cx<'_>, at: usize, count: usize) {
    if !keys::keys_are_free(ui.ctx()) {
        return;
    }
    if keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape) {
        cx.push(SearchCommand::Compare(None));
    }
    if !keys::nothing_is_focused(ui.ctx()) {
        return;
    }
    let before = at.checked_sub(1);
    let after = (at + 1 < count).then_some(at + 1);
    for (key, to) in
        [(Key::ArrowLeft, before), (Key::ArrowUp, before), (Key::ArrowRight, after), (Key::ArrowDown, after)]
    {
        if keys::pressed(ui.ctx(), Modifiers::NONE, key) && to.is_some() {
            cx.push(SearchCommand::Compare(to));
        }
    }
}

fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>, at: usize, count: usize, candidate: &Candidate) {
    let palette = theme::palette(ui);
    let mut has_room = true;
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        if widgets::button(ui, &say!("compare-back")).on_hover_text(say!("compare-back-hint")).clicked() {
            cx.push(SearchCommand::Compare(None));
        }
        let steps = [
            ("\u{2039}", say!("compare-previous"), say!("compare-previous-hint"), at.checked_sub(1)),
            ("\u{203a}", say!("compare-next"), say!("compare-next-hint"), (at + 1 < count).then_some(at + 1)),
        ];
        for (text, name, hint, to) in steps {
            let button = ui.add_enabled(to.is_some(), egui::Button::new(text).min_size(vec2(28.0, 28.0)));
            if button.accessible_name(name).on_hover_text(hint).clicked() {
                cx.push(SearchCommand::Compare(to));
            }
        }
        let place = say!("compare-place", rank = candidate.rank, n = count);
        ui.label(RichText::new(place).color(palette.text_soft));
        has_room = ui.available_width() > 430.0;
        if has_room {
            widgets::at_right(ui, |ui| {
                links_ui(ui, cx, candidate);
                framing_ui(ui, cx);
            });
        }
    });
    if !has_room {
        ui.horizontal(|ui| links_ui(ui, cx, candidate));
        framing_ui(ui, cx);
    }
}

fn framing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let memory = &mut cx.memory.search.compare;
    let options = [(true, say!("compare-faces")), (false, say!("compare-photos"))];
    if let Some(faces) = widgets::segments_ui(ui, &say!("compare-framing"), memory.frame_faces, &options) {
        memory.frame_faces = faces;
        memory.view = View::default();
    }
}

fn links_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidate: &Candidate) {
    let details = widgets::quiet_button(ui, &say!("compare-open"));
    if details.on_hover_text(say!("compare-open-hint")).clicked() {
        cx.push(EnrollCommand::SelectFace(Some(candidate.face)));
        cx.push(WindowCommand::ShowScreen(Screen::Enroll));
    }
    if widgets::quiet_button(ui, &say!("search-this-face")).clicked() {
        cx.push(SearchCommand::Compare(None));
        cx.push(SearchCommand::Face(candidate.face));
    }
}

/// What a score says, and what it does not.
fn verdict_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidate: &Candidate) {
    let palette = theme::palette(ui);
    let threshold = cx.state.search.threshold;
    let reached = candidate.score >= threshold;
    let threshold = format::score(threshold);
    let (line, about, color) = if reached {
        (say!("compare-is-above", threshold = threshold), say!("compare-above"), palette.good)
    } else {
        (say!("compare-is-below", threshold = threshold), say!("compare-below"), palette.warn)
    };
    widgets::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP_LARGE;
            let label = ui.label(RichText::new(format::score(candidate.score)).font(theme::figure()));
            label.on_hover_text(say!("compare-score-hint"));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                ui.add_space(2.0);
                ui.label(RichText::new(line).font(theme::strong()).color(color));
                widgets::caption(ui, about);
            });
        });
    });
}

fn probe_side_ui(ui: &mut Ui, cx: &mut Cx<'_>, probe: &PhotoView, face: &FaceView) {
    let texture = match (&face.crop, face.id) {
        (Some(crop), _) => cx.memory.texture(ui.ctx(), crop),
        (None, Some(id)) => cx.memory.crop_texture(ui.ctx(), cx.state, id),
        (None, None) => None,
    };
    let name = probe.path.as_deref().map_or_else(|| say!("compare-clipboard"), format::file_name);
    let hint = probe.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    let role = [say!("compare-probe"), say!("compare-probe-crop")];
    head_ui(ui, role, texture, &say!("compare-searched-face"), &name, &hint, probe.taken_at.as_deref());
    match (&probe.evidence, face.id) {
        (Evidence::Gone(reason), Some(id)) => stored_ui(ui, cx, id, &told(reason)),
        (_, id) => {
            if let Some(id) = id {
                evidence_ui(ui, cx, probe, id);
            }
            photo_ui(ui, cx, probe, Some(face), &say!("compare-probe-photo"));
        }
    }
}

fn candidate_side_ui(ui: &mut Ui, cx: &mut Cx<'_>, candidate: &Candidate, photo: &Load<PhotoView>) {
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, candidate.face);
    let who = candidate.subject.as_ref().map_or_else(|| say!("not-named"), |subject| cx.title_of(subject));
    let name = format::file_name(&candidate.photo);
    let hint = candidate.photo.display().to_string();
    let role = [say!("compare-candidate"), say!("compare-candidate-crop")];
    head_ui(ui, role, texture, &who, &name, &hint, candidate.taken_at.as_deref());
    match photo {
        Load::Ready(PhotoView { evidence: Evidence::Gone(reason), .. }) => {
            stored_ui(ui, cx, candidate.face, &told(reason))
        }
        Load::Ready(photo) => {
            evidence_ui(ui, cx, photo, candidate.face);
            let face = photo.faces.iter().find(|face| face.id == Some(candidate.face));
            photo_ui(ui, cx, photo, face, &say!("compare-candidate-photo"));
        }
        Load::Failed(reason) => {
            let palette = theme::palette(ui);
            Frame::NONE.fill(palette.canvas).corner_radius(8).inner_margin(16).show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                widgets::empty_state(ui, &say!("compare-photo-failed"), &told(reason), |_| {});
            });
        }
        Load::Nothing | Load::Loading => {
            let palette = theme::palette(ui);
            Frame::NONE.fill(palette.canvas).corner_radius(8).show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                ui.centered_and_justified(|ui| widgets::spinner(ui, 24.0, &say!("enroll-opening")));
            });
        }
    }
}

/// `role` says whose face it is, and its crop for assistive technology.
fn head_ui(
    ui: &mut Ui,
    role: [String; 2],
    texture: Option<egui::TextureId>,
    who: &str,
    photo: &str,
    photo_hint: &str,
    taken_at: Option<&str>,
) {
    let palette = theme::palette(ui);
    let [role, crop] = role;
    ui.horizontal(|ui| {
        let (rect, response) = ui.allocate_exact_size(vec2(88.0, 88.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &crop));
        widgets::crop_image(ui, rect, texture);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.add_space(6.0);
            ui.label(RichText::new(role).font(theme::small_strong()).color(palette.accent));
            widgets::elided(ui, RichText::new(who).font(theme::heading()));
            let line = RichText::new(photo).font(theme::small()).color(palette.text_soft);
            widgets::elided(ui, line).on_hover_text(photo_hint);
            let taken = taken_at.map_or_else(|| say!("compare-no-date"), format::taken_at);
            ui.label(RichText::new(taken).font(theme::small()).color(palette.text_faint));
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

fn photo_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &PhotoView, face: Option<&FaceView>, label: &str) {
    // A box of the picture that was enrolled would lie on other pixels.
    let face = face.filter(|_| photo.evidence == Evidence::Same);
    let rect = ui.available_rect_before_wrap();
    let texture = cx.memory.texture(ui.ctx(), &photo.pixels);
    let memory = &mut cx.memory.search.compare;
    let framing = match face {
        Some(face) if memory.frame_faces => Framing::Face(face.bbox),
        _ => Framing::WholePhoto,
    };
    let (mapping, painter, _) = widgets::canvas_ui(ui, rect, texture, photo, framing, &mut memory.view, label);
    if let Some(face) = face {
        widgets::draw_box(&painter, mapping.rect(face.bbox), marks::CHOSEN, 2.0);
    }
    widgets::zoom_ui(ui, rect, &mut cx.memory.search.compare.view, label);
}
