//! Lists of faces: what they have alike wherever faces are listed.

mod filter;
mod grid;
mod list_bar;
mod memory;
mod menu;
mod selection;

pub(super) use filter::filter_ui;
pub(super) use grid::{Grid, grid_ui};
pub(super) use list_bar::{list_bar_ui, order_title, order_ui};
pub(super) use memory::{FilterMemory, GridMemory, Selection};
pub(super) use menu::menu_ui;
pub(super) use selection::selection_ui;
