//! What the program is doing, as data, and who does it. A room for each screen, and for what all screens share: its
//! state, its commands and events, its reducer and its executor.

mod desk;
mod enroll;
mod jobs;
mod messages;
mod models;
mod parts;
mod people;
mod program;
mod rooms;
mod roster;
mod search;
mod settings;
mod shell;
mod state;
mod tune;
mod window;

pub use enroll::*;
pub use jobs::*;
pub use messages::Command;
pub use models::*;
pub use parts::{Evidence, FaceLabel, FaceList, FaceView, Listed, Load, PhotoView, Picture};
pub use people::*;
pub use program::*;
pub use roster::*;
pub use search::*;
pub use settings::*;
pub use shell::Shell;
pub use state::*;
pub use tune::*;
pub use window::*;

pub use crate::eval::latency::nearest_rank;
