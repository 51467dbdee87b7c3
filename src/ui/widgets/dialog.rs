//! Dialogs: over everything else, with a title that names them.

use egui::{Context, Frame, Id, Label, Modal, ModalResponse, RichText, Role, Ui};

use super::name_group;
use crate::ui::theme;

/// Shows a dialog that is `width` points wide where there is room. `key` tells it from others.
pub fn dialog_ui<R>(
    ctx: &Context,
    key: &'static str,
    title: &str,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> ModalResponse<R> {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(mark(), pass));
    let frame = Frame::window(&ctx.global_style()).inner_margin(24);
    Modal::new(Id::unique(key)).frame(frame).show(ctx, |ui| {
        name_group(ui, Role::Dialog, title);
        ui.set_width(width.min(ctx.content_rect().width() - 64.0));
        ui.add(Label::new(RichText::new(title).font(theme::title())).wrap());
        contents(ui)
    })
}

fn mark() -> Id {
    Id::unique("dialog in this pass")
}

/// Whether one has been shown in this pass.
pub fn is_dialog_shown(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp::<u64>(mark())) == Some(ctx.cumulative_pass_nr())
}
