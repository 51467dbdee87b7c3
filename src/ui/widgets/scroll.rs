//! Scroll areas and panels that follow the keyboard.

use egui::containers::panel::PanelState;
use egui::scroll_area::ScrollAreaOutput;
use egui::{
    EventFilter, Id, InnerResponse, Key, Modifiers, Panel, Rect, Role, ScrollArea, Stroke, Ui, UiBuilder, vec2,
};

use crate::say;
use crate::ui::{keys, theme};

/// Which areas Page Up and Page Down move.
#[derive(Clone, Copy, PartialEq)]
pub enum Pages {
    /// That with the keyboard in it.
    WithFocus,
    /// This one of a view or a dialog, wherever the keyboard is.
    Always,
}

/// Shows `area`: what gets the keyboard comes into view, and Page Up and Page Down move it.
pub fn scroll_ui<R>(
    ui: &mut Ui,
    area: ScrollArea,
    pages: Pages,
    contents: impl FnOnce(&mut Ui) -> R,
) -> ScrollAreaOutput<R> {
    area.show(ui, |ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_role(Role::ScrollView));
        let result = contents(ui);
        follow_keyboard(ui, pages);
        result
    })
}

fn follow_keyboard(ui: &Ui, pages: Pages) {
    let seen = ui.unique_id().with("focus in view");
    let focused = ui.memory(egui::Memory::focused);
    let within = focused
        .and_then(|id| ui.ctx().read_response(id))
        .filter(|control| control.layer_id == ui.layer_id() && ui.min_rect().expand(4.0).contains_rect(control.rect));
    let before = ui.data_mut(|data| {
        let before = data.get_temp::<Option<Id>>(seen).flatten();
        data.insert_temp(seen, focused);
        before
    });
    if let Some(control) = &within
        && before != focused
        && !ui.clip_rect().contains_rect(control.rect)
    {
        ui.scroll_to_rect(control.rect.expand(6.0), None);
    }
    let takes_keys = within.is_some() || pages == Pages::Always;
    if !takes_keys || ui.ctx().text_edit_focused() || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
        return;
    }
    let page = (ui.clip_rect().height() - 40.0).max(40.0);
    for (key, way) in [(Key::PageUp, 1.0), (Key::PageDown, -1.0)] {
        if keys::pressed(ui.ctx(), Modifiers::NONE, key) {
            ui.scroll_with_delta(vec2(0.0, page * way));
        }
    }
}

/// The room to the left of a panel at the right side that is shown next: what is drawn here comes before it for the
/// keyboard, too, where egui's panels have to come first. `width` is the panel's where nobody has changed it, in points.
pub fn left_of_panel(ui: &mut Ui, salt: &'static str, width: f32) -> Ui {
    let id = ui.scope_id().with(salt);
    let width = PanelState::load(ui, id).map_or(width, |state| state.outer_rect.width());
    let whole = ui.available_rect_before_wrap();
    let left = whole.with_max_x(whole.right() - width);
    ui.data_mut(|data| data.insert_temp(id.with("edge"), left.right()));
    let mut left_ui = ui.new_child(UiBuilder::new().id_salt((salt, "left")).max_rect(left));
    left_ui.shrink_clip_rect(left);
    left_ui
}

/// How much one key makes a panel wider, in points.
const STEP: f32 = 16.0;

/// Shows a panel at the side that a person can make wider, by pointer and by arrow keys; `title` says what is in it.
/// `salt` is the panel's own.
pub fn side_panel_ui<R>(
    ui: &mut Ui,
    panel: Panel,
    salt: &'static str,
    title: &str,
    contents: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let id = ui.scope_id().with(salt);
    let handle = id.with("__resize");
    let shown = panel.show(ui, contents);
    ui.ctx().accesskit_node_builder(handle, |node| node.set_label(say!("widgets-panel-width", panel = title)));
    let edge = ui.data_mut(|data| data.remove_temp::<f32>(id.with("edge")));
    if edge.is_some_and(|edge| (edge - shown.response.rect.left()).abs() > 1.0) {
        ui.ctx().request_discard("the width of the panel is known now");
    }
    let Some(handle) = ui.ctx().read_response(handle) else { return shown };
    if !handle.has_focus() {
        return shown;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(handle.id, filter));
    let line = handle.rect.center().x;
    let stroke = Stroke::new(3.0, theme::palette(ui).accent);
    ui.painter().vline(line, handle.rect.y_range(), stroke);
    // The panel lies on one side of its handle.
    let way = if shown.response.rect.center().x < line { 1.0 } else { -1.0 };
    let steps = [(Key::ArrowRight, way), (Key::ArrowLeft, -way)];
    let wider: f32 = steps
        .into_iter()
        .filter(|(key, _)| keys::pressed(ui.ctx(), Modifiers::NONE, *key))
        .map(|(_, way)| way * STEP)
        .sum();
    if wider != 0.0
        && let Some(state) = PanelState::load(ui, id)
    {
        let rect = state.outer_rect;
        let outer_rect = Rect::from_min_size(rect.min, vec2(rect.width() + wider, rect.height()));
        ui.data_mut(|data| data.insert_persisted(id, PanelState { outer_rect }));
        ui.ctx().request_repaint();
    }
    shown
}
