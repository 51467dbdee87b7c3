//! What cannot be undone, or takes long, is asked before it is done.

use egui::{Label, RichText, Ui};

use super::memory::Question;
use super::parts::missing;
use crate::app::{Command, ModelView, ModelsCommand};
use crate::say;
use crate::ui::{Cx, format, theme, widgets};

struct Words {
    title: String,
    text: String,
    yes: String,
    no: String,
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
    let modal = widgets::dialog_ui(ctx, "models-question", &words.title, 480.0, |ui| {
        let palette = theme::palette(ui);
        ui.add_space(theme::GAP_SMALL);
        ui.add(Label::new(RichText::new(&words.text).color(palette.text_soft)).wrap());
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            // The lock may be lost while the question is open.
            let yes = widgets::changing(ui, cx.read_only(), |ui| widgets::primary_button(ui, &words.yes).clicked());
            (yes, widgets::button(ui, &words.no).clicked())
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
            title: say!("models-change", title = title.as_str()),
            text: change_text(cx, model),
            yes: say!("models-change-yes"),
            no: say!("models-change-no"),
        },
        Question::Remove(_) => Words {
            title: say!("models-remove-title", title = title.as_str()),
            text: remove_text(model),
            yes: say!("models-remove-yes"),
            no: say!("models-keep-it"),
        },
        Question::Forget(_) => Words {
            title: say!("models-forget-title", title = title.as_str()),
            text: say!(
                "models-forget-text",
                embeddings = say!("models-embeddings", n = model.embedded.unwrap_or(0)),
                bytes = format::bytes(model.stored_bytes)
            ),
            yes: say!("models-forget-yes"),
            no: say!("models-keep-them"),
        },
    }
}

fn remove_text(model: &ModelView) -> String {
    let weights = format::bytes(model.bytes);
    match model.stored_bytes {
        0 => say!("models-remove-text", weights = weights),
        stored => say!("models-remove-text-stored", weights = weights, stored = format::bytes(stored)),
    }
}

fn change_text(cx: &Cx<'_>, model: &ModelView) -> String {
    let missing = missing(cx, model);
    let faces = match missing {
        Some(missing) => say!("models-faces-are", n = missing),
        None => say!("models-all-faces-are"),
    };
    let threshold = format::score(model.threshold);
    let (Some(speed), Some(missing)) = (&model.speed, missing) else {
        return say!("models-change-text", faces = faces, threshold = threshold);
    };
    // One thread for each core; reading the photos comes on top.
    let per_sec = speed.one_thread.batched_per_sec() * speed.all_threads.threads as f32;
    let time = format::duration(missing as f32 / per_sec);
    say!("models-change-text-time", faces = faces, time = time, threshold = threshold)
}
