use std::time::{Duration, Instant};

use super::command::SettingsCommand;
use super::event::SettingsEvent;
use super::reducer;
use super::state::Settings;
use crate::app::desk::{Desk, Room, worker};
use crate::app::messages::Event;
use crate::app::models::ModelsEvent;
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::jobs::LatestWorker;

/// Settings are written this long after the last change, so that dragging a slider writes once.
const DELAY: Duration = Duration::from_millis(600);

pub(in crate::app) struct SettingsRoom {
    worker: LatestWorker<Settings>,
    saved: Settings,
    /// As they were after the latest command or event.
    seen: Settings,
    /// When they became others than those that are saved.
    changed: Option<Instant>,
    /// The file has to be written whatever stands in it.
    is_stale: bool,
}

impl Room for SettingsRoom {
    type Command = SettingsCommand;
    type Event = SettingsEvent;

    fn command(state: &mut AppState, command: &SettingsCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: SettingsEvent) {
        reducer::reduce(state, event);
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        Ok(Self {
            worker: worker(
                "settings",
                desk.engine,
                desk.sink,
                |_: &Settings| (),
                |engine, settings| engine.save_settings(&settings),
                |(), saved| saved.err().map(SettingsEvent::Unsaved),
            )?,
            saved: desk.state.settings.clone(),
            seen: desk.state.settings.clone(),
            changed: None,
            is_stale: false,
        })
    }

    /// Whoever changes them, they are saved when they have changed.
    fn execute(&mut self, _desk: &mut Desk, command: SettingsCommand) {
        match command {
            SettingsCommand::SetTheme(_) | SettingsCommand::SetTextScale(_) | SettingsCommand::SetLanguage(_) => {}
        }
    }

    fn hear(&mut self, _desk: &mut Desk, event: &Event) {
        if let Event::Program(ProgramEvent::Started(opening)) = event {
            self.saved = opening.settings.clone();
            self.seen = opening.settings.clone();
        }
        // The job that changed it has written it into the settings' file, which a save in between may have undone.
        self.is_stale |= matches!(event, Event::Models(ModelsEvent::Changed(..)));
    }

    fn settle(&mut self, desk: &mut Desk) {
        let now = &desk.state.settings;
        let has_changed = *now != self.seen;
        if has_changed {
            self.seen = now.clone();
        }
        if std::mem::take(&mut self.is_stale) || (has_changed && *now != self.saved) {
            self.changed = Some(Instant::now());
        }
    }

    fn tick(&mut self, desk: &mut Desk) {
        if self.changed.is_some_and(|changed| changed.elapsed() >= DELAY) {
            self.save(desk);
        }
    }

    fn close(&mut self, desk: &mut Desk) {
        if self.changed.is_some() {
            self.save(desk);
        }
    }
}

impl SettingsRoom {
    fn save(&mut self, desk: &Desk) {
        self.changed = None;
        self.saved = desk.state.settings.clone();
        self.worker.put(self.saved.clone());
    }
}
