//! Carries commands out: gives them and what threads tell to the rooms, and opens and closes these.

mod closing;
mod opening;

use crate::tell;
use crate::types::Telling;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use super::desk::{Desk, EventSink, Hands, refused};
use super::messages::{Command, Event};
use super::program::{Closing, ProgramCommand, ProgramEvent};
use super::rooms::{self, Rooms};
use super::state::AppState;
use crate::jobs::{Engine, JobControl};
use closing::spawn_writing;
use opening::{Places, spawn_opening};

/// The running program without its window.
pub struct Shell {
    state: AppState,
    events: Receiver<Event>,
    sink: EventSink,
    hands: Hands,
    open: Option<Open>,
    /// Hands over the engine once it is open.
    opened: Receiver<Arc<Engine>>,
    places: Places,
    /// Commands that came before the engine was open.
    early: Vec<Command>,
}

struct Open {
    engine: Arc<Engine>,
    rooms: Rooms,
}

/// A program without a window waits this long for what is under way.
const PATIENCE: Duration = Duration::from_secs(30);

impl Shell {
    /// Opens the data folder on a thread of its own and returns at once. `wake` is called whenever there is
    /// something to [`Shell::pump`], from any thread.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn start(data_dir: Option<PathBuf>, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        Self::start_with(data_dir, None, wake)
    }

    /// The same with a folder for the person's settings, in the place of the configuration folder.
    ///
    /// # Errors
    /// The system refused a thread.
    pub fn start_with(
        data_dir: Option<PathBuf>,
        config_dir: Option<PathBuf>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let (sender, events) = bounded(1024);
        let sink = EventSink::new(sender, wake);
        let places = Places { data_dir, config_dir };
        let opened = spawn_opening(places.clone(), &sink)?;
        let mut state = AppState::default();
        state.status.starting = true;
        Ok(Self { state, events, sink, hands: Hands::default(), open: None, opened, places, early: Vec::new() })
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes in what happened, for at most `budget`. Returns whether there is more.
    pub fn pump(&mut self, budget: Duration) -> bool {
        let begun = Instant::now();
        self.state.clock = now_millis();
        self.with_rooms(Rooms::tick);
        while let Ok(event) = self.events.try_recv() {
            self.take_in(event);
            if begun.elapsed() >= budget {
                break;
            }
        }
        self.close_further();
        !self.events.is_empty()
    }

    /// Nothing runs and nothing is waited for.
    pub fn is_idle(&self) -> bool {
        !rooms::is_waiting(&self.state) && self.events.is_empty()
    }

    pub fn dispatch(&mut self, command: impl Into<Command>) {
        let command = command.into();
        match &command {
            Command::Program(ProgramCommand::Close) => return self.begin_closing(),
            Command::Program(ProgramCommand::CloseNow) => return self.close_now(),
            // What is asked for now would be lost.
            _ if self.state.closing.is_some() => return,
            _ => {}
        }
        rooms::command(&mut self.state, &command);
        if let Command::Program(ProgramCommand::Retry(other)) = command {
            return self.restart(other);
        }
        if self.open.is_none() {
            self.early.push(command);
            return;
        }
        self.with_rooms(|rooms, desk| rooms.execute(desk, command));
        self.settle();
    }

    fn take_in(&mut self, event: Event) {
        let has_started = matches!(event, Event::Program(ProgramEvent::Started(_)));
        if has_started && let Err(reason) = self.take_over_engine() {
            return self.take_in(ProgramEvent::StartFailed(reason).into());
        }
        if matches!(event, Event::Program(ProgramEvent::StartFailed(_))) {
            self.early.clear();
        }
        self.change(event);
        self.settle();
        if has_started && self.state.closing.is_none() {
            for command in std::mem::take(&mut self.early) {
                self.dispatch(command);
            }
        }
    }

    /// Changes the state, after the rooms have taken note.
    fn change(&mut self, event: Event) {
        self.with_rooms(|rooms, desk| rooms.hear(desk, &event));
        rooms::reduce(&mut self.state, event);
    }

    /// Lets the rooms do what follows from the state, until nothing follows any more.
    fn settle(&mut self) {
        loop {
            self.with_rooms(Rooms::settle);
            let told = self.hands.take_told();
            if told.is_empty() {
                return;
            }
            told.into_iter().for_each(|event| self.change(event));
        }
    }

    fn with_rooms(&mut self, act: impl FnOnce(&mut Rooms, &mut Desk)) {
        let Some(Open { engine, rooms }) = &mut self.open else { return };
        act(rooms, &mut Desk { state: &self.state, engine, sink: &self.sink, hands: &mut self.hands });
    }

    /// # Errors
    /// Why the program cannot go on with the engine, in words.
    fn take_over_engine(&mut self) -> Result<(), Telling> {
        let engine = self.opened.try_recv().map_err(|_| tell!("app-data-lost"))?;
        let desk = Desk { state: &self.state, engine: &engine, sink: &self.sink, hands: &mut self.hands };
        let rooms = Rooms::open(&desk).map_err(|error| tell!("app-threads-refused", reason = error.to_string()))?;
        self.open = Some(Open { engine, rooms });
        Ok(())
    }

    /// Opens once more, after a failed start: the folder asked for at first, or another one.
    fn restart(&mut self, other: Option<PathBuf>) {
        if self.open.is_some() || self.state.status.starting {
            return;
        }
        if other.is_some() {
            self.places.data_dir = other;
        }
        match spawn_opening(self.places.clone(), &self.sink) {
            Ok(opened) => {
                self.opened = opened;
                self.state.status.starting = true;
            }
            Err(error) => self.take_in(ProgramEvent::StartFailed(refused(&error)).into()),
        }
    }

    /// Stops every job at its next checkpoint, and then writes what is still to be written, in the background. The next
    /// start takes the jobs up again. [`AppState::closing`] says how far it is.
    pub fn begin_closing(&mut self) {
        if self.state.closing.is_some() {
            return;
        }
        self.with_rooms(Rooms::close);
        self.early.clear();
        self.hands.quit.interrupt();
        self.hands.controls.values().for_each(JobControl::interrupt);
        self.state.closing = Some(Closing::Jobs);
        self.close_further();
    }

    /// The window may go.
    pub fn is_closed(&self) -> bool {
        self.state.closing == Some(Closing::Done)
    }

    /// Leaves everything as it is: what is not on the disk by now is not waited for.
    pub fn close_now(&mut self) {
        self.begin_closing();
        self.sink.close();
        // Dropping it would wait for its threads; they end with the process.
        std::mem::forget(self.open.take());
        self.hands.controls.clear();
        self.hands.passing.clear();
        self.state.closing = Some(Closing::Done);
    }

    /// Goes on from jobs to writing once no job runs any more.
    fn close_further(&mut self) {
        if self.state.closing != Some(Closing::Jobs) || !self.hands.controls.is_empty() {
            return;
        }
        let Some(open) = self.open.take() else {
            // Nothing was changed yet; opening can be cut short at any moment.
            self.state.closing = Some(Closing::Done);
            return;
        };
        self.state.closing = Some(Closing::Writing);
        if let Err(error) = spawn_writing(open, std::mem::take(&mut self.hands.passing), self.sink.clone()) {
            log::warn!("the system refused a thread: {error}");
            self.state.closing = Some(Closing::Done);
        }
    }
}

impl Drop for Shell {
    /// Closes, waiting for what is under way, unless that has been done.
    fn drop(&mut self) {
        self.begin_closing();
        let begun = Instant::now();
        while !self.is_closed() && begun.elapsed() < PATIENCE {
            if let Ok(event) = self.events.recv_timeout(Duration::from_millis(50)) {
                self.take_in(event);
            }
            self.close_further();
        }
        // Workers may be waiting to send: nobody listens any more, and their sends then return at once.
        self.sink.close();
        while self.events.try_recv().is_ok() {}
        if let Some(open) = self.open.take() {
            log::warn!("a job did not stop in time; the next start takes it up again");
            std::mem::forget(open);
        }
    }
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
