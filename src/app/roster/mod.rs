//! The People screen: everybody, groups of faces that nobody named, one person or group in full, and the queue of what is
//! to be decided. What is decided goes through the room of the record (`people`).

mod command;
mod event;
mod executor;
mod queue;
mod reducer;
mod state;

pub use command::RosterCommand;
pub(in crate::app) use event::RosterEvent;
pub(in crate::app) use executor::RosterRoom;
pub use queue::{ItemState, Queue, QueueItem};
pub use state::*;
