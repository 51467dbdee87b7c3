//! One decision after the other: who a face or a group is, large, with a key for each answer. What is on view stays until
//! it is decided.

use egui::{Align, Event, Key, Layout, Modifiers, Rect, RichText, Sense, TextEdit, Ui, UiBuilder, vec2};

use super::memory::{FacesMemory, ReviewMemory};
use super::person::open_face;
use crate::app::{Change, ItemState, Naming, PeopleCommand, Queue, ReviewItem, ReviewKind, RosterCommand, Suggestion};
use crate::say;
use crate::types::{FaceId, GroupId, Ignored, SubjectName};
use crate::ui::faces::{Chosen, Grid, grid_ui, ignored_title, selection_ui};
use crate::ui::people::people_list_ui;
use crate::ui::{Cx, format, keys, theme, widgets};
use crate::words::told;

/// A person's answer to the item on view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Confirm,
    Reject,
    Later,
    Back,
    Ignore,
    NotAFace,
    OtherName,
    OpenPhoto,
}

pub fn review_ui(ui: &mut Ui, cx: &mut Cx<'_>, queue: &Queue) {
    header_ui(ui, cx, queue);
    ui.add_space(theme::GAP);
    if let Some(reason) = &queue.problem {
        widgets::problem_ui(ui, &told(reason));
    }
    let at = queue.current().map(|current| current.item.key);
    if cx.memory.roster.review.at != at {
        let crop_side = cx.memory.roster.review.faces.grid.crop_side;
        cx.memory.roster.review = ReviewMemory { at, ..ReviewMemory::default() };
        cx.memory.roster.review.faces.grid.crop_side = crop_side;
    }
    match queue.current() {
        Some(current) => {
            let is_open = current.state == ItemState::Open;
            item_ui(ui, cx, queue, &current.item, is_open);
        }
        None if queue.is_all => {
            widgets::empty_state(ui, &say!("review-done"), &say!("review-done-about"), |ui| {
                if widgets::primary_button(ui, &say!("roster-back")).clicked() {
                    cx.push(RosterCommand::Review(false));
                }
            });
        }
        None => drop(widgets::spinner(ui, 18.0, &say!("roster-reading"))),
    }
}

fn header_ui(ui: &mut Ui, cx: &mut Cx<'_>, queue: &Queue) {
    let palette = theme::palette(ui);
    let is_free = keys::keys_are_free(ui.ctx()) && cx.memory.roster.review.other.is_none();
    let is_chosen = !cx.memory.roster.review.faces.selection.is_empty();
    let by_key = is_free && !is_chosen && keys::pressed(ui.ctx(), Modifiers::NONE, Key::Escape);
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        if widgets::button(ui, &say!("roster-back")).on_hover_text(say!("roster-back-hint")).clicked() || by_key {
            cx.push(RosterCommand::Review(false));
        }
        ui.label(RichText::new(say!("roster-review")).font(theme::heading()));
        let open = queue.open();
        let left = if queue.is_all { say!("review-left", n = open) } else { say!("review-left-more", n = open) };
        let text = say!("review-progress", done = queue.decided, left = left);
        widgets::elided(ui, RichText::new(text).color(palette.text_soft));
    });
}

fn item_ui(ui: &mut Ui, cx: &mut Cx<'_>, queue: &Queue, item: &ReviewItem, is_open: bool) {
    let suggestion = suggestion_of(item).cloned();
    question_ui(ui, cx, item, suggestion.as_ref());
    ui.add_space(theme::GAP_SMALL);
    let mut answer = None;
    let read_only = cx.read_only();
    widgets::changing(ui, read_only, |ui| {
        ui.add_enabled_ui(is_open, |ui| {
            ui.horizontal_wrapped(|ui| answer = answers_ui(ui, suggestion.as_ref(), item));
        });
    });
    if !is_open {
        widgets::note_ui(ui, &say!("review-closed"));
    }
    let is_asking = cx.memory.roster.review.other.is_some();
    if !is_asking && keys::keys_are_free(ui.ctx()) {
        let by_key = answer_by_key(ui, item, is_open && read_only.is_none());
        answer = answer.or(by_key);
    }
    if let Some(answer) = answer {
        give(cx, queue, item, suggestion.as_ref(), answer);
    }
    if is_asking {
        other_name_ui(ui, cx, item);
    }
    ui.add_space(theme::GAP);
    match &item.kind {
        ReviewKind::Suggestion(suggestion) => pair_ui(ui, cx, suggestion),
        ReviewKind::Group { group, .. } => group_ui(ui, cx, queue, *group, suggestion.as_ref()),
    }
}

