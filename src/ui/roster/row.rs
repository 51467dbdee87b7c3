//! A line of the list: a person, or a group that nobody named.

use egui::{Align, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use super::words::{group_title, suggestion_text};
use crate::app::{PeopleRow, Person, RosterCommand, Who};
use crate::say;
use crate::types::{FaceId, SubjectName};
use crate::ui::{Cx, format, keys, people, theme, widgets};

pub const ROW: f32 = 68.0;
const CROP: f32 = 48.0;

pub fn who_of(row: &PeopleRow) -> Who {
    match row {
        PeopleRow::Person(person) => Who::Subject(person.id),
        PeopleRow::Group { group, .. } => Who::Group(*group),
    }
}

pub fn subject_of(row: &PeopleRow) -> Option<SubjectName> {
    match row {
        PeopleRow::Person(person) => Some(SubjectName { id: person.id, name: person.name.clone() }),
        PeopleRow::Group { .. } => None,
    }
}

/// What a line says.
struct Line {
    cover: Option<FaceId>,
    title: String,
    about: String,
    faces: u64,
    suggestions: u64,
    alarms: u64,
}

fn line_of(cx: &mut Cx<'_>, row: &PeopleRow) -> Line {
    match row {
        PeopleRow::Person(person) => {
            let subject = SubjectName { id: person.id, name: person.name.clone() };
            Line {
                cover: person.cover,
                title: cx.title_of(&subject),
                about: about(person),
                faces: person.faces,
                suggestions: person.suggestions,
                alarms: person.alarms,
            }
        }
        PeopleRow::Group { group, cover, faces, suggestion } => Line {
            cover: Some(*cover),
            title: group_title(*group),
            about: suggestion.as_ref().map_or_else(String::new, |suggestion| suggestion_text(cx, suggestion)),
            faces: *faces,
            suggestions: 0,
            alarms: 0,
        },
    }
}

/// What is known of somebody beside the name.
pub fn about(person: &Person) -> String {
    let seen = person.last_seen.as_deref().map(|stamp| say!("roster-last-seen", day = format::taken_on(stamp)));
    let parts = [person.external_id.clone(), Some(person.tags.join(", ")), person.note.clone(), seen];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// A line within its list.
#[derive(Clone, Copy)]
pub struct Place {
    pub list: egui::Id,
    pub place: usize,
    pub total: usize,
    pub at_cursor: bool,
}

/// Draws it, and opens it when clicked; returns whether it was, or whether
/// assistive technology has moved the keyboard to it.
pub fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, row: &PeopleRow, at: Place, rect: Rect) -> bool {
    let Place { list, place, total, at_cursor } = at;
    let palette = theme::palette(ui);
    let line = line_of(cx, row);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    let response = ui.interact(card, ui.scope_id().with("row"), Sense::CLICK);
    let faces = say!("faces", n = line.faces);
    let name = say!("roster-row", name = &line.title, faces = faces, place = place + 1, total = total);
    let reached = widgets::Item { name, place, total, at_cursor, is_chosen: at_cursor }.tell(ui, list, &response);
    let fill = if response.hovered() { palette.well } else { palette.surface };
    let stroke = if at_cursor { Stroke::new(2.0, palette.accent) } else { Stroke::new(1.0, palette.border) };
    ui.painter().rect(card, 8.0, fill, stroke, StrokeKind::Inside);
    let inner = card.shrink2(vec2(12.0, 6.0));
    let crop = Rect::from_min_size(egui::pos2(inner.left(), card.center().y - CROP / 2.0), vec2(CROP, CROP));
    let texture = line.cover.and_then(|cover| cx.memory.crop_texture(ui.ctx(), cx.state, cover));
    widgets::crop_image(ui, crop, texture);
    let rest = Rect::from_min_max(egui::pos2(crop.right() + 12.0, inner.top()), inner.max);
    let mut ends = ui.new_child(UiBuilder::new().max_rect(rest).layout(Layout::right_to_left(Align::Center)));
    ends_ui(&mut ends, &line);
    let names = Rect::from_min_max(rest.min, egui::pos2(ends.min_rect().left() - 12.0, rest.bottom()));
    names_ui(ui, names, &line);
    if let PeopleRow::Person(person) = row {
        let subject = SubjectName { id: person.id, name: person.name.clone() };
        let has_keyboard = at_cursor && keys::is_at(ui, list);
        widgets::context_menu(ui, &response, has_keyboard, |ui| people::menu_ui(ui, cx, &subject, &line.title));
    }
    if response.clicked() {
        cx.push(RosterCommand::Open(Some(who_of(row))));
    }
    reached || response.clicked()
}

/// How many faces, and what is to be looked at.
fn ends_ui(ui: &mut Ui, line: &Line) {
    let palette = theme::palette(ui);
    ui.label(RichText::new(say!("faces", n = line.faces)).color(palette.text_soft));
    if line.suggestions > 0 {
        let text = say!("roster-suggestions", n = line.suggestions);
        widgets::badge(ui, &text, palette.accent, palette.accent_soft);
    }
    if line.alarms > 0 {
        widgets::badge(ui, &say!("roster-alarms", n = line.alarms), palette.warn, palette.warn_soft);
    }
}

fn names_ui(ui: &mut Ui, rect: Rect, line: &Line) {
    let palette = theme::palette(ui);
    let height = if line.about.is_empty() { 22.0 } else { 42.0 };
    let middle = Rect::from_center_size(rect.center(), vec2(rect.width().max(0.0), height));
    let mut names = ui.new_child(UiBuilder::new().max_rect(middle).layout(Layout::top_down(Align::Min)));
    names.spacing_mut().item_spacing.y = 3.0;
    widgets::elided(&mut names, RichText::new(&line.title).font(theme::strong()));
    if !line.about.is_empty() {
        widgets::elided(&mut names, RichText::new(&line.about).font(theme::small()).color(palette.text_soft));
    }
}

/// A line that is being read.
pub fn waiting_ui(ui: &Ui, rect: Rect) {
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    ui.painter().rect(card, 8.0, palette.surface, Stroke::new(1.0, palette.border), StrokeKind::Inside);
}
