//! Lists of faces: what they have alike wherever faces are listed.

mod filter;
mod list_bar;
mod memory;
mod selection;

pub(super) use filter::filter_ui;
pub(super) use list_bar::list_bar_ui;
pub(super) use memory::{FilterMemory, Selection};
pub(super) use selection::selection_ui;
