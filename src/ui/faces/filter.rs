//! Which faces are wanted: by name, day, folder and quality. A row to say it, a chip for each thing said.

use std::path::Path;

use egui::{
    Align2, Key, Margin, Modifiers, Response, RichText, Role, Sense, Stroke, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::memory::FilterMemory;
use crate::types::{FaceQuery, SubjectId, SubjectRecord, Tell};
use crate::ui::{Cx, DialogKind, format, theme, widgets};
use crate::{say, words};

/// In points; below it the row becomes two.
const WIDE: f32 = 780.0;

/// What is filtered: as it is, as it is being typed, and as the person wants it from now on.
struct Filtering<'a> {
    filter: &'a FaceQuery,
    memory: &'a mut FilterMemory,
    /// The dialog that asks for the folder.
    folder: DialogKind,
    wanted: Option<FaceQuery>,
}

/// The filter that the person wants in the place of `filter`, where it is another.
pub fn filter_ui(
    ui: &mut Ui,
    cx: &mut Cx<'_>,
    memory: &mut FilterMemory,
    filter: &FaceQuery,
    folder: DialogKind,
) -> Option<FaceQuery> {
    memory.from.follow(filter.taken_from.as_ref());
    memory.to.follow(filter.taken_to.as_ref());
    let mut filtering = Filtering { filter, memory, folder, wanted: None };
    let is_typing_date = if ui.available_width() >= WIDE {
        ui.horizontal(|ui| {
            who_ui(ui, cx, &mut filtering);
            when_and_where_ui(ui, cx, &mut filtering)
        })
        .inner
    } else {
        ui.horizontal_wrapped(|ui| who_ui(ui, cx, &mut filtering));
        ui.horizontal_wrapped(|ui| when_and_where_ui(ui, cx, &mut filtering)).inner
    };
    dates_note_ui(ui, &filtering, is_typing_date);
    suggestions_ui(ui, cx, &mut filtering);
    chips_ui(ui, cx, &mut filtering);
    ui.add_space(theme::GAP_SMALL);
    filtering.wanted
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    All,
    Named,
    Unnamed,
}

fn who_ui(ui: &mut Ui, cx: &mut Cx<'_>, at: &mut Filtering<'_>) {
    let filter = at.filter;
    let who = match (filter.named, filter.unnamed) {
        (true, false) => Who::Named,
        (false, true) => Who::Unnamed,
        _ => Who::All,
    };
    let options =
        [(Who::All, say!("filter-all")), (Who::Named, say!("filter-named")), (Who::Unnamed, say!("not-named"))];
    if let Some(chosen) = widgets::segments_ui(ui, &say!("filter-who"), who, &options)
        && chosen != who
    {
        let (named, unnamed) = (chosen == Who::Named, chosen == Who::Unnamed);
        // One name and "all with a name" would contradict each other.
        at.wanted = Some(FaceQuery { subjects: Vec::new(), named, unnamed, ..filter.clone() });
    }
    let words = [say!("subject"), say!("filter-subject"), say!("filter-subject-hint")];
    let field = field_ui(ui, &mut at.memory.name, words, 150.0);
    if field.entered
        && let Some(person) = fitting(cx, at).first()
    {
        add_subject(at, person.id);
    }
}

/// True while a date is being typed.
fn when_and_where_ui(ui: &mut Ui, cx: &mut Cx<'_>, at: &mut Filtering<'_>) -> bool {
    let memory = &mut *at.memory;
    widgets::caption_inline(ui, &say!("filter-taken"));
    let words = [say!("filter-from"), "2019-07-03".to_owned(), say!("filter-from-hint")];
    let from = field_ui(ui, &mut memory.from.text, words, 104.0);
    widgets::caption_inline(ui, &say!("filter-until"));
    let words = [say!("filter-to"), "2019-07-31".to_owned(), say!("filter-to-hint")];
    let to = field_ui(ui, &mut memory.to.text, words, 104.0);
    if from.edit.changed() || to.edit.changed() {
        let filter = with_dates(at);
        if filter.validate().is_ok() && filter != *at.filter {
            at.wanted = Some(filter);
        }
    }
    if widgets::button(ui, &say!("filter-folder")).on_hover_text(say!("filter-folder-hint")).clicked() {
        cx.memory.dialogs.open(ui.ctx(), at.folder);
    }
    from.edit.has_focus() || to.edit.has_focus()
}

