//! Carries out what the Models screen asks for.

use std::path::PathBuf;
use std::time::Instant;

use super::Shell;
use super::tune_jobs::tell;
use super::views::{model_list, models};
use super::workers::EventSink;
use crate::app::command::Command;
use crate::app::event::Event;
use crate::app::state::{JobKind, NoticeLevel};
use crate::jobs::models::{
    RunWatch, forget_embeddings, import_weights, inspect_weights, measure_speed, remove_model, verify_model,
};
use crate::jobs::{ChangeSummary, Engine, JobContext, JobError, Progress, change_model, unfinished_change};
use crate::types::{ImportAnswers, count};

impl Shell {
    pub(super) fn execute_models(&mut self, command: Command) {
        match command {
            Command::ReadModels => self.read_models(),
            Command::UseModel(name) => {
                let title = format!("Change to {}", self.title_of(&name));
                self.change_model(title, name);
            }
            Command::InspectWeights(file) => self.inspect(file, false),
            Command::RunWeights(file) => self.inspect(file, true),
            Command::ImportModel { file, architecture, answers } => self.import(file, architecture, *answers),
            Command::TestModel(name) => self.test(name),
            Command::MeasureSpeed(name) => {
                let title = format!("Measure the speed of {}", self.title_of(&name));
                self.start_job(JobKind::MeasureSpeed, title, move |engine, context, sink| {
                    measure_speed(engine, &name, &context.control, &tell(context))?;
                    send_models(engine, sink)
                });
            }
            Command::RemoveModel(name) => {
                let title = format!("Remove {}", self.title_of(&name));
                self.start_job(JobKind::RemoveModel, title, move |engine, context, sink| {
                    let removed = remove_model(engine, &name, &context.control, &tell(context));
                    send_models(engine, sink)?;
                    removed.map(|_| ())
                });
            }
            Command::ForgetEmbeddings(name) => {
                let title = format!("Delete the embeddings by {}", self.title_of(&name));
                self.start_job(JobKind::RemoveModel, title, move |engine, context, sink| {
                    let forgotten = forget_embeddings(engine, &name, &context.control, &tell(context));
                    send_models(engine, sink)?;
                    forgotten.map(|_| ())
                });
            }
            other => log::error!("not a command of the Models screen: {other:?}"),
        }
    }

    /// Reads models, what is stored for them, and the training runs, for as long as the screen is shown.
    pub(super) fn open_models(&mut self) {
        self.read_models();
        let Some(side) = &self.engine else { return };
        let (folder, sink) = (side.engine.data_dir().join("training"), self.sink.clone());
        let tell = move |runs: Result<_, String>| match runs {
            Ok(runs) => sink.send(Event::RunsRead(runs)),
            Err(reason) => {
                sink.send(Event::RunsRead(Vec::new()));
                let text = format!("The training runs cannot be read, by a fault of the program: {reason}");
                sink.send(Event::Notice(NoticeLevel::Error, text));
            }
        };
        match RunWatch::spawn(folder, tell) {
            Ok(watch) => self.runs = Some(watch),
            Err(error) => self.notice(NoticeLevel::Error, format!("The system refused a thread: {error}")),
        }
    }

    fn read_models(&mut self) {
        self.on_thread(
            "read models",
            |engine| Ok(vec![model_list(engine)?]),
            |reason| vec![Event::ModelsUnread(reason)],
        );
    }

    pub(super) fn resume_change(&mut self) {
        let Some(side) = &self.engine else { return };
        match unfinished_change(&side.engine) {
            Ok(Some(name)) => {
                let title = format!("Resume the change to {}", self.title_of(&name));
                self.change_model(title, name);
            }
            Ok(None) => {}
            Err(error) => self.notice(NoticeLevel::Warning, error.to_string()),
        }
    }

    fn change_model(&mut self, title: String, name: String) {
        self.start_job(JobKind::ChangeModel, title, move |engine, context, sink| {
            let changed = change_model(engine, &name, context);
            // Cancelled too, there may be more embeddings than before.
            if let Ok(summary) = &changed {
                sink.send(Event::ModelChanged(models(engine), engine.manifest().threshold));
                sink.send(Event::Notice(NoticeLevel::Info, change_text(&engine.manifest().title, summary)));
            }
            send_models(engine, sink)?;
            changed.map(|_| ())
        });
    }

    /// Looks at a weights file; a program in it runs only where the person has consented.
    fn inspect(&mut self, file: PathBuf, may_run: bool) {
        let asked = file.clone();
        let work = move |_: &Engine| {
            let proposal = Ok(inspect_weights(&file, may_run)?);
            Ok(vec![Event::WeightsInspected { file, may_run, proposal }])
        };
        self.on_thread("inspect weights", work, move |reason| {
            vec![Event::WeightsInspected { file: asked.clone(), may_run, proposal: Err(reason) }]
        });
    }

    fn import(&mut self, file: PathBuf, architecture: String, answers: ImportAnswers) {
        let title = format!("Import {}", answers.title);
        let may_run =
            self.state.models_view.import.as_ref().is_some_and(|import| import.file == file && import.may_run);
        self.start_job(JobKind::ImportModel, title, move |engine, context, sink| {
            let import = || import_weights(engine, &file, &architecture, &answers, may_run);
            let entry = in_one_step(context, "Testing and copying", import)?;
            send_models(engine, sink)?;
            sink.send(Event::ModelImported { name: entry.manifest.name, title: entry.manifest.title });
            Ok(())
        });
    }

    fn test(&mut self, name: String) {
        let title = format!("Test {}", self.title_of(&name));
        self.start_job(JobKind::TestModel, title, move |engine, context, sink| {
            let tested = in_one_step(context, "Testing", || verify_model(engine, &name));
            let result = match &tested {
                Ok(()) => Ok(()),
                Err(error) => Err(error.to_string()),
            };
            sink.send(Event::ModelTested { name, result });
            tested
        });
    }

    /// What people call the model; its name where it is not known.
    fn title_of(&self, name: &str) -> String {
        let model = self.state.models.iter().find(|model| model.name == name);
        model.map_or_else(|| name.to_owned(), |model| model.title.clone())
    }
}

/// Runs work that tells nothing on its way, and tells how long it took.
fn in_one_step<T>(context: &JobContext, stage: &'static str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let progress = |done| Progress {
        stage,
        unit: "model",
        photos_done: done,
        elapsed_secs: begun.elapsed().as_secs_f32(),
        ..Progress::default()
    };
    tell(context)(progress(0));
    let result = work();
    tell(context)(progress(1));
    result
}

fn send_models(engine: &Engine, sink: &EventSink) -> Result<(), JobError> {
    sink.send(model_list(engine)?);
    Ok(())
}

/// What a change of the model did, in a sentence or three.
fn change_text(title: &str, summary: &ChangeSummary) -> String {
    let faces = |n: u64| count(n, "face");
    let mut text = format!("{title} is in use now.");
    match summary.embedded {
        0 => text.push_str(" Every face had its embedding already."),
        n => text.push_str(&format!(" It embedded {}.", faces(n))),
    }
    if summary.from_stored_pictures > 0 {
        let stored = faces(summary.from_stored_pictures);
        text.push_str(&format!(" {stored} came from stored pictures, because the photos are gone: see the issues."));
    }
    if summary.failed > 0 {
        text.push_str(&format!(" {} could not be embedded: see the issues.", faces(summary.failed)));
    }
    text
}
