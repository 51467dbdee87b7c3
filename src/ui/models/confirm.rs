//! What cannot be undone, or takes long, is asked before it is done.

use egui::{Frame, Id, Label, Modal, RichText, Ui};

use super::detail::missing;
use crate::app::{Command, ModelView, ModelsCommand};
use crate::ui::{Cx, format, theme, widgets};

/// What is about to happen with the model of this name.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Use(String),
    Remove(String),
    Forget(String),
}

struct Words {
    title: String,
    text: String,
    yes: &'static str,
    no: &'static str,
}

pub fn confirm_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some(question) = cx.memory.models.confirm.clone() else { return };
    let (Question::Use(name) | Question::Remove(name) | Question::Forget(name)) = &question;
    let Some(model) = cx.state.models.iter().find(|model| model.name == *name) else {
        cx.memory.models.confirm = None;
        return;
    };
    let words = words(cx, model, &question);
    let ctx = ui.ctx();
    let frame = Frame::window(&ctx.global_style()).inner_margin(24);
    let modal = Modal::new(Id::unique("models question")).frame(frame).show(ctx, |ui| {
        ui.set_width(480.0_f32.min(ctx.content_rect().width() - 64.0));
        let palette = theme::palette(ui);
        ui.add(Label::new(RichText::new(&words.title).font(theme::title())).wrap());
        ui.add_space(theme::GAP_SMALL);
        ui.add(Label::new(RichText::new(&words.text).color(palette.text_soft)).wrap());
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            // The lock may be lost while the question is open.
            let yes = widgets::changing(ui, cx.read_only(), |ui| widgets::primary_button(ui, words.yes).clicked());
            (yes, widgets::button(ui, words.no).clicked())
        })
        .inner
    });
    let (yes, no) = modal.inner;
    if yes {
        cx.push(match question {
            Question::Use(name) => Command::Models(ModelsCommand::Use(name)),
            Question::Remove(name) => Command::Models(ModelsCommand::Remove(name)),
            Question::Forget(name) => Command::Models(ModelsCommand::ForgetEmbeddings(name)),
        });
    }
    if yes || no || modal.should_close() {
        cx.memory.models.confirm = None;
    }
}

fn words(cx: &Cx<'_>, model: &ModelView, question: &Question) -> Words {
    let title = &model.title;
    match question {
        Question::Use(_) => Words {
            title: format!("Change to {title}?"),
            text: change_text(cx, model),
            yes: "Embed and change",
            no: "Keep the model in use",
        },
        Question::Remove(_) => Words {
            title: format!("Remove {title}?"),
            text: format!(
                "Its weights ({}) are deleted from this gallery's folder{}. The file that it was imported from stays. This \
                 cannot be undone.",
                format::bytes(model.bytes),
                if model.stored_bytes > 0 {
                    format!(", with its embeddings and index ({})", format::bytes(model.stored_bytes))
                } else {
                    String::new()
                }
            ),
            yes: "Remove it",
            no: "Keep it",
        },
        Question::Forget(_) => Words {
            title: format!("Delete the embeddings by {title}?"),
            text: format!(
                "{} and its index are deleted, which frees {}. Photos, faces and names stay, and so does the model; \
                 choosing it again embeds every face anew.",
                format::counted(model.embedded.unwrap_or(0), "embedding", "embeddings"),
                format::bytes(model.stored_bytes)
            ),
            yes: "Delete them",
            no: "Keep them",
        },
    }
}

fn change_text(cx: &Cx<'_>, model: &ModelView) -> String {
    let faces = match missing(cx, model) {
        Some(missing) => {
            format!("{} are", format::counted(missing, "face", "faces")).replace("1 face are", "1 face is")
        }
        None => "the faces are".to_owned(),
    };
    let time = match (&model.speed, missing(cx, model)) {
        (Some(speed), Some(missing)) => {
            // One thread for each core; reading the photos comes on top.
            let per_sec = speed.one_thread.batched_per_sec() * speed.all_threads.threads as f32;
            format!(
                " The embedding alone takes about {}; the photos are read too.",
                format::duration(missing as f32 / per_sec)
            )
        }
        _ => String::new(),
    };
    format!(
        "First {faces} embedded by it in the background, from the photos.{time} Searches go on with the model in use meanwhile; \
         when all is done the new model takes over, and what the old one made is kept. Scores of two models do not \
         compare: the threshold becomes {}.",
        format::score(model.threshold)
    )
}
