//! What turns found faces into people: groups of those that nobody named, suggestions, alarms, and grouping one person anew.

mod alarms;
mod arrivals;
mod grouping;
mod keep_ids;
mod neighbours;
mod regroup;
mod suggested;
mod weak;

pub(super) use arrivals::place_arrivals;
pub use grouping::{GroupSummary, group_people};
pub use regroup::{Regrouped, regroup_person};

#[cfg(test)]
mod tests;
