//! The rooms of the program, in one list: which reducer changes the state, and which executor carries out.

use super::desk::{Desk, Room};
use super::messages::{Command, Event};
use super::state::AppState;

/// A line a room: what its messages are called, where it stands, what it is.
macro_rules! rooms {
    ($($name:ident, $field:ident: $room:path;)*) => {
        /// What a command changes at once, before any work it starts has an answer.
        pub(super) fn command(state: &mut AppState, command: &Command) {
            match command {
                $(Command::$name(command) => <$room as Room>::command(state, command),)*
            }
        }

        /// What an event changes.
        pub(super) fn reduce(state: &mut AppState, event: Event) {
            match event {
                Event::OfModel { model, event } => {
                    if model == state.requests.model {
                        reduce(state, *event);
                    }
                }
                $(Event::$name(event) => <$room as Room>::reduce(state, event),)*
            }
        }

        /// Whether the state waits for an answer that is on its way.
        pub(super) fn is_waiting(state: &AppState) -> bool {
            [$(<$room as Room>::is_waiting),*].iter().any(|is_waiting| is_waiting(state))
        }

        /// The executors, which are there while the engine is.
        pub(super) struct Rooms {
            $($field: $room,)*
        }

        impl Rooms {
            /// # Errors
            /// The system refused a thread.
            pub(super) fn open(desk: &Desk) -> std::io::Result<Self> {
                Ok(Self { $($field: Room::open(desk)?,)* })
            }

            /// Carries out what a command asks for, after [`command`].
            pub(super) fn execute(&mut self, desk: &mut Desk, command: Command) {
                match command {
                    $(Command::$name(command) => self.$field.execute(desk, command),)*
                }
            }

            /// See [`Room::hear`].
            pub(super) fn hear(&mut self, desk: &mut Desk, event: &Event) {
                $(self.$field.hear(desk, event);)*
            }

            /// See [`Room::settle`].
            pub(super) fn settle(&mut self, desk: &mut Desk) {
                $(self.$field.settle(desk);)*
            }

            /// See [`Room::tick`].
            pub(super) fn tick(&mut self, desk: &mut Desk) {
                $(self.$field.tick(desk);)*
            }

            /// See [`Room::close`].
            pub(super) fn close(&mut self, desk: &mut Desk) {
                $(self.$field.close(desk);)*
            }
        }
    };
}

rooms! {
    Program, program: super::program::ProgramRoom;
    Window, window: super::window::WindowRoom;
    Jobs, jobs: super::jobs::JobsRoom;
    Enroll, enroll: super::enroll::EnrollRoom;
    People, people: super::people::PeopleRoom;
    Roster, roster: super::roster::RosterRoom;
    Search, search: super::search::SearchRoom;
    Tune, tune: super::tune::TuneRoom;
    Models, models: super::models::ModelsRoom;
    Settings, settings: super::settings::SettingsRoom;
}

#[cfg(test)]
mod tests;
