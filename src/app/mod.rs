//! What the program is doing, as data: the state that screens draw, the commands they send, the reducer that
//! turns one into the other, and the shell that lets the engine do the work.

mod command;
mod crops;
mod event;
mod models;
mod record;
mod reducer;
mod shell;
mod state;
mod tune;

pub use command::Command;
pub use crops::CropCache;
pub use models::*;
pub use record::*;
pub use reducer::MAX_K;
pub use shell::Shell;
pub use state::*;
pub use tune::*;