struct Field {
    edit: Response,
    /// Enter was pressed in it.
    entered: bool,
}

/// Its words are its name, an example of what is typed, and what it does.
fn field_ui(ui: &mut Ui, text: &mut String, [name, example, hint]: [String; 3], width: f32) -> Field {
    let edit = TextEdit::singleline(text).hint_text(example).desired_width(width).char_limit(200);
    let edit = ui.add(edit.margin(Margin::symmetric(8, 5))).accessible_name(name).on_hover_text(hint);
    // Taken here: the list of candidates would open the one at its cursor.
    let entered = edit.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    Field { edit, entered }
}

/// The filter with the days as they are typed.
fn with_dates(at: &Filtering<'_>) -> FaceQuery {
    FaceQuery { taken_from: at.memory.from.value(), taken_to: at.memory.to.value(), ..at.filter.clone() }
}

/// What is wrong with the days; nobody is told off while typing.
fn dates_note_ui(ui: &mut Ui, at: &Filtering<'_>, is_typing: bool) {
    let Err(error) = with_dates(at).validate() else { return };
    if is_typing {
        widgets::caption(ui, say!("filter-date-form"));
    } else {
        let palette = theme::palette(ui);
        let text = say!("filter-dates-wrong", reason = words::told(&error.telling()));
        ui.label(RichText::new(text).font(theme::small()).color(palette.bad));
    }
}

fn suggestions_ui(ui: &mut Ui, cx: &mut Cx<'_>, at: &mut Filtering<'_>) {
    if at.memory.name.trim().is_empty() {
        return;
    }
    let people = fitting(cx, at);
    if people.is_empty() {
        let palette = theme::palette(ui);
        let text = say!("filter-nobody", name = at.memory.name.trim());
        ui.label(RichText::new(text).font(theme::small()).color(palette.warn));
        return;
    }
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        for person in &people {
            let title = cx.title_of(&person.subject_name());
            let button = widgets::quiet_button(ui, &shortened(&title));
            if button.accessible_name(say!("filter-only", name = &title)).on_hover_text(title).clicked() {
                chosen = Some(person.id);
            }
        }
    });
    if let Some(subject) = chosen {
        add_subject(at, subject);
    }
}

fn add_subject(at: &mut Filtering<'_>, subject: SubjectId) {
    at.memory.name.clear();
    let mut filter = FaceQuery { named: false, unnamed: false, ..at.filter.clone() };
    if !filter.subjects.contains(&subject) {
        filter.subjects.push(subject);
    }
    at.wanted = Some(filter);
}

/// Who fits the name that is typed.
fn fitting(cx: &mut Cx<'_>, at: &mut Filtering<'_>) -> Vec<SubjectRecord> {
    let memory = &mut *at.memory;
    memory.fitting.of(&mut cx.memory.people, cx.state, &memory.name).to_vec()
}

/// Each thing that the filter asks for, in words, with the filter without it.
fn parts(filter: &FaceQuery, mut title_of: impl FnMut(SubjectId) -> String) -> Vec<(String, FaceQuery)> {
    let mut parts = Vec::new();
    for subject in &filter.subjects {
        let subjects = filter.subjects.iter().filter(|other| *other != subject).copied().collect();
        parts.push((title_of(*subject), FaceQuery { subjects, ..filter.clone() }));
    }
    if filter.named {
        parts.push((say!("filter-part-named"), FaceQuery { named: false, ..filter.clone() }));
    }
    if filter.unnamed {
        parts.push((say!("search-not-named"), FaceQuery { unnamed: false, ..filter.clone() }));
    }
    if let Some(from) = &filter.taken_from {
        parts.push((say!("filter-part-from", day = from), FaceQuery { taken_from: None, ..filter.clone() }));
    }
    if let Some(to) = &filter.taken_to {
        parts.push((say!("filter-part-to", day = to), FaceQuery { taken_to: None, ..filter.clone() }));
    }
    if let Some(from) = filter.quality_from {
        let text = say!("filter-part-quality-from", quality = u32::from(from));
        parts.push((text, FaceQuery { quality_from: None, ..filter.clone() }));
    }
    if let Some(to) = filter.quality_to {
        let text = say!("filter-part-quality-to", quality = u32::from(to));
        parts.push((text, FaceQuery { quality_to: None, ..filter.clone() }));
    }
    if let Some(folder) = &filter.folder {
        parts
            .push((say!("filter-part-in", folder = folder_name(folder)), FaceQuery { folder: None, ..filter.clone() }));
    }
    parts
}

