//! A person in full: faces with the odd ones first, faces that may be the person's, and what is odd about them.

use std::collections::HashMap;

use egui::{ComboBox, Key, Modifiers, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};

use super::memory::{PersonMemory, PersonOrder, PersonTab};
use super::row::about;
use crate::app::{
    Alarm, AlarmKind, Change, EnrollCommand, Naming, PeopleCommand, Person, PersonFace, RosterCommand, Screen,
    Suggestion, Who, WindowCommand,
};
use crate::say;
use crate::types::{FaceId, SubjectName};
use crate::ui::faces::{Chosen, Grid, grid_ui, selection_ui};
use crate::ui::{Cx, format, keys, people, theme, widgets};

/// Somebody else is on view: what was chosen and typed is about the one before.
pub fn follow(cx: &mut Cx<'_>, who: Who) {
    if cx.memory.roster.person.who != Some(who) {
        let crop_side = cx.memory.roster.person.faces.grid.crop_side;
        cx.memory.roster.person = PersonMemory { who: Some(who), ..PersonMemory::default() };
        cx.memory.roster.person.faces.grid.crop_side = crop_side;
    }
}

/// A click, or Esc where nothing else takes it.
pub fn back_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let is_free = keys::keys_are_free(ui.ctx()) && cx.memory.roster.person.faces.selection.is_empty();
    let by_key = is_free && keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape);
    if widgets::button(ui, &say!("roster-back")).on_hover_text(say!("roster-back-hint")).clicked() || by_key {
        cx.push(RosterCommand::Open(None));
    }
}

/// Who was on view is no more.
pub fn gone_ui(ui: &mut Ui, cx: &mut Cx<'_>, reason: &str) {
    widgets::empty_state(ui, &say!("roster-gone"), reason, |ui| back_ui(ui, cx));
}

/// Shows a face in its photo.
pub fn open_face(cx: &mut Cx<'_>, face: FaceId) {
    cx.push(WindowCommand::ShowScreen(Screen::Enroll));
    cx.push(EnrollCommand::SelectFace(Some(face)));
}

pub fn person_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    person: &Person,
    faces: &[PersonFace],
    suggestions: &[Suggestion],
    alarms: &[Alarm],
) {
    let subject = SubjectName { id: person.id, name: person.name.clone() };
    let title = cx.title_of(&subject);
    people::take_keys(ui.ctx(), cx, Some(&subject));
    header_ui(ui, cx, person, &title);
    ui.add_space(theme::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        let tabs = [
            (PersonTab::Faces, say!("roster-faces", n = faces.len())),
            (PersonTab::Suggestions, say!("roster-suggested", n = suggestions.len())),
            (PersonTab::Alarms, say!("roster-odd", n = alarms.len())),
        ];
        let tab = cx.memory.roster.person.tab;
        if let Some(tab) = widgets::segments_ui(ui, title.as_str(), tab, &tabs) {
            cx.memory.roster.person.tab = tab;
            cx.memory.roster.person.faces.selection.clear();
        }
        if tab == PersonTab::Faces {
            order_ui(ui, cx);
        }
    });
    ui.add_space(theme::GAP_SMALL);
    match cx.memory.roster.person.tab {
        PersonTab::Faces => {
            let order = cx.memory.roster.person.order;
            let listed = in_order(faces, order);
            let likeness: HashMap<FaceId, f32> =
                faces.iter().filter_map(|face| Some((face.face, face.likeness?))).collect();
            let caption = |face: FaceId| likeness.get(&face).map(|score| format::score(*score));
            let grid =
                Grid { caption: if order == PersonOrder::Odd { Some(&caption) } else { None }, ..Grid::of(&listed) };
            faces_ui(ui, cx, &listed, grid, Chosen::Of(person.id, &title));
        }
        PersonTab::Suggestions => {
            let listed: Vec<FaceId> = suggestions.iter().map(|suggestion| suggestion.face).collect();
            let scores: HashMap<FaceId, f32> =
                suggestions.iter().map(|suggestion| (suggestion.face, suggestion.score)).collect();
            let caption = |face: FaceId| scores.get(&face).map(|score| format::score(*score));
            let grid = Grid { caption: Some(&caption), ..Grid::of(&listed) };
            faces_ui(ui, cx, &listed, grid, Chosen::Like(person.id, &title));
        }
        PersonTab::Alarms => alarms_ui(ui, cx, person, alarms),
    }
}

fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &Person, title: &str) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        back_ui(ui, cx);
        if let Some(cover) = person.cover {
            let (rect, _) = ui.allocate_exact_size(vec2(48.0, 48.0), egui::Sense::hover());
            let texture = cx.memory.crop_texture(ui.ctx(), cx.state, cover);
            widgets::crop_image(ui, rect, texture);
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            widgets::elided(ui, RichText::new(title).font(theme::title()));
            let about = about(person);
            if !about.is_empty() {
                widgets::elided(ui, RichText::new(about).font(theme::small()).color(palette.text_soft));
            }
        });
    });
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        ui.horizontal_wrapped(|ui| {
            if let Some(act) = people::buttons_ui(ui, title) {
                people::open(cx, person.id, act);
            }
            let again = widgets::text_button(ui, &say!("roster-regroup"));
            if again.on_hover_text(say!("roster-regroup-hint")).clicked() {
                cx.push(RosterCommand::Regroup(person.id));
            }
            cover_ui(ui, cx, person);
            tags_ui(ui, cx, person);
        });
    });
}

