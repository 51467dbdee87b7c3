//! The record of who is who: names, removals, history, questions, and photos whose files are gone.

mod command;
mod edits;
mod event;
mod executor;
mod faces;
mod reducer;
mod state;
mod views;

pub use command::PeopleCommand;
pub(in crate::app) use event::PeopleEvent;
pub(in crate::app) use executor::PeopleRoom;
pub(in crate::app) use faces::{changed, enrolled};
pub use state::*;
