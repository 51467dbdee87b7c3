//! The Models screen: the models, what is stored for them, imports, self-tests and training runs.

mod command;
mod event;
mod executor;
mod jobs;
mod name;
mod reducer;
mod state;
mod views;

pub use command::ModelsCommand;
pub(in crate::app) use event::ModelsEvent;
pub(in crate::app) use executor::ModelsRoom;
pub use name::{model_name_problem, short_digest};
pub(in crate::app) use reducer::job_ended;
pub use state::*;
pub(in crate::app) use views::models;
