//! What the program is asked and told: a variant a room, each with the room's own commands and events.

/// A line a room: its name, its commands and its events.
macro_rules! messages {
    ($($(#[$doc:meta])* $room:ident: $command:path, $event:path;)*) => {
        /// Everything a person can ask for. Screens push these; nothing else changes the program's state.
        #[derive(Clone, Debug)]
        pub enum Command {
            $($(#[$doc])* $room($command),)*
        }

        /// Everything that happens to the program and is not a person's command.
        #[derive(Debug)]
        pub enum Event {
            $($(#[$doc])* $room($event),)*
            /// About the model of this number; nothing once another model is in use.
            OfModel { model: u64, event: Box<Event> },
        }

        $(
            impl From<$command> for Command {
                fn from(command: $command) -> Self {
                    Self::$room(command)
                }
            }

            impl From<$event> for Event {
                fn from(event: $event) -> Self {
                    Self::$room(event)
                }
            }
        )*
    };
}

messages! {
    /// Start and end.
    Program: super::program::ProgramCommand, super::program::ProgramEvent;
    /// What is around the screens.
    Window: super::window::WindowCommand, super::window::WindowEvent;
    Jobs: super::jobs::JobsCommand, super::jobs::JobsEvent;
    Enroll: super::enroll::EnrollCommand, super::enroll::EnrollEvent;
    /// The record of who is who.
    People: super::people::PeopleCommand, super::people::PeopleEvent;
    /// The screen of people.
    Roster: super::roster::RosterCommand, super::roster::RosterEvent;
    Search: super::search::SearchCommand, super::search::SearchEvent;
    Tune: super::tune::TuneCommand, super::tune::TuneEvent;
    Models: super::models::ModelsCommand, super::models::ModelsEvent;
    Settings: super::settings::SettingsCommand, super::settings::SettingsEvent;
}

impl Event {
    /// It tells of one model's index or was measured on it, without a number of its own.
    pub(super) fn is_of_model(&self) -> bool {
        matches!(self, Self::Tune(event) if event.is_of_model())
    }
}
