//! The dialog between a weights file and a model: what the file seems to be, and what the person has to say of it.

use crate::words::told;
use egui::{DragValue, Frame, Grid, Label, RichText, ScrollArea, TextEdit, Ui};

use super::memory::ImportMemory;
use crate::app::{AppState, ImportAnswers, ImportProposal, ImportView, Load, ModelsCommand, model_name_problem};
use crate::say;
use crate::ui::{Cx, format, theme, widgets};

/// Common preparations of pixels: name, mean, std.
fn inputs() -> [(String, [f32; 3], [f32; 3]); 4] {
    [
        ("\u{2212}1 \u{2026} 1".to_owned(), [127.5; 3], [127.5; 3]),
        ("0 \u{2026} 1".to_owned(), [0.0; 3], [255.0; 3]),
        ("0 \u{2026} 255".to_owned(), [0.0; 3], [1.0; 3]),
        (say!("models-imagenet"), [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]),
    ]
}

#[derive(PartialEq)]
enum Act {
    None,
    Close,
    /// Run the program in the file.
    Run,
    Import,
}

pub fn import_ui(ui: &Ui, cx: &mut Cx<'_>) {
    let Some(import) = &cx.state.models_view.import else {
        cx.memory.models.import.draft = None;
        return;
    };
    let ctx = ui.ctx();
    let modal = widgets::dialog_ui(ctx, "import-model", &say!("models-import-title"), 540.0, |ui| {
        let file = RichText::new(import.file.display().to_string()).font(theme::small());
        widgets::elided(ui, file).on_hover_text(import.file.display().to_string());
        ui.add_space(theme::GAP_SMALL);
        match &import.proposal {
            Load::Nothing | Load::Loading => looking_ui(ui),
            Load::Failed(reason) => failed_ui(ui, &told(reason)),
            Load::Ready(proposal) if proposal.asks_to_run => consent_ui(ui, proposal),
            Load::Ready(proposal) => {
                let draft = draft_of(&mut cx.memory.models.import, proposal);
                proposal_ui(ui, cx.state, import, proposal, draft)
            }
        }
    });
    // A click beside the dialog is not to throw away what was typed.
    let is_left = modal.should_close() && !modal.backdrop_response.clicked();
    let act = if is_left && modal.inner == Act::None { Act::Close } else { modal.inner };
    match act {
        Act::None => {}
        Act::Close => cx.push(ModelsCommand::CloseImport),
        Act::Run => cx.push(ModelsCommand::RunWeights(import.file.clone())),
        Act::Import => {
            if let (Load::Ready(proposal), Some((_, answers))) = (&import.proposal, &cx.memory.models.import.draft) {
                let answers = ImportAnswers { title: title_of(answers), ..answers.clone() };
                // What was imported is what the person wants to see next.
                cx.memory.models.chosen = Some(answers.name.clone());
                let (file, architecture) = (import.file.clone(), proposal.architecture.clone());
                cx.push(ModelsCommand::Import { file, architecture, answers: Box::new(answers) });
            }
        }
    }
}

/// A title is the name where none is given.
fn title_of(answers: &ImportAnswers) -> String {
    let title = answers.title.trim();
    if title.is_empty() { answers.name.clone() } else { title.to_owned() }
}

fn draft_of<'a>(memory: &'a mut ImportMemory, proposal: &ImportProposal) -> &'a mut ImportAnswers {
    let is_new = memory.draft.as_ref().is_none_or(|(file, _)| *file != proposal.file);
    if is_new {
        memory.draft = None;
    }
    &mut memory.draft.get_or_insert_with(|| (proposal.file.clone(), proposal.answers.clone())).1
}

fn looking_ui(ui: &mut Ui) -> Act {
    ui.horizontal(|ui| {
        widgets::spinner(ui, 16.0, &say!("models-looking"));
        ui.label(say!("models-looking"));
    });
    ui.add_space(theme::GAP);
    if widgets::button(ui, &say!("models-cancel")).clicked() { Act::Close } else { Act::None }
}

fn failed_ui(ui: &mut Ui, reason: &str) -> Act {
    widgets::problem_ui(ui, &say!("models-not-importable", reason = reason));
    ui.add_space(theme::GAP);
    if widgets::button(ui, &say!("models-close")).clicked() { Act::Close } else { Act::None }
}

/// A program has not run yet, and does not before the person says so.
fn consent_ui(ui: &mut Ui, proposal: &ImportProposal) -> Act {
    let palette = theme::palette(ui);
    Frame::NONE.fill(palette.warn_soft).corner_radius(8).inner_margin(16).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new(say!("models-is-program")).font(theme::strong()).color(palette.warn));
        let text = say!("models-is-program-text", bytes = format::bytes(proposal.bytes));
        ui.add(Label::new(text).wrap());
    });
    ui.add_space(theme::GAP_SMALL);
    widgets::caption(ui, say!("models-trust"));
    ui.add_space(theme::GAP);
    ui.horizontal(|ui| {
        // What is safe comes first, and is what the eye falls on.
        let close = widgets::primary_button(ui, &say!("models-do-not-run")).clicked();
        let run = widgets::button(ui, &say!("models-run")).clicked();
        match (close, run) {
            (true, _) => Act::Close,
            (_, true) => Act::Run,
            _ => Act::None,
        }
    })
    .inner
}

