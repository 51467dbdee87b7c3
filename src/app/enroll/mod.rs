//! The Enroll screen: photos come in; their issues, and the detail view of a face.

mod command;
mod event;
mod executor;
mod reducer;
mod state;

pub use command::EnrollCommand;
pub(in crate::app) use event::EnrollEvent;
pub(in crate::app) use executor::EnrollRoom;
pub(in crate::app) use state::MAX_ISSUES;
pub use state::{DetailView, IssueView, Trial};
