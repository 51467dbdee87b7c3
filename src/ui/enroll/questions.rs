//! "Is this still Ada?": a new face on the place of one that had a name.

use egui::{
    Align, Label, Layout, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::{EnrollCommand, PeopleCommand, QuestionView};
use crate::say;
use crate::types::FaceId;
use crate::ui::{Cx, format, theme, widgets};

const ROW: f32 = 112.0;
const CROP: f32 = 84.0;
/// In points; below it the words of a question stand under its pictures.
const NARROW: f32 = 480.0;
const HIGH_ROW: f32 = 172.0;

pub fn questions_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let questions = &cx.state.record.questions;
    if questions.is_empty() {
        widgets::empty_state(ui, &say!("questions-none"), &say!("questions-none-about"), |_| {});
        return;
    }
    let mut list = std::mem::take(&mut cx.memory.enroll.questions);
    let height = if ui.available_width() < NARROW { HIGH_ROW } else { ROW };
    let names: Vec<String> = questions.iter().map(|question| cx.title_of(&question.subject)).collect();
    let name = |row: usize| {
        let question: &QuestionView = &questions[row];
        say!("questions-row", name = &names[row], photo = format::file_name(&question.photo))
    };
    list.show_rows(ui, &say!("questions"), height, questions.len(), name, |ui, row, rect| {
        Some(row_ui(ui, cx, &questions[row], rect))
    });
    cx.memory.enroll.questions = list;
}

/// Returns the first answer.
fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, question: &QuestionView, rect: Rect) -> Response {
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    ui.painter().rect(card, 8.0, palette.surface, Stroke::new(1.0, palette.border), StrokeKind::Inside);
    let name = cx.title_of(&question.subject);
    let mut inner = card.shrink2(vec2(10.0, 8.0));
    let is_narrow = rect.height() > ROW;
    if is_narrow {
        let words = Rect::from_min_max(inner.min + vec2(0.0, CROP + 4.0), inner.max);
        let mut words = ui.new_child(UiBuilder::new().max_rect(words).layout(Layout::top_down(Align::Min)));
        words_ui(&mut words, cx, question, &name);
        inner = inner.with_max_y(inner.top() + CROP);
    }
    let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    crop_ui(&mut row, cx, question.old_face, &say!("questions-before", name = &name));
    row.label(RichText::new("\u{2192}").font(theme::title()).color(palette.text_faint));
    crop_ui(&mut row, cx, question.face, &say!("questions-now"));
    row.add_space(theme::GAP_SMALL);
    let texts = [say!("questions-yes"), say!("questions-no")];
    let answers = widgets::buttons_width(&row, &[&texts[0], &texts[1]], theme::GAP) + theme::GAP;
    if !is_narrow {
        let room = vec2((row.available_width() - answers).max(0.0), row.available_height());
        row.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
            ui.set_width(room.x);
            ui.add_space(14.0);
            words_ui(ui, cx, question, &name);
        });
    }
    answers_ui(&mut row, cx, question, &name)
}

/// Returns the first.
fn answers_ui(ui: &mut Ui, cx: &mut Cx<'_>, question: &QuestionView, name: &str) -> Response {
    widgets::changing(ui, cx.read_only(), |ui| {
        ui.horizontal(|ui| {
            let (face, about) = (question.face, format::file_name(&question.photo));
            let yes = widgets::primary_button(ui, &say!("questions-yes"));
            let yes = yes.accessible_name(say!("questions-yes-name", photo = &about, name = name));
            if yes.clicked() {
                cx.push(PeopleCommand::Answer { face, same: true });
            }
            let no = widgets::button(ui, &say!("questions-no"));
            if no.accessible_name(say!("questions-no-name", photo = about, name = name)).clicked() {
                cx.push(PeopleCommand::Answer { face, same: false });
            }
            yes
        })
        .inner
    })
}

fn words_ui(ui: &mut Ui, cx: &mut Cx<'_>, question: &QuestionView, name: &str) {
    let palette = theme::palette(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.add(Label::new(RichText::new(say!("questions-is-still", name = name)).font(theme::heading())).truncate());
    let photo = RichText::new(format::file_name(&question.photo)).font(theme::small());
    widgets::elided(ui, photo.color(palette.text_soft)).on_hover_text(question.photo.display().to_string());
    let open = widgets::text_button(ui, &say!("questions-open"));
    if open.accessible_name(say!("questions-open-name", photo = format::file_name(&question.photo))).clicked() {
        cx.push(EnrollCommand::SelectFace(Some(question.face)));
    }
}

fn crop_ui(ui: &mut Ui, cx: &mut Cx<'_>, face: FaceId, label: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(CROP, CROP), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
    let texture = cx.memory.crop_texture(ui.ctx(), cx.state, face);
    widgets::crop_image(ui, rect, texture);
    response.on_hover_text(label);
}
