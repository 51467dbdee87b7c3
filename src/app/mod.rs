//! What the program is doing, as data: the state that screens draw, the commands they send, and the reducer.

mod command;
mod crops;
mod state;

pub use command::Command;
pub use crops::CropCache;
pub use state::*;
