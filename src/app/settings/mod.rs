//! The Settings screen, and when settings are saved, whoever changes them.

mod command;
mod event;
mod executor;
mod reducer;
mod state;

pub use command::SettingsCommand;
pub(in crate::app) use event::SettingsEvent;
pub(in crate::app) use executor::SettingsRoom;
pub use state::{Settings, ThemeChoice};
