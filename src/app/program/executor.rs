use super::command::ProgramCommand;
use super::event::ProgramEvent;
use super::follow::follow;
use super::reducer;
use super::views::status;
use crate::app::desk::{Desk, Room, alters_counts, failed, worker};
use crate::app::messages::Event;
use crate::app::state::AppState;
use crate::jobs::{Follower, LatestWorker};

pub(in crate::app) struct ProgramRoom {
    status: LatestWorker<()>,
    /// The numbers of the status bar may be others now.
    is_stale: bool,
    /// Follows another process's changes while the gallery is open for reading only.
    _follower: Option<Follower>,
}

impl Room for ProgramRoom {
    type Command = ProgramCommand;
    type Event = ProgramEvent;

    fn command(state: &mut AppState, command: &ProgramCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: ProgramEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        state.status.starting
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        let follower = follow(desk.engine, desk.sink).unwrap_or_else(|error| {
            log::warn!("another program's changes will not show: {error}");
            None
        });
        let status = worker(
            "status",
            desk.engine,
            desk.sink,
            |()| (),
            |engine, ()| status(engine),
            |(), status| Some(status.map_or_else(failed, |status| ProgramEvent::StatusRead(status).into())),
        )?;
        Ok(Self { status, is_stale: false, _follower: follower })
    }

    /// The shell has carried it out: it is about having rooms or none.
    fn execute(&mut self, _desk: &mut Desk, command: ProgramCommand) {
        match command {
            ProgramCommand::Retry(_) | ProgramCommand::Close | ProgramCommand::CloseNow => {}
        }
    }

    fn hear(&mut self, _desk: &mut Desk, event: &Event) {
        self.is_stale |= alters_counts(event);
    }

    fn settle(&mut self, _desk: &mut Desk) {
        if std::mem::take(&mut self.is_stale) {
            self.status.put(());
        }
    }
}
