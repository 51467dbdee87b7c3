//! Opening the data folder, and opening it or another one again where that failed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::answers::answer_of;
use super::crop_loader::CropLoader;
use super::follow::follow;
use super::views::opening;
use super::workers::{EventSink, Workers, notice_of, tell_messages};
use super::{EngineSide, Shell};
use crate::app::event::Event;
use crate::app::state::{AppState, NoticeLevel};
use crate::jobs::{Engine, JobControl, JobError, Mode, OpenOptions};
use crate::types::Settings;

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
        Ok(Self {
            state,
            events,
            sink,
            engine: None,
            opened,
            places,
            passing: Vec::new(),
            quit: JobControl::default(),
            controls: HashMap::new(),
            stream: None,
            follower: None,
            runs: None,
            next_job: 1,
            settings_saved: Settings::default(),
            settings_changed: None,
            early: Vec::new(),
        })
    }

    /// Opens once more, after a failed start: the folder asked for at first, or another one.
    pub(super) fn restart(&mut self, other: Option<PathBuf>) {
        if self.engine.is_some() || self.state.status.starting {
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
            Err(error) => self.take_in(Event::StartFailed(format!("The system refused a thread: {error}"))),
        }
    }

    /// # Errors
    /// Why the program cannot go on with the engine, in words.
    pub(super) fn take_over_engine(&mut self) -> Result<(), String> {
        let engine = self.opened.try_recv().map_err(|_| "The data was opened, and lost again.".to_owned())?;
        let started = Workers::spawn(&engine, &self.sink)
            .and_then(|workers| Ok((workers, CropLoader::spawn(&engine, &self.sink)?)));
        let (workers, crops) =
            started.map_err(|error| format!("The system refused the threads the program needs: {error}"))?;
        match follow(&engine, &self.sink) {
            Ok(follower) => self.follower = follower,
            Err(error) => log::warn!("another program's changes will not show: {error}"),
        }
        self.engine = Some(EngineSide { engine, workers, crops });
        Ok(())
    }
}

/// The folders that were asked for.
#[derive(Clone, Debug)]
pub(super) struct Places {
    data_dir: Option<PathBuf>,
    config_dir: Option<PathBuf>,
}

fn spawn_opening(places: Places, sink: &EventSink) -> std::io::Result<Receiver<Arc<Engine>>> {
    let (hand_over, opened) = bounded(1);
    let (sink, told) = (sink.clone(), sink.clone());
    let open = move || {
        let options = OpenOptions {
            data_dir: places.data_dir.as_deref(),
            config_dir: places.config_dir.as_deref(),
            tell: &|message| told.send(notice_of(message)),
            ..OpenOptions::new(Mode::WriteIfFree)
        };
        let engine = Engine::open_with(&options).map(Arc::new)?;
        Ok((opening(&engine)?, engine))
    };
    std::thread::Builder::new().name("start".to_owned()).spawn(move || tell_opened(open, &sink, &hand_over))?;
    Ok(opened)
}

/// The body of the start thread: it ends with `Started` or `StartFailed`, whatever happens in `open`.
fn tell_opened(
    open: impl FnOnce() -> Result<(crate::app::event::Opening, Arc<Engine>), JobError>,
    sink: &EventSink,
    hand_over: &Sender<Arc<Engine>>,
) {
    match answer_of(open) {
        Ok((opening, engine)) => {
            let read_only = engine.ensure_writable().err();
            tell_messages(&engine, sink);
            let offer = engine.take_offer();
            let _ = hand_over.send(engine);
            sink.send(Event::Started(Box::new(opening)));
            match offer {
                Ok(None) => {}
                Ok(Some(text)) => sink.send(Event::Notice(NoticeLevel::Info, text)),
                Err(error) => log::warn!("a better model is not offered: {error}"),
            }
            if let Some(reason) = read_only {
                sink.send(Event::Notice(NoticeLevel::Warning, reason.to_string()));
            }
        }
        Err(reason) => sink.send(Event::StartFailed(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_while_opening_is_a_failed_start() {
        let (sender, events) = bounded(4);
        let (hand_over, _opened) = bounded(1);
        tell_opened(|| panic!("injected"), &EventSink::new(sender, Arc::new(|| {})), &hand_over);
        let Ok(Event::StartFailed(reason)) = events.try_recv() else { panic!("no answer") };
        assert!(reason.contains("injected"), "{reason}");
    }
}
