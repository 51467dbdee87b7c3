//! The Search screen: a probe, and the faces like it.

mod command;
mod event;
mod executor;
mod log;
mod order;
mod probe;
mod query;
mod reducer;
mod state;

pub use command::SearchCommand;
pub(in crate::app) use event::SearchEvent;
pub(in crate::app) use executor::SearchRoom;
pub use order::CandidateOrder;
pub(in crate::app) use query::{begin_query, clear_search, close_compare};
pub use state::*;