fn suggestion_of(item: &ReviewItem) -> Option<&Suggestion> {
    match &item.kind {
        ReviewKind::Suggestion(suggestion) => Some(suggestion),
        ReviewKind::Group { suggestion, .. } => suggestion.as_ref(),
    }
}

/// "Is this Ada?" and why that is asked.
fn question_ui(ui: &mut Ui, cx: &mut Cx<'_>, item: &ReviewItem, suggestion: Option<&Suggestion>) {
    let palette = theme::palette(ui);
    let named = suggestion.and_then(|suggestion| suggestion.subject.clone());
    let named = named.map(|subject| cx.title_of(&subject));
    let question = match (&item.kind, named, suggestion) {
        (ReviewKind::Suggestion(_), Some(name), _) => say!("review-is", name = name),
        (ReviewKind::Suggestion(_), None, _) => say!("review-leave-alone"),
        (ReviewKind::Group { faces, .. }, Some(name), _) => say!("review-are", n = *faces, name = name),
        (ReviewKind::Group { faces, .. }, None, _) => say!("review-who", n = *faces),
    };
    ui.label(RichText::new(question).font(theme::title()));
    let why = match suggestion {
        Some(suggestion) => {
            let score = format::score(suggestion.score);
            match (&suggestion.subject, suggestion.ignored) {
                (None, Some(why)) => say!("review-why-ignored", why = ignored_title(why), score = score),
                _ => say!("review-why", score = score),
            }
        }
        None => say!("review-why-none"),
    };
    ui.label(RichText::new(why).color(palette.text_soft));
}

/// The answers that this item can have, with their keys.
fn answers(item: &ReviewItem, suggestion: Option<&Suggestion>) -> Vec<(Answer, String, &'static str, Key)> {
    let is_named = suggestion.is_some_and(|suggestion| suggestion.subject.is_some());
    let is_group = matches!(item.kind, ReviewKind::Group { .. });
    let mut answers = Vec::new();
    if suggestion.is_some() {
        answers.push((Answer::Confirm, say!("review-yes"), "Y", Key::Y));
    }
    if is_named {
        answers.push((Answer::Reject, say!("review-no"), "N", Key::N));
    }
    answers.push((Answer::OtherName, say!("review-other"), "O", Key::O));
    answers.push((Answer::Ignore, say!("review-ignore"), "I", Key::I));
    answers.push((Answer::NotAFace, say!("review-not-a-face"), "X", Key::X));
    answers.push((Answer::Later, say!("review-later"), "L", Key::L));
    if !is_group {
        answers.push((Answer::OpenPhoto, say!("review-photo"), "P", Key::P));
    }
    answers
}

fn answers_ui(ui: &mut Ui, suggestion: Option<&Suggestion>, item: &ReviewItem) -> Option<Answer> {
    let mut given = None;
    for (answer, text, key, _) in answers(item, suggestion) {
        let label = say!("review-answer", answer = text, key = key);
        let button = match answer {
            Answer::Confirm => widgets::primary_button(ui, &label),
            _ => widgets::button(ui, &label),
        };
        if button.clicked() {
            given = Some(answer);
        }
    }
    given
}

fn answer_by_key(ui: &Ui, item: &ReviewItem, can_change: bool) -> Option<Answer> {
    let pressed = |key| keys::pressed(ui.ctx(), Modifiers::NONE, key);
    let nothing_has_focus = keys::nothing_is_focused(ui.ctx());
    if nothing_has_focus && pressed(Key::ArrowLeft) {
        return Some(Answer::Back);
    }
    if nothing_has_focus && pressed(Key::ArrowRight) {
        return Some(Answer::Later);
    }
    // A key that is held down is one answer.
    if ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { repeat: true, .. }))) {
        return None;
    }
    let suggestion = suggestion_of(item);
    for (answer, _, _, key) in answers(item, suggestion) {
        let changes = !matches!(answer, Answer::Later | Answer::OpenPhoto);
        if (can_change || !changes) && pressed(key) {
            return Some(answer);
        }
    }
    let confirms = can_change && suggestion.is_some() && nothing_has_focus && pressed(Key::Enter);
    confirms.then_some(Answer::Confirm)
}

