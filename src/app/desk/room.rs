use super::hands::Desk;
use crate::app::messages::Event;
use crate::app::state::AppState;

/// A room: its reducer, which needs nothing but the state, and its executor, which has the room's threads and is there
/// while the engine is.
pub(in crate::app) trait Room: Sized {
    type Command;
    type Event;

    /// What a command changes at once, before any work it starts has an answer.
    fn command(state: &mut AppState, command: &Self::Command);

    /// What an event changes.
    fn reduce(state: &mut AppState, event: Self::Event);

    /// Whether the state waits for an answer that is on its way.
    fn is_waiting(_state: &AppState) -> bool {
        false
    }

    /// # Errors
    /// The system refused a thread.
    fn open(desk: &Desk) -> std::io::Result<Self>;

    /// Carries out what a command asks for, after the reducer has changed the state.
    fn execute(&mut self, desk: &mut Desk, command: Self::Command);

    /// Takes note of any event, of whatever room, before it changes the state.
    fn hear(&mut self, _desk: &mut Desk, _event: &Event) {}

    /// Does what follows from what was noted and from the state, after each command and event.
    fn settle(&mut self, _desk: &mut Desk) {}

    /// Time has passed: called before each frame.
    fn tick(&mut self, _desk: &mut Desk) {}

    /// The program closes: what is still to be written is handed in, and what runs on is ended.
    fn close(&mut self, _desk: &mut Desk) {}
}
