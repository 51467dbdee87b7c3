use super::command::JobsCommand;
use super::event::JobsEvent;
use super::reducer;
use crate::app::desk::{Desk, Room};
use crate::app::messages::Event;
use crate::app::state::AppState;
use crate::jobs::{JobControl, JobEvent};

pub(in crate::app) struct JobsRoom;

impl Room for JobsRoom {
    type Command = JobsCommand;
    type Event = JobsEvent;

    fn command(state: &mut AppState, command: &JobsCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: JobsEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        state.jobs.iter().any(|job| !job.state.is_ended())
    }

    fn open(_desk: &Desk) -> std::io::Result<Self> {
        Ok(Self)
    }

    fn execute(&mut self, desk: &mut Desk, command: JobsCommand) {
        match command {
            JobsCommand::Pause(id) => desk.control(id, JobControl::pause),
            JobsCommand::Resume(id) => desk.control(id, JobControl::resume),
            JobsCommand::Cancel(id) => desk.control(id, JobControl::cancel),
            JobsCommand::Dismiss(_) => {}
        }
    }

    fn hear(&mut self, desk: &mut Desk, event: &Event) {
        if let Event::Jobs(JobsEvent::Told(id, JobEvent::Ended(_))) = event {
            desk.hands.controls.remove(id);
        }
    }
}
