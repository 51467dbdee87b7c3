//! Whether a key is for the window, and whether it was pressed.

use egui::{Context, Key, Modifiers};

/// Keys belong to a view when nobody types and no dialog is open.
pub fn keys_are_free(ctx: &Context) -> bool {
    !ctx.text_edit_focused() && !ctx.any_popup_open() && ctx.memory(|memory| memory.top_modal_layer().is_none())
}

/// No control has the focus that would itself react to Space or Enter.
pub fn nothing_is_focused(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.focused().is_none())
}

pub fn pressed(ctx: &Context, modifiers: Modifiers, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(modifiers, key))
}
