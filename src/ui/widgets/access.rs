//! What assistive technology is told beside what controls say themselves.

use egui::accesskit::Action;
use egui::{Id, Response, Role, Spinner, Ui, WidgetInfo};

use crate::ui::theme;

/// A cell or a row of a list.
pub struct Item {
    /// What it is, in words.
    pub name: String,
    /// Its place in the list, from 0, and how many there are.
    pub place: usize,
    pub total: usize,
    /// The keyboard is on it.
    pub at_cursor: bool,
    pub is_chosen: bool,
}

impl Item {
    /// Says it of `response`, a part of the list `list` that has the keyboard for all its items. Returns whether
    /// assistive technology has moved the keyboard to it.
    pub fn tell(self, ui: &Ui, list: Id, response: &Response) -> bool {
        let Self { name, place, total, at_cursor, is_chosen } = self;
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), is_chosen, &name));
        let ctx = ui.ctx();
        ctx.accesskit_node_builder(response.id, |node| {
            node.clear_toggled();
            node.set_selected(is_chosen);
            node.set_position_in_set(place + 1);
            node.set_size_of_set(total);
            node.add_action(Action::Focus);
        });
        if at_cursor {
            ctx.accesskit_node_builder(list, |node| node.set_active_descendant(response.id.accesskit_id()));
        }
        let asked = ui.input(|input| input.has_accesskit_action_request(response.id, Action::Focus));
        if asked {
            ui.memory_mut(|memory| memory.request_focus(list));
        }
        asked
    }
}

/// Says that all within `ui` belongs together.
pub fn name_group(ui: &Ui, role: Role, name: &str) {
    ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
        node.set_role(role);
        node.set_label(name);
    });
}

/// Turns while something goes on; `what` says what.
pub fn spinner(ui: &mut Ui, size: f32, what: &str) -> Response {
    let color = theme::palette(ui).accent;
    ui.add(Spinner::new().size(size).color(color)).accessible_name(what)
}
