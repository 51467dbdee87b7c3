use super::state::{Found, Probe};
use crate::app::parts::PhotoView;
use crate::types::Telling;

/// What the Search screen is told. Answers carry the number of their request; stale ones are dropped.
#[derive(Debug)]
pub enum SearchEvent {
    ProbeLoaded { request: u64, probe: Result<Probe, Telling> },
    Searched { request: u64, found: Result<Found, Telling> },
    CompareLoaded { request: u64, photo: Result<PhotoView, Telling> },
}