/// Hands the answer in, and turns to the next item.
fn give(cx: &mut Cx<'_>, queue: &Queue, item: &ReviewItem, suggestion: Option<&Suggestion>, answer: Answer) {
    let change = match answer {
        Answer::Later | Answer::Back => {
            let is_back = answer == Answer::Back;
            // What was put off comes again at the end.
            let place = queue.next(is_back).or_else(|| queue.first_open().filter(|_| !is_back));
            let is_closed = queue.current().is_some_and(|item| item.state != ItemState::Open);
            let end = (is_closed && queue.is_all && !is_back).then_some(queue.items.len());
            if let Some(place) = place.or(end) {
                cx.push(RosterCommand::Turn(place));
            }
            return;
        }
        Answer::OtherName => {
            cx.memory.roster.review.other = Some(String::new());
            return;
        }
        Answer::OpenPhoto => {
            if let ReviewKind::Suggestion(suggestion) = &item.kind {
                open_face(cx, suggestion.face);
            }
            return;
        }
        Answer::Confirm => suggestion.and_then(|suggestion| confirm(item, suggestion)),
        Answer::Reject => suggestion.and_then(|suggestion| reject(queue, item, suggestion)),
        Answer::Ignore => Some(ignore(item, Ignored::Stranger)),
        Answer::NotAFace => Some(ignore(item, Ignored::NotAFace)),
    };
    if let Some(change) = change {
        decide(cx, change);
    }
}

fn decide(cx: &mut Cx<'_>, change: PeopleCommand) {
    cx.push(change);
    cx.push(RosterCommand::Decided);
}

fn confirm(item: &ReviewItem, suggestion: &Suggestion) -> Option<PeopleCommand> {
    match (&suggestion.subject, suggestion.ignored) {
        (Some(subject), _) => Some(name(item, Naming::Subject(subject.id))),
        (None, Some(why)) => Some(ignore(item, why)),
        (None, None) => None,
    }
}

fn name(item: &ReviewItem, who: Naming) -> PeopleCommand {
    match &item.kind {
        ReviewKind::Suggestion(suggestion) => PeopleCommand::Name { faces: vec![suggestion.face], who },
        ReviewKind::Group { group, .. } => PeopleCommand::Change(Change::NameGroup { group: *group, who }),
    }
}

fn ignore(item: &ReviewItem, why: Ignored) -> PeopleCommand {
    PeopleCommand::Change(match &item.kind {
        ReviewKind::Suggestion(suggestion) => Change::Ignore { faces: vec![suggestion.face], why },
        ReviewKind::Group { group, .. } => Change::IgnoreGroup { group: *group, why },
    })
}

/// `None` while the faces of a group are still being read.
fn reject(queue: &Queue, item: &ReviewItem, suggestion: &Suggestion) -> Option<PeopleCommand> {
    let subject = suggestion.subject.as_ref()?.id;
    let faces = match &item.kind {
        ReviewKind::Suggestion(suggestion) => vec![suggestion.face],
        ReviewKind::Group { group, .. } => queue.members(*group)?.to_vec(),
    };
    Some(PeopleCommand::Change(Change::Reject { faces, subject }))
}