/// The root of a disk has no name of its own.
fn folder_name(folder: &Path) -> String {
    if folder.file_name().is_some() { format::file_name(folder) } else { folder.display().to_string() }
}

fn chips_ui(ui: &mut Ui, cx: &mut Cx<'_>, at: &mut Filtering<'_>) {
    let filter = at.filter;
    if filter.is_empty() {
        return;
    }
    let parts = parts(filter, |subject| match cx.memory.people.find(cx.state, subject) {
        Some(person) => cx.memory.people.title(cx.state, &person.subject_name()),
        None => say!("person-number", id = subject.to_string()),
    });
    let several = parts.len() > 1;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        for (text, without) in parts {
            if chip_ui(ui, &text).clicked() {
                at.wanted = Some(without);
            }
        }
        if several && widgets::quiet_button(ui, &say!("filter-clear")).clicked() {
            at.wanted = Some(FaceQuery::default());
        }
    });
}

/// A word on its tint with a cross; a click anywhere on it takes it away.
fn chip_ui(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui);
    let galley = ui.painter().layout_no_wrap(shortened(text), theme::small_strong(), palette.text);
    let size = vec2(galley.size().x + 34.0, 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = say!("filter-clear-part", part = text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let color = if response.hovered() { palette.text } else { palette.text_soft };
    ui.painter().rect_filled(rect, 13.0, palette.accent_soft);
    let at = Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(10.0, 0.0), galley.size());
    ui.painter().galley(at.min, galley, palette.text);
    let middle = pos2(rect.right() - 14.0, rect.center().y);
    for arm in [vec2(3.5, 3.5), vec2(3.5, -3.5)] {
        ui.painter().line_segment([middle - arm, middle + arm], Stroke::new(1.5, color));
    }
    widgets::focus_ring(ui, &response, rect);
    response.on_hover_text(label)
}

/// Long names must not push everything else away.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['\u{2026}']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::memory::Draft;
    use super::*;

    #[test]
    fn each_part_is_taken_away_alone() {
        let filter = FaceQuery {
            subjects: vec![SubjectId(1), SubjectId(2)],
            unnamed: true,
            taken_to: Some("2019-07-03".to_owned()),
            folder: Some("/photos/2019".into()),
            ..FaceQuery::default()
        };
        let parts = parts(&filter, |subject| format!("person {subject}"));
        let texts: Vec<&str> = parts.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["person 1", "person 2", "not named", "to 2019-07-03", "in 2019"]);
        assert_eq!(parts[0].1, FaceQuery { subjects: vec![SubjectId(2)], ..filter.clone() });
        assert_eq!(parts[4].1, FaceQuery { folder: None, ..filter.clone() });
        assert_eq!(folder_name(Path::new("/")), "/");
    }

    #[test]
    fn a_value_from_elsewhere_replaces_the_draft_and_typing_stays() {
        let mut draft = Draft { text: "2019-0".to_owned(), stored: None };
        draft.follow(None);
        assert_eq!(draft.text, "2019-0");
        draft.follow(Some(&"2019-07-03".to_owned()));
        assert_eq!(draft.text, "2019-07-03");
        draft.text = "2019".to_owned();
        draft.follow(None);
        assert_eq!(draft.value(), None);
    }
}
