//! Whether a key is for the window, and whether it was pressed.

use egui::{Context, Id, Key, Modifiers, Ui};

fn mark() -> Id {
    Id::unique("a menu was open")
}

/// Remembers at the end of a frame whether a menu is open: egui knows it again only when the menu has been drawn, which
/// may be after a view has taken its keys.
pub fn remember_menus(ctx: &Context) {
    let is_open = ctx.any_popup_open();
    ctx.data_mut(|data| data.insert_temp(mark(), is_open));
}

/// Keys belong to a view when nobody types and no menu or dialog is open.
pub fn keys_are_free(ctx: &Context) -> bool {
    let menu = ctx.any_popup_open() || ctx.data(|data| data.get_temp(mark())).unwrap_or(false);
    !ctx.text_edit_focused() && !menu && ctx.memory(|memory| memory.top_modal_layer().is_none())
}

/// No control has the focus that would itself react to Space or Enter.
pub fn nothing_is_focused(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.focused().is_none())
}

/// The control has the focus, or nothing has and keys are for it.
pub fn is_at(ui: &Ui, control: Id) -> bool {
    ui.memory(|memory| memory.focused().is_none_or(|focused| focused == control))
}

pub fn pressed(ctx: &Context, modifiers: Modifiers, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(modifiers, key))
}
