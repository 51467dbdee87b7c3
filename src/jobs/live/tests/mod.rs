//! The index in use while things happen: faults by name, then whatever a seed makes of them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod damage;
mod faults;
mod kills;
mod model;
mod schedule;
mod world;
