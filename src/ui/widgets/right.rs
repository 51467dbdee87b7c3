//! Contents at the right end of a row.

use egui::Ui;

/// Draws the contents at the right end of a horizontal row, in reading order: egui's own layout from the right takes the
/// keyboard from the right to the left. Their width is that of the frame before; the first is drawn twice.
pub fn at_right<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.unique_id().with(("at-right", ui.next_auto_id()));
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let room = ui.available_width();
    ui.add_space(known.map_or(0.0, |known| (room - known).max(0.0)));
    let shown = ui.scope(|ui| {
        // Not the room that is left: what has grown is to show how wide it is now, not to break its lines.
        ui.set_max_width(room);
        contents(ui)
    });
    let width = shown.response.rect.width();
    if known.is_none_or(|known| (known - width).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, width));
        ui.ctx().request_discard("the width of what stands at the right is known now");
    }
    shown.inner
}
