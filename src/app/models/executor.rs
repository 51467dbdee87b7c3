use super::command::ModelsCommand;
use super::event::ModelsEvent;
use super::{jobs, reducer};
use crate::app::desk::{Desk, Room, failed, refused};
use crate::app::messages::Event;
use crate::app::parts::Load;
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::app::window::{NoticeLevel, Screen};
use crate::jobs::models::RunWatch;
use crate::tell;

pub(in crate::app) struct ModelsRoom {
    /// Reads training runs while the screen is shown.
    runs: Option<RunWatch>,
    /// The number of the last look at a screen that was seen here.
    visit: u64,
    /// A change of the model may have been left unfinished.
    resumes: bool,
}

impl Room for ModelsRoom {
    type Command = ModelsCommand;
    type Event = ModelsEvent;

    fn command(state: &mut AppState, command: &ModelsCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: ModelsEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        let view = &state.models_view;
        let is_inspecting = view.import.as_ref().is_some_and(|import| matches!(import.proposal, Load::Loading));
        let is_shown = state.screen == Screen::Models && state.start_failed.is_none() && state.closing.is_none();
        let is_counting = view.problem.is_none() && state.models.iter().any(|model| model.embedded.is_none());
        is_inspecting || (is_shown && (view.runs.is_none() || is_counting))
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        Ok(Self { runs: None, visit: desk.state.requests.screen, resumes: false })
    }

    fn execute(&mut self, desk: &mut Desk, command: ModelsCommand) {
        match command {
            ModelsCommand::Read => jobs::read_models(desk),
            ModelsCommand::Use(name) => jobs::use_model(desk, name),
            ModelsCommand::InspectWeights(file) => jobs::inspect(desk, file, false),
            ModelsCommand::RunWeights(file) => jobs::inspect(desk, file, true),
            ModelsCommand::CloseImport => {}
            ModelsCommand::Import { file, architecture, answers } => jobs::import(desk, file, architecture, *answers),
            ModelsCommand::Test(name) => jobs::test(desk, name),
            ModelsCommand::MeasureSpeed(name) => jobs::measure(desk, name),
            ModelsCommand::Remove(name) => jobs::remove(desk, name),
            ModelsCommand::ForgetEmbeddings(name) => jobs::forget(desk, name),
        }
    }

    fn hear(&mut self, _desk: &mut Desk, event: &Event) {
        self.resumes |= matches!(event, Event::Program(ProgramEvent::Started(_) | ProgramEvent::BecameWritable(_)));
    }

    /// Reads models, what is stored for them, and the training runs, for as long as the screen is shown.
    fn settle(&mut self, desk: &mut Desk) {
        let was_asked_for = std::mem::replace(&mut self.visit, desk.state.requests.screen) != self.visit;
        if desk.state.screen != Screen::Models {
            self.runs = None;
        } else if was_asked_for {
            jobs::read_models(desk);
            self.watch_runs(desk);
        }
        if std::mem::take(&mut self.resumes) && desk.can_write() {
            jobs::resume_change(desk);
        }
    }

    fn close(&mut self, _desk: &mut Desk) {
        self.runs = None;
    }
}

impl ModelsRoom {
    fn watch_runs(&mut self, desk: &mut Desk) {
        let (folder, sink) = (desk.engine.data_dir().join("training"), desk.sink.clone());
        let tell = move |runs: Result<_, String>| match runs {
            Ok(runs) => sink.send(ModelsEvent::RunsRead(runs)),
            Err(reason) => {
                sink.send(ModelsEvent::RunsRead(Vec::new()));
                let text = tell!("models-runs-unread", reason = reason);
                sink.send(failed(text));
            }
        };
        // The one before is told to end.
        self.runs = None;
        match RunWatch::spawn(folder, tell) {
            Ok(watch) => self.runs = Some(watch),
            Err(error) => desk.notice(NoticeLevel::Error, refused(&error)),
        }
    }
}
