//! The Tune screen: the live index, the stream of probes, sweeps, autotune and the people missed.

mod command;
mod event;
mod executor;
mod export;
mod grid;
mod jobs;
mod knob;
mod read;
mod reducer;
mod state;

pub use crate::chart::{Scale, tick_text};
pub use command::TuneCommand;
pub(in crate::app) use event::TuneEvent;
pub(in crate::app) use executor::TuneRoom;
pub use export::{SweepAxes, SweepFormat, export_sweep};
pub use grid::{count_points, matches_filter, numbers_from_text, spec_from_text};
pub use knob::{Family, Knob, params_told};
pub(in crate::app) use reducer::{forget, job_ended};
pub use state::*;
