//! Enrolled photos whose files are gone.

use egui::{Align, Label, Layout, Rect, Response, RichText, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use crate::app::{MissingPhoto, PeopleCommand, Removal};
use crate::say;
use crate::ui::{Cx, format, theme, widgets};

const ROW: f32 = 64.0;

/// The buttons beside the headline.
pub fn all_actions_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(10.0);
        let read_only = cx.read_only();
        let asked = widgets::changing(ui, read_only, |ui| widgets::button(ui, &say!("missing-take-all-out")).clicked());
        if asked {
            cx.push(PeopleCommand::AskRemoval(Removal::Missing));
        }
        let counts = cx.state.record.missing_counts;
        let text = say!("missing-with-faces", faces = say!("faces", n = counts.faces));
        widgets::elided(ui, RichText::new(text).font(theme::small()));
    });
}

pub fn missing_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let (missing, all) = (&cx.state.record.missing, cx.state.record.missing_counts.photos);
    if missing.is_empty() {
        widgets::empty_state(ui, &say!("missing-none"), &say!("missing-none-about"), |_| {});
        return;
    }
    if (missing.len() as u64) < all {
        let text = say!("missing-latest", n = missing.len(), all = all);
        widgets::caption(ui, text);
    }
    let mut list = std::mem::take(&mut cx.memory.enroll.missing);
    let name = |row: usize| {
        let photo: &MissingPhoto = &missing[row];
        let since = say!("missing-since", moment = format::moment(photo.since));
        say!("missing-row", name = format::file_name(&photo.path), since = since)
    };
    list.show_rows(ui, &say!("missing"), ROW, missing.len(), name, |ui, row, rect| {
        Some(row_ui(ui, cx, &missing[row], rect))
    });
    cx.memory.enroll.missing = list;
}

/// Returns its button.
fn row_ui(ui: &mut Ui, cx: &mut Cx<'_>, photo: &MissingPhoto, rect: Rect) -> Response {
    let palette = theme::palette(ui);
    let card = Rect::from_min_size(rect.min, vec2(rect.width() - 4.0, rect.height() - theme::GAP));
    ui.painter().rect(card, 8.0, palette.surface, Stroke::new(1.0, palette.border), StrokeKind::Inside);
    let mut row = ui.new_child(
        UiBuilder::new().max_rect(card.shrink2(vec2(12.0, 6.0))).layout(Layout::right_to_left(Align::Center)),
    );
    let name = format::file_name(&photo.path);
    let read_only = cx.read_only();
    let take_out = widgets::changing(&mut row, read_only, |ui| {
        widgets::quiet_button(ui, &say!("missing-take-out"))
            .accessible_name(say!("missing-take-out-name", name = &name))
    });
    if take_out.clicked() {
        cx.push(PeopleCommand::AskRemoval(Removal::Photos(vec![photo.photo])));
    }
    let missed = say!("missing-since", moment = format::moment(photo.since));
    if card.width() >= 440.0 {
        row.label(RichText::new(&missed).font(theme::small()).color(palette.text_faint));
    }
    row.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(4.0);
        let title = Label::new(RichText::new(&name).font(theme::strong())).truncate().selectable(true);
        ui.add(title).on_hover_text(format!("{}\n{missed}", photo.path.display()));
        let folder = RichText::new(format::folder(&photo.path)).font(theme::small()).color(palette.text_faint);
        ui.add(Label::new(folder).truncate());
    });
    take_out
}