fn proposal_ui(
    ui: &mut Ui,
    state: &AppState,
    import: &ImportView,
    proposal: &ImportProposal,
    draft: &mut ImportAnswers,
) -> Act {
    let [width, height] = proposal.size;
    let found = say!(
        "models-found",
        architecture = proposal.architecture.as_str(),
        n = format::count(proposal.d as u64),
        width = width,
        height = height,
        bytes = format::bytes(proposal.bytes)
    );
    let room = (ui.ctx().content_rect().height() - 260.0).max(120.0);
    // At once as high as it needs: the dialog was small while the file was looked at.
    let area = ScrollArea::vertical().max_height(room).min_scrolled_height(room);
    widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
        ui.set_max_width(ui.available_width() - 12.0);
        ui.add(Label::new(found).wrap());
        ui.add_space(theme::GAP_SMALL);
        ui.add_enabled_ui(!import.running, |ui| fields_ui(ui, proposal, draft));
    });
    let is_taken = state.models.iter().any(|model| model.name == draft.name);
    let trouble = model_name_problem(&draft.name)
        .map(|problem| crate::words::told(&problem))
        .or_else(|| is_taken.then(|| say!("models-name-taken")));
    if let Some(trouble) = &trouble {
        let palette = theme::palette(ui);
        ui.label(
            RichText::new(say!("models-name-trouble", trouble = trouble.as_str()))
                .font(theme::small())
                .color(palette.bad),
        );
    }
    if let Some(problem) = &import.problem {
        widgets::problem_ui(ui, &told(problem));
    }
    ui.add_space(theme::GAP_SMALL);
    ui.horizontal(|ui| {
        if import.running {
            widgets::spinner(ui, 16.0, &say!("models-importing"));
            ui.label(say!("models-importing"));
            return Act::None;
        }
        let can = trouble.is_none();
        let read_only = state.status.read_only.as_ref().map(told);
        let import = widgets::changing(ui, read_only.as_deref(), |ui| {
            ui.add_enabled_ui(can, |ui| widgets::primary_button(ui, &say!("models-import")).clicked()).inner
        });
        let close = widgets::button(ui, &say!("models-cancel")).clicked();
        match (import, close) {
            (true, _) => Act::Import,
            (_, true) => Act::Close,
            _ => Act::None,
        }
    })
    .inner
}

fn fields_ui(ui: &mut Ui, proposal: &ImportProposal, draft: &mut ImportAnswers) {
    let palette = theme::palette(ui);
    let name = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).font(theme::small()).color(palette.text_soft)).id;
    let text = |ui: &mut Ui, what: &str, value: &mut String, hint: &str| {
        let label = name(ui, what);
        ui.add(TextEdit::singleline(value).desired_width(f32::INFINITY).hint_text(hint)).labelled_by(label);
        ui.end_row();
    };
    Grid::new("import fields").num_columns(2).spacing([16.0, 6.0]).min_col_width(88.0).show(ui, |ui| {
        text(ui, &say!("name"), &mut draft.name, &say!("models-name-hint"));
        text(ui, &say!("models-title"), &mut draft.title, &say!("models-title-hint"));
        text(ui, &say!("licence"), &mut draft.licence, &say!("models-licence-hint"));
        text(ui, &say!("models-source"), &mut draft.source, &say!("models-source-hint"));
        let label = name(ui, &say!("threshold"));
        let number = DragValue::new(&mut draft.threshold).range(-1.0..=1.0).speed(0.002).max_decimals(4);
        ui.add(number).labelled_by(label).on_hover_text(say!("models-threshold-hint"));
        ui.end_row();
        name(ui, &say!("models-planes"));
        let options = [(false, "RGB".to_owned()), (true, "BGR".to_owned())];
        if let Some(bgr) = widgets::segments_ui(ui, &say!("models-planes"), draft.bgr, &options) {
            draft.bgr = bgr;
        }
        ui.end_row();
        name(ui, &say!("models-values"));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
            for (title, mean, std) in inputs() {
                let is_chosen = (draft.mean, draft.std) == (mean, std);
                if widgets::toggle_button(ui, is_chosen, &title).clicked() {
                    (draft.mean, draft.std) = (mean, std);
                }
            }
        });
        ui.end_row();
        three_row(ui, &say!("models-mean"), &mut draft.mean, -1000.0..=1000.0);
        three_row(ui, &say!("models-std"), &mut draft.std, 1e-3..=1e6);
    });
    let note = if proposal.input_is_stated { say!("models-input-stated") } else { say!("models-input-guessed") };
    widgets::caption(ui, note);
    if proposal.architecture == "torchscript" {
        widgets::caption(ui, say!("models-torchscript-note"));
    }
}

fn three_row(ui: &mut Ui, name: &str, values: &mut [f32; 3], range: std::ops::RangeInclusive<f32>) {
    let palette = theme::palette(ui);
    ui.label(RichText::new(name).font(theme::small()).color(palette.text_soft));
    ui.horizontal(|ui| {
        for (value, plane) in values.iter_mut().zip(1..) {
            let number = DragValue::new(value).range(range.clone()).speed(0.5).max_decimals(4);
            ui.add(number).accessible_name(say!("models-plane", name = name, plane = plane));
        }
    });
    ui.end_row();
}
