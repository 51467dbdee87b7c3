//! Taking out is asked with counts first.

use crate::words::told;
use egui::{Label, RichText, Ui};

use super::{Cx, theme, widgets};
use crate::app::{Load, PeopleCommand, Removal, RemovalCounts};
use crate::say;

pub(super) fn confirm_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some((removal, counts)) = &cx.state.record.removal else { return };
    let title = title(cx, removal);
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "removal", &title, 480.0, |ui| {
        let palette = theme::palette(ui);
        ui.add_space(theme::GAP_SMALL);
        let nothing = RemovalCounts::default();
        match counts {
            Load::Ready(counts) if *counts == nothing => {
                ui.label(say!("removal-nothing"));
            }
            Load::Ready(counts) => {
                ui.add(Label::new(RichText::new(words(counts)).font(theme::strong())).wrap());
                let text = say!("removal-about");
                ui.add(Label::new(RichText::new(text).color(palette.text_soft)).wrap());
            }
            Load::Failed(reason) => super::widgets::problem_ui(ui, &told(reason)),
            Load::Nothing | Load::Loading => {
                ui.horizontal(|ui| {
                    widgets::spinner(ui, 16.0, &say!("removal-counting"));
                    ui.label(say!("removal-counting"));
                });
            }
        }
        ui.add_space(theme::GAP);
        let can = counts.ready().is_some_and(|counts| *counts != nothing);
        ui.horizontal(|ui| {
            let yes = ui.add_enabled_ui(can, |ui| widgets::primary_button(ui, &say!("removal-do")).clicked()).inner;
            (yes, widgets::button(ui, &say!("removal-keep")).clicked())
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
        Removal::Faces(faces) => say!("removal-of-faces", n = faces.len()),
        Removal::Photos(photos) => say!("removal-of-photos", n = photos.len()),
        Removal::Folder(folder) => say!("removal-of-folder", folder = folder.display().to_string()),
        Removal::FacesOf(subject) => {
            let known = cx.state.subjects.iter().find(|person| person.id == *subject);
            let name = known.map(crate::types::SubjectRecord::subject_name);
            let title = name.map_or_else(|| say!("person-number", id = subject.to_string()), |name| cx.title_of(&name));
            say!("removal-of-person", name = title)
        }
        Removal::Missing => say!("removal-of-missing"),
    }
}

fn words(counts: &RemovalCounts) -> String {
    let (faces, named) = (say!("faces", n = counts.faces), counts.named);
    if counts.photos == 0 {
        return match named {
            0 => say!("removal-faces", faces = faces),
            _ if named == counts.faces => say!("removal-faces-named", faces = faces),
            _ => say!("removal-faces-some-named", faces = faces, named = named),
        };
    }
    let photos = say!("photos", n = counts.photos);
    match named {
        0 => say!("removal-photos", photos = photos, faces = faces),
        _ if named == counts.faces => say!("removal-photos-named", photos = photos, faces = faces),
        _ => say!("removal-photos-some-named", photos = photos, faces = faces, named = named),
    }
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
