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
pub(super) use menu::{ignore_menu_ui, ignored_title, menu_ui};
pub(super) use selection::{Chosen, selection_ui};
