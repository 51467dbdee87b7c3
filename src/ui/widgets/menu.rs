//! Menus of what a person points at, by pointer and by key.

use egui::{FocusDirection, Key, Modifiers, Popup, Rect, Response, Role, Sense, SetOpenCommand, Ui, WidgetInfo, vec2};

use crate::say;
use crate::ui::keys;

/// How far a menu that was opened by key has come.
#[derive(Clone, Copy, PartialEq)]
enum ByKey {
    Opened,
    /// The keyboard is on the menu, and goes to its first entry.
    Entered,
    Inside,
}

/// The menu of `response`: by a click with the other button, and with the menu key or Shift F10 where the keyboard is
/// on it.
pub fn context_menu(ui: &Ui, response: &Response, has_keyboard: bool, contents: impl FnOnce(&mut Ui)) {
    let mark = response.id.with("menu by key");
    let by_key = has_keyboard && is_asked_by_key(ui);
    if by_key {
        ui.data_mut(|data| data.insert_temp(mark, ByKey::Opened));
    } else if response.secondary_clicked() {
        ui.data_mut(|data| data.remove::<ByKey>(mark));
    }
    let mut popup = Popup::context_menu(response);
    let stage = ui.data(|data| data.get_temp::<ByKey>(mark));
    if stage.is_some() {
        popup = popup.at_position(response.rect.center());
    }
    if by_key {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    let shown = popup.show(|ui| {
        if let Some(stage) = stage {
            let next = enter(ui, stage);
            ui.data_mut(|data| data.insert_temp(mark, next));
        }
        contents(ui);
    });
    if shown.is_none() && stage.is_some() {
        ui.data_mut(|data| data.remove::<ByKey>(mark));
    }
}

fn is_asked_by_key(ui: &Ui) -> bool {
    let ctx = ui.ctx();
    keys::keys_are_free(ctx)
        && (keys::pressed(ctx, Modifiers::NONE, Key::Menu) || keys::pressed(ctx, Modifiers::SHIFT, Key::F10))
}

/// The first control in the menu gets the keyboard, by way of one before it that is there for two frames.
fn enter(ui: &Ui, stage: ByKey) -> ByKey {
    if stage == ByKey::Inside {
        return stage;
    }
    let id = ui.unique_id().with("start");
    let is_there = ui.memory(|memory| memory.has_focus(id));
    if is_there {
        ui.memory_mut(|memory| memory.move_focus(FocusDirection::Next));
    }
    let at = Rect::from_min_size(ui.cursor().min, vec2(1.0, 1.0));
    let start = ui.interact(at, id, Sense::FOCUSABLE);
    start.widget_info(|| WidgetInfo::labeled(Role::Menu, true, say!("widgets-menu")));
    ui.ctx().request_repaint();
    if is_there {
        return ByKey::Inside;
    }
    start.request_focus();
    ByKey::Entered
}
