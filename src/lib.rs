//! Likeness finds faces in photo archives and finds a face again.
//!
//! `ARCHITECTURE.md` shows how the modules stand to each other.

pub mod app;
pub mod chart;
pub mod cli;
pub mod eval;
pub mod exchange;
pub mod files;
pub mod groups;
pub mod index;
pub mod jobs;
pub mod store;
pub mod train;
pub mod types;
pub mod ui;
pub mod vectors;
pub mod vision;
pub mod words;
