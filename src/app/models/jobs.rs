//! The work that the Models screen asks for.

use std::path::PathBuf;
use std::time::Instant;

use super::event::ModelsEvent;
use super::views::{model_list, models};
use crate::app::desk::{Desk, EventSink, notice, progress};
use crate::app::jobs::JobKind;
use crate::app::state::AppState;
use crate::app::window::NoticeLevel;
use crate::jobs::models::{
    forget_embeddings, import_weights, inspect_weights, measure_speed, remove_model, verify_model,
};
use crate::jobs::{ChangeSummary, Engine, JobContext, JobError, Progress, change_model, unfinished_change};
use crate::tell;
use crate::types::{ImportAnswers, Tell, Telling};

pub(super) fn read_models(desk: &mut Desk) {
    desk.on_thread("read models", |engine| Ok(vec![model_list(engine)?]), ModelsEvent::Unread);
}

pub(super) fn resume_change(desk: &mut Desk) {
    match unfinished_change(desk.engine) {
        Ok(Some(name)) => {
            let title = tell!("models-resume-change", model = title_of(desk.state, &name));
            change(desk, title, name);
        }
        Ok(None) => {}
        Err(error) => desk.notice(NoticeLevel::Warning, error.telling()),
    }
}

fn change(desk: &mut Desk, title: Telling, name: String) {
    desk.start_job(JobKind::ChangeModel, title, move |engine, context, sink| {
        let changed = change_model(engine, &name, context);
        // Cancelled too, there may be more embeddings than before.
        if let Ok(summary) = &changed {
            sink.send(ModelsEvent::Changed(models(engine), engine.manifest().threshold));
            sink.send(notice(NoticeLevel::Info, change_text(&engine.manifest().title, summary)));
        }
        send_models(engine, sink)?;
        changed.map(|_| ())
    });
}

/// Looks at a weights file; a program in it runs only where the person has consented.
pub(super) fn inspect(desk: &mut Desk, file: PathBuf, may_run: bool) {
    let asked = file.clone();
    let work = move |_: &Engine| {
        let proposal = Ok(inspect_weights(&file, may_run)?);
        Ok(vec![ModelsEvent::WeightsInspected { file, may_run, proposal }])
    };
    desk.on_thread("inspect weights", work, move |reason| ModelsEvent::WeightsInspected {
        file: asked.clone(),
        may_run,
        proposal: Err(reason),
    });
}

pub(super) fn import(desk: &mut Desk, file: PathBuf, architecture: String, answers: ImportAnswers) {
    let title = tell!("models-import-job", model = &answers.title);
    let may_run = desk.state.models_view.import.as_ref().is_some_and(|import| import.file == file && import.may_run);
    desk.start_job(JobKind::ImportModel, title, move |engine, context, sink| {
        let import = || import_weights(engine, &file, &architecture, &answers, may_run);
        let entry = in_one_step(context, "Testing and copying", import)?;
        send_models(engine, sink)?;
        sink.send(ModelsEvent::Imported { name: entry.manifest.name, title: entry.manifest.title });
        Ok(())
    });
}

pub(super) fn test(desk: &mut Desk, name: String) {
    let title = tell!("models-test-job", model = title_of(desk.state, &name));
    desk.start_job(JobKind::TestModel, title, move |engine, context, sink| {
        let tested = in_one_step(context, "Testing", || verify_model(engine, &name));
        let result = match &tested {
            Ok(()) => Ok(()),
            Err(error) => Err(error.telling()),
        };
        sink.send(ModelsEvent::Tested { name, result });
        tested
    });
}

pub(super) fn use_model(desk: &mut Desk, name: String) {
    let title = tell!("models-change-job", model = title_of(desk.state, &name));
    change(desk, title, name);
}

pub(super) fn measure(desk: &mut Desk, name: String) {
    let title = tell!("models-speed-job", model = title_of(desk.state, &name));
    desk.start_job(JobKind::MeasureSpeed, title, move |engine, context, sink| {
        measure_speed(engine, &name, &context.control, &progress(context))?;
        send_models(engine, sink)
    });
}

pub(super) fn remove(desk: &mut Desk, name: String) {
    let title = tell!("models-remove-job", model = title_of(desk.state, &name));
    desk.start_job(JobKind::RemoveModel, title, move |engine, context, sink| {
        let removed = remove_model(engine, &name, &context.control, &progress(context));
        send_models(engine, sink)?;
        removed.map(|_| ())
    });
}

pub(super) fn forget(desk: &mut Desk, name: String) {
    let title = tell!("models-forget-job", model = title_of(desk.state, &name));
    desk.start_job(JobKind::RemoveModel, title, move |engine, context, sink| {
        let forgotten = forget_embeddings(engine, &name, &context.control, &progress(context));
        send_models(engine, sink)?;
        forgotten.map(|_| ())
    });
}

/// What people call the model; its name where it is not known.
fn title_of(state: &AppState, name: &str) -> String {
    let model = state.models.iter().find(|model| model.name == name);
    model.map_or_else(|| name.to_owned(), |model| model.title.clone())
}

/// Runs work that tells nothing on its way, and tells how long it took.
fn in_one_step<T>(context: &JobContext, stage: &'static str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let at = |done| Progress {
        stage,
        unit: "model",
        done,
        elapsed_secs: begun.elapsed().as_secs_f32(),
        ..Progress::default()
    };
    progress(context)(at(0));
    let result = work();
    progress(context)(at(1));
    result
}

fn send_models(engine: &Engine, sink: &EventSink) -> Result<(), JobError> {
    sink.send(model_list(engine)?);
    Ok(())
}

/// What a change of the model did.
fn change_text(title: &str, summary: &ChangeSummary) -> Telling {
    let (embedded, stored, failed) = (summary.embedded, summary.from_stored_pictures, summary.failed);
    tell!("models-changed", model = title, embedded = embedded, stored = stored, failed = failed)
}
