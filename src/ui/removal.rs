//! Taking out is asked with counts first.

use crate::words::told;
use egui::{Frame, Id, Label, Modal, RichText, Ui};

use super::{Cx, format, theme, widgets};
use crate::app::{Load, PeopleCommand, Removal, RemovalCounts};

pub(super) fn confirm_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some((removal, counts)) = &cx.state.record.removal else { return };
    let title = title(cx, removal);
    let ctx = ui.ctx();
    let frame = Frame::window(&ctx.global_style()).inner_margin(24);
    let modal = Modal::new(Id::unique("removal")).frame(frame).show(ctx, |ui| {
        ui.set_width(480.0_f32.min(ctx.content_rect().width() - 64.0));
        let palette = theme::palette(ui);
        ui.add(Label::new(RichText::new(title).font(theme::title())).wrap());
        ui.add_space(theme::GAP_SMALL);
        let nothing = RemovalCounts::default();
        match counts {
            Load::Ready(counts) if *counts == nothing => {
                ui.label("Nothing in the gallery is meant by this.");
            }
            Load::Ready(counts) => {
                ui.add(Label::new(RichText::new(words(counts)).font(theme::strong())).wrap());
                let text = "The files on the disk stay as they are. This can be undone until it is purged, and an enrollment \
                            does not bring back what was taken out.";
                ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
            }
            Load::Failed(reason) => super::widgets::problem_ui(ui, &told(reason)),
            Load::Nothing | Load::Loading => {
                ui.horizontal(|ui| {
                    ui.add(egui::Spinner::new().size(16.0).color(palette.accent));
                    ui.label("Counting\u{2026}");
                });
            }
        }
        ui.add_space(theme::GAP);
        let can = counts.ready().is_some_and(|counts| *counts != nothing);
        ui.horizontal(|ui| {
            let yes = ui.add_enabled_ui(can, |ui| widgets::primary_button(ui, "Take out").clicked()).inner;
            (yes, widgets::button(ui, "Keep").clicked())
        })
        .inner
    });
    let (yes, no) = modal.inner;
    if yes {
        cx.push(PeopleCommand::Remove(removal.clone()));
    } else if no || modal.should_close() {
        cx.push(PeopleCommand::CancelRemoval);
    }
}

fn title(cx: &mut Cx<'_>, removal: &Removal) -> String {
    match removal {
        Removal::Faces(faces) if faces.len() == 1 => "Take out this face?".to_owned(),
        Removal::Faces(faces) => format!("Take out {} faces?", format::count(faces.len() as u64)),
        Removal::Photos(photos) if photos.len() == 1 => "Take out this photo?".to_owned(),
        Removal::Photos(photos) => format!("Take out {} photos?", format::count(photos.len() as u64)),
        Removal::Folder(folder) => format!("Take out the folder {}?", folder.display()),
        Removal::FacesOf(subject) => {
            let known = cx.state.subjects.iter().find(|person| person.id == *subject);
            let name = known.map(crate::types::SubjectRecord::subject_name);
            let title = name.map_or_else(|| format!("person {subject}"), |name| cx.title_of(&name));
            format!("Take out everything of {title}?")
        }
        Removal::Missing => "Take out the photos whose files are gone?".to_owned(),
    }
}

fn words(counts: &RemovalCounts) -> String {
    let faces = format::counted(counts.faces, "face", "faces");
    let named = match counts.named {
        0 => String::new(),
        n if n == counts.faces => ", named,".to_owned(),
        n => format!(", {} of them named,", format::count(n)),
    };
    if counts.photos == 0 {
        return format!("{faces}{named} will leave the gallery.");
    }
    let photos = format::counted(counts.photos, "photo", "photos");
    format!("{photos} with {faces}{named} will leave the gallery.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_right_for_one_and_many() {
        let told = |photos, faces, named| words(&RemovalCounts { photos, faces, named });
        assert_eq!(told(0, 1, 0), "1 face will leave the gallery.");
        assert_eq!(told(0, 1, 1), "1 face, named, will leave the gallery.");
        assert_eq!(told(2, 7, 3), "2 photos with 7 faces, 3 of them named, will leave the gallery.");
    }
}
