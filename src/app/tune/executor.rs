use std::sync::Arc;

use super::command::TuneCommand;
use super::event::TuneEvent;
use super::state::StreamInfo;
use super::{jobs, reducer};
use crate::app::desk::{Desk, Room, refused};
use crate::app::messages::Event;
use crate::app::models::ModelsEvent;
use crate::app::parts::Load;
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::app::window::{NoticeLevel, Screen};
use crate::jobs::tuning::{StreamEvent, TuneStream};

pub(in crate::app) struct TuneRoom {
    /// The running stream of probes.
    stream: Option<TuneStream>,
    /// The number of the last look at a screen that was seen here.
    visit: u64,
    /// What is on view is of another model.
    is_stale: bool,
    /// This process may write from now on, and sees to an index that damage took.
    looks_after: bool,
}

impl Room for TuneRoom {
    type Command = TuneCommand;
    type Event = TuneEvent;

    fn command(state: &mut AppState, command: &TuneCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: TuneEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        let tune = &state.tune;
        matches!(tune.advice, Load::Loading)
            || matches!(tune.autotune, Load::Loading)
            || matches!(tune.people, Load::Loading)
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        Ok(Self { stream: None, visit: desk.state.requests.screen, is_stale: false, looks_after: false })
    }

    fn execute(&mut self, desk: &mut Desk, command: TuneCommand) {
        match command {
            TuneCommand::Read => jobs::read_index(desk),
            TuneCommand::ApplyParams(params) => jobs::apply_params(desk, params),
            TuneCommand::RollBack(number) => jobs::roll_back(desk, number),
            TuneCommand::AskAdvice { max_ram_bytes, max_p50_millis } => {
                jobs::advise(desk, max_ram_bytes, max_p50_millis);
            }
            TuneCommand::ExportSweep { path, format, axes } => jobs::export(desk, path, format, axes),
            // The reducer has done it; the settings are saved by themselves.
            TuneCommand::SetRetrainShare(_) => {}
            TuneCommand::Start(_) => self.start_stream(desk),
            // With what the reducer made of the settings.
            TuneCommand::Change(_) => {
                if let Some(stream) = &self.stream {
                    stream.change(desk.state.requests.tune, desk.state.tune.live.settings.clone());
                }
            }
            TuneCommand::Stop => self.stream = None,
            TuneCommand::BuildIndex(spec) => jobs::build(desk, spec),
            TuneCommand::Retrain => jobs::retrain(desk),
            TuneCommand::StartSweep(request) => jobs::start_sweep(desk, request),
            TuneCommand::OpenSweep(name) => jobs::open_sweep(desk, name),
            TuneCommand::Autotune(goal, probes) => jobs::start_autotune(desk, goal, probes),
            TuneCommand::ApplyPoint(point) => jobs::apply_point(desk, *point),
            TuneCommand::MeasurePeopleMissed(params) => jobs::measure_people_missed(desk, params),
        }
    }

    fn hear(&mut self, _desk: &mut Desk, event: &Event) {
        if matches!(event, Event::Models(ModelsEvent::Changed(..))) {
            // What it measured on is put aside.
            self.stream = None;
            self.is_stale = true;
        }
        self.looks_after |= matches!(event, Event::Program(ProgramEvent::Started(_) | ProgramEvent::BecameWritable(_)));
    }

    /// Reads what the screen shows when it is opened, and when that is of another model.
    fn settle(&mut self, desk: &mut Desk) {
        let was_asked_for = std::mem::replace(&mut self.visit, desk.state.requests.screen) != self.visit;
        let is_stale = std::mem::take(&mut self.is_stale);
        if desk.state.screen == Screen::Tune && (was_asked_for || is_stale) {
            jobs::read_index(desk);
        }
        if std::mem::take(&mut self.looks_after) && desk.can_write() {
            jobs::rebuild(desk);
        }
    }

    fn close(&mut self, _desk: &mut Desk) {
        self.stream = None;
    }
}

impl TuneRoom {
    fn start_stream(&mut self, desk: &mut Desk) {
        // The one before is told to end.
        self.stream = None;
        let (request, settings) = (desk.state.requests.tune, desk.state.tune.live.settings.clone());
        let sink = desk.sink_of_model();
        let started = TuneStream::spawn(Arc::clone(desk.engine), request, settings, move |event| match event {
            StreamEvent::Began { request, nq, data_digest, exact } => {
                sink.send(TuneEvent::Began(StreamInfo { request, nq, threads: 1, data_digest, exact: Some(exact) }));
            }
            StreamEvent::Sample(sample) => sink.send(TuneEvent::Sampled(sample)),
            StreamEvent::Failed { request, reason } => sink.send(TuneEvent::Ended { request, reason }),
            // The screen says that it is getting ready for as long as no sample has come.
            StreamEvent::Progress(_) => {}
        });
        match started {
            Ok(stream) => self.stream = Some(stream),
            Err(error) => desk.notice(NoticeLevel::Error, refused(&error)),
        }
    }
}
