//! What is around the screens: which one is shown, pictures of faces, and messages.

mod command;
mod crop_loader;
mod crops;
mod event;
mod executor;
mod notices;
mod reducer;
mod show_in_folder;
mod state;

pub use command::WindowCommand;
pub use crops::CropCache;
pub(in crate::app) use event::WindowEvent;
pub(in crate::app) use executor::WindowRoom;
pub(in crate::app) use notices::{follow_record, notify, notify_made};
pub use state::{Notice, NoticeLevel, Screen};