/// Somebody else: a name that is typed, or one of those that are known.
fn other_name_ui(ui: &mut Ui, cx: &mut Cx<'_>, item: &ReviewItem) {
    let Some(mut text) = cx.memory.roster.review.other.take() else { return };
    let mut who = None;
    let mut stays = true;
    ui.horizontal_wrapped(|ui| {
        let edit = TextEdit::singleline(&mut text).hint_text(say!("naming-hint")).desired_width(240.0);
        let edit = ui.add(edit.char_limit(200)).accessible_name(say!("review-other"));
        let (enter, escape) = ui.input(|input| (input.key_pressed(Key::Enter), input.key_pressed(Key::Escape)));
        if edit.lost_focus() && escape {
            stays = false;
        } else if !edit.has_focus() && !enter {
            edit.request_focus();
        }
        let typed = text.trim().to_owned();
        let named = ui.add_enabled(!typed.is_empty(), egui::Button::new(say!("faces-name"))).clicked();
        if (named || (edit.lost_focus() && enter)) && !typed.is_empty() {
            who = match cx.memory.people.named(cx.state, &typed).as_slice() {
                [] => Some(Naming::Name(typed)),
                [one] => Some(Naming::Subject(one.id)),
                // They are listed below to choose from.
                _ => None,
            };
        }
        stays &= !widgets::text_button(ui, &say!("cancel")).clicked();
    });
    let mut fitting = std::mem::take(&mut cx.memory.roster.review.fitting);
    let people = fitting.of(&mut cx.memory.people, cx.state, &text).to_vec();
    cx.memory.roster.review.fitting = fitting;
    let chosen = people_list_ui(ui, cx, &people, |title| say!("faces-name-as", name = title));
    who = chosen.map(Naming::Subject).or(who);
    match who {
        Some(who) => decide(cx, name(item, who)),
        None if stays => cx.memory.roster.review.other = Some(text),
        None => {}
    }
}

/// The face and the nearest one that is known, side by side.
fn pair_ui(ui: &mut Ui, cx: &mut Cx<'_>, suggestion: &Suggestion) {
    let known = match &suggestion.subject {
        Some(subject) => cx.title_of(subject),
        None => suggestion.ignored.map_or_else(String::new, ignored_title),
    };
    let area = ui.available_rect_before_wrap();
    let side = ((area.width() - theme::GAP_LARGE) / 2.0).min(area.height() - 40.0).clamp(80.0, 360.0);
    let left = Rect::from_min_size(area.min, vec2(side, side));
    let right = left.translate(vec2(side + theme::GAP_LARGE, 0.0));
    for (rect, face, text) in [
        (left, suggestion.face, say!("review-this-face")),
        (right, suggestion.nearest, say!("review-nearest", name = known)),
    ] {
        side_ui(ui, cx, rect, face, &text);
    }
    ui.advance_cursor_after_rect(area);
}

fn side_ui(ui: &mut Ui, cx: &mut Cx<'_>, rect: Rect, face: FaceId, text: &str) {
    let response = ui.interact(rect, ui.scope_id().with(("review", face.0)), Sense::CLICK);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, say!("review-open", what = text)));
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, face);
    widgets::crop_image(ui, rect, texture);
    widgets::focus_ring(ui, &response, rect);
    let below = Rect::from_min_size(rect.left_bottom() + vec2(0.0, 4.0), vec2(rect.width(), 24.0));
    let mut words = ui.new_child(UiBuilder::new().max_rect(below).layout(Layout::top_down(Align::Min)));
    let palette = theme::palette(&words);
    widgets::elided(&mut words, RichText::new(text).color(palette.text_soft));
    if response.on_hover_text(say!("faces-open")).clicked() {
        open_face(cx, face);
    }
}

/// The faces of a group, some of which may not belong to it, beside whom they resemble.
fn group_ui(ui: &mut Ui, cx: &mut Cx<'_>, queue: &Queue, group: GroupId, suggestion: Option<&Suggestion>) {
    if let Some(suggestion) = suggestion {
        let subject: Option<SubjectName> = suggestion.subject.clone();
        let known = subject.map(|subject| cx.title_of(&subject)).unwrap_or_else(|| say!("review-ignored-face"));
        ui.horizontal(|ui| {
            for (face, text) in [
                (suggestion.face, say!("review-this-face")),
                (suggestion.nearest, say!("review-nearest", name = known)),
            ] {
                let (rect, _) = ui.allocate_exact_size(vec2(140.0, 170.0), Sense::hover());
                side_ui(ui, cx, Rect::from_min_size(rect.min, vec2(140.0, 140.0)), face, &text);
            }
        });
    }
    let Some(faces) = queue.members(group) else {
        widgets::spinner(ui, 18.0, &say!("roster-reading"));
        return;
    };
    let mut memory: FacesMemory = std::mem::take(&mut cx.memory.roster.review.faces);
    memory.selection.keep_listed(faces);
    selection_ui(ui, cx, &mut memory.selection, Chosen::Group);
    let grid = Grid::of(faces);
    if let Some(face) = grid_ui(ui, cx, grid, &mut memory.grid, &mut memory.selection) {
        open_face(cx, face);
    }
    cx.memory.roster.review.faces = memory;
}
