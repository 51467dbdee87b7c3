use crate::say;
use egui::{Context, Grid, Label, RichText, ScrollArea};

use super::{Cx, shortcuts, theme, widgets};

/// The list of shortcuts, over everything else.
pub(super) fn help_ui(ctx: &Context, cx: &mut Cx<'_>) {
    if !cx.memory.help_open {
        return;
    }
    let modal = widgets::dialog_ui(ctx, "shortcuts", &say!("shortcuts"), 520.0, |ui| {
        let palette = theme::palette(ui);
        ui.add_space(theme::GAP);
        let area = ScrollArea::vertical().max_height(ctx.content_rect().height() - 180.0);
        widgets::scroll_ui(ui, area, widgets::Pages::Always, |ui| {
            ui.set_max_width(ui.available_width() - 16.0);
            for (title, keys) in shortcuts::list() {
                ui.label(RichText::new(&title).font(theme::heading()).color(palette.accent));
                ui.spacing_mut().interact_size.y = 20.0;
                Grid::new(&title).num_columns(2).spacing([24.0, 4.0]).min_col_width(180.0).show(ui, |ui| {
                    for (keys, meaning) in keys {
                        ui.add(Label::new(RichText::new(keys).font(theme::strong())).wrap());
                        ui.add(Label::new(RichText::new(meaning).color(palette.text_soft)).wrap());
                        ui.end_row();
                    }
                });
                ui.add_space(theme::GAP);
            }
        });
        ui.add_space(theme::GAP_SMALL);
        widgets::primary_button(ui, &say!("close")).clicked()
    });
    if modal.inner || modal.should_close() {
        cx.memory.help_open = false;
    }
}
