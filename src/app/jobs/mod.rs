//! Jobs, whatever they are for: their state, pausing, cancelling.

mod command;
mod event;
mod executor;
mod reducer;
mod state;

pub use command::JobsCommand;
pub(in crate::app) use event::JobsEvent;
pub(in crate::app) use executor::JobsRoom;
pub use state::*;
