//! Likeness finds faces in photo archives and finds a face again.
//!
//! `ARCHITECTURE.md` shows how the modules stand to each other.

pub mod app;
pub mod types;
