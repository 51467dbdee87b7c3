//! The program as a whole: its start and end, its status, and what another process does to the gallery.

mod command;
mod event;
mod executor;
mod follow;
mod reducer;
mod state;
mod views;

pub use command::ProgramCommand;
pub(in crate::app) use event::ProgramEvent;
pub(in crate::app) use executor::ProgramRoom;
pub(in crate::app) use state::Opening;
pub use state::{Closing, StartFailure, Status};
pub(in crate::app) use views::opening;