/// The chosen face stands for the person, or again the best one.
fn cover_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &Person) {
    let chosen = cx.memory.roster.person.faces.selection.faces();
    let is_faces = cx.memory.roster.person.tab == PersonTab::Faces;
    let cover = match chosen.as_slice() {
        [one] if is_faces && person.cover != Some(*one) => Some(*one),
        _ => None,
    };
    let clicked = if cover.is_some() {
        widgets::text_button(ui, &say!("roster-cover")).clicked()
    } else {
        person.cover_is_chosen && widgets::text_button(ui, &say!("roster-cover-best")).clicked()
    };
    if clicked {
        cx.push(PeopleCommand::Change(Change::Adorn { subject: person.id, cover, tags: person.tags.clone() }));
    }
}

/// Tags between commas, kept with Enter or when the field is left.
fn tags_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &Person) {
    let stored = person.tags.join(", ");
    let mut text = cx.memory.roster.person.tags.take().unwrap_or_else(|| stored.clone());
    let edit = TextEdit::singleline(&mut text).hint_text(say!("roster-tags-hint")).desired_width(220.0);
    let edit = ui.add(edit.char_limit(400)).accessible_name(say!("roster-tags"));
    if edit.lost_focus() && text != stored {
        let tags = text.split([',', '，', '、']).map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty());
        let cover = person.cover.filter(|_| person.cover_is_chosen);
        cx.push(PeopleCommand::Change(Change::Adorn { subject: person.id, cover, tags: tags.collect() }));
    } else if edit.has_focus() {
        cx.memory.roster.person.tags = Some(text);
    }
}

fn order_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let order = &mut cx.memory.roster.person.order;
    let titles = [
        (PersonOrder::Odd, say!("roster-odd-first")),
        (PersonOrder::Newest, say!("faces-by-newest")),
        (PersonOrder::Quality, say!("roster-best-first")),
    ];
    let chosen = titles.iter().find(|(choice, _)| choice == order).map_or("", |(_, title)| title);
    widgets::caption_inline(ui, &say!("faces-sort"));
    let combo = ComboBox::from_id_salt("person-order").selected_text(chosen).show_ui(ui, |ui| {
        for (choice, title) in &titles {
            ui.selectable_value(order, *choice, title);
        }
    });
    let name = say!("faces-sort-name", order = chosen);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
}

/// They come with the odd ones first.
fn in_order(faces: &[PersonFace], order: PersonOrder) -> Vec<FaceId> {
    let mut faces: Vec<&PersonFace> = faces.iter().collect();
    match order {
        PersonOrder::Odd => {}
        PersonOrder::Newest => faces.sort_by_key(|face| std::cmp::Reverse(face.face)),
        PersonOrder::Quality => faces.sort_by(|a, b| b.quality.total_cmp(&a.quality).then(a.face.cmp(&b.face))),
    }
    faces.into_iter().map(|face| face.face).collect()
}

fn faces_ui(ui: &mut Ui, cx: &mut Cx<'_>, faces: &[FaceId], grid: Grid<'_>, kind: Chosen<'_>) {
    let mut memory = std::mem::take(&mut cx.memory.roster.person.faces);
    memory.selection.keep_listed(faces);
    selection_ui(ui, cx, &mut memory.selection, kind);
    if faces.is_empty() {
        let (title, about) = match kind {
            Chosen::Like(..) => (say!("roster-no-suggestion"), say!("roster-no-suggestion-about")),
            _ => (say!("roster-no-face"), say!("roster-no-face-about")),
        };
        widgets::empty_state(ui, &title, &about, |_| {});
    } else {
        if let Some(face) = grid_ui(ui, cx, grid, &mut memory.grid, &mut memory.selection) {
            open_face(cx, face);
        }
    }
    cx.memory.roster.person.faces = memory;
}

/// What is odd, each with the split that would put it right.
fn alarms_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &Person, alarms: &[Alarm]) {
    if alarms.is_empty() {
        widgets::empty_state(ui, &say!("roster-no-alarm"), &say!("roster-no-alarm-about"), |_| {});
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for alarm in alarms {
            widgets::card(ui).show(ui, |ui| {
                ui.set_width(ui.available_width() - 12.0);
                alarm_ui(ui, cx, person, alarm);
            });
            ui.add_space(theme::GAP);
        }
    });
}

fn alarm_ui(ui: &mut Ui, cx: &mut Cx<'_>, person: &Person, alarm: &Alarm) {
    let palette = theme::palette(ui);
    let (n, score) = (alarm.split.len(), format::score(alarm.score));
    let text = match alarm.kind {
        AlarmKind::Modes => say!("roster-alarm-modes", n = n, score = score),
        AlarmKind::Twice => say!("roster-alarm-twice", score = score),
    };
    ui.label(RichText::new(text).color(palette.text));
    ui.horizontal_wrapped(|ui| {
        for face in alarm.split.iter().take(24) {
            let (rect, response) = ui.allocate_exact_size(vec2(64.0, 64.0), egui::Sense::click());
            let name = say!("enroll-face-alone", face = face.to_string());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            let texture = cx.memory.crop_texture(ui.ctx(), cx.state, *face);
            widgets::crop_image(ui, rect, texture);
            widgets::focus_ring(ui, &response, rect);
            if response.clicked() {
                open_face(cx, *face);
            }
        }
    });
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        ui.horizontal_wrapped(|ui| {
            if widgets::button(ui, &say!("roster-split", n = n)).clicked() {
                let (subject, faces) = (person.id, alarm.split.clone());
                cx.push(PeopleCommand::Change(Change::Split { subject, faces, who: Naming::Nobody }));
            }
            if widgets::quiet_button(ui, &say!("roster-settle")).on_hover_text(say!("roster-settle-hint")).clicked() {
                let (subject, kind, faces) = (person.id, alarm.kind, alarm.split.clone());
                cx.push(PeopleCommand::Change(Change::Settle { subject, kind, faces }));
            }
        });
    });
}
